//! The events of the layer.

use crate::Settings;
use tower_auth_core::Misconfigured;
use tower_auth_test::{EventLog, WithIdentity, identity};

use super::misconfigured::LeftOut;
use super::*;

#[tokio::test]
async fn d22_a_misconfiguration_names_its_layer() {
    let log = EventLog::new();
    let layer =
        RequireLayer::builder().settings(&Settings::new().events(log.events())).build().unwrap();
    let misconfigured = Misconfigured { layer: "SessionLayer", problem: "it was told so" };
    let client = TestClient::new(LeftOut(layer.layer(handler()), misconfigured));
    assert_eq!(client.get("/").await.status(), 500);
    assert_eq!(log.take(), ["ERROR misconfigured SessionLayer reason=it was told so"]);
}

#[tokio::test]
async fn xx_04_d08_a_refusal_is_told_by_its_code_and_of_whom() {
    let log = EventLog::new();
    let layer = || {
        RequireLayer::builder()
            .scope("secret:scope")
            .settings(&Settings::new().events(log.events()))
            .build()
            .unwrap()
    };
    let ask = async |who| {
        let request = client(who, layer()).get("/path").header("x", "value").bearer("token");
        request.await;
        log.take()
    };
    let refused = ask(WithIdentity::known(identity("alice"))).await;
    assert_eq!(
        refused,
        ["INFO require_refused RequireLayer reason=insufficient_scope subject=alice"]
    );
    let anonymous = ask(WithIdentity::anonymous()).await;
    assert_eq!(anonymous, ["DEBUG require_anonymous RequireLayer reason=unauthenticated"]);
    // A store that does not answer does not make a request anonymous.
    let unknown = ask(WithIdentity::unknown()).await;
    assert_eq!(unknown, ["INFO require_refused RequireLayer reason=unavailable"]);
    let scoped = Identity::local("alice").scope("secret:scope").build();
    assert!(ask(WithIdentity::known(scoped)).await.is_empty());
}
