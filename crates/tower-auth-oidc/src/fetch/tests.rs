//! Fetches from servers on loopback, and what is refused.

mod answers;
mod cached;
mod directives;
mod names;
mod proxy;
mod secured;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_auth_core::AnyTimer;
use tower_auth_test::TestClock;

use super::resolver::{Found, Lookup};
use super::{ClientSettings, Clients, Content, Fetch, FetchSettings, Fetched};
use crate::address::Address;
use crate::error::ProviderError;

pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const MAX_BYTES: usize = 1000;

/// A resolver that answers every name alike, with addresses that the test changes.
#[derive(Clone, Default)]
pub(crate) struct Names {
    ips: Arc<Mutex<Vec<IpAddr>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    pub(crate) fn of(ips: &[&str]) -> Self {
        let names = Self::default();
        names.set(ips);
        names
    }

    pub(crate) fn set(&self, ips: &[&str]) {
        let ips = ips.iter().map(|ip| ip.parse().expect("an IP address"));
        *self.ips.lock().expect("no test panicked") = ips.collect();
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panicked").clone()
    }
}

impl Lookup for Names {
    fn lookup(&self, name: &str) -> Found {
        self.asked.lock().expect("no test panicked").push(name.to_owned());
        let ips = self.ips.lock().expect("no test panicked").clone();
        Box::pin(async move { Ok(ips) })
    }
}

pub(crate) fn loopback() -> ClientSettings {
    ClientSettings { lookup: Arc::new(Names::of(&["127.0.0.1"])), ..ClientSettings::default() }
}

pub(crate) fn settings() -> FetchSettings {
    FetchSettings { timeout: TIMEOUT, max_bytes: MAX_BYTES, token_file: None }
}

pub(crate) fn fetch(time: &TestClock) -> Fetch {
    fetch_with(time, loopback(), settings())
}

pub(crate) fn fetch_with(
    time: &TestClock,
    clients: ClientSettings,
    settings: FetchSettings,
) -> Fetch {
    Fetch::new(Clients::new(clients), settings, AnyTimer::new(time.clone()))
}

pub(crate) fn configured(address: &str) -> Address {
    Address::configured(address, "test", false).expect("a valid address")
}

pub(crate) async fn content(fetch: &Fetch, address: &str) -> Result<Content, ProviderError> {
    match fetch.get(&configured(address), None).await? {
        Fetched::Content(content) => Ok(content),
        Fetched::Unchanged(_) => panic!("the request was not conditional"),
    }
}

pub(crate) async fn refused(fetch: &Fetch, address: &str) -> ProviderError {
    let error = content(fetch, address).await.expect_err("the fetch fails");
    let text = error.to_string();
    assert_eq!(format!("{error:?}"), text);
    assert!(text.contains(address.trim_end_matches('/')), "{text} names the address");
    error
}
