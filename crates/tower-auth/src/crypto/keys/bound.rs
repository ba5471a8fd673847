//! The list of what keys are derived for, and the one way to a derived key.
//!
//! Every credential is bound to what issued it. A key is derived for one [`Purpose`] and for one
//! place in a request ([`Carrier`]), so a value that was made for one verifies at no other: a
//! session's cookie is no refresh token, and a session under one cookie's name is none under
//! another's. Layers know their cookies' names when they are built, so this costs a request
//! nothing. Where the name comes with the call (signed and encrypted cookies), it is in the MAC's
//! input instead.

/// One entry for each kind of value that a key of the ring makes. A new kind gets a new entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Names a key in the values that it made.
    KeyId,
    /// A ring for tests, from a number.
    Seed,
    /// The names of records in logs.
    #[cfg(any(feature = "refresh", feature = "session"))]
    LogId,
    /// A session's credential.
    #[cfg(any(feature = "csrf", feature = "session"))]
    Session,
    /// The record of a session that the client keeps.
    #[cfg(feature = "session")]
    SessionRecord,
    /// The moment of last use of a session that the client keeps.
    #[cfg(feature = "session")]
    SessionLastUse,
    /// A refresh token.
    #[cfg(feature = "refresh")]
    RefreshToken,
    /// The cookie that CSRF tokens are bound to while there is no session.
    #[cfg(feature = "csrf")]
    PreSession,
    /// A CSRF token.
    #[cfg(feature = "csrf")]
    CsrfToken,
    /// A signed cookie of the application.
    #[cfg(feature = "cookie")]
    SignedCookie,
    /// An encrypted cookie of the application.
    #[cfg(feature = "cookie")]
    EncryptedCookie,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::KeyId => "key id",
            Self::Seed => "insecure seed",
            #[cfg(any(feature = "refresh", feature = "session"))]
            Self::LogId => "log id",
            #[cfg(any(feature = "csrf", feature = "session"))]
            Self::Session => "session credential",
            #[cfg(feature = "session")]
            Self::SessionRecord => "session record held by the client",
            #[cfg(feature = "session")]
            Self::SessionLastUse => "session's last use held by the client",
            #[cfg(feature = "refresh")]
            Self::RefreshToken => "refresh token",
            #[cfg(feature = "csrf")]
            Self::PreSession => "csrf pre-session cookie",
            #[cfg(feature = "csrf")]
            Self::CsrfToken => "csrf token",
            #[cfg(feature = "cookie")]
            Self::SignedCookie => "signed cookie",
            #[cfg(feature = "cookie")]
            Self::EncryptedCookie => "encrypted cookie",
        }
    }

    /// Binds a key to this purpose alone: the value may stand anywhere, or what it is bound to is
    /// in the MAC's input.
    pub(crate) const fn anywhere(self) -> Bound<'static> {
        Bound { purpose: self, carrier: "anywhere", name: "" }
    }

    /// Binds a key to this purpose and to the cookie of that name.
    #[cfg(any(feature = "csrf", feature = "session"))]
    pub(crate) const fn in_cookie(self, name: &str) -> Bound<'_> {
        Bound { purpose: self, carrier: "cookie", name }
    }

    /// Binds a key to this purpose and to a message's body.
    #[cfg(feature = "refresh")]
    pub(crate) const fn in_body(self) -> Bound<'static> {
        Bound { purpose: self, carrier: "body", name: "" }
    }
}

/// What a derived key is bound to; see the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    purpose: Purpose,
    /// The place in a message where the value counts.
    carrier: &'static str,
    name: &'a str,
}

impl Bound<'_> {
    /// The info of the key derivation.
    pub(super) fn info(&self) -> Vec<u8> {
        fields(["tower-auth 2", self.purpose.label(), self.carrier, self.name])
    }
}

/// Every field behind its length, so that no two lists of fields read the same.
fn fields<'a>(fields: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        out.extend_from_slice(&(field.len() as u64).to_be_bytes());
        out.extend_from_slice(field.as_bytes());
    }
    out
}

/// The engine that issues refresh tokens, as each of its tokens names it.
#[cfg(feature = "refresh")]
#[derive(Clone, Copy)]
pub(crate) struct Engine<'a> {
    /// The application's name as an issuer of identities.
    pub(crate) issuer: &'a str,
    /// The issuer that the access tokens name.
    pub(crate) tokens_of: Option<&'a str>,
    /// The audience that the access tokens name.
    pub(crate) audience: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
}

#[cfg(feature = "refresh")]
impl Engine<'_> {
    /// A hash of the fields, for a token's payload, under the token's MAC.
    ///
    /// It is not in the key: a `CsrfLayer` outside knows the ring and the cookie's name but not the
    /// engine, and must be able to verify the token. Short and without a key, because the
    /// application chooses the fields and an attacker does not.
    pub(crate) fn mark(&self) -> [u8; 8] {
        let [has_tokens_of, tokens_of] = optional(self.tokens_of);
        let [has_audience, audience] = optional(self.audience);
        let [has_name, name] = optional(self.name);
        let text = fields([
            "engine",
            self.issuer,
            has_tokens_of,
            tokens_of,
            has_audience,
            audience,
            has_name,
            name,
        ]);
        let mut mark = [0; 8];
        mark.copy_from_slice(&blake3::hash(&text).as_bytes()[..8]);
        mark
    }
}

/// Absent differs from empty.
#[cfg(feature = "refresh")]
const fn optional(field: Option<&str>) -> [&str; 2] {
    match field {
        Some(field) => ["some", field],
        None => ["none", ""],
    }
}
