//! Reads the `Cookie` header: borrowed, byte by byte, nothing decoded.
//!
//! Names are raw bytes, compared case-sensitively; only SP and HTAB are trimmed. Whatever decodes
//! a name, or trims it by Unicode's idea of white space, lets another cookie pass for `__Host-id`.
//! One malformed pair does not drop its neighbours (CK-08, CK-09, CK-10).

/// The pairs of one header line, in order. Pairs without a name or a `=` are left out.
pub(crate) fn pairs(line: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = Some(line);
    let parts = std::iter::from_fn(move || {
        let line = rest?;
        let (part, behind) = match memchr::memchr(b';', line) {
            Some(end) => (&line[..end], Some(&line[end + 1..])),
            None => (line, None),
        };
        rest = behind;
        Some(part)
    });
    parts.filter_map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (trim(&pair[..equals]), trim(&pair[equals + 1..]));
        (!name.is_empty()).then_some((name, value))
    })
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
