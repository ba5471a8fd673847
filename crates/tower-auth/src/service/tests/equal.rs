//! Compares combined layers with layers stacked by hand, for every request of a grid and every
//! drop.

use tower::service_fn;

use super::endpoint::{Endpoint, Form};
use super::fakes::{Cookies, Log, Sessions, csrf, require};
use super::handler::{ACTS, handler, observe, request};
use super::{on, pair};
use tower_auth_core::refuse::Empty;

/// Sends every request through both, each dropped after every number of polls.
macro_rules! same {
    ($combined:expr, $nested:expr) => {
        for sid in ["none", "memory", "store", "down"] {
            for act in ACTS {
                for flag in ["x-cross", "x-anonymous", "x-form", "x-other"] {
                    for path in ["/", "/token"] {
                        for stop in [0, 1, 2, 3, 4, 5, 19] {
                            let line = [("sid", sid), ("x-do", act), (flag, "1")];
                            let (one, other) = (Log::default(), Log::default());
                            let combined =
                                observe($combined, request(&line, path, &one), &one, stop);
                            let nested =
                                observe($nested, request(&line, path, &other), &other, stop);
                            assert_eq!(combined, nested, "{line:?} {path}, dropped after {stop}");
                        }
                    }
                }
            }
        }
    };
}

const SESSIONS: Sessions = Sessions(Empty);

#[test]
fn pairs_nested_to_the_right_and_to_the_left_equal_layers_stacked_by_hand() {
    let app = || service_fn(handler);
    let nested = || on(Cookies, on(csrf(), on(Endpoint, on(SESSIONS, on(require(), app())))));
    let right = || pair(Cookies, pair(csrf(), pair(Endpoint, pair(SESSIONS, require()))));
    let left = || pair(pair(pair(pair(Cookies, csrf()), Endpoint), SESSIONS), require());
    let balanced = || pair(pair(Cookies, csrf()), pair(pair(Endpoint, SESSIONS), require()));
    same!(on(right(), app()), nested());
    same!(on(left(), app()), nested());
    same!(on(balanced(), app()), nested());
}

#[test]
fn two_combined_services_share_the_context_of_the_outer_one() {
    let app = || service_fn(handler);
    let inner = || pair(Endpoint, pair(SESSIONS, require()));
    same!(
        on(pair(Cookies, csrf()), on(inner(), app())),
        on(Cookies, on(csrf(), on(Endpoint, on(SESSIONS, on(require(), app())))))
    );
}

#[test]
fn other_orders_are_equal_too() {
    let app = || service_fn(handler);
    // A layer that works beside the inner service is outside of one that answers late.
    same!(
        on(pair(SESSIONS, pair(Cookies, Endpoint)), app()),
        on(SESSIONS, on(Cookies, on(Endpoint, app())))
    );
    same!(
        on(pair(SESSIONS, pair(csrf(), require())), app()),
        on(SESSIONS, on(csrf(), on(require(), app())))
    );
    same!(
        on(pair(csrf(), pair(require(), pair(Endpoint, pair(SESSIONS, Cookies)))), app()),
        on(csrf(), on(require(), on(Endpoint, on(SESSIONS, on(Cookies, app())))))
    );
    // Two layers that wait before the inner service is called.
    let form = || service_fn(handler);
    same!(
        on(pair(Cookies, pair(Form, pair(SESSIONS, require()))), form()),
        on(Cookies, on(Form, on(SESSIONS, on(require(), form()))))
    );
    same!(
        on(pair(pair(Cookies, Form), pair(SESSIONS, require())), form()),
        on(Cookies, on(Form, on(SESSIONS, on(require(), form()))))
    );
}

#[test]
fn a_layer_nested_in_itself_is_refused_in_both_ways_of_stacking() {
    let app = || service_fn(handler);
    same!(
        on(pair(Cookies, pair(SESSIONS, Cookies)), app()),
        on(Cookies, on(SESSIONS, on(Cookies, app())))
    );
    same!(
        on(pair(SESSIONS, pair(Endpoint, SESSIONS)), app()),
        on(SESSIONS, on(Endpoint, on(SESSIONS, app())))
    );
    same!(on(pair(Endpoint, Endpoint), app()), on(Endpoint, on(Endpoint, app())));
    let log = Log::default();
    let response = super::send(on(pair(Cookies, Cookies), app()), request(&[], "/", &log));
    assert_eq!(response.status(), 500);
    assert_eq!(log.steps(), ["in cookies", "out cookies"]);
}

#[test]
fn each_way_through_has_its_status_its_cookies_and_its_polls() {
    let stack = || on(pair(Cookies, pair(SESSIONS, require())), service_fn(handler));
    let answer = |line: &[_]| {
        let request = request(line, "/", &Log::default());
        let (response, polls) = super::run(tower_service::Service::call(&mut stack(), request));
        let response = response.unwrap();
        (response.status().as_u16(), super::set_cookies(&response), polls)
    };
    assert_eq!(answer(&[]), (200, 1, 1));
    assert_eq!(answer(&[("sid", "memory")]), (200, 2, 1));
    assert_eq!(answer(&[("sid", "store")]), (200, 2, 2));
    assert_eq!(answer(&[("sid", "down")]), (503, 1, 2));
    assert_eq!(answer(&[("sid", "store"), ("x-anonymous", "")]), (401, 2, 2));
    assert_eq!(answer(&[("sid", "store"), ("x-do", "write")]), (200, 2, 3));
    assert_eq!(answer(&[("sid", "store"), ("x-do", "fail")]), (503, 2, 3));
}

#[test]
fn layers_outside_of_an_endpoint_handle_its_answer() {
    let log = Log::default();
    let stack = on(pair(pair(Cookies, Endpoint), SESSIONS), service_fn(handler));
    let response = super::send(stack, request(&[], "/token", &log));
    assert_eq!(response.body(), b"csrf=1");
    assert_eq!(super::set_cookies(&response), 2);
    assert_eq!(log.steps(), ["in cookies", "in endpoint", "served", "out cookies"]);
}
