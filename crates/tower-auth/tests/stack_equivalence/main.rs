//! Compares layers that are stacked by hand with the same layers in an `AuthStack`: they must
//! behave the same.
//!
//! Two fixtures get the same requests from a seeded generator. One fixture has single layers, the
//! other has the combined service. The test compares all results: responses, store steps, events,
//! the number of polls, and at the end the store's records. A failure prints the stack and the
//! smallest failing case.

mod browser;
mod cases;
mod fixture;
mod handler;
mod records;
mod stacks;
mod words;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::cases::Case;
use crate::fixture::Fixture;
use crate::stacks::Stack;

/// The number of cases for each stack.
const CASES: u32 = 10;

fn compare(stack: &Stack, case: &Case) -> Result<(), TestCaseError> {
    let mut by_hand = Fixture::new(|tools| stacks::by_hand(stack.parts, tools), case.watched);
    let mut combined = Fixture::new(stack.combined, case.watched);
    for (number, step) in case.steps.iter().enumerate() {
        let (expected, seen) = (by_hand.send(step), combined.send(step));
        let at = format!("\nrequest {number}\nby hand:  {expected:#?}\ncombined: {seen:#?}");
        if expected != seen {
            return Err(TestCaseError::fail(at));
        }
    }
    let (expected, seen) = (by_hand.left(), combined.left());
    if expected != seen {
        let at = format!("\nin the store\nby hand:  {expected:#?}\ncombined: {seen:#?}");
        return Err(TestCaseError::fail(at));
    }
    Ok(())
}

fn all_cases(stacks: &[Stack]) {
    for (seed, stack) in stacks.iter().enumerate() {
        let bytes = [u8::try_from(seed).unwrap(); 32];
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            max_shrink_iters: 500,
            ..Config::default()
        };
        let result =
            TestRunner::new_with_rng(config, rng).run(&cases::case(), |case| compare(stack, &case));
        if let Err(error) = result {
            panic!("{:?}, seed {seed}: {error}", stack.parts);
        }
    }
}

#[test]
fn a_session_stack_equals_its_layers_by_hand() {
    all_cases(&stacks::sessions());
}

#[test]
fn a_bearer_stack_equals_its_layers_by_hand() {
    all_cases(&stacks::bearers());
}

#[test]
fn a_stack_of_both_equals_its_layers_by_hand() {
    all_cases(&stacks::both());
}

/// The comparison is only useful if the requests reach every outcome.
#[test]
fn the_cases_reach_every_outcome() {
    let stacks = stacks::both();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut seen = String::new();
    for number in 0..100 {
        use proptest::strategy::{Strategy as _, ValueTree as _};
        let case = cases::case().new_tree(&mut runner).unwrap().current();
        let mut fixture = Fixture::new(stacks[number % 4].combined, case.watched);
        for step in &case.steps {
            seen += &fixture.send(step).join("\n");
        }
        seen += &fixture.left().join("\n");
    }
    let outcomes = [
        "status 200",
        "status 400",
        "status 401",
        "status 403",
        "status 503",
        "grpc-status",
        "error",
        "panicked",
        "dropped",
        "set-cookie",
        "www-authenticate",
        "create",
        "load",
        "save",
        "touch",
        "end ",
        "session_login",
        "session_logged_out",
        "bearer_accepted",
        "bearer_refused",
        "auth_ambiguous",
        "csrf_refused",
        "access_token",
        "Found",
        "Ended",
    ];
    let missing: Vec<_> = outcomes.into_iter().filter(|it| !seen.contains(it)).collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
}
