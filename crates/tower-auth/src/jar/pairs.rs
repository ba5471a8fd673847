//! Parses the `Cookie` header: borrowed, byte by byte, without decoding.
//!
//! Names are raw bytes, compared case-sensitively; only SP and HTAB are trimmed. A parser that
//! decodes a name, or trims Unicode white space, would accept another cookie as `__Host-id`. One
//! malformed pair does not drop its neighbours (CK-08, CK-09, CK-10).

use memchr::memmem::Finder;

/// Returns the pairs of one header line, in order. Pairs without a name or a `=` are left out.
pub(crate) fn pairs(line: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = Some(line);
    let parts = std::iter::from_fn(move || {
        let (part, behind) = first(rest?);
        rest = behind;
        Some(part)
    });
    parts.filter_map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (trim(&pair[..equals]), trim(&pair[equals + 1..]));
        (!name.is_empty()).then_some((name, value))
    })
}

/// Returns the values of those [`pairs`] whose name is `name`: not empty, without `=`, `;` or white
/// space. Pairs that do not contain the name are not parsed, which is the common case.
pub(crate) fn values<'a>(line: &'a [u8], name: &Finder<'_>) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        loop {
            // Taken, so that the search runs only once if the name does not occur.
            let line = rest.take()?;
            let at = name.find(line)?;
            let start = memchr::memrchr(b';', &line[..at]).map_or(0, |end| end + 1);
            let (part, behind) = first(&line[at + name.needle().len()..]);
            rest = behind;
            let is_first = trim(&line[start..at]).is_empty();
            if let (true, Some(value)) = (is_first, trim_start(part).strip_prefix(b"=")) {
                return Some(trim(value));
            }
        }
    })
}

/// Splits at the first semicolon.
fn first(line: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b';', line) {
        Some(end) => (&line[..end], Some(&line[end + 1..])),
        None => (line, None),
    }
}

fn trim(bytes: &[u8]) -> &[u8] {
    let mut bytes = trim_start(bytes);
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}
