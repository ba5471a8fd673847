//! Reads the `Cookie` header: borrowed, byte by byte, nothing decoded.
//!
//! Names are raw bytes, compared case-sensitively; only SP and HTAB are trimmed. Whatever decodes
//! a name, or trims it by Unicode's idea of white space, lets another cookie pass for `__Host-id`.
//! One malformed pair does not drop its neighbours (CK-08, CK-09, CK-10).

use memchr::memmem::Finder;

/// The pairs of one header line, in order. Pairs without a name or a `=` are left out.
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

/// Those of the values of [`pairs`] whose name is the one that is sought, which is a cookie's name:
/// not empty, without a `=`, a `;` or white space. Pairs in which it does not stand are not read:
/// so it is with most requests and most credentials.
pub(crate) fn values<'a>(line: &'a [u8], name: &Finder<'_>) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        loop {
            // Taken, so that where it does not stand it is sought once.
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

/// Up to the first semicolon, and what is behind it.
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
