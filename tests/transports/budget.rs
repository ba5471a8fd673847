//! CK-25: all cookies that one response makes the client send fit into one header.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use http::header::COOKIE;
use http::{HeaderMap, StatusCode};
use tower::ServiceBuilder;
use tower_auth::cookie::{Cookie, CookieError};
use tower_auth::session::SessionError;
use tower_auth::{CookieLayer, Cookies, Identity, Session};

use crate::fixture::{Client, Fixture, Transport, everywhere, routes};

const ORIGIN: &str = "https://app.example";
const BUDGET: usize = 8192;

/// Returns the value that a session's step writes.
fn text(octets: usize) -> String {
    "x".repeat(octets)
}

/// Takes one step, such as `cookie:a:3900`. Returns whether it was done, or refused for its size.
async fn step(step: &str, cookies: &Cookies, session: &Session) -> &'static str {
    let mut words = step.split(':');
    let what = words.next().unwrap();
    let word = words.next();
    let octets = |word: Option<&str>| word.unwrap().parse::<usize>().unwrap();
    let saved = |result| match result {
        Ok(()) => "done",
        Err(SessionError::TooLarge) => "refused",
        Err(error) => panic!("{step}: {error:?}"),
    };
    match what {
        // `octets` includes the name and the separator.
        "cookie" => {
            let name = word.unwrap().to_owned();
            let value = text(octets(words.next()) - name.len() - 1);
            match cookies.set((name, value)) {
                Ok(()) => "done",
                Err(CookieError::TooMuch { octets }) if octets > BUDGET => "refused",
                Err(error) => panic!("{step}: {error:?}"),
            }
        }
        // A long value: the size of a removed cookie must not matter.
        "remove" => {
            let cookie = Cookie::new(word.unwrap().to_owned(), text(3_000));
            cookies.remove(cookie).unwrap();
            "done"
        }
        "write" => saved(session.insert("text", &text(octets(word)))),
        "update" => {
            let text = text(octets(word));
            saved(session.update("text", move |_: Option<String>| text.clone()))
        }
        "login" => {
            let groups = (0..octets(word)).map(|at| format!("a-group-with-a-long-name-{at:03}"));
            let alice = groups.fold(Identity::local("alice"), |alice, group| alice.role(group));
            saved(session.login(alice.build()))
        }
        "commit" => saved(session.commit().await),
        "logout" => saved(session.logout().await),
        _ => panic!("unknown step {step}"),
    }
}

/// The common routes, `/do/…`, which takes the given steps, and `/sent`, which returns the octets
/// of the `Cookie` header.
fn app(fixture: &Fixture) -> Router {
    let steps = async |Path(steps): Path<String>, cookies: Cookies, session: Session| {
        let mut came = Vec::new();
        for next in steps.split('/') {
            came.push(step(next, &cookies, &session).await);
        }
        came.join(" ")
    };
    let sent = async |headers: HeaderMap| {
        let lines = headers.get_all(COOKIE).iter();
        lines.map(http::HeaderValue::len).sum::<usize>().to_string()
    };
    let more = Router::<()>::new().route("/do/{*steps}", post(steps)).route("/sent", get(sent));
    let layers = ServiceBuilder::new().layer(CookieLayer::new()).layer(fixture.layer(|it| it));
    routes().merge(more).layer(layers)
}

/// Takes these steps in one request, and returns the result of each.
async fn take(browser: &Client, steps: &[&str]) -> Vec<String> {
    let reply = browser.post(&format!("/do/{}", steps.join("/"))).await;
    assert_eq!(reply.status(), StatusCode::OK, "{steps:?}: {}", reply.text());
    reply.text().split(' ').map(Into::into).collect()
}

/// Calls [`take`] in a browser with an empty jar. Asserts that the browser then stays within the
/// budget.
async fn take_first(fixture: &Fixture, app: &Router, steps: &[&str]) -> (Client, Vec<String>) {
    let browser = fixture.browser(app, ORIGIN);
    let came = take(&browser, steps).await;
    let sent: usize = browser.get("/sent").await.text().parse().unwrap();
    assert!(sent <= BUDGET, "{steps:?}: {sent} octets");
    (browser, came)
}

fn names(browser: &Client) -> Vec<String> {
    let jar = browser.jar();
    let names = jar.iter().map(|it| it.name().into_owned());
    names.filter(|it| !it.starts_with("__Host-session")).collect()
}

fn has_session(browser: &Client) -> bool {
    browser.jar().iter().any(|it| it.name() == "__Host-session")
}

/// Returns every order of three steps.
fn orders([a, b, c]: [&str; 3]) -> [[&str; 3]; 6] {
    [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]
}

/// Asserts that the browser has everything that was done, and nothing that was refused.
async fn assert_consistent(browser: &Client, steps: &[&str], came: &[String]) {
    let done: Vec<_> =
        steps.iter().zip(came).filter(|(_, came)| *came == "done").map(|it| *it.0).collect();
    let mut cookies = names(browser);
    cookies.sort();
    let mut set: Vec<_> = done.iter().filter_map(|it| it.strip_prefix("cookie:")).collect();
    set.sort_unstable();
    let set: Vec<_> = set.iter().map(|it| it.split(':').next().unwrap()).collect();
    assert_eq!(cookies, set, "{steps:?}");
    let written = done.iter().find_map(|it| it.strip_prefix("write:"));
    let written = written.map_or(0, |octets| octets.parse().unwrap());
    assert_eq!(browser.get("/get/text").await.text().len(), written, "{steps:?}");
    let logged_in = done.iter().any(|it| it.starts_with("login:"));
    let who = if logged_in { "local alice" } else { "anonymous" };
    assert_eq!(browser.get("/who").await.text(), who, "{steps:?}");
    // The browser never sends only a part of a session.
    assert_eq!(has_session(browser), written > 0 || logged_in, "{steps:?}");
    let parts = browser.jar().iter().filter(|it| it.name().starts_with("__Host-session")).count();
    assert!(has_session(browser) || parts == 0, "{steps:?}: {:?}", browser.jar());
}

#[tokio::test]
async fn ck_25_the_call_that_exceeds_the_budget_is_refused_in_any_order() {
    everywhere(async |fixture| {
        let app = app(fixture);
        for (all, fit_with_a_store) in [
            (["write:2900", "cookie:a:3900", "cookie:b:3900"], true),
            (["login:70", "cookie:a:3900", "cookie:b:3900"], true),
            // So large that not even a credential fits beside them.
            (["write:1", "cookie:a:4090", "cookie:b:4090"], false),
            (["login:0", "cookie:a:4090", "cookie:b:4090"], false),
        ] {
            for steps in orders(all) {
                let (browser, came) = take_first(fixture, &app, &steps).await;
                let fits = fit_with_a_store && fixture.transport == Transport::Store;
                let last = if fits { "done" } else { "refused" };
                assert_eq!(came, ["done", "done", last], "{steps:?}");
                assert_consistent(&browser, &steps, &came).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn ck_25_a_step_that_was_refused_can_be_taken_once_there_is_room() {
    everywhere(async |fixture| {
        let app = app(fixture);
        for last in ["write:1", "update:1", "login:0"] {
            let steps = ["cookie:a:4090", "cookie:b:4090", last, "remove:b", last];
            let (browser, came) = take_first(fixture, &app, &steps).await;
            assert_eq!(came, ["done", "done", "refused", "done", "done"], "{last}");
            assert_eq!((names(&browser), has_session(&browser)), (vec!["a".to_owned()], true));
        }
        // A session that ends frees its octets too.
        let steps = ["write:1", "cookie:a:4090", "cookie:b:4090", "logout", "cookie:b:4090"];
        let (browser, came) = take_first(fixture, &app, &steps).await;
        assert_eq!(came, ["done", "done", "refused", "done", "done"]);
        assert_eq!((names(&browser).len(), has_session(&browser)), (2, false));
    })
    .await;
}

#[tokio::test]
async fn ck_25_a_commit_takes_no_more_room_than_its_writes() {
    everywhere(async |fixture| {
        let app = app(fixture);
        let steps = ["write:1", "commit", "cookie:a:4090", "cookie:b:4090", "cookie:b:3000"];
        let (browser, came) = take_first(fixture, &app, &steps).await;
        assert_eq!(came, ["done", "done", "done", "refused", "done"]);
        assert_eq!(browser.get("/get/text").await.text(), "x");
        assert_eq!(names(&browser).len(), 2);
    })
    .await;
}

#[tokio::test]
async fn ck_25_removals_take_no_room() {
    everywhere(async |fixture| {
        let app = app(fixture);
        let old: Vec<_> = (0..50).map(|at| format!("remove:old{at}")).collect();
        for all in
            [["write:1", "cookie:a:4000", "cookie:b:3500"], ["login:0", "write:1", "cookie:a:4090"]]
        {
            for order in orders(all) {
                for first in [true, false] {
                    let mut steps: Vec<_> = old.iter().map(String::as_str).collect();
                    let at = if first { steps.len() } else { 0 };
                    steps.splice(at..at, order);
                    let (browser, came) = take_first(fixture, &app, &steps).await;
                    assert!(came.iter().all(|it| it == "done"), "{order:?}: {came:?}");
                    assert_consistent(&browser, &order, &came[at..at + 3]).await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn ck_25_a_refused_write_leaves_the_session_as_it_was() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&app(fixture), ORIGIN);
        assert_eq!(take(&browser, &["login:0", "write:10"]).await, ["done", "done"]);
        let steps = ["cookie:a:4090", "cookie:b:4090", "write:20"];
        let came = take(&browser, &steps).await;
        // A write to the record in the store needs no cookie.
        let (last, len) =
            if fixture.transport == Transport::Store { ("done", 20) } else { ("refused", 10) };
        assert_eq!(came, ["done", "done", last]);
        assert_eq!(browser.get("/get/text").await.text().len(), len);
        // A login always sends a cookie.
        let came = take(&browser, &["cookie:a:4090", "cookie:b:4090", "login:1"]).await;
        assert_eq!(came, ["done", "done", "refused"]);
        assert_eq!(browser.get("/who").await.text(), "local alice");
        assert_eq!(browser.get("/get/text").await.text().len(), len);
        // A logout needs no octets.
        let came = take(&browser, &["cookie:a:4090", "cookie:b:4090", "logout"]).await;
        assert_eq!(came, ["done", "done", "done"]);
        assert_eq!(browser.get("/who").await.text(), "anonymous");
    })
    .await;
}
