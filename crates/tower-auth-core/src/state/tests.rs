use super::*;

struct Says(Result<AuthState, Misconfigured>);

impl AuthContext for Says {
    fn state(&self) -> Result<AuthState, Misconfigured> {
        self.0.clone()
    }
}

const SKIPPED: Misconfigured =
    Misconfigured { layer: "SessionLayer", problem: "told to leave this route out" };

fn alice() -> Identity {
    Identity::local("alice").build()
}

/// Describes the result for a state from the layers and an identity in the extensions.
fn of(says: Option<Result<AuthState, Misconfigured>>, identity: Option<Identity>) -> String {
    let mut extensions = Extensions::new();
    if let Some(says) = says {
        extensions.insert(Auth(Arc::new(Says(says))));
    }
    if let Some(identity) = identity {
        extensions.insert(identity);
    }
    match AuthState::of(&extensions) {
        Ok(AuthState::Anonymous) => "anonymous".into(),
        Ok(AuthState::Unknown) => "unknown".into(),
        Ok(AuthState::Known(identity)) => format!("known {}", identity.subject()),
        Err(misconfigured) => format!("misconfigured {}", misconfigured.layer),
    }
}

#[test]
fn se_17_truth_table_of_known_anonymous_and_unknown() {
    use AuthState::{Anonymous, Known, Unknown};
    let bob = || Identity::local("bob").build();

    // No authenticating layer of ours, at most a foreign one.
    assert_eq!(of(None, None), "misconfigured Identity");
    assert_eq!(of(None, Some(alice())), "known alice");
    // The layer found no identity; a foreign layer may have inserted one.
    assert_eq!(of(Some(Ok(Anonymous)), None), "anonymous");
    assert_eq!(of(Some(Ok(Anonymous)), Some(alice())), "known alice");
    // Unknown beats known.
    assert_eq!(of(Some(Ok(Unknown)), None), "unknown");
    assert_eq!(of(Some(Ok(Unknown)), Some(alice())), "unknown");
    // The identity in the extensions is the one that the handler sees.
    assert_eq!(of(Some(Ok(Known(bob()))), Some(alice())), "known alice");
    assert_eq!(of(Some(Ok(Known(bob()))), None), "anonymous");
    // A skipped layer counts as missing, unless another layer authenticated.
    assert_eq!(of(Some(Err(SKIPPED)), None), "misconfigured SessionLayer");
    assert_eq!(of(Some(Err(SKIPPED)), Some(alice())), "known alice");
}
