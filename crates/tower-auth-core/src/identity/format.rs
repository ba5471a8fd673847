//! The encoding of an identity in a record: a format byte, a byte for the kind of principal (0 for a
//! user, 1 for a client), nine end offsets (little endian), the text.

use super::text::{PARTS, Text};

const FORMAT: u8 = 1;
const HEADER: usize = 1 + 1 + 4 * PARTS;

pub(super) fn encode(is_client: bool, text: &Text) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + text.all().len());
    out.push(FORMAT);
    out.push(is_client.into());
    for end in text.ends() {
        out.extend_from_slice(&end.to_le_bytes());
    }
    out.extend_from_slice(text.all().as_bytes());
    out
}

pub(super) fn decode(bytes: &[u8]) -> Option<(bool, Text)> {
    let (header, all) = bytes.split_at_checked(HEADER)?;
    let ([FORMAT, kind @ (0 | 1)], header) = header.split_first_chunk()? else {
        return None;
    };
    let mut ends = [0; PARTS];
    for (chunk, end) in header.chunks_exact(4).zip(&mut ends) {
        *end = u32::from_le_bytes(chunk.try_into().ok()?);
    }
    // The copy precedes the check: UTF-8 validation of word-aligned bytes takes a fraction of the
    // time.
    let text = Text::checked(String::from_utf8(all.to_vec()).ok()?.into(), ends)?;
    Some((*kind == 1, text))
}
