//! The list.

/// How much an event asks for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the four that loggers have in common")]
pub enum Level {
    /// Of no concern while all goes well.
    Debug,
    /// Part of the record that an audit wants: logins, ends, refusals.
    Info,
    /// What an attack, or a system that fails, looks like.
    Warn,
    /// A mistake of the application's or of its operators', to be mended.
    Error,
}

macro_rules! kinds {
    ($($kind:ident, $code:literal, $level:ident, $text:literal;)+) => {
        /// What happened; the codes are fixed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = concat!("`", $code, "`: ", $text, ".")] $kind,)+
        }

        impl Kind {
            /// All of them, in the manual's order.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// A stable word for machines.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code),+ }
            }

            /// How much attention it asks for.
            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Self::$kind => Level::$level),+ }
            }

            /// The log line's text: constant.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$kind => $text),+ }
            }
        }
    };
}

kinds! {
    CookieTwice, "cookie_twice", Warn, "a protected cookie came twice, neither is believed";
    CookieNotSigned, "cookie_not_signed", Info, "a cookie's signature was not ours";
    CookieNotEncrypted, "cookie_not_encrypted", Info, "a cookie's ciphertext was not ours";
    CsrfRefused, "csrf_refused", Warn, "a request may have been forged by another site: refused";
    CsrfWouldRefuse, "csrf_would_refuse", Warn, "the same, let through: report only";
    SessionCreated, "session_created", Debug, "a session was stored for the first time";
    SessionLogin, "session_login", Info, "somebody logged in, under a new secret";
    SessionIdentityUpdated, "session_identity_updated", Info, "what is known of a logged-in user was replaced";
    SessionLoggedOut, "session_logged_out", Info, "a session was ended by its owner";
    SessionKicked, "session_kicked", Info, "sessions were ended from outside of them";
    SessionReplaced, "session_replaced", Info, "a login as somebody else ended a session";
    SessionMalformed, "session_malformed", Debug, "a session's credential is not of this key ring; applications on one host need cookie names of their own";
    SessionTwice, "session_twice", Warn, "a session's credential came twice, neither is believed";
    SessionGone, "session_gone", Debug, "a credential of a session that is no more";
    SessionRotated, "session_rotated", Info, "a credential that was renewed less than 60 s ago";
    SessionStale, "session_stale", Warn, "a credential that was renewed long ago";
    SessionUnreadable, "session_unreadable", Warn, "a session's record is of a format not known here";
    SessionErrorPassed, "session_error_passed", Warn, "a handler passed its session's error on";
    BearerAccepted, "bearer_accepted", Debug, "an access token was verified";
    BearerRefused, "bearer_refused", Info, "an access token was refused";
    BearerKeysSkipped, "bearer_keys_skipped", Warn, "keys of a JWK set are not used";
    BearerRolesMissing, "bearer_roles_missing", Warn, "no accepted token so far has the claim that holds roles";
    RefreshBegun, "refresh_begun", Info, "a family of refresh tokens began";
    RefreshRotated, "refresh_rotated", Debug, "a refresh token was exchanged";
    RefreshSuccessorAgain, "refresh_successor_again", Info, "a used refresh token came within the window";
    RefreshReuse, "refresh_reuse", Warn, "a used refresh token came: its family is ended";
    RefreshRevoked, "refresh_revoked", Info, "a family of refresh tokens was revoked";
    RefreshRefused, "refresh_refused", Warn, "a refresh token was refused";
    RefreshTwice, "refresh_twice", Warn, "a refresh token's cookie came twice";
    RefreshMintFailed, "refresh_mint_failed", Error, "no access token could be minted";
    AuthAmbiguous, "auth_ambiguous", Warn, "two credentials proved two principals: refused";
    RequireAnonymous, "require_anonymous", Debug, "an anonymous request came to a guarded route";
    RequireRefused, "require_refused", Info, "a route's demands were not met";
    ClockSkew, "clock_skew", Warn, "a moment that another node wrote lies too far in the future";
    KeyFileOpen, "key_file_open", Warn, "others than its owner may open the key file";
    StoreFailed, "store_failed", Warn, "a store did not do what it was asked";
    Wiring, "wiring", Error, "layers are put together wrongly";
}
