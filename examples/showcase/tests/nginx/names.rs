//! One session under two names of one domain, and the guarantees that its cookie then lacks.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tower_auth::session::SessionError;
use tower_auth::{AuthStack, Clock, Identity, KeyRing, MemoryStore, Session};
use tower_auth_fixtures::server::Nginx;

use crate::settings;
use crate::through::{Browser, browser};

const SHOP: &str = "https://shop.example.test";
const ACCOUNT: &str = "https://account.example.test";

async fn log_in(session: Session, Path(name): Path<String>) -> Result<(), SessionError> {
    session.login(Identity::local(name).build())
}

async fn who(me: Option<Identity>) -> String {
    me.map_or("anonymous".into(), |me| me.subject().to_owned())
}

async fn log_out(session: Session) -> Result<(), SessionError> {
    session.logout().await
}

/// Two nodes of one application behind nginx, with a session cookie for `domain`.
async fn two_names(domain: Option<&str>, trusts: bool) -> Nginx {
    let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    let mut addresses = Vec::new();
    // The manual's page and this test trust the same origins: the other name's pages may post to
    // this one.
    for other in [ACCOUNT, SHOP] {
        let stack = AuthStack::new(&keys)
            .cookies()
            .csrf_with(|csrf| if trusts { csrf.trusted_origin(other) } else { csrf })
            .session_with(store.clone(), |session| match domain {
                Some(domain) => session.cookie_domain(domain),
                None => session,
            })
            .build()
            .unwrap();
        let app = Router::new()
            .route("/login/{name}", post(log_in))
            .route("/logout", post(log_out))
            .route("/me", get(who))
            .layer(stack);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        addresses.push(listener.local_addr().unwrap().to_string());
        tokio::spawn(async { axum::serve(listener, app).await });
    }
    Nginx::start(&settings("Two names", [&addresses[0], &addresses[1]]))
}

/// Two tabs of a browser, with one jar.
fn tabs(nginx: &Nginx) -> (Browser, Browser) {
    let browser = browser(nginx.port());
    (browser.clone().base(SHOP), browser.base(ACCOUNT))
}

async fn text(browser: &Browser) -> String {
    browser.get("/me").await.text()
}

#[tokio::test]
async fn a_cookie_with_a_domain_is_one_session_under_both_names() {
    let nginx = two_names(Some("example.test"), false).await;
    let (shop, account) = tabs(&nginx);
    let login = account.post("/login/alice").await;
    let line = login.set_cookies().concat();
    assert!(line.starts_with("__Secure-session="), "{line}");
    for attribute in ["Domain=example.test", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(line.contains(attribute), "{line}");
    }
    assert_eq!((text(&shop).await, text(&account).await), ("alice".into(), "alice".into()));
    // The removal has the domain too, because browsers otherwise treat it as another cookie.
    shop.post("/logout").await;
    assert_eq!(shop.jar().iter().count(), 0);
    assert_eq!((text(&shop).await, text(&account).await), ("anonymous".into(), "anonymous".into()));
    // Names outside the domain never get the cookie.
    account.post("/login/alice").await;
    let elsewhere = account.clone().base("https://account.example.org");
    assert_eq!(text(&elsewhere).await, "anonymous");
}

#[tokio::test]
async fn without_a_domain_each_name_has_its_own() {
    let nginx = two_names(None, false).await;
    let (shop, account) = tabs(&nginx);
    let login = account.post("/login/alice").await;
    assert!(login.set_cookies().concat().starts_with("__Host-session="));
    assert_eq!((text(&shop).await, text(&account).await), ("anonymous".into(), "alice".into()));
}

/// Any name of the domain may set a shared cookie. The prefix `__Host-` prevents that.
#[tokio::test]
async fn any_name_of_the_domain_can_plant_a_shared_cookie() {
    // Mallory's page plants a session of mallory in the visitor's browser.
    let plant = async |nginx: &Nginx, visitor: &Browser| {
        let mallory = browser(nginx.port()).base(SHOP);
        mallory.post("/login/mallory").await;
        let jar = mallory.jar();
        let cookie = jar.iter().next().unwrap();
        let line = format!(
            "{}={}; Domain=example.test; Path=/me; Secure; HttpOnly",
            cookie.name(),
            cookie.value()
        );
        let blog = "https://blog.example.test/".parse().unwrap();
        let now = Clock::system().now();
        visitor.edit_jar(|jar| {
            jar.store(line.as_bytes(), &blog, tower_auth_test::jar::Initiator::SameSite, now)
        })
    };
    let shared = two_names(Some("example.test"), false).await;
    let (visitor, _) = tabs(&shared);
    assert!(plant(&shared, &visitor).await.is_ok());
    assert_eq!(text(&visitor).await, "mallory", "the visitor fills mallory's cart");
    // A visitor with a session becomes anonymous, not another user, because the cookie occurs
    // twice.
    let (visitor, account) = tabs(&shared);
    account.post("/login/alice").await;
    assert!(plant(&shared, &visitor).await.is_ok());
    assert_eq!(text(&visitor).await, "anonymous");

    let own = two_names(None, false).await;
    let (visitor, _) = tabs(&own);
    assert!(plant(&own, &visitor).await.is_err(), "browsers refuse the name");
    assert_eq!(text(&visitor).await, "anonymous");
}

/// The browser sends the cookie with the other name's pages, so the CSRF layer must trust them.
#[tokio::test]
async fn the_other_names_pages_are_trusted_only_where_it_is_said() {
    for (trusts, status, after) in [(false, 403, "alice"), (true, 200, "anonymous")] {
        let nginx = two_names(Some("example.test"), trusts).await;
        let (shop, _) = tabs(&nginx);
        shop.post("/login/alice").await;
        let logout = shop.post("/logout").cross_site(ACCOUNT).await;
        assert_eq!(logout.status(), status);
        assert_eq!(text(&shop).await, after);
    }
}
