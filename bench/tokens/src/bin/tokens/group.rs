//! The cases that are compared with each other.

use tower_auth::bearer::Algorithm;
use tower_auth_bench_tokens::{
    BARE, Call, Case, FIRST_SIGHT, Input, Issued, REMEMBERED, VERIFIERS, Verifier,
};

/// Cases with the same request, the bare service first.
pub(crate) struct Group {
    /// The title, by which the command line selects.
    pub(crate) title: &'static str,
    pub(crate) issued: Issued,
    pub(crate) cases: Vec<Case>,
    /// The verifiers without figures, and the reason.
    pub(crate) missing: Vec<(&'static str, String)>,
}

const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// Returns the groups, and the calls of all their cases in the same order.
pub(crate) fn all(wanted: &[String]) -> (Vec<Group>, Vec<Call>) {
    let [hs256, rs256, es256, eddsa] = ALGORITHMS.map(Issued::new);
    let plans = [
        ("HS256", hs256.clone(), Input::Token, VERIFIERS),
        ("RS256", rs256.clone(), Input::Token, VERIFIERS),
        ("ES256", es256, Input::Token, VERIFIERS),
        ("EdDSA", eddsa, Input::Token, VERIFIERS),
        ("Garbage", rs256, Input::Garbage, VERIFIERS),
        ("Long HS256", hs256, Input::Long, &[REMEMBERED, FIRST_SIGHT]),
    ];
    let is_wanted =
        |title: &str| wanted.is_empty() || wanted.iter().any(|word| title.contains(word.as_str()));
    let plans = plans.into_iter().filter(|plan| is_wanted(plan.0));
    let mut calls = Vec::new();
    let groups = plans.map(|(title, issued, input, verifiers)| {
        let mut group = Group { title, issued, cases: Vec::new(), missing: Vec::new() };
        for verifier in [BARE].iter().chain(verifiers) {
            calls.extend(group.add(*verifier, input));
        }
        group
    });
    (groups.collect(), calls)
}

impl Group {
    fn add(&mut self, verifier: Verifier, input: Input) -> Option<Call> {
        let case = Case { verifier, input };
        match case.prepare(&self.issued) {
            Ok(call) => {
                self.cases.push(case);
                Some(call)
            }
            Err(reason) => {
                self.missing.push((verifier.name, reason.to_string()));
                None
            }
        }
    }
}
