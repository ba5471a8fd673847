use super::{layer, request, verdict};
use crate::csrf::CsrfLayer;

const FORGED: [(&str, &str); 2] = [("sec-fetch-site", "cross-site"), ("cookie", "a=b")];

#[test]
fn cs_08_an_exemption_is_one_path_whole() {
    let layer = layer(|it| it.exempt("/webhook").exempt("/hooks/pay"));
    for path in ["/webhook", "/webhook?a=b", "/hooks/pay", "https://any.example/webhook"] {
        assert_eq!(verdict(&layer, request("POST", path, &FORGED)), Ok(()), "{path}");
    }
    for path in ["/", "/webhook/", "/webhookx", "/webhook/x", "/Webhook", "/hooks", "/x/webhook"] {
        assert!(verdict(&layer, request("POST", path, &FORGED)).is_err(), "{path}");
    }
    // The layer requires no token either.
    let tokens = super::layer(|it| it.require_token().exempt("/webhook"));
    assert_eq!(verdict(&tokens, request("POST", "/webhook", &FORGED)), Ok(()));
}

#[test]
fn d28_what_routers_read_differently_is_never_exempt() {
    let layer = layer(|it| it.exempt("/webhook").exempt("/"));
    for path in [
        "/%77ebhook",
        "/webhook%2f",
        "/webhook%00",
        "//webhook",
        "/webhook//",
        "//",
        "/./webhook",
        "/x/../webhook",
        "/webhook/.",
        "/webhook/..",
        "/..",
        "/.",
        "/webhook;a=b",
        "/admin/..;/webhook",
        "/\\webhook",
    ] {
        let Ok(uri) = path.parse::<http::Uri>() else { continue };
        assert!(verdict(&layer, request("POST", &uri.to_string(), &FORGED)).is_err(), "{path}");
    }
    // The second check does not depend on how the list was built.
    let list = ["/a%62".to_owned(), "//a".into(), "/a/..".into(), "/a/./b".into(), "/fine".into()];
    for path in &list {
        assert_eq!(crate::csrf::path::is_listed(&list, path), path == "/fine");
    }
}

#[test]
fn d28_such_a_path_cannot_be_exempted() {
    for (path, fix) in [
        ("webhook", "begin with a slash"),
        ("", "begin with a slash"),
        ("/%77ebhook", "leave out %"),
        ("//webhook", "leave out %"),
        ("/a/./b", "leave out %"),
        ("/a/../b", "leave out %"),
        ("/a/.", "leave out %"),
        ("/a/..", "leave out %"),
        ("/webhook/*", "name each path"),
        ("/webhook/{id}", "name each path"),
        ("/a?b", "leave out the query"),
        ("/a#b", "leave out the query"),
        ("/ümlaut", "non-ASCII letters"),
        ("/a b", "leave out spaces"),
    ] {
        let error = CsrfLayer::builder(&super::ring()).exempt("/fine").exempt(path).build();
        let message = error.unwrap_err().to_string();
        assert!(message.starts_with(&format!("exempt({path:?}): ")), "{message}");
        assert!(message.contains(fix), "{message}");
    }
    for path in ["/", "/a.b", "/...", "/.well-known/x", "/a/"] {
        assert!(CsrfLayer::builder(&super::ring()).exempt(path).build().is_ok(), "{path}");
    }
}
