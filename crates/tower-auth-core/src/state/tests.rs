use super::*;

struct Says(Result<AuthState, Wiring>);

impl AuthContext for Says {
    fn state(&self) -> Result<AuthState, Wiring> {
        self.0.clone()
    }
}

const SKIPPED: Wiring = Wiring { layer: "SessionLayer", problem: "told to leave this route out" };

fn alice() -> Identity {
    Identity::local("alice").build()
}

/// In words: what comes of what the layers say and of an identity that lies there by itself.
fn of(says: Option<Result<AuthState, Wiring>>, identity: Option<Identity>) -> String {
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
        Err(wiring) => format!("wiring {}", wiring.layer),
    }
}

#[test]
fn se_17_truth_table_of_known_anonymous_and_unknown() {
    use AuthState::{Anonymous, Known, Unknown};
    let bob = || Identity::local("bob").build();

    // Nobody in the path but perhaps a layer of somebody else's.
    assert_eq!(of(None, None), "wiring Identity");
    assert_eq!(of(None, Some(alice())), "known alice");
    // A layer that found nobody; another may have.
    assert_eq!(of(Some(Ok(Anonymous)), None), "anonymous");
    assert_eq!(of(Some(Ok(Anonymous)), Some(alice())), "known alice");
    // Unknown beats known.
    assert_eq!(of(Some(Ok(Unknown)), None), "unknown");
    assert_eq!(of(Some(Ok(Unknown)), Some(alice())), "unknown");
    // What lies in the extensions is what the handler will see.
    assert_eq!(of(Some(Ok(Known(bob()))), Some(alice())), "known alice");
    assert_eq!(of(Some(Ok(Known(bob()))), None), "anonymous");
    // A layer that was left out is missing, unless another authenticated.
    assert_eq!(of(Some(Err(SKIPPED)), None), "wiring SessionLayer");
    assert_eq!(of(Some(Err(SKIPPED)), Some(alice())), "known alice");
}
