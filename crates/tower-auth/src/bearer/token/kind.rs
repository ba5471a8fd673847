//! The claims in which issuers name the kind of token (JW-24), and the meanings of their values.
//!
//! Collected from the documentation of the servers and libraries named below. Names and values are
//! compared without case and separators: `id_token`, `ID-Token` and `idToken` are equal.

use serde::de::MapAccess;

use super::json::Text;
use super::shape::Any;

/// The meaning of a claim that names the kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// An access token.
    Access,
    /// An ID token.
    Id,
    /// A token of another kind.
    Other,
    /// Neither: the value belongs to the application.
    Nothing,
}

/// The parties that use a claim's name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::bearer) enum Name {
    /// Only issuers use it, to name the kind. The value must be a string.
    Issuers,
    /// Applications use it too, for any purpose. Only unmistakable values count.
    Shared,
}

const NAMES: &[(&str, Name)] = &[
    ("typ", Name::Issuers),       // Keycloak
    ("tokenuse", Name::Issuers),  // Cognito
    ("tokentype", Name::Issuers), // Simple JWT (Django), PingAM
    ("tokenname", Name::Issuers), // PingAM
    ("toktype", Name::Issuers),   // Oracle identity domains
    ("tokenkind", Name::Issuers),
    ("tty", Name::Issuers),    // FusionAuth
    ("purpose", Name::Shared), // Curity
    ("type", Name::Shared),    // Flask-JWT-Extended
    ("use", Name::Shared),
];

/// The maximum length of a name, including separators.
const LONGEST: usize = 12;

/// The values, their meanings, and the claims in which they count: `Shared` stands for all claims.
const VALUES: &[(&str, Says, Name)] = &[
    ("access", Says::Access, Name::Shared),
    ("accesstoken", Says::Access, Name::Shared),
    ("atjwt", Says::Access, Name::Shared),
    ("at", Says::Access, Name::Issuers), // Oracle, FusionAuth
    ("bearer", Says::Access, Name::Issuers),
    ("dpop", Says::Access, Name::Issuers), // Keycloak, for an access token bound to a key
    ("id", Says::Id, Name::Shared),
    ("idtoken", Says::Id, Name::Shared),
    ("idtokenjwt", Says::Id, Name::Shared),
    ("idjwt", Says::Id, Name::Shared),
    ("it", Says::Id, Name::Issuers), // Oracle, FusionAuth
    ("identity", Says::Id, Name::Issuers),
    ("identitytoken", Says::Id, Name::Shared),
    ("serializedid", Says::Other, Name::Issuers), // Keycloak
    ("refresh", Says::Other, Name::Shared),
    ("refreshtoken", Says::Other, Name::Shared),
    ("refreshjwt", Says::Other, Name::Shared),
    ("rt", Says::Other, Name::Issuers),
    ("rtjwt", Says::Other, Name::Shared),
    ("offline", Says::Other, Name::Issuers), // Keycloak, for a refresh token
    ("offlineaccess", Says::Other, Name::Issuers),
    ("offlinetoken", Says::Other, Name::Shared),
    ("logout", Says::Other, Name::Issuers), // Keycloak
    ("logouttoken", Says::Other, Name::Shared),
    ("logoutjwt", Says::Other, Name::Shared),
    ("secevent", Says::Other, Name::Issuers),
    ("seceventjwt", Says::Other, Name::Shared),
    ("dpopjwt", Says::Other, Name::Shared),
    ("dpopproof", Says::Other, Name::Shared),
    ("clientassertion", Says::Other, Name::Shared),
    ("clientauthenticationjwt", Says::Other, Name::Shared),
    ("authorizationcode", Says::Other, Name::Shared),
    ("authcode", Says::Other, Name::Issuers),
    ("requestobject", Says::Other, Name::Shared),
    ("oauthauthzreqjwt", Says::Other, Name::Shared),
    ("userinfo", Says::Other, Name::Issuers),
    ("tokenintrospectionjwt", Says::Other, Name::Shared),
    ("initialaccesstoken", Says::Other, Name::Shared), // Keycloak, for client registration
    ("registrationaccesstoken", Says::Other, Name::Shared),
    ("verifyemail", Says::Other, Name::Issuers), // Keycloak, for links in mails
    ("resetcredentials", Says::Other, Name::Issuers),
    ("executeactions", Says::Other, Name::Issuers),
];

/// Returns the users of this claim's name if the claim names the kind of token.
pub(in crate::bearer) fn claim(name: &str) -> Option<Name> {
    let first = name.bytes().next()? | 0x20;
    if name.len() > LONGEST || !matches!(first, b't' | b'u' | b'p') {
        return None;
    }
    NAMES.iter().find(|(known, _)| is(name, known)).map(|(_, name)| *name)
}

impl Name {
    /// Reads the claim's value.
    pub(super) fn read<'de, A: MapAccess<'de>>(self, members: &mut A) -> Result<Says, A::Error> {
        let value = match self {
            Self::Issuers => Some(members.next_value_seed(Text)?),
            Self::Shared => members.next_value_seed(Any::MEMBER)?.text(),
        };
        Ok(value.map_or(Says::Nothing, |value| self.says(&value)))
    }

    /// Returns the meaning of this claim with that value.
    fn says(self, value: &str) -> Says {
        // The prefixes of token types in RFC 8693, 3 and of media types.
        let prefixes = ["urn:ietf:params:oauth:token-type:", "application/"];
        let strip = |prefix: &&str| {
            let start = value.get(..prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then(|| &value[prefix.len()..])
        };
        let word = prefixes.iter().find_map(strip).unwrap_or(value);
        let counts = |within: Self| within == Self::Shared || self == Self::Issuers;
        VALUES
            .iter()
            .find(|(known, _, within)| counts(*within) && is(word, known))
            .map_or(Says::Nothing, |(_, says, _)| *says)
    }
}

/// Returns `true` if the text is this word, compared without case and separators.
fn is(text: &str, word: &str) -> bool {
    let plain = text.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b'+' | b'.' | b' '));
    plain.map(|byte| byte.to_ascii_lowercase()).eq(word.bytes())
}
