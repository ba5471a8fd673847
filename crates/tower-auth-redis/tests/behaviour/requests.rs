//! What whole requests send, through the session layer.

use std::convert::Infallible;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response};
use tower::{ServiceExt as _, service_fn};
use tower_auth::{Identity, KeyRing, NearCache, Session, SessionLayer};
use tower_auth_core::store::Store;
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Redis;
use tower_layer::Layer as _;

use crate::commands::{rounds, through};
use crate::world::run;

#[derive(Clone, Copy)]
enum Does {
    Read,
    Change,
    Login(&'static str),
    Logout,
}

/// The session's cookie afterwards: the one that was set, or the one that was sent.
async fn ask(layer: &SessionLayer, cookie: &str, does: Does) -> String {
    let mut request = Request::new(());
    if !cookie.is_empty() {
        let line = format!("__Host-session={cookie}").parse().unwrap();
        request.headers_mut().insert(COOKIE, line);
    }
    let service = service_fn(move |request: Request<()>| async move {
        let session = Session::of(request.extensions()).unwrap();
        let _: Option<u32> = session.get("count").unwrap();
        match does {
            Does::Read => {}
            Does::Change => session.insert("count", &1).unwrap(),
            Does::Login(who) => session.login(Identity::local(who).build()).unwrap(),
            Does::Logout => session.logout().await.unwrap(),
        }
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let response = layer.layer(service).oneshot(request).await.unwrap();
    let line = response.headers().get(SET_COOKIE).map(|it| it.to_str().unwrap());
    let set = line.and_then(|it| it.strip_prefix("__Host-session=")?.split(';').next());
    set.unwrap_or(cookie).to_owned()
}

fn layer(store: impl Store, keys: &KeyRing) -> SessionLayer {
    SessionLayer::new(store, keys)
}

#[test]
fn requests_send_no_more_than_they_must() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let keys = KeyRing::random();
        let layer = layer(through(&proxy).await, &keys);
        let _ = proxy.take();

        ask(&layer, "", Does::Read).await;
        assert!(rounds(&proxy).is_empty(), "no credential");
        let visitor = ask(&layer, "", Does::Change).await;
        assert_eq!(rounds(&proxy), [["EVALSHA"]], "a new session");
        ask(&layer, &visitor, Does::Read).await;
        assert_eq!(rounds(&proxy), [["GET"]], "read");
        ask(&layer, &visitor, Does::Change).await;
        assert_eq!(rounds(&proxy), [["GET"], ["EVALSHA"]], "changed");
        // The record and the index, in one round.
        let alice = ask(&layer, &visitor, Does::Login("alice")).await;
        assert_ne!(alice, visitor, "renewed");
        assert_eq!(rounds(&proxy), [vec!["GET"], vec!["EVALSHA"; 2]], "a login with rotation");
        let bob = ask(&layer, &alice, Does::Login("bob")).await;
        let another = rounds(&proxy);
        assert!(another.iter().flatten().count() <= 4, "as another principal: {another:?}");
        ask(&layer, &bob, Does::Logout).await;
        assert_eq!(rounds(&proxy), [["GET"], ["EVALSHA"]], "logout");
    });
}

#[test]
fn requests_whose_session_is_near_send_a_change_alone() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let keys = KeyRing::random();
        let near = NearCache::builder(through(&proxy).await);
        // Nobody else is there, and no push of our own comes in between.
        let near = near.bounded_staleness(std::time::Duration::from_secs(60)).build().unwrap();
        let layer = layer(near, &keys);
        let alice = ask(&layer, "", Does::Login("alice")).await;
        let _ = proxy.take();
        ask(&layer, &alice, Does::Read).await;
        ask(&layer, &alice, Does::Read).await;
        assert!(rounds(&proxy).is_empty(), "read again");
        ask(&layer, &alice, Does::Change).await;
        assert_eq!(rounds(&proxy), [["EVALSHA"]], "changed");
    });
}
