//! The binding of a token if several cookies could bind it, or if one cookie occurs twice.

use tower_auth_core::rejection::CsrfFault::BadToken;

use super::{SESSION, issue, layer, page, session, session_of, submit};
use crate::KeyRing;
use crate::csrf::{CsrfLayer, CsrfLayerBuilder};

fn tokens() -> CsrfLayer {
    layer(CsrfLayerBuilder::require_token)
}

/// The token of a visitor without a session, and the cookie that binds it.
fn visitor(layer: &CsrfLayer) -> (String, String) {
    let (token, cookie) = issue(layer, &[]);
    (token, cookie.unwrap())
}

/// Both orders of two cookies, in one line and in two.
fn both(one: &str, two: &str) -> [Vec<String>; 4] {
    [
        vec![format!("{one}; {two}")],
        vec![format!("{two}; {one}")],
        vec![one.to_owned(), two.to_owned()],
        vec![two.to_owned(), one.to_owned()],
    ]
}

fn sent(layer: &CsrfLayer, lines: &[String], token: &str) -> bool {
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let verdict = submit(layer, &lines, token);
    assert!(matches!(verdict, Ok(()) | Err(BadToken)), "{verdict:?}");
    verdict.is_ok()
}

fn issued(layer: &CsrfLayer, lines: &[String]) -> (String, Option<String>) {
    issue(layer, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn cs_09_a_planted_pre_session_cookie_does_not_replace_the_session() {
    let layer = tokens();
    // The attacker's own, validly signed cookie, with a matching token.
    let (attackers, planted) = visitor(&layer);
    let victim = session(1);
    let (of_victim, set) = issue(&layer, &[&victim]);
    assert!(set.is_none());
    for lines in both(&victim, &planted) {
        assert!(!sent(&layer, &lines, &attackers), "{lines:?}");
        assert!(sent(&layer, &lines, &of_victim), "{lines:?}");
        let (again, set) = issued(&layer, &lines);
        assert!(set.is_none() && sent(&layer, std::slice::from_ref(&victim), &again));
    }
}

#[test]
fn cs_10_a_form_from_before_the_session_is_refused_once() {
    let layer = tokens();
    let (before, pre_session) = visitor(&layer);
    // A session begins without a login, in another tab.
    for lines in both(&session(1), &pre_session) {
        assert!(!sent(&layer, &lines, &before));
        let (after, set) = issued(&layer, &lines);
        assert!(set.is_none() && sent(&layer, &lines, &after), "the page loaded again");
    }
}

#[test]
fn cs_09_a_value_that_does_not_verify_counts_as_none() {
    let layer = tokens();
    let (token, pre_session) = visitor(&layer);
    let mut forged = session(1);
    forged.pop();
    forged.push(if session(1).ends_with('A') { 'Q' } else { 'A' });
    let stranger = session_of(&KeyRing::random(), "__Host-session", 1);
    let other_cookie = session_of(&super::ring(), "__Host-other", 1);
    let (_, other_cookie) = other_cookie.split_once('=').unwrap();
    let other_cookie = format!("__Host-session={other_cookie}");
    let value = pre_session.strip_prefix("__Host-csrf=").unwrap();
    let as_session = format!("__Host-session={value}");
    let empty = "__Host-session=".to_owned();
    for junk in [SESSION.to_owned(), forged, stranger, other_cookie, as_session, empty] {
        // Planted next to a visitor's cookie, the junk does not lock the visitor out of the login
        // form.
        for lines in both(&junk, &pre_session) {
            assert!(sent(&layer, &lines, &token), "{junk}");
        }
        // The junk alone binds nothing.
        let (_, set) = issue(&layer, &[&junk]);
        assert!(set.is_some_and(|set| set.starts_with("__Host-csrf=")), "{junk}");
        // Next to a session, the session binds.
        let (of_session, _) = issue(&layer, &[&session(1)]);
        for lines in both(&junk, &session(1)) {
            assert!(sent(&layer, &lines, &of_session), "{junk}");
        }
    }
    // The same applies to the pre-session cookie.
    for junk in ["__Host-csrf=x", "__Host-csrf=", &format!("__Host-csrf={token}")] {
        for lines in both(junk, &pre_session) {
            assert!(sent(&layer, &lines, &token), "{junk}");
        }
        assert!(issue(&layer, &[junk]).1.is_some(), "{junk}");
    }
}

#[test]
fn ck_07_the_same_value_twice_is_one_and_two_that_verify_are_none() {
    let layer = tokens();
    let (of_visitor, pre_session) = visitor(&layer);
    let (of_one, _) = issue(&layer, &[&session(1)]);
    let (of_two, _) = issue(&layer, &[&session(2)]);
    for lines in both(&session(1), &session(1)) {
        assert!(sent(&layer, &lines, &of_one));
    }
    for mut lines in both(&session(1), &session(2)) {
        assert!(!sent(&layer, &lines, &of_one) && !sent(&layer, &lines, &of_two));
        assert!(issued(&layer, &lines).1.is_some(), "a new pre-session");
        // The conflicting cookies count as none: the next kind binds.
        lines.push(pre_session.clone());
        assert!(sent(&layer, &lines, &of_visitor));
        assert!(!sent(&layer, &lines, &of_one));
    }
    let (of_other, other) = visitor(&layer);
    for lines in both(&pre_session, &other) {
        assert!(!sent(&layer, &lines, &of_visitor) && !sent(&layer, &lines, &of_other));
        assert!(issued(&layer, &lines).1.is_some());
    }
    for lines in both(&pre_session, &pre_session) {
        assert!(sent(&layer, &lines, &of_visitor));
    }
}

#[test]
fn cs_09_another_librarys_cookie_binds_by_its_whole_value_before_the_pre_session() {
    let layer = layer(|it| it.require_token().bind_to("sid"));
    let (attackers, planted) = visitor(&layer);
    let (token, set) = issue(&layer, &["sid=s%3Aabc.def"]);
    assert!(set.is_none());
    for lines in both("sid=s%3Aabc.def", &planted) {
        assert!(sent(&layer, &lines, &token));
        assert!(!sent(&layer, &lines, &attackers));
    }
    assert!(!sent(&layer, &["sid=s%3Aabc.dex".into()], &token));
    assert!(!sent(&layer, &["sid=s%3Aabc.de".into()], &token));
    // An empty value counts as none.
    for lines in both("sid=", &planted) {
        assert!(sent(&layer, &lines, &attackers));
    }
}

#[test]
fn ck_07_two_values_of_another_librarys_cookie_are_refused() {
    let layer = layer(|it| it.require_token().bind_to("sid"));
    let (of_visitor, pre_session) = visitor(&layer);
    let (of_one, _) = issue(&layer, &["sid=one"]);
    let (of_two, _) = issue(&layer, &["sid=two"]);
    for two in
        [both("sid=one", "sid=two"), both("sid=one", "sid="), both("sid=one", "sid=one ;sid=x")]
    {
        for mut lines in two {
            lines.push(pre_session.clone());
            let (again, _) = issued(&layer, &lines);
            for token in [&of_one, &of_two, &of_visitor, &again] {
                assert!(!sent(&layer, &lines, token), "{lines:?}");
            }
        }
    }
    for lines in both("sid=one", "sid=one") {
        assert!(sent(&layer, &lines, &of_one));
    }
}

#[test]
fn cs_09_bind_to_recognises_a_session_of_ours_under_that_name() {
    let layer = layer(|it| it.require_token().bind_to("__Host-id"));
    let ours = session_of(&super::ring(), "__Host-id", 1);
    let (token, set) = issue(&layer, &[&ours]);
    assert!(set.is_none());
    // The session's secret binds, so junk next to it changes nothing.
    for lines in both(&ours, "__Host-id=junk") {
        assert!(sent(&layer, &lines, &token));
    }
    for lines in both(&ours, &session_of(&super::ring(), "__Host-id", 2)) {
        assert!(!sent(&layer, &lines, &token));
    }
}

#[test]
fn cs_09_a_session_of_ours_under_another_name_takes_no_foreign_value() {
    let layer = layer(|it| it.require_token().session_cookie("__Host-id"));
    let ours = session_of(&super::ring(), "__Host-id", 1);
    let (token, set) = issue(&layer, &[&ours]);
    assert!(set.is_none() && sent(&layer, std::slice::from_ref(&ours), &token));
    let (of_visitor, pre_session) = visitor(&layer);
    for junk in ["__Host-id=junk", "__Host-id=", "__Host-id=a; __Host-id=b"] {
        for lines in both(junk, &pre_session) {
            assert!(sent(&layer, &lines, &of_visitor), "{junk}");
        }
    }
}

#[test]
fn cs_10_what_the_response_sets_counts_before_what_came() {
    let layer = tokens();
    let (_, pre_session) = visitor(&layer);
    let set = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        let cookie = cookie::Cookie::build((name.to_owned(), value.to_owned()));
        cookie.path("/").secure(true).build()
    };
    // A session that begins in this response binds the token in it.
    let (token, _) = page(&layer, &[&pre_session], |context, token| {
        context.jar.write_credential(set(&session(1))).unwrap();
        token.issue().unwrap()
    });
    assert!(sent(&layer, &[session(1), pre_session.clone()], &token));
    // A session that ends in this response binds nothing: the pre-session cookie takes over.
    let (token, _) = page(&layer, &[&session(1), &pre_session], |context, token| {
        context.jar.write_credential(crate::jar::removal(set("__Host-session="))).unwrap();
        token.issue().unwrap()
    });
    assert!(sent(&layer, std::slice::from_ref(&pre_session), &token));
    assert!(!sent(&layer, &[session(1), pre_session], &token));
}
