use super::ring;
use crate::Settings;
use crate::csrf::{CsrfConfigError, CsrfLayer, CsrfLayerBuilder};

fn fault(settle: impl FnOnce(CsrfLayerBuilder) -> CsrfLayerBuilder) -> CsrfConfigError {
    settle(CsrfLayer::builder(&ring())).build().unwrap_err()
}

#[test]
fn names_are_checked_when_the_layer_is_built() {
    for name in ["", "a b", "a=b", "a;b", "ü"] {
        let error = fault(|it| it.bind_to(name));
        assert!(matches!(&error, CsrfConfigError::CookieName { setter: "bind_to", .. }), "{error}");
        let error = fault(|it| it.ambient_cookies(["fine", name]));
        assert!(error.to_string().starts_with(&format!("ambient_cookies({name:?}): ")), "{error}");
        let error = fault(|it| it.header_name(name));
        assert!(error.to_string().starts_with(&format!("header_name({name:?}): ")), "{error}");
    }
    let error = fault(|it| it.bind_to("__Host-csrf"));
    assert!(matches!(&error, CsrfConfigError::OwnCookie { .. }), "{error}");
    let error =
        fault(|it| it.settings(&Settings::new().insecure_allow_plain_http()).bind_to("csrf"));
    assert!(matches!(&error, CsrfConfigError::OwnCookie { .. }), "{error}");
    assert!(CsrfLayer::builder(&ring()).bind_to("csrf").build().is_ok());
    let error = fault(|it| it.session_cookie("__Host-csrf"));
    assert!(error.to_string().starts_with("session_cookie(\"__Host-csrf\"): "), "{error}");
    let error = fault(|it| it.session_cookie("a b"));
    assert!(matches!(error, CsrfConfigError::CookieName { setter: "session_cookie", .. }));
}

#[test]
fn cs_11_no_header_that_browsers_send_by_themselves_carries_a_token() {
    for name in ["Cookie", "authorization", "Origin", "referer", "accept", "content-type"] {
        let message = fault(|it| it.header_name(name)).to_string();
        assert!(message.contains("choose another name"), "{message}");
    }
    assert!(CsrfLayer::builder(&ring()).header_name("X-XSRF-Token").build().is_ok());
}

#[test]
fn tokens_are_bound_to_one_session() {
    let error = fault(|it| it.session_cookie("__Host-id").bind_to("connect.sid"));
    assert!(matches!(&error, CsrfConfigError::TwoSessions { .. }));
    for part in ["session_cookie(\"__Host-id\")", "bind_to(\"connect.sid\")"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(CsrfLayer::builder(&ring()).session_cookie("a").bind_to("a").build().is_ok());
}

#[test]
fn the_layers_own_cookie_has_a_name_of_its_own_that_browsers_keep() {
    for name in ["__Host-session", "__Host-refresh"] {
        let error = fault(|it| it.pre_session_cookie(name));
        assert!(matches!(&error, CsrfConfigError::OwnCookie { setter: "pre_session_cookie", .. }));
        assert!(error.to_string().starts_with(&format!("pre_session_cookie({name:?}): ")));
    }
    let error = fault(|it| it.pre_session_cookie("a b"));
    assert!(matches!(&error, CsrfConfigError::CookieName { setter: "pre_session_cookie", .. }));
    let error = fault(|it| {
        it.pre_session_cookie("__Host-a").settings(&Settings::new().insecure_allow_plain_http())
    });
    assert!(error.to_string().starts_with("pre_session_cookie: "), "{error}");
    let error = fault(|it| it.partitioned().settings(&Settings::new().insecure_allow_plain_http()));
    assert!(error.to_string().starts_with("partitioned: "), "{error}");
}
