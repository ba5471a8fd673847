//! The demo users. Their passwords are hashed at start, and never kept, compared or logged in plain
//! text.

use std::collections::HashMap;
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tower_auth::{Identity, Secret};

/// The names, passwords and rights of the users, printed at start.
pub const DEMO: [Demo; 3] = [
    Demo { name: "alice", password: "wonderland", roles: &["user"], scopes: &["reports:read"] },
    Demo { name: "bob", password: "tea-party", roles: &["user"], scopes: &[] },
    Demo {
        name: "root",
        password: "looking-glass",
        roles: &["user", "admin"],
        scopes: &["reports:read", "reports:write"],
    },
];

/// A demo user.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Demo {
    /// The subject of the user's identities.
    pub name: &'static str,
    /// The password in plain text, which only a demo may contain.
    pub password: &'static str,
    /// The roles of the user.
    pub roles: &'static [&'static str],
    /// The scopes that the user's tokens may have.
    pub scopes: &'static [&'static str],
}

/// The users who may log in. A clone is the same list.
#[derive(Clone)]
pub struct Users(Arc<Inner>);

struct Inner {
    users: HashMap<String, User>,
    /// The hash for unknown names, so that they take as long as known names.
    anonymous: String,
    /// Limits the concurrent hashes to the number of cores: a hash takes 19 MiB and a core.
    at_once: Arc<Semaphore>,
}

struct User {
    /// A PHC string: algorithm, cost, salt and hash.
    hash: String,
    roles: &'static [&'static str],
    scopes: &'static [&'static str],
}

impl Users {
    /// Returns the demo users, hashed with Argon2id at the crate's default cost (19 MiB, two
    /// passes).
    ///
    /// # Errors
    /// The system has no randomness for the salts.
    pub fn demo() -> Result<Self, argon2::password_hash::Error> {
        let mut users = HashMap::new();
        for Demo { name, password, roles, scopes } in DEMO {
            users.insert(name.into(), User { hash: hash(password)?, roles, scopes });
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self(Arc::new(Inner {
            users,
            anonymous: hash("no user has this name")?,
            at_once: Arc::new(Semaphore::new(cores)),
        })))
    }

    /// Returns the identity that name and password prove; `None` if either is wrong.
    ///
    /// An unknown name costs the same work as a wrong password, so neither the response nor its
    /// time reveals who has an account (ASVS 6.3.8).
    pub async fn verify(&self, name: String, password: Secret<String>) -> Option<Identity> {
        let permit = self.0.at_once.clone().acquire_owned().await.ok()?;
        let users = self.clone();
        // Hashing on this thread would delay every other request on it.
        let verified = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            users.verify_blocking(&name, &password)
        });
        verified.await.ok().flatten()
    }

    fn verify_blocking(&self, name: &str, password: &Secret<String>) -> Option<Identity> {
        let user = self.0.users.get(name);
        let hash = user.map_or(self.0.anonymous.as_str(), |user| &user.hash);
        let hash = PasswordHash::new(hash).ok()?;
        let is_right = Argon2::default().verify_password(password.expose().as_bytes(), &hash);
        // Both results are combined only here, so there is a single way out.
        match (user, is_right) {
            (Some(user), Ok(())) => {
                Some(Identity::local(name).roles(user.roles).scopes(user.scopes).amr("pwd").build())
            }
            _ => None,
        }
    }
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn verify(name: &str, password: &str) -> Option<Identity> {
        Users::demo().unwrap().verify(name.into(), Secret::new(password.into())).await
    }

    #[tokio::test]
    async fn the_demo_users_are_who_they_say() {
        let root = verify("root", "looking-glass").await.unwrap();
        assert!(root.has_role("user") && root.has_role("admin"));
        let alice = verify("alice", "wonderland").await.unwrap();
        assert!(alice.has_role("user") && !alice.has_role("admin"));
        assert!(alice.has_scope("reports:read") && !alice.has_scope("reports:write"));
    }

    #[tokio::test]
    async fn xx_09_a_wrong_name_and_a_wrong_password_are_one_answer() {
        assert!(verify("alice", "looking-glass").await.is_none());
        assert!(verify("mallory", "wonderland").await.is_none());
        // The hash for unknown names does not authenticate anyone either.
        assert!(verify("mallory", "no user has this name").await.is_none());
    }

    #[test]
    fn xx_09_an_unknown_name_costs_what_a_known_one_costs() {
        let users = Users::demo().unwrap();
        let cost = |hash: &str| hash.split('$').nth(3).unwrap().to_owned();
        for user in users.0.users.values() {
            assert_eq!(cost(&user.hash), cost(&users.0.anonymous));
        }
        // The hash must be valid: an invalid hash would fail fast and reveal that the name is
        // unknown.
        assert!(PasswordHash::new(&users.0.anonymous).is_ok());
    }

    #[test]
    fn what_is_kept_is_a_salted_argon2id_hash() {
        let (one, two) = (hash("wonderland").unwrap(), hash("wonderland").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two, "each has its own salt");
    }
}
