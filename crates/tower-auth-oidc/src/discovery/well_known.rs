//! The addresses at which the document of an issuer may be.

use reqwest::Url;

use crate::address::Address;
use crate::error::{ProviderError, ProviderErrorKind};

/// Returns the addresses at which the document of `issuer` may be, the usual one first.
///
/// - OpenID Connect Discovery 1.0, section 4: the path is appended to the issuer.
/// - RFC 8414, section 3: the path is inserted between the host and the path of the issuer.
pub(crate) fn candidates(issuer: &str, insecure_http: bool) -> Result<[Address; 2], ProviderError> {
    let setting = "Provider::discover";
    let configured = |text: &str| Address::configured(text, setting, insecure_http);
    // Checks the issuer itself, so that the error shows what was configured.
    let issuer = configured(issuer)?;
    if issuer.url().query().is_some() {
        let text = format!(
            "{setting}: {} contains a query (?…), and an issuer has none: remove it",
            issuer.url()
        );
        return Err(ProviderError::new(ProviderErrorKind::Config, text));
    }
    let path = issuer.url().path();
    let path = path.strip_suffix('/').unwrap_or(path).to_owned();
    let at = |path: String| {
        let mut url: Url = issuer.url().clone();
        url.set_path(&path);
        configured(url.as_str())
    };
    Ok([
        at(format!("{path}/.well-known/openid-configuration"))?,
        at(format!("/.well-known/oauth-authorization-server{path}"))?,
    ])
}
