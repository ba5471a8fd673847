//! An engine on a memory store with a stopped clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_auth_core::Identity;
use tower_auth_core::store::{Key, Load, RecordId, RecordKind, Store as _};
use tower_auth_test::{FaultyStore, Steps, TestClock};

use crate::crypto::frame::{self, Sealer};
use crate::crypto::keys::Purpose;
use crate::refresh::token::{Seed, Transport};
use crate::refresh::{
    AccessToken, MintError, Refresh, RefreshBuilder, RefreshError, RefreshRefusal, TokenPair,
};
use crate::{KeyRing, MemoryStore, Settings};

pub(super) const NAME: &str = "__Host-refresh";

/// The default window plus the tolerated clock skew. From here on, a rotation is not recent.
pub(super) const REACH: Duration = Duration::from_secs(10 + 5);

pub(super) struct Fixture {
    pub(super) time: TestClock,
    pub(super) store: FaultyStore<MemoryStore>,
    pub(super) keys: KeyRing,
    pub(super) refresh: Refresh,
    /// Whether access tokens can be minted.
    pub(super) mints: Arc<AtomicBool>,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(super) fn with(options: impl FnOnce(RefreshBuilder) -> RefreshBuilder) -> Self {
        let time = TestClock::new();
        let settings = Settings::new().clock(time.clock());
        Self::at(time, &settings, options)
    }

    pub(super) fn with_settings(settings: impl FnOnce(Settings) -> Settings) -> Self {
        let time = TestClock::new();
        let settings = settings(Settings::new().clock(time.clock()));
        Self::at(time, &settings, |builder| builder)
    }

    /// Creates an engine that gives up on a store that does not answer.
    pub(super) fn with_timer() -> Self {
        let time = TestClock::new();
        let settings = Settings::new().clock(time.clock()).timer(time.clone());
        Self::at(time, &settings, |builder| builder)
    }

    fn at(
        time: TestClock,
        settings: &Settings,
        options: impl FnOnce(RefreshBuilder) -> RefreshBuilder,
    ) -> Self {
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let keys = KeyRing::insecure_from_seed(7);
        let mints = Arc::new(AtomicBool::new(true));
        let switch = mints.clone();
        let access = move |identity: &Identity| {
            if !switch.load(Ordering::SeqCst) {
                return Err(MintError::new("the signer is down"));
            }
            access(identity)
        };
        let builder = Refresh::builder(store.clone(), &keys, access).settings(settings);
        let refresh = options(builder).build().unwrap();
        Self { time, store, keys, refresh, mints }
    }

    /// Creates another node on the same store, with its own clock.
    pub(super) fn node(&self, time: &TestClock) -> Refresh {
        let builder = Refresh::builder(self.store.clone(), &self.keys, access);
        builder.settings(&Settings::new().clock(time.clock())).build().unwrap()
    }

    /// Logs alice in, and returns her first refresh token.
    pub(super) async fn login(&self) -> String {
        text(&self.refresh.begin(&alice(), None).await.unwrap())
    }

    /// Exchanges a token and returns the next one.
    pub(super) async fn next(&self, token: &str) -> Result<String, RefreshError> {
        self.refresh.refresh(token).await.map(|tokens| text(&tokens))
    }

    /// Returns the same token as the engine's cookie carries it.
    pub(super) fn as_cookie(&self, token: &str) -> String {
        let frame = URL_SAFE_NO_PAD.decode(token).unwrap();
        let payload: &[u8; frame::REFRESH] = frame[5..][..frame::REFRESH].try_into().unwrap();
        let bound = Purpose::RefreshToken.in_cookie(self.refresh.0.template.name());
        Sealer::new(&self.keys, bound).seal(payload)
    }

    /// Returns a token that a holder of the ring can write for a family and a generation.
    pub(super) fn by_ring(&self, family: RecordId, generation: u64) -> String {
        let mint = &self.refresh.0.mint;
        let token = mint.make(family, &Seed::random(), generation);
        mint.write(&token, Transport::Body).expose().clone()
    }

    /// Returns the reason why a token is refused.
    pub(super) async fn refusal(&self, token: &str) -> Option<RefreshRefusal> {
        match self.refresh.refresh(token).await {
            Err(RefreshError::Refused(refusal)) => Some(refusal),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        }
    }

    /// Moves the clock past the window.
    pub(super) fn later(&self) {
        self.time.advance(REACH);
    }

    /// Returns the store's steps since the last call.
    pub(super) fn steps(&self) -> Steps {
        let steps = self.store.steps();
        self.store.reset_steps();
        steps
    }

    pub(super) async fn record(&self, family: RecordId) -> Load {
        self.store.load(&Key::new(RecordKind::Family, family)).await.unwrap()
    }
}

fn access(identity: &Identity) -> Result<AccessToken, MintError> {
    Ok(AccessToken { text: describe(identity), expires_in: Duration::from_secs(300) })
}

pub(super) fn alice() -> Identity {
    let alice = Identity::local("alice").role("user").amr("pwd").acr("1");
    alice.scopes(["reports:read", "reports:write"]).claims(&["a claim"]).unwrap().build()
}

pub(super) fn text(tokens: &TokenPair) -> String {
    tokens.refresh().expose().clone()
}

/// Describes the identity's fields in the text of an access token.
pub(super) fn describe(identity: &Identity) -> String {
    let join = |all: Vec<&str>| all.join(" ");
    format!(
        "{}@{} by {} since {} until {} of {} scopes [{}] roles [{}] acr {:?} amr [{}] claims {:?}",
        identity.subject(),
        identity.issuer(),
        identity.method().as_str(),
        identity.authenticated_at().unwrap().as_unix_seconds(),
        identity.expires_at().unwrap().as_unix_seconds(),
        identity.session().unwrap(),
        join(identity.scopes().collect()),
        join(identity.roles().collect()),
        identity.acr(),
        join(identity.amr().collect()),
        identity.claims::<Vec<String>>().unwrap(),
    )
}
