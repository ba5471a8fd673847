//! The text of a credential: `base64url(format 2 ‖ key id 4 ‖ payload ‖ MAC 16 bytes)`.
//!
//! The MAC is BLAKE3 with a key that is derived from the ring for one purpose and one place in the
//! request ([`Bound`](crate::crypto::keys::Bound)). It is checked in constant time before any I/O,
//! so a forged credential never reaches a store. Each kind of payload has a fixed length, and so
//! has its text.

use base64::Engine as _;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
pub(crate) use sealer::Sealer;

use crate::base64url::BASE64URL;

const FORMAT: u8 = 2;
/// Format and key id.
const HEAD: usize = 1 + 4;
const MAC: usize = 16;
/// The length of a refresh token's payload, the longest payload. The family comes first.
pub(crate) const REFRESH: usize = 16 + 8 + 16 + 8;
const BUFFER: usize = HEAD + REFRESH + MAC;

/// Returns the length in bytes of a frame around `payload` bytes.
const fn bytes(payload: usize) -> usize {
    assert!(payload <= REFRESH);
    HEAD + payload + MAC
}

/// Returns the length in characters of a frame around `payload` bytes.
pub(crate) const fn characters(payload: usize) -> usize {
    (bytes(payload) * 8).div_ceil(6)
}

/// Decodes a frame into the first `bytes(N)` bytes of the result.
fn decode<const N: usize>(text: &[u8]) -> Option<[u8; BUFFER]> {
    if text.len() != characters(N) {
        return None;
    }
    let mut frame = [0; BUFFER];
    let len = BASE64URL.decode_slice(text, &mut frame[..bytes(N)]).ok()?;
    (len == bytes(N) && frame[0] == FORMAT).then_some(frame)
}

#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
mod sealer {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use subtle::ConstantTimeEq as _;
    use zeroize::Zeroizing;

    use super::{BUFFER, FORMAT, HEAD, MAC, bytes, characters, decode};
    use crate::crypto::keys::{Bound, KeyRing, PurposeKeys};

    /// Writes and verifies frames that are bound to one purpose and place.
    pub(crate) struct Sealer(PurposeKeys);

    /// A payload from a frame that this application made.
    pub(crate) struct Opened<const N: usize> {
        pub(crate) payload: Zeroizing<[u8; N]>,
    }

    impl Sealer {
        pub(crate) fn new(ring: &KeyRing, bound: Bound<'_>) -> Self {
            Self(ring.derive(bound))
        }

        /// Returns the text for the client.
        pub(crate) fn seal<const N: usize>(&self, payload: &[u8; N]) -> String {
            let (id, key) = self.0.newest();
            let mut frame = [0; BUFFER];
            let (body, end) = (HEAD + N, bytes(N));
            frame[0] = FORMAT;
            frame[1..HEAD].copy_from_slice(&id);
            frame[HEAD..body].copy_from_slice(payload);
            let mac = blake3::keyed_hash(key, &frame[..body]);
            frame[body..end].copy_from_slice(&mac.as_bytes()[..MAC]);
            let mut text = String::with_capacity(characters(N));
            URL_SAFE_NO_PAD.encode_string(&frame[..end], &mut text);
            text
        }

        /// Returns `true` if both rings have the same key ids.
        #[cfg(all(feature = "csrf", feature = "session"))]
        pub(crate) fn has_ids_of(&self, other: &Self) -> bool {
            self.0.ids().eq(other.0.ids())
        }

        /// Returns `true` if both rings have the same keys.
        #[cfg(feature = "refresh")]
        pub(crate) fn is_same(&self, other: &Self) -> bool {
            self.0.is_same(&other.0)
        }

        /// Reads a client's text. `None` unless this ring made it.
        pub(crate) fn open<const N: usize>(&self, text: &[u8]) -> Option<Opened<N>> {
            let frame = decode::<N>(text)?;
            let (body, end) = (HEAD + N, bytes(N));
            let id = frame[1..HEAD].try_into().ok()?;
            let mac = blake3::keyed_hash(self.0.get(id)?, &frame[..body]);
            // Compared as two numbers, because a comparison of slices goes byte by byte.
            let [right, sent] = [&mac.as_bytes()[..MAC], &frame[body..end]]
                .map(|mac| mac.try_into().map(u128::from_ne_bytes));
            if !bool::from(right.ok()?.ct_eq(&sent.ok()?)) {
                return None;
            }
            let payload = Zeroizing::new(frame[HEAD..body].try_into().ok()?);
            Some(Opened { payload })
        }
    }
}

#[cfg(all(test, any(feature = "csrf", feature = "refresh", feature = "session")))]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{BASE64URL, FORMAT, REFRESH, bytes, decode};

    /// The decoder gives the same result with any processor's instructions. Otherwise a credential
    /// could have several texts.
    fn as_read_byte_by_byte<const N: usize>() {
        let mut frame = vec![0x5a; bytes(N)];
        frame[0] = FORMAT;
        let text = URL_SAFE_NO_PAD.encode(&frame).into_bytes();
        assert!(decode::<N>(&text).is_some_and(|it| it[..bytes(N)] == *frame));
        let same = |text: &[u8]| {
            let plain = URL_SAFE_NO_PAD.decode(text);
            let plain = plain.ok().filter(|it| it.len() == bytes(N) && it[0] == FORMAT);
            let read = decode::<N>(text).map(|it| it[..bytes(N)].to_vec());
            assert_eq!(read, plain, "{}", text.escape_ascii());
        };
        for at in 0..text.len() {
            for byte in 0..=255 {
                let mut other = text.clone();
                other[at] = byte;
                same(&other);
            }
        }
        for end in 0..text.len() {
            let cut = &text[..end];
            same(cut);
            for padding in ["=", "==", "===", "\n", "A", "AAAA"] {
                same(&[cut, padding.as_bytes()].concat());
                same(&[&text[..], padding.as_bytes()].concat());
            }
            assert_eq!(BASE64URL.decode(cut).ok(), URL_SAFE_NO_PAD.decode(cut).ok());
        }
    }

    #[test]
    fn text_is_read_as_it_is_byte_by_byte() {
        as_read_byte_by_byte::<32>();
        as_read_byte_by_byte::<REFRESH>();
    }
}
