//! Reading of the `Authorization` header (RFC 6750, 2.1; RFC 9110, 11.4).

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The content of the header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent<'h> {
    /// No header, or credentials of another scheme, which the layer ignores.
    Nothing,
    /// One bearer token. Its characters are not checked yet: see [`is_token68`].
    Token(&'h [u8]),
    /// Several credentials, or an invalid one.
    Malformed,
}

pub(super) fn read(headers: &HeaderMap) -> Sent<'_> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Sent::Nothing,
        (Some(line), None) => read_line(line.as_bytes()),
        // Another component might read the other of the two lines, so neither can be trusted.
        (Some(_), Some(_)) => Sent::Malformed,
    }
}

fn read_line(line: &[u8]) -> Sent<'_> {
    let end = line.iter().position(|byte| !is_tchar(*byte)).unwrap_or(line.len());
    let (scheme, rest) = line.split_at(end);
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return if hides_bearer(rest) { Sent::Malformed } else { Sent::Nothing };
    }
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let token = &rest[spaces..];
    if spaces > 0 && !token.is_empty() { Sent::Token(token) } else { Sent::Malformed }
}

/// Returns `true` if a comma joins a bearer credential to another one. A comma in quotes is text.
fn hides_bearer(line: &[u8]) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                let next = line[at + 1..].trim_ascii_start();
                let scheme = next.get(..7).unwrap_or_default();
                if scheme.eq_ignore_ascii_case(b"Bearer ") {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Returns `true` for `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
///
/// A JWT's own alphabet is smaller, so only the refusal of a token depends on this check.
pub(super) fn is_token68(text: &[u8]) -> bool {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let word = &text[..text.len() - padding];
    // Tokens are long. Checking many bytes at once without branches compiles to vector
    // instructions.
    let is_word = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & is_word(*byte));
    !word.is_empty() && word.chunks(64).all(is_word)
}

/// Returns `true` for a byte of a token68 before its padding.
const fn is_word(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `-`, `.`, `/` and the digits are consecutive.
    let is_number = byte.wrapping_sub(b'-') <= b'9' - b'-';
    is_letter | is_number | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Marks the header as sensitive, so that code that prints headers does not show the token (ASVS
/// 16.2.5).
pub(super) fn hide(headers: &mut HeaderMap) {
    if let http::header::Entry::Occupied(mut lines) = headers.entry(AUTHORIZATION) {
        lines.iter_mut().for_each(|line| line.set_sensitive(true));
    }
}
