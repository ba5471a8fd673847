//! The facts that the layers of a stack share.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_auth_test::TestClock;

use super::StackConfigError;
use crate::refresh::{AccessToken, Refresh};
use crate::{
    AuthStack, Clock, CsrfToken, Identity, JwtIssuer, KeyRing, MemoryStore, Principal, Session,
    Settings, csrf,
};

fn store() -> MemoryStore {
    MemoryStore::new(Clock::system())
}

fn engine(
    keys: &KeyRing,
    settings: impl FnOnce(crate::refresh::RefreshBuilder) -> crate::refresh::RefreshBuilder,
) -> Refresh {
    let mint = |_: &Identity| {
        Ok(AccessToken { text: "access".into(), expires_in: Duration::from_secs(300) })
    };
    settings(Refresh::builder(store(), keys, mint)).build().unwrap()
}

fn issuer(name: &str) -> JwtIssuer {
    JwtIssuer::builder(name, "https://api.example").generated_key("1").build().unwrap()
}

/// Logs in, and responds with the CSRF token of the session that begins.
async fn log_in(request: Request<()>) -> Result<Response<String>, std::convert::Infallible> {
    let session = Session::of(request.extensions()).unwrap();
    if request.uri().path() == "/login" {
        session.login(Identity::local("alice").build()).unwrap();
    }
    let token = CsrfToken::of(request.extensions()).unwrap();
    Ok(Response::new(token.issue().unwrap()))
}

fn cookies(response: &Response<String>) -> String {
    let lines = response.headers().get_all("set-cookie").iter();
    let pairs = lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned());
    pairs.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn tokens_are_bound_to_a_session_cookie_of_any_name() {
    let keys = KeyRing::random();
    let stack = AuthStack::new(&keys)
        .cookies()
        .csrf_with(|csrf| csrf.require_token_when(|parts| parts.uri.path() == "/act"))
        .session_with(store(), |session| session.cookie_name("__Host-id"))
        .build()
        .unwrap();
    let app = ServiceBuilder::new().layer(stack).service(service_fn(log_in));
    let own = |path: &str| Request::post(path).header("sec-fetch-site", "same-origin");
    let welcome = app.clone().oneshot(own("/login").body(()).unwrap()).await.unwrap();
    assert_eq!(welcome.status(), StatusCode::OK);
    let cookie = cookies(&welcome);
    assert!(cookie.starts_with("__Host-id="), "{cookie}");
    let act = |token: &str| {
        own("/act").header("cookie", &cookie).header("x-csrf-token", token).body(()).unwrap()
    };
    let answer = app.clone().oneshot(act(welcome.body())).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(app.oneshot(act("AAAA")).await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[test]
fn a_bind_to_that_is_not_the_sessions_is_refused_at_build() {
    let keys = KeyRing::random();
    let stack = |cookie: &'static str| {
        AuthStack::new(&keys).csrf_with(move |csrf| csrf.bind_to(cookie)).session(store()).build()
    };
    assert!(stack("__Host-session").is_ok());
    let error = stack("__Host-id").unwrap_err();
    assert_eq!(
        error.to_string(),
        "AuthStack, csrf: bind_to(\"__Host-id\") is not the session's cookie \"__Host-session\": \
         leave it out, the stack sets it"
    );
}

/// Returns the status for a form with this cookie, from a client that sends no evidence of its
/// origin.
async fn silent<L>(stack: &AuthStack<L>, cookie: &str) -> StatusCode
where
    L: tower_layer::Layer<Echo>,
    L::Service: tower_service::Service<Request<Body>, Response = Response<Body>>,
    <L::Service as tower_service::Service<Request<Body>>>::Error: std::fmt::Debug,
{
    use tower_layer::Layer as _;
    let echo: Echo = service_fn(|_| std::future::ready(Ok(Response::new(Body::default()))));
    let form = Request::post("/")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded");
    stack.layer(echo).oneshot(form.body(Body::default()).unwrap()).await.unwrap().status()
}

type Body = http_body_util::Full<bytes::Bytes>;
type Answer = std::future::Ready<Result<Response<Body>, std::convert::Infallible>>;
type Echo = tower::util::ServiceFn<fn(Request<Body>) -> Answer>;

#[tokio::test]
async fn only_the_cookies_that_its_layers_read_are_ambient() {
    let keys = KeyRing::random();
    let refresh = engine(&keys, |it| it.cookie_name("__Host-family"));
    let stack = AuthStack::new(&keys)
        .csrf()
        .refresh(refresh.clone())
        .session_with(store(), |it| it.cookie_name("__Host-id"));
    let stack = stack.build().unwrap();
    for ours in ["__Host-id=x", "__Host-family=x", "__Host-csrf=x", "sticky=1; __Host-id=x"] {
        assert_eq!(silent(&stack, ours).await, StatusCode::FORBIDDEN, "{ours}");
    }
    for other in ["sticky=1", "__Host-session=x", "__host-id=x"] {
        assert_eq!(silent(&stack, other).await, StatusCode::OK, "{other}");
    }

    // Named explicitly, in addition to the stack's own cookies.
    let named = AuthStack::new(&keys).csrf_with(|csrf| csrf.ambient_cookies(["mine"]));
    let named = named.refresh(refresh).session(store()).build().unwrap();
    for counts in ["mine=1", "__Host-session=x", "__Host-family=x"] {
        assert_eq!(silent(&named, counts).await, StatusCode::FORBIDDEN, "{counts}");
    }
    assert_eq!(silent(&named, "sticky=1").await, StatusCode::OK);
}

/// The layer knows no cookie, so it cannot miss one whose name another layer changed.
#[tokio::test]
async fn for_a_csrf_layer_of_headers_alone_every_cookie_is_a_credential() {
    let keys = KeyRing::random();
    let start = || AuthStack::new(&keys).csrf_with(|csrf| csrf.headers_only());
    let refreshing = start().refresh(engine(&keys, |it| it.cookie_name("__Host-family")));
    let both = start().session_with(store(), |it| it.cookie_name("__Host-id")).build().unwrap();
    let one = refreshing.session(store()).build().unwrap();
    for cookie in ["__Host-id=x", "__Host-family=x", "__Host-session=x", "sticky=1"] {
        assert_eq!(silent(&both, cookie).await, StatusCode::FORBIDDEN, "{cookie}");
        assert_eq!(silent(&one, cookie).await, StatusCode::FORBIDDEN, "{cookie}");
    }
}

#[tokio::test]
async fn cs_18_a_bearer_token_beside_foreign_cookies_needs_no_csrf_token() {
    let keys = KeyRing::random();
    let here = issuer("https://me.example");
    let stack = AuthStack::new(&keys).settings(&Settings::new().issuer("https://me.example"));
    let stack = stack.csrf_with(|csrf| csrf.require_token()).session(store());
    let stack = stack.bearer_of(&here).build().unwrap();
    let answer = service_fn(async |_: Request<()>| {
        Ok::<_, std::convert::Infallible>(Response::new(Body::default()))
    });
    let app = ServiceBuilder::new().layer(stack).service(answer);
    let token = here.mint(&Identity::local("alice").build()).unwrap().text;
    let send = async |cookie: Option<&str>, token: Option<&str>| {
        let mut request = Request::post("/").header("sec-fetch-site", "same-origin");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        app.clone().oneshot(request.body(()).unwrap()).await.unwrap().status()
    };
    let token = Some(token.as_str());
    for cookie in [None, Some("theme=dark"), Some("sticky=1; theme=dark")] {
        assert_eq!(send(cookie, token).await, StatusCode::OK, "{cookie:?}");
        assert_eq!(send(cookie, None).await, StatusCode::FORBIDDEN, "{cookie:?}");
    }
    for ours in ["__Host-session=x", "theme=dark; __Host-csrf=x", "__Host-refresh=x"] {
        assert_eq!(send(Some(ours), token).await, StatusCode::FORBIDDEN, "{ours}");
    }
}

/// The client is no browser and sends no evidence of its origin.
#[tokio::test]
async fn cs_18_basic_names_the_client_of_a_refresh_and_is_ambient_elsewhere() {
    let keys = KeyRing::random();
    let refresh = engine(&keys, |it| it);
    let tokens = refresh.begin(&Identity::local("alice").build(), Some("app")).await.unwrap();
    let token = tokens.refresh().expose().clone();
    macro_rules! app {
        ($csrf:expr) => {{
            let paths = |it: crate::refresh::RefreshLayerBuilder| it.refresh_path("/token");
            let stack = AuthStack::new(&keys).csrf_with($csrf);
            let stack = stack.refresh_with(refresh.clone(), paths).session(store());
            let answer = service_fn(async |_: Request<Body>| {
                Ok::<_, std::convert::Infallible>(Response::new(Body::default()))
            });
            ServiceBuilder::new().layer(stack.build().unwrap()).service(answer)
        }};
    }
    let form = |path: &str, cookie: Option<&str>| {
        let request = Request::post(path)
            .header("authorization", "Basic YXBwOg==")
            .header("content-type", "application/x-www-form-urlencoded");
        let request = match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        request.body(Body::from(format!("refresh_token={token}&token={token}"))).unwrap()
    };
    let (plain, tokens) = (app!(|csrf| csrf), app!(|csrf| csrf.require_token()));
    let headers = app!(|csrf| csrf.headers_only());
    for (path, cookie, status) in [
        ("/token", None, StatusCode::OK),
        ("/token", Some("sticky=1"), StatusCode::OK),
        ("/token", Some("__Host-refresh=x"), StatusCode::FORBIDDEN),
        ("/token", Some("__Host-session=x"), StatusCode::FORBIDDEN),
        ("/transfer", None, StatusCode::FORBIDDEN),
        ("/auth/refresh", None, StatusCode::FORBIDDEN),
        ("/auth/revoke", None, StatusCode::OK),
    ] {
        let place = format!("{path} {cookie:?}");
        let answer = plain.clone().oneshot(form(path, cookie)).await.unwrap();
        assert_eq!(answer.status(), status, "{place}");
        let answer = tokens.clone().oneshot(form(path, cookie)).await.unwrap();
        assert_eq!(answer.status(), status, "{place}, where tokens are required");
        // It knows no cookie, so each one is a credential.
        let status = if cookie.is_some() { StatusCode::FORBIDDEN } else { status };
        let answer = headers.clone().oneshot(form(path, cookie)).await.unwrap();
        assert_eq!(answer.status(), status, "{place}, by headers alone");
    }
    // The client ended the family.
    assert!(refresh.refresh(token.as_str()).await.is_err());
}

#[tokio::test]
async fn every_cookie_is_ambient_where_it_is_not_known_who_reads_it() {
    let keys = KeyRing::random();
    // No layer of the stack reads a cookie to authenticate, but the handler does.
    let alone = AuthStack::new(&keys).cookies().csrf().build().unwrap();
    assert_eq!(silent(&alone, "mine=1").await, StatusCode::FORBIDDEN);
    // A foreign layer may read any cookie.
    let other = tower_layer::Identity::new();
    let foreign = AuthStack::new(&keys).csrf().session(store()).layer(other).build().unwrap();
    assert_eq!(silent(&foreign, "mine=1").await, StatusCode::FORBIDDEN);
}

#[test]
fn one_application_has_one_name() {
    let keys = KeyRing::random();
    let refresh =
        |name: &'static str| engine(&keys, |it| it.settings(&Settings::new().issuer(name)));
    let same = AuthStack::new(&keys).settings(&Settings::new().issuer("https://me.example")).csrf();
    let same = same.refresh(refresh("https://me.example")).session(store());
    assert!(same.bearer_of(&issuer("https://me.example")).build().is_ok());

    let other = AuthStack::new(&keys).csrf().refresh(refresh("https://me.example"));
    let error = other.session(store()).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "AuthStack, refresh: built for the issuer \"https://me.example\", but this stack's name is \
         \"local\": give both the same .settings, otherwise a session and a token of one user are \
         two principals"
    );
    let named = AuthStack::new(&keys).settings(&Settings::new().issuer("https://you.example"));
    let error = named.bearer_of(&issuer("https://me.example")).build().unwrap_err();
    assert!(matches!(error, StackConfigError::Issuer { setter: "bearer_of", .. }), "{error}");
    // The setting in the session's closure wins, also for the issuer.
    let own = AuthStack::new(&keys).csrf();
    let own = own.session_with(store(), |session| {
        session.settings(&Settings::new().issuer("https://me.example"))
    });
    assert!(own.bearer_of(&issuer("https://me.example")).build().is_ok());
    // The stack has no issuer, so any issuer of the tokens is accepted.
    assert!(AuthStack::new(&keys).bearer_of(&issuer("https://me.example")).build().is_ok());
    // A provider's issuer is meant to differ.
    let provider = AuthStack::new(&keys)
        .settings(&Settings::new().issuer("https://me.example"))
        .bearer("https://id.example", "https://api.example", |bearer| {
            use crate::bearer::{Algorithm, Key};
            let key = Key::from_secret(Algorithm::HS256, [7; 32]);
            bearer.algorithms([Algorithm::HS256]).key(key)
        });
    assert!(provider.build().is_ok());
}

/// Two clocks differ even if they show the same time.
#[test]
fn one_application_has_one_clock() {
    let keys = KeyRing::random();
    let time = TestClock::new();
    let settings = Settings::new().clock(time.clock());
    let same_time = Settings::new().clock(Clock::new(time.clone()));
    let stack = || AuthStack::new(&keys).settings(&settings);
    let refresh = |settings: &Settings| engine(&keys, |it| it.settings(settings));
    let issuer = |settings: &Settings| {
        let issuer = JwtIssuer::builder("me", "https://api.example").generated_key("1");
        issuer.settings(settings).build().unwrap()
    };
    assert!(stack().csrf().refresh(refresh(&settings)).build().is_ok());
    assert!(stack().bearer_of(&issuer(&settings)).build().is_ok());
    for other in [&Settings::new(), &same_time] {
        let error = stack().csrf().refresh(refresh(other)).build().unwrap_err();
        assert_eq!(error, StackConfigError::Clock { setter: "refresh" });
        assert!(error.to_string().contains(".settings"), "{error}");
        let error = stack().bearer_of(&issuer(other)).build().unwrap_err();
        assert_eq!(error, StackConfigError::Clock { setter: "bearer_of" });

        // The clock of one layer, set in its closure.
        let session = stack().csrf().session_with(store(), |it| it.settings(other));
        assert_eq!(session.build().unwrap_err(), StackConfigError::Clock { setter: "session" });
        let own = issuer(&settings);
        let bearer = stack().bearer_of_with(&own, |it| it.settings(other));
        assert_eq!(bearer.build().unwrap_err(), StackConfigError::Clock { setter: "bearer" });
        let require = stack().csrf().session(store()).require_with(|it| it.settings(other));
        assert_eq!(require.build().unwrap_err(), StackConfigError::Clock { setter: "require" });
    }
}

#[test]
fn a_sessions_closure_cannot_rename_the_application() {
    let keys = KeyRing::random();
    let stack = |own: Settings| {
        let stack = AuthStack::new(&keys).settings(&Settings::new().issuer("https://me.example"));
        stack.csrf().session_with(store(), move |it| it.settings(&own)).build()
    };
    assert!(stack(Settings::new().issuer("https://me.example")).is_ok());
    for other in [Settings::new().issuer("https://you.example"), Settings::new()] {
        let error = stack(other).unwrap_err();
        assert!(matches!(error, StackConfigError::Issuer { setter: "session", .. }), "{error}");
    }
}

#[test]
fn one_application_has_one_ring_of_keys() {
    let ring = |seeds: &[u64]| KeyRing::insecure_from_seeds(seeds.iter().copied());
    let stack = |keys: &[u64]| {
        AuthStack::new(&ring(&[2, 1])).csrf().refresh(engine(&ring(keys), |it| it)).build()
    };
    assert!(stack(&[2, 1]).is_ok(), "the same keys, read twice");
    for others in [&[3][..], &[2], &[1], &[1, 2], &[2, 1, 3], &[2, 3]] {
        let error = stack(others).unwrap_err();
        assert_eq!(error, StackConfigError::Keys { setter: "refresh" }, "{others:?}");
        assert!(error.to_string().contains("build both from the same"), "{error}");
    }
}

#[test]
fn a_fault_is_told_with_the_layers_name_and_setter() {
    let keys = KeyRing::random();
    let error = AuthStack::new(&keys).public_origin("app.example").csrf().build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "AuthStack, csrf: public_origin(\"app.example\"): begin with https:// (or http://)"
    );
    assert!(matches!(error, StackConfigError::Csrf(csrf::CsrfConfigError::Origin { .. })));
    let error = AuthStack::new(&keys)
        .settings(&Settings::new().realm("a\"b"))
        .csrf()
        .session(store())
        .build()
        .unwrap_err();
    assert!(error.to_string().starts_with("AuthStack, session: realm"), "{error}");
}

#[tokio::test]
async fn a_csrf_layer_of_headers_alone_guards_a_session_of_any_name() {
    let keys = KeyRing::random();
    let stack = AuthStack::new(&keys).cookies().csrf_with(|csrf| csrf.headers_only());
    let stack = stack.session_with(store(), |it| it.cookie_name("__Host-id")).build().unwrap();
    assert_eq!(
        format!("{stack:?}"),
        r#"AuthStack ["CookieLayer", "CsrfHeadersLayer", "SessionLayer"]"#
    );
    let handler = async |request: Request<()>| {
        let session = Session::of(request.extensions()).unwrap();
        session.login(Identity::local("alice").build()).unwrap();
        Ok::<_, std::convert::Infallible>(Response::new(String::new()))
    };
    let app = ServiceBuilder::new().layer(stack).service(service_fn(handler));
    let login = |site| Request::post("/login").header("sec-fetch-site", site).body(()).unwrap();
    let welcome = app.clone().oneshot(login("same-origin")).await.unwrap();
    assert!(cookies(&welcome).starts_with("__Host-id="));
    assert_eq!(welcome.headers()["vary"], "Sec-Fetch-Site, Origin");
    let forged = app.oneshot(login("cross-site")).await.unwrap();
    assert_eq!((forged.status(), cookies(&forged)), (StatusCode::FORBIDDEN, String::new()));
}

#[test]
fn a_setting_of_tokens_contradicts_headers_only() {
    let stack =
        AuthStack::new(&KeyRing::random()).csrf_with(|it| it.require_token().headers_only());
    assert_eq!(
        stack.build().unwrap_err().to_string(),
        "AuthStack, csrf: headers_only: the layer has no tokens and knows no cookies, so require_token has no meaning; leave out one \
         of them"
    );
}

#[test]
fn what_a_closure_says_wins_over_what_is_shared() {
    let keys = KeyRing::random();
    let stack = AuthStack::new(&keys)
        .public_origin("nonsense")
        .settings(&Settings::new().realm("a\"b"))
        .cookies_with(|cookies| cookies.keys(&KeyRing::random()))
        .csrf_with(|csrf| csrf.public_origin("https://app.example"))
        .session_with(store(), |session| session.realm("app"));
    assert!(stack.build().is_ok());
}

#[tokio::test]
async fn se_08_the_stacks_sessions_are_those_of_its_layer() {
    let keys = KeyRing::random();
    let stack = AuthStack::new(&keys)
        .settings(&Settings::new().issuer("https://shop.example"))
        .cookies()
        .csrf();
    let stack = stack.session(store()).build().unwrap();
    let sessions = stack.sessions().unwrap();
    let app = ServiceBuilder::new().layer(stack).service(service_fn(log_in));
    app.oneshot(Request::post("/login").body(()).unwrap()).await.unwrap();
    let alice = Principal::new("https://shop.example", "alice");
    assert_eq!(sessions.list(&alice).await.unwrap().len(), 1);

    let without = AuthStack::new(&keys).cookies().csrf().build().unwrap();
    let error = without.sessions().unwrap_err();
    assert_eq!(error, StackConfigError::NoSession);
    assert!(error.to_string().contains(".session"), "{error}");
}

#[tokio::test]
async fn sessions_that_the_client_keeps_go_in_the_same_place() {
    let keys = KeyRing::random();
    let stack = AuthStack::new(&keys)
        .settings(&Settings::new().issuer("https://shop.example"))
        .cookies()
        .csrf();
    let stack = stack.session_in_cookie().build().unwrap();
    let cannot = crate::session::SessionConfigError::StoreCannotList;
    assert_eq!(stack.sessions().unwrap_err(), StackConfigError::Session(cannot));
    let app = ServiceBuilder::new().layer(stack).service(service_fn(log_in));
    let welcome = app.oneshot(Request::post("/login").body(()).unwrap()).await.unwrap();
    let cookies = cookies(&welcome);
    assert!(cookies.contains("__Host-session=") && cookies.contains("__Host-session-0="));
}

#[test]
fn cs_18_a_token_in_a_cookie_needs_csrf_before_it() {
    let keys = KeyRing::random();
    let here = issuer("local");
    let start = || AuthStack::new(&keys);
    macro_rules! built {
        ($stack:expr) => {
            $stack.bearer_of_with(&here, |it| it.from_cookie("__Host-access")).build()
        };
    }
    let expected = "AuthStack, bearer: from_cookie(\"__Host-access\") needs .csrf() before \
                    .bearer, because browsers attach the cookie to requests that other sites \
                    cause. If a layer or a proxy in front refuses such requests, call \
                    .insecure_without_csrf() instead";
    assert_eq!(built!(start()).unwrap_err().to_string(), expected);
    assert_eq!(built!(start().cookies()).unwrap_err().to_string(), expected);
    let refreshing = start().refresh(engine(&keys, |it| it));
    assert_eq!(built!(refreshing).unwrap_err().to_string(), expected);
    assert!(built!(start().csrf()).is_ok());
    assert!(built!(start().csrf_with(|it| it.headers_only())).is_ok());
    assert!(built!(start().insecure_without_csrf()).is_ok());
    assert!(built!(start().cookies().insecure_without_csrf().session(store())).is_ok());
    // The other carriers need no protection: no browser adds them by itself.
    let explicit = start().bearer_of_with(&here, |it| {
        it.from_header("x-access-token").insecure_from_query("access_token")
    });
    assert!(explicit.build().is_ok());
}

#[test]
fn a_cookie_carries_one_kind_of_credential() {
    let keys = KeyRing::random();
    let here = issuer("local");
    let stack = |name: &'static str| {
        AuthStack::new(&keys)
            .csrf()
            .refresh(engine(&keys, |it| it.cookie_name("__Host-family")))
            .session_with(store(), |it| it.cookie_name("__Host-id"))
            .bearer_of_with(&here, |it| it.from_cookie("__Host-access").from_cookie(name))
            .build()
    };
    for name in ["__Host-id", "__Host-family"] {
        let error = stack(name).unwrap_err();
        assert_eq!(error, StackConfigError::OneCookie { cookie: name.into() });
        assert!(error.to_string().contains("give access tokens a cookie of their own"), "{error}");
    }
    assert!(stack("__Host-other").is_ok());
}

#[tokio::test]
async fn cs_18_the_cookie_of_an_access_token_is_ambient() {
    let keys = KeyRing::random();
    let here = issuer("local");
    let bearer = |it: crate::bearer::BearerJwtLayerBuilder<_, _>| {
        it.from_cookie("__Host-access").from_cookie("__Host-second")
    };
    let alone = AuthStack::new(&keys).csrf().bearer_of_with(&here, bearer).build().unwrap();
    let beside = AuthStack::new(&keys).csrf().session(store()).bearer_of_with(&here, bearer);
    let beside = beside.build().unwrap();
    let named = AuthStack::new(&keys).csrf_with(|csrf| csrf.ambient_cookies(["mine"]));
    let named = named.bearer_of_with(&here, bearer).build().unwrap();
    for cookie in ["__Host-access=x", "__Host-second=x", "a=b; __Host-access=", "__Host-csrf=x"] {
        assert_eq!(silent(&alone, cookie).await, StatusCode::FORBIDDEN, "{cookie}");
        assert_eq!(silent(&beside, cookie).await, StatusCode::FORBIDDEN, "{cookie}");
        assert_eq!(silent(&named, cookie).await, StatusCode::FORBIDDEN, "{cookie}");
    }
    assert_eq!(silent(&named, "mine=1").await, StatusCode::FORBIDDEN);
    for other in ["sticky=1", "__host-access=x"] {
        assert_eq!(silent(&alone, other).await, StatusCode::OK, "{other}");
        assert_eq!(silent(&beside, other).await, StatusCode::OK, "{other}");
        assert_eq!(silent(&named, other).await, StatusCode::OK, "{other}");
    }
    // A foreign layer may read any cookie.
    let foreign = AuthStack::new(&keys).csrf().bearer_of_with(&here, bearer);
    let foreign = foreign.layer(tower_layer::Identity::new()).build().unwrap();
    assert_eq!(silent(&foreign, "sticky=1").await, StatusCode::FORBIDDEN);
}
