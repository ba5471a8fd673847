//! The client's errors, in this crate's words.

use std::error::Error;

use super::resolver::Refused;
use crate::address::Address;
use crate::error::{ProviderError, ProviderErrorKind};

/// Describes an error of the client.
pub(super) fn failed(address: &Address, error: reqwest::Error) -> ProviderError {
    let url = address.url();
    if let Some(refused) = find::<Refused>(&error) {
        let fix = match address.has_configured_origin() {
            true => "use https, or .insecure_http() if you trust the network",
            false => "if the address is right, configure it with Provider::jwks",
        };
        let text = format!("{url}: {refused}: {fix}");
        return ProviderError::new(ProviderErrorKind::Address, text);
    }
    // The message already begins with the address.
    let error = error.without_url();
    let (kind, problem) = if error.is_connect() {
        let fix = "check the address and the network; for a certificate of your own authority, use \
                   .root_certificate";
        (ProviderErrorKind::Unreachable, format!("cannot connect ({}): {fix}", causes(&error)))
    } else if error.is_builder() {
        (ProviderErrorKind::Config, format!("cannot be requested: {}", causes(&error)))
    } else {
        let fix = "the provider, or something between it and here, closed the connection early or \
                   does not speak HTTP";
        (ProviderErrorKind::Answer, format!("incomplete answer ({}): {fix}", causes(&error)))
    };
    ProviderError::new(kind, format!("{url}: {problem}"))
}

/// Returns the texts of the error and of its causes.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    struct Report<'a>(&'a (dyn Error + 'static));
    impl std::fmt::Display for Report<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tower_auth_core::report::write(f, self.0)
        }
    }
    Report(error).to_string()
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
