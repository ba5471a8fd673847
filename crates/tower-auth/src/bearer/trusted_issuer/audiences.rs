//! The audiences of an issuer's tokens.

/// The audiences that were set, or the one that applies while none is.
pub(in crate::bearer) struct Audiences {
    set: Vec<String>,
    default: Option<String>,
}

impl Audiences {
    pub(super) fn of(audience: String) -> Self {
        Self { set: vec![audience], default: None }
    }

    /// Creates a list of `audience`, which the first audience that is set replaces.
    pub(super) fn unless_set(audience: String) -> Self {
        Self { set: Vec::new(), default: Some(audience) }
    }

    pub(in crate::bearer) fn add(&mut self, audience: String) {
        self.default = None;
        self.set.push(audience);
    }

    pub(super) fn into_list(mut self) -> Vec<String> {
        self.set.extend(self.default);
        self.set
    }
}
