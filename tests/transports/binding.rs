//! A session is valid only under the cookie name for which it was issued.

use http::StatusCode;
use http::header::COOKIE;
use tower_auth::Settings;

use crate::fixture::everywhere;

#[tokio::test]
async fn d38_a_session_of_one_cookies_name_is_none_under_another() {
    everywhere(async |fixture| {
        let origin = "https://app.example";
        let users = fixture.browser(&fixture.app(|it| it.cookie_name("__Host-user")), origin);
        let admins = fixture.app(|it| {
            it.cookie_name("__Host-admin").settings(
                &Settings::new().clock(fixture.time.clock()).issuer("https://admin.example"),
            )
        });
        let admins = fixture.browser(&admins, origin);
        assert_eq!(users.post("/login/alice").await.status(), StatusCode::OK);
        assert_eq!(users.get("/who").await.text(), "local alice");
        let jar = users.jar();
        let pairs: Vec<_> = jar.iter().map(|it| format!("{}={}", it.name(), it.value())).collect();
        let renamed = pairs.join("; ").replace("__Host-user", "__Host-admin");
        assert_eq!(admins.get("/who").header(COOKIE, &*renamed).await.text(), "anonymous");
        // The renamed session cannot end anything either.
        let reply = admins.post("/logout").header(COOKIE, &*renamed).await;
        assert_eq!((reply.status(), reply.set_cookies()), (StatusCode::OK, vec![]));
        assert_eq!(users.get("/who").await.text(), "local alice");
        // A session under the layer's own name still works.
        assert_eq!(admins.post("/login/root").await.status(), StatusCode::OK);
        assert_eq!(admins.get("/who").await.text(), "https://admin.example root");
    })
    .await;
}
