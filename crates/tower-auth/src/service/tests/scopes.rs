//! The context of a service, and its marks.

use std::convert::Infallible;
use std::future::ready;

use http::{Request, Response};
use tower::service_fn;
use tower_auth_core::Auth;

use super::fakes::{csrf, require};
use super::{on, pair, send};
use crate::request::LayerFlag;

#[test]
fn layers_that_share_nothing_create_no_context() {
    let app = || {
        service_fn(|request: Request<()>| {
            let has = request.extensions().get::<Auth>().is_some();
            ready(Ok::<_, Infallible>(Response::new(has.to_string())))
        })
    };
    let has = |response: Response<String>| response.into_body() == "true";
    assert!(!has(send(on(require(), app()), Request::new(()))));
    assert!(!has(send(on(pair(require(), require()), app()), Request::new(()))));
    assert!(has(send(on(pair(require(), csrf()), app()), Request::new(()))));
    assert!(has(send(on(pair(csrf(), require()), app()), Request::new(()))));
}

/// Uses the width of the context's set of marks, which has space for more than eight layers.
#[test]
fn marks_are_different_bits_of_thirty_two() {
    let all = [
        LayerFlag::Cookie,
        LayerFlag::Csrf,
        LayerFlag::Refresh,
        LayerFlag::Session,
        LayerFlag::Bearer,
    ];
    let together = all.into_iter().fold(0_u32, |marks, mark| marks | mark as u32);
    assert_eq!(together.count_ones() as usize, all.len());
    assert_eq!(size_of::<LayerFlag>(), size_of::<u32>());
}
