//! A strict parser of the compact serialisation (JW-08).

use base64::Engine as _;

use crate::base64url::BASE64URL;

/// The three parts of a token.
pub(super) struct Compact<'a> {
    /// The signed octets: header, dot and payload.
    pub(super) signed: &'a [u8],
    header: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8],
}

pub(super) struct Decoded<'b> {
    pub(super) header: &'b [u8],
    pub(super) payload: &'b [u8],
    pub(super) signature: &'b [u8],
}

impl<'a> Compact<'a> {
    pub(super) fn split(token: &'a [u8]) -> Option<Self> {
        // Searched from both ends, since the middle part is the longest. A dot within it is invalid
        // base64url.
        let is_dot = |byte: &u8| *byte == b'.';
        let first = token.iter().position(is_dot)?;
        let second = token.iter().rposition(is_dot).filter(|second| *second > first)?;
        Some(Self {
            signed: &token[..second],
            header: &token[..first],
            payload: &token[first + 1..second],
            signature: &token[second + 1..],
        })
    }

    /// Decodes all three parts into one buffer. Padding, trailing bits and characters outside the
    /// alphabet are errors.
    pub(super) fn decode<'b>(&self, buffer: &'b mut Vec<u8>) -> Option<Decoded<'b>> {
        let room = |part: &[u8]| part.len().div_ceil(4) * 3;
        let parts = [self.header, self.payload, self.signature];
        buffer.clear();
        buffer.resize(parts.iter().map(|part| room(part)).sum(), 0);
        let mut rest = buffer.as_mut_slice();
        let mut decoded = [&[][..]; 3];
        for (part, decoded) in parts.into_iter().zip(&mut decoded) {
            let (here, after) = rest.split_at_mut(room(part));
            let length = BASE64URL.decode_slice(part, here).ok()?;
            *decoded = &here[..length];
            rest = after;
        }
        let [header, payload, signature] = decoded;
        Some(Decoded { header, payload, signature })
    }
}
