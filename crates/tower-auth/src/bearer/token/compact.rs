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

    /// Decodes the header into the buffer. Returns the rest of the buffer, for the other parts.
    ///
    /// Padding, trailing bits and characters outside the alphabet are errors.
    pub(super) fn decode_header<'b>(
        &self,
        buffer: &'b mut Vec<u8>,
    ) -> Option<(&'b [u8], &'b mut [u8])> {
        let parts = [self.header, self.payload, self.signature];
        buffer.clear();
        buffer.resize(parts.iter().map(|part| room(part)).sum(), 0);
        decode(self.header, buffer)
    }

    /// Decodes payload and signature into the rest of the buffer.
    pub(super) fn decode_rest<'b>(&self, rest: &'b mut [u8]) -> Option<(&'b [u8], &'b [u8])> {
        let (payload, rest) = decode(self.payload, rest)?;
        let (signature, _) = decode(self.signature, rest)?;
        Some((payload, signature))
    }
}

/// The space that a part needs for its decoding.
fn room(part: &[u8]) -> usize {
    part.len().div_ceil(4) * 3
}

/// Decodes a part into the begin of `buffer`. Returns it, and what is left of the buffer.
fn decode<'b>(part: &[u8], buffer: &'b mut [u8]) -> Option<(&'b [u8], &'b mut [u8])> {
    let (here, rest) = buffer.split_at_mut(room(part));
    let length = BASE64URL.decode_slice(part, here).ok()?;
    Some((&here[..length], rest))
}
