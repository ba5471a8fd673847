//! The attacks in the manual, carried out against the whole stack.

use std::time::Duration;

use http::{Method, StatusCode};
use tower_auth_test::Steps;

use crate::site::{Client, Site};

pub(crate) const EVIL: &str = "https://evil.example";
/// Another host of the same site, controlled by an attacker.
const SIBLING: &str = "https://old.app.example";

pub(crate) fn value(client: &Client, name: &str) -> String {
    client.jar().get(name).unwrap_or_else(|| panic!("no {name}")).value().into_owned()
}

/// Returns the `Cookie` header with this session.
pub(crate) fn session(credential: &str) -> String {
    format!("__Host-session={credential}")
}

pub(crate) async fn logged_in(site: &Site, who: &str) -> Client {
    let client = site.browser();
    assert_eq!(client.post(&format!("/login?{who}")).await.status(), StatusCode::OK);
    client
}

#[tokio::test]
async fn se_02_a_session_fixed_before_the_login_is_worth_nothing_after_it() {
    let site = Site::new();
    // The attacker gets a genuine session from the application, and puts it into the victim's
    // browser.
    let attacker = site.browser();
    attacker.post("/transfer").await;
    let fixed = value(&attacker, "__Host-session");
    let victim = attacker.fork();
    assert_eq!(victim.get("/").await.text(), "anonymous moved 1");
    victim.post("/login?victim").await;
    assert_eq!(victim.get("/").await.text(), "victim moved 1");
    assert_ne!(value(&victim, "__Host-session"), fixed);

    assert_eq!(attacker.get("/").await.text(), "anonymous moved 0");
    // The attacker cannot write into it either: that would change the victim's session.
    assert_eq!(attacker.post("/transfer").await.status(), StatusCode::CONFLICT);
    assert_eq!(victim.get("/").await.text(), "victim moved 1");
    // A minute later the layer no longer remembers the renewed secret.
    site.time.advance(Duration::from_secs(61));
    assert_eq!(attacker.get("/").await.text(), "anonymous moved 0");
    assert_eq!(victim.get("/").await.text(), "victim moved 1");
}

#[tokio::test]
async fn se_03_d05_an_id_of_the_clients_choice_is_never_adopted() {
    let site = Site::new();
    let client = site.client();
    let chosen = "A".repeat(71);
    for made_up in ["chosen", "", chosen.as_str()] {
        let reply = client
            .fork()
            .post("/login")
            .header("cookie", session(made_up))
            .header("origin", "https://app.example")
            .await;
        let given = reply.set_cookies().join("\n");
        assert!(given.contains("__Host-session="), "{given}");
        assert!(made_up.is_empty() || !given.contains(made_up), "{given}");
    }
}

#[tokio::test]
async fn a_forged_credential_costs_no_store_command() {
    let site = Site::new();
    let alice = logged_in(&site, "alice").await;
    let good = value(&alice, "__Host-session");
    site.store.reset_steps();
    // One changed character of each part (format, key id, id, secret, MAC); shorter, longer,
    // decorated.
    let mut forged: Vec<String> = (0..good.len())
        .map(|at| {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        })
        .collect();
    forged.extend([
        good[..good.len() - 1].to_owned(),
        format!("{good}A"),
        format!("{good}="),
        format!("\"{good}\""),
        good.replace(['-', '_'], "+"),
        String::new(),
    ]);
    for forged in forged.iter().filter(|forged| **forged != good) {
        let reply = site.client().get("/").header("cookie", session(forged)).await;
        assert_eq!(reply.text(), "anonymous moved 0", "{forged}");
    }
    assert_eq!(site.store.steps(), Steps::default());
    // The genuine credential is loaded.
    assert_eq!(alice.get("/").await.text(), "alice moved 0");
    assert_eq!(site.store.steps().load, 1);
}

#[tokio::test]
async fn ck_07_d02_a_cookie_tossed_by_a_sibling_host() {
    let site = Site::new();
    let victim = logged_in(&site, "victim").await;
    let attacker = logged_in(&site, "attacker").await;
    let (own, tossed) = (value(&victim, "__Host-session"), value(&attacker, "__Host-session"));
    // A browser reserves the prefix for the host itself. A browser that does not sends both, in
    // either order.
    for line in [
        format!("{}; {}", session(&own), session(&tossed)),
        format!("{}; {}", session(&tossed), session(&own)),
    ] {
        site.store.reset_steps();
        let reply = site.client().get("/").header("cookie", line.as_str()).await;
        assert_eq!(reply.text(), "anonymous moved 0", "one of the sessions was used");
        assert_eq!(site.store.steps().total(), 0);
        assert!(reply.set_cookies().is_empty(), "a cookie was removed");
    }
    // D1: names that other libraries would treat as this name.
    for name in
        ["%5F%5FHost-session", "\u{2000}__Host-session", "__host-session", "__Host-session\u{a0}"]
    {
        let line = http::HeaderValue::from_bytes(format!("{name}={tossed}").as_bytes()).unwrap();
        let reply = site.client().get("/").header("cookie", line).await;
        assert_eq!(reply.text(), "anonymous moved 0", "{name}");
    }
    assert_eq!(victim.get("/").await.text(), "victim moved 0");
}

#[tokio::test]
async fn d19_a_signed_cookie_moved_under_another_name() {
    let site = Site::new();
    let client = site.browser();
    client.get("/sign").await;
    let signed = value(&client, "plan");
    assert_eq!(client.get("/plan?plan").await.text(), "basic");
    for line in [format!("role={signed}"), format!("plan={signed}x")] {
        for name in ["role", "plan"] {
            let path = format!("/plan?{name}");
            let reply = site.client().get(&path).header("cookie", line.as_str()).await;
            assert_eq!(reply.text(), "none", "{line} as {name}");
        }
    }
    // It is not valid as a session, and the session's credential is not valid as a signed cookie.
    let alice = logged_in(&site, "alice").await;
    let credential = value(&alice, "__Host-session");
    let reply = site.client().get("/").header("cookie", session(&signed)).await;
    assert_eq!(reply.text(), "anonymous moved 0");
    let line = format!("plan={credential}");
    assert_eq!(site.client().get("/plan?plan").header("cookie", line).await.text(), "none");
}

#[tokio::test]
async fn se_07_a_logged_out_credential_is_replayed() {
    let site = Site::new();
    let victim = logged_in(&site, "victim").await;
    let thief = victim.fork();
    assert_eq!(thief.get("/").await.text(), "victim moved 0");
    victim.post("/logout").await;
    assert_eq!(thief.fork().get("/").await.text(), "anonymous moved 0");
    // A write does not revive the session; it starts a new one.
    let stolen = value(&thief, "__Host-session");
    assert_eq!(thief.post("/transfer").await.text(), "anonymous moved 1");
    assert_ne!(value(&thief, "__Host-session"), stolen);
    let replay = site.client().get("/").header("cookie", session(&stolen)).await;
    assert_eq!(replay.text(), "anonymous moved 0");
}

#[tokio::test]
async fn se_02_a_login_as_someone_else_leaves_nothing_behind() {
    let site = Site::new();
    let shared = logged_in(&site, "alice").await;
    shared.post("/transfer").await;
    let of_alice = shared.fork();
    shared.post("/login?bob").await;
    assert_eq!(shared.get("/").await.text(), "bob moved 0");
    assert_eq!(of_alice.get("/").await.text(), "anonymous moved 0");
}

#[tokio::test]
async fn cs_01_cs_03_another_site_sends_a_form() {
    let site = Site::new();
    let victim = logged_in(&site, "victim").await;
    let handled = site.handled();
    site.store.reset_steps();
    for from in [EVIL, SIBLING, "http://app.example", "https://app.example:8443"] {
        let forged = victim.post("/transfer").form(&[("to", "evil")]).cross_site(from).await;
        assert_eq!(forged.status(), StatusCode::FORBIDDEN, "{from}");
        let script = victim.post("/transfer").fetch().cross_site(from).await;
        assert_eq!(script.status(), StatusCode::FORBIDDEN, "{from}");
    }
    assert_eq!(site.handled(), handled, "before the handler");
    assert_eq!(site.store.steps().total(), 0, "and before any store command");
    // A link of another site passes, and changes nothing.
    let link = victim.get("/").cross_site(EVIL).await;
    assert_eq!((link.status(), link.text()), (StatusCode::OK, "victim moved 0".into()));
    let own = victim.post("/transfer").form(&[("to", "bob")]).await;
    assert_eq!(own.text(), "victim moved 1");
}

#[tokio::test]
async fn cs_06_headers_that_were_stripped_on_the_way() {
    let site = Site::new();
    let victim = logged_in(&site, "victim").await;
    let cookie = session(&value(&victim, "__Host-session"));
    let send =
        |method: Method| site.client().request(method, "/transfer").header("cookie", &*cookie);
    // A page could have sent this: a simple request with a cookie and without an origin.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let reply = send(Method::POST).body(kind, "x").await;
        assert_eq!(reply.status(), StatusCode::FORBIDDEN, "{kind}");
    }
    assert_eq!(send(Method::POST).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(send(Method::POST).origin("null").await.status(), StatusCode::FORBIDDEN);
    // `null` is an origin, such as that of a sandboxed frame, and not a missing header.
    let null = send(Method::POST).origin("null").body("application/json", "{}").await;
    assert_eq!(null.status(), StatusCode::FORBIDDEN);
    // A page cannot send these without a preflight.
    assert_eq!(send(Method::POST).body("application/json", "{}").await.status(), StatusCode::OK);
    assert_eq!(send(Method::PUT).await.status(), StatusCode::OK);
    assert_eq!(send(Method::POST).origin("https://app.example").await.status(), StatusCode::OK);
    // CS-02: a method override and a method in lower case change nothing.
    let sly = send(Method::POST).header("x-http-method-override", "GET").await;
    assert_eq!(sly.status(), StatusCode::FORBIDDEN);
    let small = Method::from_bytes(b"get").unwrap();
    let small = site.client().request(small, "/transfer").header("cookie", &*cookie).origin(EVIL);
    assert_eq!(small.await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn cs_09_a_token_of_the_attackers_own_session() {
    let site = Site::with(tower_auth::csrf::CsrfLayerBuilder::require_token);
    // A login needs a token too, so both clients begin with one.
    let enter = async |who: &str| {
        let client = site.browser();
        let token = client.get("/token").await.text();
        let login = client.post(&format!("/login?{who}")).header("x-csrf-token", token).await;
        assert_eq!(login.status(), StatusCode::OK);
        (client, login.text())
    };
    let (victim, of_victim) = enter("victim").await;
    let (attacker, of_attacker) = enter("attacker").await;
    let send = async |client: &Client, token: &str| {
        client.post("/transfer").header("x-csrf-token", token).await.status()
    };
    // Not even from the application's own origin.
    assert_eq!(send(&victim, &of_attacker).await, StatusCode::FORBIDDEN);
    assert_eq!(send(&victim, &of_victim).await, StatusCode::OK);
    assert_eq!(send(&attacker, &of_attacker).await, StatusCode::OK);
    // A valid token does not excuse a request of another site.
    let forged =
        victim.post("/transfer").header("x-csrf-token", &*of_victim).cross_site(EVIL).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    // The layer reads a token only from the header.
    let query = victim.post(&format!("/transfer?x-csrf-token={of_victim}")).await;
    assert_eq!(query.status(), StatusCode::FORBIDDEN);
    let form = victim.post("/transfer").form(&[("x-csrf-token", &of_victim)]).await;
    assert_eq!(form.status(), StatusCode::FORBIDDEN);
    for wrong in ["", "x", &of_victim[1..], &format!("{of_victim}A"), &"A".repeat(71)] {
        assert_eq!(send(&victim, wrong).await, StatusCode::FORBIDDEN, "{wrong:?}");
    }
    // The attacker's pre-session cookie is planted in the victim's browser: the session takes
    // precedence.
    let stranger = site.browser();
    let token = stranger.get("/token").await.text();
    let own = session(&value(&victim, "__Host-session"));
    let planted = format!("__Host-csrf={}", value(&stranger, "__Host-csrf"));
    for line in [
        format!("{own}; {planted}"),
        format!("{planted}; {own}"),
        format!("{own}; {planted}; {planted}"),
    ] {
        let tossed = victim.post("/transfer").header("cookie", &*line);
        let tossed = tossed.header("x-csrf-token", &*token).await;
        assert_eq!(tossed.status(), StatusCode::FORBIDDEN, "{line}");
        let right = victim.post("/transfer").header("cookie", &*line);
        let right = right.header("x-csrf-token", &*of_victim).await;
        assert_eq!(right.status(), StatusCode::OK, "{line}");
    }
    // An invalid session cookie locks no visitor out of the login form.
    let line = format!("__Host-session=junk; {planted}");
    let login = stranger.post("/login?stranger").header("cookie", line);
    assert_eq!(login.header("x-csrf-token", token).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn cs_11_a_token_never_looks_alike_twice() {
    let site = Site::new();
    let alice = logged_in(&site, "alice").await;
    let (one, other) = (alice.get("/token").await.text(), alice.get("/token").await.text());
    let alike = one.bytes().zip(other.bytes()).filter(|(one, other)| one == other).count();
    // Format and key id are equal, and of the rest one character in 64 by chance.
    assert!(alike < 20, "{alike} of {} characters are alike", one.len());
}

#[tokio::test]
async fn cs_13_someone_is_logged_in_as_the_attacker() {
    let site = Site::new();
    let victim = site.browser();
    for from in [EVIL, SIBLING] {
        let forged = victim.post("/login?attacker").form(&[("user", "attacker")]).cross_site(from);
        assert_eq!(forged.await.status(), StatusCode::FORBIDDEN);
    }
    assert!(victim.jar().get("__Host-session").is_none());
    assert_eq!(victim.get("/").await.text(), "anonymous moved 0");
    // If tokens are required, the attacker's own pre-session token does not help either.
    let site = Site::with(tower_auth::csrf::CsrfLayerBuilder::require_token);
    let attacker = site.browser();
    let token = attacker.get("/token").await.text();
    let victim = site.browser();
    let forged = victim.post("/login?attacker").header("x-csrf-token", &*token).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert_eq!(attacker.post("/login").header("x-csrf-token", &*token).await.status(), 200);
}

#[tokio::test]
async fn se_24_another_sites_page_opens_a_websocket() {
    let site = Site::new();
    let victim = logged_in(&site, "victim").await;
    let (handled, cookie) = (site.handled(), session(&value(&victim, "__Host-session")));
    site.store.reset_steps();
    let open = |origin| {
        let request = site.client().get("/chat").header("cookie", &*cookie).origin(origin);
        request.header("connection", "Upgrade").header("upgrade", "websocket")
    };
    for origin in [EVIL, SIBLING, "null"] {
        assert_eq!(open(origin).await.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!((site.handled(), site.store.steps().total()), (handled, 0));
    assert_eq!(open("https://app.example").await.text(), "victim moved 0");
}

#[tokio::test]
async fn cs_08_d28_tricks_with_an_exempt_path() {
    let site = Site::with(|csrf| csrf.exempt("/hook"));
    let victim = logged_in(&site, "victim").await;
    let send = async |path: &str| victim.post(path).cross_site(EVIL).await.status();
    assert_eq!(send("/hook").await, StatusCode::OK);
    assert_eq!(send("/hook?id=7").await, StatusCode::OK);
    for trick in [
        "/hook/",
        "//hook",
        "/./hook",
        "/x/../hook",
        "/hook/../transfer",
        "/hook/..%2ftransfer",
        "/%68ook",
        "/hook%2f..%2ftransfer",
        "/hook;/../transfer",
        "/Hook",
        "/hooks",
        "/transfer?/hook",
    ] {
        assert_eq!(send(trick).await, StatusCode::FORBIDDEN, "{trick}");
    }
}
