//! The way back from a login page: a path of this site, and nothing else.

use http::Uri;

/// The longest path that is passed to the login page and back, in bytes. A longer path is omitted,
/// because some servers and proxies would refuse the address.
const LONGEST: usize = 2048;

/// Returns `value` if it is a path of this site to which a browser may be redirected.
///
/// Call it in the login page, with the parameter that
/// [`login_page_with_return`](super::RequireLayerBuilder::login_page_with_return) has added. The value comes
/// from the client, and any other site can link to the login page with a value of its own.
///
/// The result is `None` for every value that browsers, or a server that decodes once more, may read
/// as another host: `https://evil.example`, but also `//evil.example`, `/\\evil.example` and
/// `/%2Fevil.example`. It is also `None` for values with control characters, spaces, backslashes,
/// dot segments, or more than 2,048 bytes.
///
/// Pass the parameter's value, decoded once, and redirect the browser to the result:
///
/// ```
/// use tower_auth::require::return_path;
///
/// assert_eq!(return_path("/reports?year=2026"), Some("/reports?year=2026"));
/// assert_eq!(return_path("//evil.example/reports"), None);
/// // After the login:
/// let next = Some("/\\evil.example");
/// let location = next.and_then(return_path).unwrap_or("/");
/// assert_eq!(location, "/");
/// ```
#[must_use]
pub fn return_path(value: &str) -> Option<&str> {
    let rest = value.strip_prefix('/')?;
    // Browsers drop tabs and line ends, read a backslash as a slash, and never send a fragment.
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#';
    if value.len() > LONGEST || !value.bytes().all(is_plain) {
        return None;
    }
    let path = rest.split('?').next().unwrap_or_default();
    let decoded = decoded(path)?;
    let is_odd = |byte: &u8| byte.is_ascii_control() || *byte == b'\\';
    let is_dots = |segment: &[u8]| segment == b"." || segment == b"..";
    // An empty first segment names a host. Normalization turns each of these into another path.
    let leads_away = decoded.first() == Some(&b'/')
        || decoded.iter().any(is_odd)
        || decoded.split(|byte| *byte == b'/').any(is_dots);
    (!leads_away).then_some(value)
}

/// Decodes the `%` triplets of a path. `None` if one is malformed.
fn decoded(path: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (high, low) = (bytes.next()?, bytes.next()?);
        let digit = |byte: u8| char::from(byte).to_digit(16);
        decoded.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
    }
    Some(decoded)
}

/// The parameter that passes the requested page to the login page.
#[derive(Clone, Debug)]
pub(super) struct Return {
    /// The parameter's name.
    pub(super) parameter: String,
    /// The prefix that something outside has removed from paths.
    pub(super) prefix: String,
}

impl Return {
    /// Returns the login page's address with the way back to `uri`, or unchanged if there is none.
    pub(super) fn address(&self, page: &str, uri: &Uri) -> String {
        let path = uri.path_and_query().map_or("/", |it| it.as_str());
        // The root of the mounted application: routers serve it without the slash.
        let rest = match path.strip_prefix('/') {
            Some(rest) if !self.prefix.is_empty() && (rest.is_empty() || rest.starts_with('?')) => {
                rest
            }
            _ => path,
        };
        let back = format!("{}{rest}", self.prefix);
        let Some(back) = return_path(&back) else { return page.to_owned() };
        let mut address = String::with_capacity(page.len() + self.parameter.len() + back.len() * 2);
        address.push_str(page);
        address.push(if page.contains('?') { '&' } else { '?' });
        address.push_str(&self.parameter);
        address.push('=');
        encode(back, &mut address);
        address
    }
}

/// Encodes the value of a query parameter. A slash stays readable.
fn encode(value: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let digit = |it: u8| char::from(DIGITS[usize::from(it)]);
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// Returns the fault of a parameter's name, if there is one.
pub(super) fn parameter_fault(name: &str) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let fits = !name.is_empty() && name.bytes().all(is_plain);
    (!fits).then_some(
        "has a parameter that does not consist of letters, digits, `-`, `.`, `_` and `~`",
    )
}

/// Returns the fault of a prefix, if there is one.
pub(super) fn prefix_fault(prefix: &str) -> Option<&'static str> {
    if return_path(prefix).is_none() || prefix.contains('?') {
        return Some("is not a path of this site");
    }
    prefix.ends_with('/').then_some("ends with a slash")
}
