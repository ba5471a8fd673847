//! The purposes of derived keys, and the only way to derive a key.
//!
//! Every credential is bound to its issuer. A key is derived for one [`Purpose`] and one place in a
//! request (see [`Bound`]), so a value made for one of them never verifies for another. A session's
//! cookie is not a refresh token, and a session under one cookie's name is not valid under another
//! name.
//!
//! Layers know the names of their cookies when they are built, so this costs nothing per request.
//! If the name is known only at the call (signed and encrypted cookies), it is in the MAC's input
//! instead.

/// The kinds of values that a key of the ring makes. Every new kind gets its own entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The id of a key, in the values that it made.
    KeyId,
    /// A ring for tests, from a number.
    Seed,
    /// The ids of records in logs.
    #[cfg(any(feature = "refresh", feature = "session"))]
    LogId,
    /// A session's credential.
    #[cfg(any(feature = "csrf", feature = "session"))]
    Session,
    /// The record of a session that the client keeps.
    #[cfg(feature = "session")]
    SessionRecord,
    /// The time of the last use of a session that the client keeps.
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

    /// Binds a key only to this purpose. The value is valid anywhere, or its binding is in the
    /// MAC's input.
    pub(crate) const fn anywhere(self) -> Bound<'static> {
        Bound { purpose: self, transport: "anywhere", name: "" }
    }

    /// Binds a key to this purpose and to the cookie `name`.
    #[cfg(any(feature = "csrf", feature = "session"))]
    pub(crate) const fn in_cookie(self, name: &str) -> Bound<'_> {
        Bound { purpose: self, transport: "cookie", name }
    }

    /// Binds a key to this purpose and to the body of a message.
    #[cfg(feature = "refresh")]
    pub(crate) const fn in_body(self) -> Bound<'static> {
        Bound { purpose: self, transport: "body", name: "" }
    }
}

/// The binding of a derived key; see the [module documentation](self).
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    purpose: Purpose,
    /// The place in a message where the value is valid.
    transport: &'static str,
    name: &'a str,
}

impl Bound<'_> {
    /// Returns the info parameter of the key derivation.
    pub(super) fn info(&self) -> Vec<u8> {
        fields(["tower-auth 2", self.purpose.label(), self.transport, self.name])
    }
}

/// Prefixes every field with its length, so that two different lists never give the same bytes.
fn fields<'a>(fields: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        out.extend_from_slice(&(field.len() as u64).to_be_bytes());
        out.extend_from_slice(field.as_bytes());
    }
    out
}

/// The identity of an engine that issues refresh tokens, as it is bound into each token.
#[cfg(feature = "refresh")]
#[derive(Clone, Copy)]
pub(crate) struct Engine<'a> {
    /// The application's name as an issuer of identities.
    pub(crate) issuer: &'a str,
    /// The issuer of the access tokens.
    pub(crate) tokens_of: Option<&'a str>,
    /// The audience of the access tokens.
    pub(crate) audience: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
}

#[cfg(feature = "refresh")]
impl Engine<'_> {
    /// Returns a hash of the fields, for the part of a token that the MAC covers.
    ///
    /// The fields are not part of the key: an outer `CsrfLayer` knows the ring and the cookie's
    /// name but not the engine, and must be able to verify the token. The hash is short and has no
    /// key, because the application chooses the fields and an attacker cannot.
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

/// Distinguishes an absent field from an empty one.
#[cfg(feature = "refresh")]
const fn optional(field: Option<&str>) -> [&str; 2] {
    match field {
        Some(field) => ["some", field],
        None => ["none", ""],
    }
}
