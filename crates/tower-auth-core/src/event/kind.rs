//! The list of event kinds.

/// The severity of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the four levels that loggers have in common")]
pub enum EventLevel {
    /// Not interesting while everything works.
    Debug,
    /// Belongs in an audit log: logins, ends, refusals.
    Info,
    /// May indicate an attack or a failing system.
    Warn,
    /// A mistake of the application or its operators that must be fixed.
    Error,
}

macro_rules! kinds {
    ($($kind:ident, $code:literal, $level:ident, $text:literal;)+) => {
        /// The kind of an event. Codes never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum EventKind {
            $(#[doc = concat!("`", $code, "`: ", $text, ".")] $kind,)+
        }

        impl EventKind {
            /// All kinds, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Returns the stable code for machines.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code),+ }
            }

            /// Returns the severity.
            #[must_use]
            pub const fn level(self) -> EventLevel {
                match self { $(Self::$kind => EventLevel::$level),+ }
            }

            /// Returns the text of the log line. It is constant.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$kind => $text),+ }
            }
        }
    };
}

kinds! {
    CookieTwice, "cookie_twice", Warn, "a protected cookie was sent twice; both copies are ignored";
    CookieNotSigned, "cookie_not_signed", Info, "a cookie's signature is not valid for this key ring";
    CookieNotEncrypted, "cookie_not_encrypted", Info, "a cookie's ciphertext is not valid for this key ring";
    CsrfRefused, "csrf_refused", Warn, "a request that another site may have forged was refused";
    CsrfWouldRefuse, "csrf_would_refuse", Warn, "a request that another site may have forged was let through in report-only mode";
    SessionCreated, "session_created", Debug, "a session was stored for the first time";
    SessionLogin, "session_login", Info, "a user logged in, and the session got a new secret";
    SessionIdentityUpdated, "session_identity_updated", Info, "the identity of a logged-in user was replaced";
    SessionLoggedOut, "session_logged_out", Info, "a user ended a session by logging out";
    SessionKicked, "session_kicked", Info, "sessions were ended from outside their own requests";
    SessionReplaced, "session_replaced", Info, "a login as another principal ended a session";
    SessionMalformed, "session_malformed", Debug, "a session credential was not made with this key ring; applications that share a host need different cookie names";
    SessionTwice, "session_twice", Warn, "a session credential was sent twice; both copies are ignored";
    SessionGone, "session_gone", Debug, "the session of a credential no longer exists";
    SessionRotated, "session_rotated", Info, "a credential was used that had been rotated less than 60 s ago";
    SessionStale, "session_stale", Warn, "a credential was used that had been rotated long ago";
    SessionUnreadable, "session_unreadable", Warn, "a session record has an unknown format";
    SessionErrorPassed, "session_error_passed", Warn, "a handler answered with an error of its session";
    BearerAccepted, "bearer_accepted", Debug, "an access token was verified";
    BearerRefused, "bearer_refused", Info, "an access token was refused";
    BearerKeysSkipped, "bearer_keys_skipped", Warn, "some keys of a JWK set are not used";
    BearerRolesMissing, "bearer_roles_missing", Warn, "no accepted token so far has the claim that is configured for roles";
    ProviderFetched, "provider_fetched", Debug, "the keys of a provider were fetched";
    ProviderFailed, "provider_failed", Warn, "the keys of a provider could not be fetched";
    RefreshBegun, "refresh_begun", Info, "a refresh token family was created";
    RefreshRotated, "refresh_rotated", Debug, "a refresh token was exchanged";
    RefreshSuccessorAgain, "refresh_successor_again", Info, "a used refresh token was presented again within the window after its exchange";
    RefreshReuse, "refresh_reuse", Warn, "a used refresh token was presented again, and its family was ended";
    RefreshRevoked, "refresh_revoked", Info, "a refresh token family was revoked";
    RefreshRefused, "refresh_refused", Warn, "a refresh token was refused";
    RefreshTwice, "refresh_twice", Warn, "a refresh token cookie was sent twice";
    RefreshMintFailed, "refresh_mint_failed", Error, "no access token could be minted";
    AuthAmbiguous, "auth_ambiguous", Warn, "a request with credentials of two principals was refused";
    RequireAnonymous, "require_anonymous", Debug, "an anonymous request reached a protected route";
    RequireRefused, "require_refused", Info, "a request did not meet the requirements of a route";
    ClockSkew, "clock_skew", Warn, "a time that another node wrote is too far in the future";
    KeyFileOpen, "key_file_open", Warn, "users other than its owner may open the key file";
    StoreFailed, "store_failed", Warn, "a store operation failed";
    Misconfigured, "misconfigured", Error, "the layers are combined incorrectly";
}
