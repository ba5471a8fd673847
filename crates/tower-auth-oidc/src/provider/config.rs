//! The checks of a provider's settings, and its start.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Certificate, Client, Proxy};
use tower_auth::TokioTimer;
use tower_auth::bearer::{Algorithm, LiveKeys};
use tower_auth_core::{AnyTimer, Timer as _};

use super::builder::ProviderBuilder;
use super::location::{Document, Location};
use super::source::Source;
use super::status::Progress;
use super::task::Task;
use super::{Inner, Provider};
use crate::address::Address;
use crate::discovery::candidates;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::fetch::{ClientSettings, Clients, Fetch, FetchSettings};
use crate::runtime::Runtime;

/// The default algorithms: one for each type of key.
pub(super) const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA];

/// The place from which a provider's keys are found.
pub(super) enum Place {
    /// The discovery document of the issuer.
    Issuer,
    /// The keys at this address.
    Keys(String),
}

/// Returns `true` if the issuer has a placeholder for a tenant.
pub(super) fn is_template(issuer: &str) -> bool {
    issuer.contains('{')
}

fn invalid(text: impl Into<String>) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Config, text.into())
}

/// Checks the settings, fetches the keys unless they may come later, and starts the task.
pub(super) async fn build(builder: ProviderBuilder) -> Result<Provider, ProviderError> {
    let Some(runtime) = Runtime::current() else {
        return Err(invalid("a provider needs a tokio runtime: await it inside of one"));
    };
    check_numbers(&builder)?;
    check_algorithms(&builder.algorithms)?;
    let progress = Arc::new(Progress::default());
    let location = location(&builder, &progress)?;
    let fetch = fetch(&builder)?;
    let keys = LiveKeys::builder(builder.algorithms)
        .settings(&builder.settings)
        .stale_for(builder.stale_for)
        .refetch_window(builder.refetch_window)
        .max_waiting(builder.max_waiting)
        .max_wait(builder.max_wait)
        .build();
    let timer = timer(&builder.settings);
    let clock = builder.settings.clock_ref().clone();
    let Some(fetcher) = keys.fetcher(timer.clone()) else {
        unreachable!("the keys were created above, so no one else fetches them")
    };
    let mut task = Task {
        fetcher,
        source: Source::new(fetch, location),
        bounds: builder.bounds,
        clock,
        next: timer.sleep(Duration::ZERO),
        timer,
        events: builder.settings.events_ref().clone(),
        progress: progress.clone(),
    };
    if !builder.start_without_keys {
        task.fetch().await?;
    }
    runtime.spawn(task.run());
    Ok(Provider(Arc::new(Inner { issuer: builder.issuer, keys, progress })))
}

fn timer(settings: &tower_auth::Settings) -> AnyTimer {
    settings.timer_ref().cloned().unwrap_or_else(|| AnyTimer::new(TokioTimer))
}

fn check_numbers(builder: &ProviderBuilder) -> Result<(), ProviderError> {
    let second = Duration::from_secs(1);
    let bounds = &builder.bounds;
    for (setter, is_zero) in [
        (".stale_for", builder.stale_for.is_zero()),
        (".refetch_window", builder.refetch_window.is_zero()),
        (".max_waiting", builder.max_waiting == 0),
        (".max_wait", builder.max_wait.is_zero()),
        (".timeout", builder.timeout.is_zero()),
        (".max_bytes", builder.max_bytes == 0),
    ] {
        if is_zero {
            return Err(invalid(format!(
                "{setter} must not be zero: remove the call, or set more"
            )));
        }
    }
    if bounds.floor < second || bounds.ceiling < bounds.floor {
        return Err(invalid(
            ".refresh_between: the floor must be 1 second or more, and the ceiling must not be \
             below it",
        ));
    }
    if builder.stale_for < bounds.ceiling {
        return Err(invalid(format!(
            ".stale_for({:?}) is shorter than the time between two fetches, which is up to {:?}: \
             set more, or a lower ceiling with .refresh_between",
            builder.stale_for, bounds.ceiling
        )));
    }
    Ok(())
}

fn check_algorithms(algorithms: &[Algorithm]) -> Result<(), ProviderError> {
    let is_hmac =
        |it: &&Algorithm| matches!(it, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
    match algorithms.iter().find(is_hmac) {
        Some(hmac) => Err(invalid(format!(
            ".algorithms names {hmac}, whose keys are secrets, and a provider publishes its keys: \
             remove it"
        ))),
        None if algorithms.is_empty() => {
            Err(invalid(".algorithms is empty, so no token would be accepted: name some"))
        }
        None => Ok(()),
    }
}

fn location(
    builder: &ProviderBuilder,
    progress: &Arc<Progress>,
) -> Result<Location, ProviderError> {
    let insecure = builder.insecure_http;
    let issuer = &builder.issuer;
    let candidates = match (&builder.place, &builder.document) {
        (Place::Keys(_), Some(_)) => {
            return Err(invalid(
                ".discovery_address: a provider of Provider::jwks discovers nothing: remove the \
                 call, or use Provider::discover",
            ));
        }
        (Place::Keys(address), None) => {
            let address = Address::configured(address, "Provider::jwks", insecure)?;
            check_token(builder, &address)?;
            return Ok(Location::Configured(address));
        }
        (Place::Issuer, Some(address)) => {
            vec![Address::configured(address, ".discovery_address", insecure)?]
        }
        (Place::Issuer, None) if is_template(issuer) => {
            return Err(invalid(format!(
                "Provider::discover: {issuer:?} has a placeholder, so its document is elsewhere: \
                 name the address with .discovery_address"
            )));
        }
        (Place::Issuer, None) => candidates(issuer, insecure)?.to_vec(),
    };
    candidates.iter().try_for_each(|address| check_token(builder, address))?;
    Ok(Location::Discovered(Document::new(issuer.clone(), candidates, progress.clone())))
}

/// Refuses to send a token that others could read on its way.
fn check_token(builder: &ProviderBuilder, address: &Address) -> Result<(), ProviderError> {
    if builder.token_file.is_some() && !address.is_confidential() {
        return Err(invalid(format!(
            ".bearer_token_file: {} is plain http, so others could read the token: use https",
            address.url()
        )));
    }
    Ok(())
}

fn fetch(builder: &ProviderBuilder) -> Result<Fetch, ProviderError> {
    let mut clients = ClientSettings::default();
    for pem in &builder.certificates {
        let bundle = Certificate::from_pem_bundle(pem).unwrap_or_default();
        // Only a client reads the content of the certificates.
        let client = Client::builder().tls_certs_only(bundle.clone()).build();
        if bundle.is_empty() || client.is_err() {
            return Err(invalid(".root_certificate: is not a certificate in PEM"));
        }
        clients.certificates.extend(bundle);
    }
    if let Some(address) = &builder.proxy {
        // The address may contain a password, so no message shows it.
        let proxy = Proxy::all(address).map_err(|_| {
            invalid(".proxy: is not an address, such as http://proxy.internal:3128")
        })?;
        clients.proxy = Some(proxy);
    }
    let settings = FetchSettings {
        timeout: builder.timeout,
        max_bytes: builder.max_bytes,
        token_file: builder.token_file.clone(),
    };
    Ok(Fetch::new(Clients::new(clients), settings, timer(&builder.settings)))
}
