//! The encoding of an identity in a record: a format byte, seven end offsets (little endian), the
//! text.

use super::text::{PARTS, Text};

const FORMAT: u8 = 1;
const HEADER: usize = 1 + 4 * PARTS;

pub(super) fn encode(text: &Text) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + text.all().len());
    out.push(FORMAT);
    for end in text.ends() {
        out.extend_from_slice(&end.to_le_bytes());
    }
    out.extend_from_slice(text.all().as_bytes());
    out
}

pub(super) fn decode(bytes: &[u8]) -> Option<Text> {
    let (header, all) = bytes.split_at_checked(HEADER)?;
    let (format, header) = header.split_first()?;
    if *format != FORMAT {
        return None;
    }
    let mut ends = [0; PARTS];
    for (chunk, end) in header.chunks_exact(4).zip(&mut ends) {
        *end = u32::from_le_bytes(chunk.try_into().ok()?);
    }
    // The copy precedes the check: UTF-8 validation of word-aligned bytes takes a fraction of the
    // time.
    Text::checked(String::from_utf8(all.to_vec()).ok()?.into(), ends)
}
