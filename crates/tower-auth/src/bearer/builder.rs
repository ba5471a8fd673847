//! What a layer is built from.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde::de::DeserializeOwned;
use tower_auth_core::event::{Event, Kind};
use tower_auth_core::{Clock, Events, refuse};

use super::challenge::Challenges;
use super::claims::{NoClaims, Typed};
use super::key::{self, Key, Keys};
use super::layer::Config;
use super::token::{PAYLOAD_READ, Rules};
use super::{BearerJwtLayer, ConfigError, Profile};

/// Gathers a [`BearerJwtLayer`]'s settings; [`build`](Self::build) checks them together.
#[must_use]
pub struct Builder<C = NoClaims, R = refuse::Empty> {
    settings: Settings,
    claims: C,
    refuse: R,
}

struct Settings {
    /// The tokens are of an issuer of ours.
    #[cfg(feature = "stack")]
    own: bool,
    issuer: String,
    audiences: Vec<String>,
    algorithms: Vec<Algorithm>,
    keys: Vec<Key>,
    sets: Vec<String>,
    profile: Profile,
    leeway: Duration,
    roles_claim: String,
    max_bytes: usize,
    realm: String,
    clock: Clock,
    events: Events,
}

/// The most that two clocks may differ by: "no more than a few minutes" (RFC 7519, 4.1.4).
const MAX_LEEWAY: Duration = Duration::from_secs(5 * 60);

impl Builder {
    pub(super) fn new(issuer: String, audience: String) -> Self {
        let settings = Settings {
            #[cfg(feature = "stack")]
            own: false,
            issuer,
            audiences: vec![audience],
            algorithms: Vec::new(),
            keys: Vec::new(),
            sets: Vec::new(),
            profile: Profile::Jwt,
            leeway: Duration::from_secs(60),
            roles_claim: "roles".into(),
            max_bytes: 16 * 1024,
            realm: "app".into(),
            clock: Clock::system(),
            events: Events::none(),
        };
        Self { settings, claims: NoClaims, refuse: refuse::Empty }
    }
}

impl<C, R> Builder<C, R> {
    /// Names one more audience that tokens may be for: they must be for one of them, exactly.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.settings.audiences.push(audience.into());
        self
    }

    /// The algorithms that tokens may be signed with, and no others; there is no default. More
    /// calls add more.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.settings.algorithms.extend(algorithms);
        self
    }

    /// Adds a key; more calls add more.
    pub fn key(mut self, key: Key) -> Self {
        self.settings.keys.push(key);
        self
    }

    /// Adds the keys of a JWK set, as JSON. Keys in it that cannot check a token here (other types,
    /// other uses, other algorithms) are skipped, and counted:
    /// [`BearerJwtLayer::skipped_keys`].
    pub fn jwk_set(mut self, json: impl Into<String>) -> Self {
        self.settings.sets.push(json.into());
        self
    }

    /// What tokens are held to beyond the signature, issuer, audience and lifetime;
    /// [`Profile::Jwt`] by default.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.settings.profile = profile;
        self
    }

    /// By how much the issuer's clock may differ from ours; 60 seconds by default, 5 minutes at
    /// most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.settings.leeway = leeway;
        self
    }

    /// The claim that holds the roles, a string or an array of strings; `roles` by default.
    pub fn roles_claim(mut self, name: impl Into<String>) -> Self {
        self.settings.roles_claim = name.into();
        self
    }

    /// The longest token that is looked at, in bytes; 16 KiB by default.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_bytes = bytes;
        self
    }

    /// The realm that challenges name; `app` by default.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.settings.realm = realm.into();
        self
    }

    /// The clock; the system's by default.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Where its [events](crate::event) go; nowhere by default.
    pub fn events(mut self, events: Events) -> Self {
        self.settings.events = events;
        self
    }

    /// Reads the claims of each token into a `T`, once, and inserts them as
    /// [`Claims<T>`](super::Claims). A token whose claims do not fit is refused as any other that
    /// is not valid.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Mine { tenant: u32 }
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .claims::<Mine>()
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::ConfigError>(())
    /// ```
    pub fn claims<T: DeserializeOwned + Send + Sync + 'static>(self) -> Builder<Typed<T>, R> {
        Builder { settings: self.settings, claims: Typed::new(), refuse: self.refuse }
    }

    /// How refusals look, those of extractors inside too; [`refuse::Empty`] by default.
    pub fn refuse_with<R2>(self, refuse: R2) -> Builder<C, R2> {
        Builder { settings: self.settings, claims: self.claims, refuse }
    }

    /// The layer.
    ///
    /// # Errors
    /// What [`ConfigError`] says; the message names the setter and what to do.
    pub fn build(self) -> Result<BearerJwtLayer<C, R>, ConfigError> {
        let Self { settings, claims, refuse } = self;
        Ok(BearerJwtLayer::from_config(settings.check()?, claims, refuse))
    }
}

#[cfg(feature = "stack")]
impl<C, R> Builder<C, R> {
    /// The tokens are this application's own: `JwtIssuer` mints them.
    pub(crate) fn own(mut self) -> Self {
        self.settings.own = true;
        self
    }

    /// The issuer, where it is this application, and the clock that its tokens are dated by.
    pub(crate) fn named(&self) -> Option<(&str, &Clock)> {
        self.settings.own.then_some((&*self.settings.issuer, &self.settings.clock))
    }
}

impl Settings {
    fn check(self) -> Result<Arc<Config>, ConfigError> {
        if self.issuer.is_empty() {
            return Err(ConfigError::Issuer);
        }
        if self.audiences.iter().any(String::is_empty) {
            return Err(ConfigError::Audience);
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::NoAlgorithms);
        }
        if self.leeway > MAX_LEEWAY {
            return Err(ConfigError::Leeway(self.leeway));
        }
        if self.max_bytes == 0 {
            return Err(ConfigError::MaxTokenBytes);
        }
        if self.roles_claim.is_empty() || PAYLOAD_READ.contains(&&*self.roles_claim) {
            return Err(ConfigError::RolesClaim(self.roles_claim));
        }
        let challenges = Challenges::new(self.realm).ok_or(ConfigError::Realm)?;
        let mut entries = Vec::with_capacity(self.keys.len());
        for (at, key) in self.keys.into_iter().enumerate() {
            let entry = key
                .prepare(&self.algorithms)
                .map_err(|fault| ConfigError::Key { position: at + 1, fault })?;
            entries.push(entry);
        }
        let mut skipped = 0;
        for (at, set) in self.sets.iter().enumerate() {
            let set = key::read_set(set, &self.algorithms)
                .map_err(|fault| ConfigError::JwkSet { position: at + 1, fault })?;
            entries.extend(set.keys);
            skipped += set.skipped;
        }
        let keys = Keys::new(entries).map_err(ConfigError::DuplicateKid)?;
        if keys.is_empty() {
            return Err(ConfigError::NoKeys { skipped });
        }
        if skipped > 0 {
            self.events.emit(Event::new(Kind::BearerKeysSkipped, "BearerJwtLayer"));
        }
        Ok(Arc::new(Config {
            rules: Rules {
                issuer: self.issuer,
                audiences: self.audiences,
                algorithms: self.algorithms,
                keys,
                profile: self.profile,
                leeway: self.leeway,
                roles_claim: self.roles_claim,
                max_bytes: self.max_bytes,
            },
            challenges,
            clock: self.clock,
            events: self.events,
            skipped,
        }))
    }
}
