//! A layer's own work beside an inner service or layer of any kind.

use tower::service_fn;
use tower_auth_core::refuse::Empty;

use super::endpoint::{Endpoint, Form};
use super::fakes::{Log, Sessions};
use super::handler::{handler, observe, request};
use super::{on, pair};

const SESSIONS: Sessions = Sessions(Empty);

/// Returns the number of polls of the work up to each step.
fn besides(seen: &str) -> Vec<usize> {
    seen.split("pending").map(|part| part.matches("beside").count()).collect()
}

#[test]
fn it_goes_on_while_an_inner_layer_waits_to_enter() {
    for path in ["/", "/token"] {
        for stop in 0..6 {
            let line = [("sid", "memory"), ("x-form", "1"), ("x-do", "wait")];
            let (one, other) = (Log::default(), Log::default());
            let combined = on(pair(SESSIONS, Form), service_fn(handler));
            let combined = observe(combined, request(&line, path, &one), &one, stop);
            let nested = on(SESSIONS, on(Form, service_fn(handler)));
            let nested = observe(nested, request(&line, path, &other), &other, stop);
            // Within one poll, a wait to enter comes before the work beside it.
            assert_eq!(besides(&combined), besides(&nested), "{combined}\n{nested}");
            assert_eq!(combined.lines().next(), nested.lines().next());
        }
    }
}

#[test]
fn it_goes_on_while_an_inner_layer_answers() {
    let log = Log::default();
    let stack = on(pair(SESSIONS, Endpoint), service_fn(handler));
    observe(stack, request(&[], "/token", &log), &log, 9);
    let steps = [
        "in session",
        "in endpoint",
        "called",
        "beside Before",
        "beside Pending",
        "pending",
        "beside Before",
        "served",
        "out session",
        "ready",
    ];
    assert_eq!(log.steps(), steps);
}
