//! The way back from a login page: a path of this site, and nothing else.

use http::Uri;

/// The longest path that is carried to the login page and back, in bytes. A longer one is left out: the
/// address would not pass every server and proxy.
const LONGEST: usize = 2048;

/// Returns the value if it is a path of this site that a browser may be sent to: what a login page does
/// with the parameter that [`login_page_with_return`](super::Builder::login_page_with_return) has added.
///
/// The value comes from the client, and any other site can link to the login page with a value of its own.
/// `None` for everything that browsers, or a server that decodes once more, may read as another host: not
/// only `https://evil.example`, but `//evil.example`, `/\\evil.example`, `/%2Fevil.example`, and values
/// with control characters, spaces, backslashes, dot segments or more than 2,048 bytes.
///
/// Pass the decoded value of the parameter, once decoded, and send the browser to what this returns:
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
    // Browsers drop tabs and line ends, and read a backslash as a slash. A fragment is never sent here.
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#';
    if value.len() > LONGEST || !value.bytes().all(is_plain) {
        return None;
    }
    let path = rest.split('?').next().unwrap_or_default();
    let decoded = decoded(path)?;
    let is_odd = |byte: &u8| byte.is_ascii_control() || *byte == b'\\';
    let is_dots = |segment: &[u8]| segment == b"." || segment == b"..";
    // An empty first segment names a host. Each of these is another path once something has tidied it up.
    let leads_away = decoded.first() == Some(&b'/')
        || decoded.iter().any(is_odd)
        || decoded.split(|byte| *byte == b'/').any(is_dots);
    (!leads_away).then_some(value)
}

/// The path with its `%` triplets decoded; `None` if one of them is none.
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

/// How the page that was asked for is named to the login page.
#[derive(Clone, Debug)]
pub(super) struct Return {
    /// The parameter's name.
    pub(super) parameter: String,
    /// What something outside has taken off the paths.
    pub(super) prefix: String,
}

impl Return {
    /// The login page's address with the way back to that URI, or as it is if there is none.
    pub(super) fn address(&self, page: &str, uri: &Uri) -> String {
        let path = uri.path_and_query().map_or("/", |it| it.as_str());
        // The root of what is mounted: routers serve it without the slash.
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

/// Encodes a query parameter's value. A slash stands for itself, so that people can read it.
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

/// What is wrong with a parameter's name, if anything is.
pub(super) fn parameter_fault(name: &str) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let fits = !name.is_empty() && name.bytes().all(is_plain);
    (!fits).then_some("was given a parameter that is not of letters, digits, `-`, `.`, `_` and `~`")
}

/// What is wrong with a prefix, if anything is.
pub(super) fn prefix_fault(prefix: &str) -> Option<&'static str> {
    if return_path(prefix).is_none() || prefix.contains('?') {
        return Some("is no path of this site");
    }
    prefix.ends_with('/').then_some("ends with a slash")
}
