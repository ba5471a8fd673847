//! The events of sessions.

use crate::Settings;
use tower_auth_core::{Identity, Principal};
use tower_auth_test::EventLog;

use super::fixture::Fixture;

fn alice() -> Identity {
    Identity::local("alice").build()
}

#[tokio::test]
async fn se_20_a_sessions_life_is_told_by_its_name() {
    let log = EventLog::new();
    let fixture = Fixture::with_settings(|it| it.events(log.events()));
    let cookie = fixture.login(None, "alice").await;
    let lines = log.take();
    let [created, login] = &lines[..] else { panic!("{lines:?}") };
    let record = created.strip_prefix("DEBUG session_created SessionLayer record=").unwrap();
    assert_eq!(login, &format!("INFO session_login SessionLayer record={record} subject=alice"));
    assert!(!cookie.contains(record), "the id is not the credential");

    let read = async |session: crate::Session| {
        session.get::<u32>("n")?;
        Ok(String::new())
    };
    fixture.send(Some(&cookie), read).await;
    assert!(log.take().is_empty(), "success emits no event");

    fixture
        .send(Some(&cookie), async |session| {
            session.login(alice())?;
            Ok(String::new())
        })
        .await;
    let renewed = format!("INFO session_login SessionLayer record={record} subject=alice");
    assert_eq!(log.take(), [renewed]);
    fixture.send(Some(&cookie), read).await;
    assert_eq!(log.take(), [format!("INFO session_rotated SessionLayer record={record}")]);
}

/// A reader of logs can follow a session and find it in a list, but can neither load nor end it.
#[tokio::test]
async fn se_20_events_name_a_session_by_a_hash_that_the_list_has_too() {
    let log = EventLog::new();
    let fixture = Fixture::with_settings(|it| it.events(log.events()));
    let cookie = fixture.login(None, "alice").await;
    let sessions = fixture.layer.sessions().unwrap();
    let listed = sessions.list(&Principal::local("alice")).await.unwrap();
    let (name, log_id) = (listed[0].id(), listed[0].log_id());
    let both = async |session: crate::Session| {
        Ok(format!("{} {}", session.id().unwrap(), session.log_id().unwrap()))
    };
    assert_eq!(fixture.send(Some(&cookie), both).await.body, format!("{name} {log_id}"));
    assert_ne!(name.to_string()[..16], log_id.to_string());

    // The id is the same on another node, with another cookie name, and after a restart.
    let node = fixture.node(&fixture.keys);
    let there = node.sessions().unwrap().list(&Principal::local("alice")).await.unwrap();
    assert_eq!(there[0].log_id(), log_id);

    sessions.end(&Principal::local("alice"), name).await.unwrap();
    fixture.send(Some(&cookie), async |_| Ok(String::new())).await;
    let lines = log.take();
    let codes = ["session_created", "session_login", "session_kicked", "session_gone"];
    assert_eq!(lines.len(), codes.len());
    for (line, code) in lines.iter().zip(codes) {
        assert!(line.contains(code) && line.contains(&format!("record={log_id}")), "{line}");
        assert!(!line.contains(&name.to_string()), "{line}");
    }
    assert!(!format!("{:?}", listed[0]).contains(&name.to_string()));
}

#[tokio::test]
async fn se_20_a_guards_events_name_the_session_by_the_same_hash() {
    use super::fixture::send;
    let (log, fixture) = (EventLog::new(), Fixture::new());
    let builder = crate::SessionLayer::in_cookie(&fixture.keys).replay_guard(fixture.store.clone());
    let layer = builder
        .settings(&Settings::new().clock(fixture.time.clock()).events(log.events()))
        .build()
        .unwrap();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(None));
    let see = seen.clone();
    let log_in = move |session: crate::Session| {
        let see = see.clone();
        async move {
            session.login(alice())?;
            session.commit().await?;
            *see.lock().unwrap() = session.log_id();
            Ok(String::new())
        }
    };
    send(&layer, super::fixture::request(None), log_in).await;
    let log_id = seen.lock().unwrap().unwrap();
    let lines = log.take();
    assert!(
        lines.len() == 2 && lines.iter().all(|it| it.contains(&log_id.to_string())),
        "{lines:?}"
    );
}

#[tokio::test]
async fn se_20_ends_and_failures_are_told() {
    let log = EventLog::new();
    let fixture = Fixture::with_settings(|it| it.events(log.events()));
    let cookie = fixture.login(None, "alice").await;
    log.take();
    let out = async |session: crate::Session| {
        session.logout().await?;
        Ok(String::new())
    };
    fixture.send(Some(&cookie), out).await;
    let line = log.take().concat();
    assert!(line.starts_with("INFO session_logged_out SessionLayer record="), "{line}");
    fixture.send(Some(&cookie), out).await;
    assert!(log.take().concat().starts_with("DEBUG session_gone SessionLayer record="));

    let cookie = fixture.login(None, "bob").await;
    log.take();
    fixture.store.down();
    fixture.send(Some(&cookie), out).await;
    assert_eq!(log.take(), ["WARN store_failed SessionLayer reason=unavailable"]);
}

/// An audit must not state that a session without a store ended: a copy of its cookie stays valid.
#[tokio::test]
async fn se_20_an_end_in_the_cookie_alone_says_so() {
    use super::fixture::{request, send};
    let said = async |guarded: bool| {
        let (log, fixture) = (EventLog::new(), Fixture::new());
        let mut builder = crate::SessionLayer::in_cookie(&fixture.keys)
            .settings(&Settings::new().clock(fixture.time.clock()).events(log.events()));
        if guarded {
            builder = builder.replay_guard(fixture.store.clone());
        }
        let layer = builder.build().unwrap();
        let act = async |session: crate::Session| {
            for name in ["alice", "bob"] {
                session.login(crate::Identity::local(name).build())?;
                session.commit().await?;
            }
            session.logout().await?;
            Ok(String::new())
        };
        send(&layer, request(None), act).await;
        let ends = |line: &String| line.contains("replaced") || line.contains("logged_out");
        let lines: Vec<String> = log.take().into_iter().filter(ends).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        lines
    };
    let why = " SessionLayer reason=cookie_only \
               detail=the cookie was removed; a copy of it stays valid until it expires record=";
    let lines = said(false).await;
    assert!(lines[0].starts_with(&format!("INFO session_replaced{why}")), "{lines:?}");
    assert!(lines[1].starts_with(&format!("INFO session_logged_out{why}")), "{lines:?}");
    for line in said(true).await {
        assert!(!line.contains("reason=") && !line.contains("detail="), "{line}");
    }
}

#[tokio::test]
async fn se_20_a_kicked_session_was_not_ended_by_its_owner_who_logs_out_of_it() {
    let log = EventLog::new();
    let fixture = Fixture::with_settings(|it| it.events(log.events()));
    let cookie = fixture.login(None, "alice").await;
    let everywhere = fixture.layer.sessions().unwrap();
    assert_eq!(everywhere.end_all(&Principal::local("alice"), None).await.unwrap(), 1);
    log.take();
    fixture.store.reset_steps();
    let reply = fixture
        .send(Some(&cookie), async |session| {
            session.logout().await?;
            Ok(String::new())
        })
        .await;
    assert!(reply.removes());
    assert_eq!(fixture.store.steps().end, 1);
    let told = log.take();
    assert!(told.len() == 1 && told[0].starts_with("DEBUG session_gone"), "{told:?}");
}

/// Extractors have no sink of their own, and neither does an error that a handler returns.
#[cfg(feature = "axum")]
#[tokio::test]
async fn se_20_what_extractors_and_passed_errors_say_reaches_the_sink() {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use http::{Request, StatusCode};
    use tower::ServiceExt as _;

    use crate::session::SessionError;
    use crate::{Cookies, CsrfToken, Session};

    let log = EventLog::new();
    let fixture = Fixture::on(
        crate::MemoryStore::MAX_VALUE,
        |it| it.events(log.events()),
        |builder| builder.skip(|parts| parts.uri.path().starts_with("/skipped")),
    );
    let app = Router::new()
        .route("/cookies", get(async |_: Cookies| ()))
        .route("/csrf", get(async |_: CsrfToken| ()))
        .route("/skipped", get(async |_: Session| ()))
        .route("/skipped/who", get(async |_: Identity| ()))
        .route("/skipped/perhaps", get(async |_: Option<Identity>| ()))
        .route("/error", get(async |_: Session| Err::<(), _>(SessionError::Busy)))
        .route("/fine", get(async |_: Session| ()))
        .layer(fixture.layer.clone());
    let ask = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        (app.clone().oneshot(request).await.unwrap().status(), log.take())
    };
    for (path, layer) in [
        ("/cookies", "Cookies"),
        ("/csrf", "CsrfToken"),
        ("/skipped", "SessionLayer"),
        ("/skipped/who", "SessionLayer"),
        ("/skipped/perhaps", "SessionLayer"),
    ] {
        let (status, told) = ask(path).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        let begins = format!("ERROR misconfigured {layer}");
        assert!(told.len() == 1 && told[0].starts_with(&begins), "{told:?}");
    }
    let told = "WARN session_error_passed Session reason=session_busy";
    assert_eq!(ask("/error").await, (StatusCode::SERVICE_UNAVAILABLE, vec![told.to_owned()]));
    assert_eq!(ask("/fine").await, (StatusCode::OK, vec![]));
}
