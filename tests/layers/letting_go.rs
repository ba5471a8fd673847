//! Futures that are dropped while their request continues: one of the handler, one of several
//! attempts, one of a writer in the queue.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::header::SET_COOKIE;
use http::{Request, Response, StatusCode};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{CookieLayer, Cookies, RequireLayer, Session};
use tower_layer::Layer as _;

use crate::cancellation::{ALICE, ANONYMOUS, PLAIN, Scenario, Setup, goes_on};
use crate::fixture::{Act, Fixture, Reply, answer, finish, perform};

/// The result of a request whose handler dropped its own future after a number of polls.
struct LetGo {
    status: u16,
    old: String,
    new: Option<String>,
}

/// Lets the handler drop its own future after 0, 1, 2 … polls, up to `until`.
fn let_go(before: &'static [Act], acts: impl Fn(usize) -> Vec<Act>, until: usize) -> Vec<LetGo> {
    let play = |times| {
        let setup = Setup::of(&Scenario { before, ..PLAIN });
        let cookie = setup.cookie.as_deref();
        let reply = finish(setup.fixture.send(cookie, &acts(times)));
        let old = cookie.map_or("nothing".into(), |cookie| setup.fixture.look(cookie));
        if let Some(cookie) = cookie {
            goes_on(&setup.fixture, cookie, &old);
        }
        let new = reply.credential().map(|new| setup.fixture.look(&new));
        LetGo { status: reply.status.as_u16(), old, new }
    };
    (0..=until).map(play).collect()
}

/// Returns each outcome once, in the order of first occurrence.
fn outcomes(all: &[LetGo]) -> Vec<(u16, &str, Option<&str>)> {
    let mut seen = Vec::new();
    for it in all {
        let outcome = (it.status, it.old.as_str(), it.new.as_deref());
        if seen.last() != Some(&outcome) {
            seen.push(outcome);
        }
    }
    seen
}

#[test]
fn xx_07_a_handler_that_lets_go_of_a_commit_and_writes_on() {
    let acts = |times| vec![Act::Insert("a"), Act::CommitFor(times), Act::Insert("b")];
    let all = let_go(&[Act::Count], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            // The commit has not begun: the head's save includes the change.
            (200, "anonymous 30m count=1 a b", None),
            // The store received the commit, but the step was not done: the layer does not repeat
            // it.
            (200, "anonymous 30m count=1 b", None),
            // The step was done, with or without a received answer.
            (200, "anonymous 30m count=1 a b", None),
        ]
    );
}

#[test]
fn xx_07_a_visitor_whose_commit_is_let_go_of() {
    let acts = |times| vec![Act::Insert("a"), Act::CommitFor(times), Act::Insert("b")];
    let all = let_go(&[], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "nothing", Some("anonymous 30m a b")),
            // Whether the record was created or not: no client received its credential.
            (200, "nothing", Some("anonymous 30m b")),
            (200, "nothing", Some("anonymous 30m a b")),
        ]
    );
}

#[test]
fn xx_07_a_counter_whose_commit_is_let_go_of_counts_once_or_not() {
    let acts = |times| vec![Act::Count, Act::CommitFor(times), Act::Count];
    for (times, it) in let_go(&[Act::Count], acts, 6).iter().enumerate() {
        let one_was_lost = (1..=1).contains(&times);
        let count = if one_was_lost { 2 } else { 3 };
        assert_eq!(it.old, format!("anonymous 30m count={count}"), "after {times} polls");
    }
}

#[test]
fn xx_07_d03_a_login_whose_commit_is_let_go_of_leaves_no_dead_cookie() {
    let acts = |times| vec![Act::Login("alice"), Act::CommitFor(times)];
    let all = let_go(&[Act::Count], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "nothing", Some("alice 30m count=1")),
            // The step was not done: the visitor keeps the identity and the cookie.
            (200, ANONYMOUS, None),
            // The step was done and its answer lost: no client gets the new secret, and the old one
            // is invalid.
            (200, "nothing", None),
            (200, "nothing", Some("alice 30m count=1")),
        ]
    );
    // Later changes do not go into the new session.
    let acts = |times| vec![Act::Login("alice"), Act::CommitFor(times), Act::Insert("b")];
    let all = let_go(&[Act::Count], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "nothing", Some("alice 30m count=1 b")),
            (200, "anonymous 30m count=1 b", None),
            (409, "nothing", None),
            (200, "nothing", Some("alice 30m count=1 b")),
        ]
    );
}

#[test]
fn xx_07_d04_a_logout_that_is_let_go_of_is_done_or_not() {
    let acts = |times| vec![Act::LogoutFor(times), Act::Insert("b")];
    let all = let_go(ALICE, acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "alice 30m count=1 b", None),
            // The step was done and its answer lost: later changes meet the end, and revive
            // nothing.
            (401, "nothing", None),
            // The answer was received: later changes start a new session.
            (200, "nothing", Some("anonymous 30m b")),
        ]
    );
}

/// Runs two attempts in one request: the first is dropped (a timeout), the second completes (a
/// retry).
fn second_attempt(before: &'static [Act], act: Act, polls: usize) -> (u16, String, String) {
    let setup = Setup::of(&Scenario { before, ..PLAIN });
    let fixture = &setup.fixture;
    let handler = service_fn(move |request: Request<()>| {
        let session = Session::of(request.extensions()).unwrap();
        async move { Ok::<_, Infallible>(answer(perform(&session, act).await)) }
    });
    let inside = ServiceBuilder::new()
        .layer(fixture.csrf.clone())
        .layer(fixture.session.clone())
        .service(handler);
    let hasty = service_fn(move |request: Request<()>| {
        let inside = inside.clone();
        async move {
            {
                let mut first = pin!(inside.clone().oneshot(request.clone()));
                for _ in 0..polls {
                    let polled = poll_fn(|task| Poll::Ready(first.as_mut().poll(task))).await;
                    if let Poll::Ready(response) = polled {
                        return response;
                    }
                }
            }
            inside.oneshot(request).await
        }
    });
    let cookie = setup.cookie.clone().unwrap();
    let whole = CookieLayer::new().layer(hasty);
    let request = Fixture::request(Some(&cookie));
    let reply = finish(Box::pin(async move {
        let response = whole.oneshot(request).await.unwrap();
        Reply { status: response.status(), headers: response.headers().clone() }
    }));
    assert!(reply.headers.get_all(SET_COOKIE).iter().count() <= 1);
    let new = reply.credential().map_or("none".into(), |new| fixture.look(&new));
    (reply.status.as_u16(), fixture.look(&cookie), new)
}

#[test]
fn xx_07_d21_a_dropped_attempt_clears_its_marks_and_cookies_for_the_next() {
    let count = |polls| second_attempt(&[Act::Count], Act::Count, polls);
    let mut seen: Vec<_> = (0..10).map(count).collect();
    seen.dedup();
    let none = || "none".to_owned();
    assert_eq!(
        seen,
        [
            (200, "anonymous 30m count=2".into(), none()),
            // The first attempt was stored, and the second counts as well.
            (200, "anonymous 30m count=3".into(), none()),
            (200, "anonymous 30m count=2".into(), none()),
        ]
    );
    let login = |polls| second_attempt(&[Act::Count], Act::Login("alice"), polls);
    let mut seen: Vec<_> = (0..10).map(login).collect();
    seen.dedup();
    let nothing = || "nothing".to_owned();
    assert_eq!(
        seen,
        [
            (200, nothing(), "alice 30m count=1".to_owned()),
            // The first attempt was stored. The second meets a renewed secret and starts a session.
            (200, nothing(), "alice 30m".to_owned()),
            (200, nothing(), "alice 30m count=1".to_owned()),
        ]
    );
}

#[test]
fn xx_07_what_a_dropped_attempt_set_or_found_is_gone_with_it() {
    for polls in 0..10 {
        let setup = Setup::of(&PLAIN);
        let fixture = &setup.fixture;
        let handler = service_fn(|request: Request<()>| {
            let session = Session::of(request.extensions()).unwrap();
            async move {
                Cookies::of(request.extensions()).unwrap().set(("inner", "1")).unwrap();
                perform(&session, Act::Login("alice")).await.unwrap();
                perform(&session, Act::Commit).await.unwrap();
                std::future::pending::<()>().await;
                Ok::<_, Infallible>(Response::new(String::new()))
            }
        });
        let inside = fixture.session.layer(handler);
        let elsewhere = RequireLayer::new().layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new("someone".to_owned()))
        }));
        // A timeout around the session, and a fallback without a session layer.
        let hasty = service_fn(move |request: Request<()>| {
            let (inside, elsewhere) = (inside.clone(), elsewhere.clone());
            async move {
                {
                    let mut first = pin!(inside.oneshot(request.clone()));
                    for _ in 0..polls {
                        let polled = poll_fn(|task| Poll::Ready(first.as_mut().poll(task))).await;
                        assert!(polled.is_pending());
                    }
                }
                assert!(Session::of(request.extensions()).is_none());
                elsewhere.oneshot(request).await
            }
        });
        let whole = CookieLayer::new().layer(hasty);
        let request = Fixture::request(setup.cookie.as_deref());
        let reply = finish(Box::pin(async move {
            let response = whole.oneshot(request).await.unwrap();
            Reply { status: response.status(), headers: response.headers().clone() }
        }));
        // No layer authenticates in the fallback, so the answer is neither 200 nor 401.
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "after {polls} polls");
        assert!(!reply.headers.contains_key(SET_COOKIE), "after {polls} polls");
    }
}

#[test]
fn xx_07_d04_a_writer_dropped_in_the_queue_lets_the_others_pass() {
    let mut dropped = 0;
    for polls in 0..12 {
        let setup = Setup::of(&PLAIN);
        let fixture = &setup.fixture;
        let cookie = setup.cookie.as_deref();
        let mut task = Context::from_waker(Waker::noop());
        let mut all: Vec<_> = (0..3).map(|_| Some(fixture.send(cookie, &[Act::Count]))).collect();
        let mut done = 0;
        for round in 0..100 {
            // All three have read the same version: two of them meet a conflict and queue.
            if round == polls && all[1].take().is_some() {
                dropped += 1;
            }
            for request in &mut all {
                if let Some(future) = request
                    && let Poll::Ready(reply) = future.as_mut().poll(&mut task)
                {
                    assert_eq!(reply.status, StatusCode::OK);
                    *request = None;
                    done += 1;
                }
            }
        }
        assert!(all.iter().all(Option::is_none), "a request hangs: dropped after {polls}");
        let look = fixture.look(cookie.unwrap());
        let count: u32 = look.strip_prefix("anonymous 30m count=").unwrap().parse().unwrap();
        // The dropped request has counted or not. Each answered request has counted exactly once.
        assert!((1 + done..=4).contains(&count), "{done} were answered, {count} are counted");
    }
    assert!(dropped > 5, "the request was hardly ever dropped under way");
}

#[test]
fn d17_the_head_waits_for_what_another_task_commits() {
    for (before, acts, new) in [
        (PLAIN.before, &[Act::Login("alice")][..], Some("alice 30m count=1")),
        (PLAIN.before, &[Act::Count], None),
        (&[], &[Act::Count], Some("anonymous 30m count=1")),
    ] {
        let setup = Setup::of(&Scenario { before, ..PLAIN });
        let fixture = &setup.fixture;
        let (put, elsewhere) = std::sync::mpsc::channel();
        let response = fixture.send_to(setup.cookie.as_deref(), move |session| {
            let put = put.clone();
            async move {
                for act in acts {
                    perform(&session, *act).await?;
                }
                let mut commit = Box::pin(async move { session.commit().await });
                let begun = poll_fn(|task| Poll::Ready(commit.as_mut().poll(task))).await;
                assert!(begun.is_pending(), "the store waits");
                put.send(commit).unwrap();
                Ok(())
            }
        });
        let mut response = response;
        let mut task = Context::from_waker(Waker::noop());
        for _ in 0..20 {
            let polled = response.as_mut().poll(&mut task);
            assert!(polled.is_pending(), "{acts:?}: the store has not acknowledged it");
        }
        let mut commit = elsewhere.recv().unwrap();
        while commit.as_mut().poll(&mut task).is_pending() {}
        let reply = finish(response);
        assert_eq!(reply.status, StatusCode::OK);
        let found = reply.credential().map(|new| fixture.look(&new));
        assert_eq!(found.as_deref(), new, "{acts:?}");
    }
}
