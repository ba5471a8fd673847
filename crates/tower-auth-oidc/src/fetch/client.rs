//! The HTTP clients, one for each rule about the addresses that a connection may lead to.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Proxy};

use super::failed::causes;
use super::resolver::{Lookup, Resolver, System};
use crate::address::{Address, Allowed};
use crate::error::{ProviderError, ProviderErrorKind};

/// The settings of all clients of one provider.
pub(crate) struct ClientSettings {
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) lookup: Arc<dyn Lookup>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { certificates: Vec::new(), proxy: None, lookup: Arc::new(System) }
    }
}

/// The clients of one provider. Each is built when it is first needed.
pub(crate) struct Clients {
    settings: ClientSettings,
    built: Mutex<Vec<(Rule, Client)>>,
}

/// The rule that a client enforces.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Rule {
    allowed: Allowed,
    tls: bool,
}

impl Clients {
    pub(crate) fn new(settings: ClientSettings) -> Self {
        Self { settings, built: Mutex::default() }
    }

    /// Returns the client for this address.
    pub(super) fn client(&self, address: &Address) -> Result<Client, ProviderError> {
        let rule = Rule { allowed: address.allowed(), tls: address.url().scheme() == "https" };
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = built.iter().find(|(of, _)| *of == rule) {
            return Ok(client.clone());
        }
        let client = self.build(rule).map_err(|error| {
            let text = format!(
                "{}: the TLS client cannot be built ({}): install the system's certificates, such \
                 as the package ca-certificates, or use .root_certificate",
                address.url(),
                causes(&error)
            );
            ProviderError::new(ProviderErrorKind::Config, text)
        })?;
        built.push((rule, client.clone()));
        Ok(client)
    }

    fn build(&self, rule: Rule) -> Result<Client, reqwest::Error> {
        let mut builder = Client::builder()
            .user_agent(concat!("tower-auth-oidc/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // The schedule decides about retries.
            .retry(reqwest::retry::never())
            .referer(false)
            // Fetches are rare. A connection that is kept was checked long ago, and often the
            // server has already closed it.
            .pool_max_idle_per_host(0)
            .no_proxy();
        // Loopback is this machine's, so it is never reached through a proxy.
        builder = match &self.settings.proxy {
            Some(proxy) if rule.allowed != Allowed::LOOPBACK => builder.proxy(proxy.clone()),
            _ => builder.dns_resolver(Resolver {
                lookup: self.settings.lookup.clone(),
                allowed: rule.allowed,
            }),
        };
        builder = match rule.tls || self.settings.proxy.is_some() {
            true => builder.tls_certs_merge(self.settings.certificates.clone()),
            // Plain http does not need the system's certificates, which may not be installed.
            false => builder.tls_certs_only([]),
        };
        builder.build()
    }
}
