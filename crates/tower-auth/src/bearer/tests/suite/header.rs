//! Tests of the header and the serialisation.

use serde_json::json;

use super::forge::{self, b64, under, with};
use super::*;

#[tokio::test]
async fn jw_01_jw_03_only_listed_algorithms_and_never_none() {
    let layer = everything().build().unwrap();
    assert_accepted(&present(&layer, &under(r#"{"alg":"HS256","kid":"hs"}"#)).await, "HS256");
    for alg in ["none", "None", "NONE", "nOnE", "", "HS384", "hs256", "RS256", "Hs256", "HS256 "] {
        let header = json!({ "alg": alg, "kid": "hs" }).to_string();
        assert_refused(&present(&layer, &under(&header)).await, alg);
        let unsigned = format!("{}.", forge::input(&header, &forge::good()));
        assert_refused(&present(&layer, &unsigned).await, alg);
    }
    for header in [r#"{"kid":"hs"}"#, r#"{"alg":["HS256"]}"#, r#"{"alg":null}"#, r#"{"alg":1}"#] {
        assert_refused(&present(&layer, &under(header)).await, header);
    }
}

#[tokio::test]
async fn jw_10_d13_nothing_stands_twice_at_any_level() {
    let layer = shared().build().unwrap();
    for header in [
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"HS256","x":1,"x":1}"#,
        r#"{"alg":"HS256","x":{"y":1,"y":1}}"#,
        r#"{"alg":"HS256","x":[{"y":1,"y":1}]}"#,
    ] {
        assert_refused(&present(&layer, &under(header)).await, header);
    }
    let good = forge::good();
    for added in [
        r#""sub":"alice","#,
        r#""s\u0075b":"alice","#,
        r#""x":1,"x":2,"#,
        r#""x":{"y":1,"y":2},"#,
        r#""aud":"https://api.example","#,
    ] {
        let payload = good.replacen('{', &format!("{{{added}"), 1);
        assert_refused(&present(&layer, &forge::raw(&payload)).await, added);
    }
}

#[tokio::test]
async fn jw_11_d13_whatever_is_critical_is_refused() {
    let layer = shared().build().unwrap();
    for added in [
        r#""crit":["x"],"x":1"#,
        r#""crit":["x"]"#,
        r#""crit":[]"#,
        r#""crit":"x","x":1"#,
        r#""crit":null"#,
        r#""crit":{}"#,
        r#""crit":["alg"]"#,
        r#""crit":["b64"],"b64":true"#,
        r#""crit":["b64"],"b64":false"#,
        r#""b64":false"#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{added}}}"#);
        assert_refused(&present(&layer, &under(&header)).await, added);
    }
}

#[tokio::test]
async fn jw_12_unknown_members_are_ignored_whatever_their_type() {
    let layer = shared().build().unwrap();
    for value in ["1", "null", "true", "\"x\"", "[1,[2]]", r#"{"a":{"b":null}}"#, "-1.5e-3"] {
        let header = format!(r#"{{"x":{value},"alg":"HS256","cty":{value}}}"#);
        assert_accepted(&present(&layer, &under(&header)).await, value);
    }
}

#[tokio::test]
async fn jw_22_d13_typ_must_be_an_access_tokens() {
    let layer = shared().build().unwrap();
    for (typ, accepted) in [
        (json!("JWT"), true),
        (json!("jwt"), true),
        (json!("at+jwt"), true),
        (json!("At+Jwt"), true),
        (json!("application/at+jwt"), true),
        (json!("application/jwt"), false),
        (json!("dpop+jwt"), false),
        (json!("logout+jwt"), false),
        (json!("secevent+jwt"), false),
        (json!("JOSE"), false),
        (json!(""), false),
        (json!(" JWT"), false),
        (json!(null), false),
        (json!(["JWT"]), false),
        (json!(7), false),
    ] {
        let token = under(&json!({ "alg": "HS256", "typ": typ }).to_string());
        let response = present(&layer, &token).await;
        match accepted {
            true => assert_accepted(&response, &typ.to_string()),
            false => assert_refused(&response, &typ.to_string()),
        }
    }
}

#[tokio::test]
async fn jw_08_compact_and_strict_only() {
    let layer = shared().build().unwrap();
    let good = with(json!({}));
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    assert_accepted(&present(&layer, &good).await, "as it is");
    for token in [
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}.{payload}..{signature}"),
        format!("{good}="),
        format!("{good}A"),
        format!("{header}.{payload}.{}", signature.replace(['-', '_'], "+")) + "+",
        "..".into(),
        ".".into(),
        "a".into(),
    ] {
        assert_refused(&present(&layer, &token).await, &token);
    }
    // This does not even satisfy the grammar of the `Authorization` header.
    let padded = present(&layer, &format!("{header}=.{payload}.{signature}")).await;
    assert_eq!(padded.status(), 400);
    // The unused bits of the last character.
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = *signature.as_bytes().last().unwrap();
    let at = alphabet.iter().position(|it| *it == last).unwrap();
    for other in 1..4 {
        let mut token = good.clone();
        token.pop();
        token.push(char::from(alphabet[at ^ other]));
        assert_refused(&present(&layer, &token).await, "trailing bits");
    }
}

#[tokio::test]
async fn jw_09_objects_of_utf_8_json_only() {
    let layer = shared().build().unwrap();
    let good = forge::good();
    for payload in [
        b"[]".to_vec(),
        b"null".to_vec(),
        b"\"x\"".to_vec(),
        b"5".to_vec(),
        b"".to_vec(),
        b"{".to_vec(),
        b"{}".to_vec(),
        [b"\xef\xbb\xbf", good.as_bytes()].concat(),
        [good.as_bytes(), b" x"].concat(),
        [good.as_bytes(), good.as_bytes()].concat(),
        [good.as_bytes(), b"\0"].concat(),
        good.replace("alice", "al\u{fffd}ice").replace('\u{fffd}', "\\ud800").into_bytes(),
        [&good.as_bytes()[..good.len() - 1], b",\"x\":\"\xff\"}"].concat(),
        [&good.as_bytes()[..good.len() - 1], b",\"x\":\"\xc0\xaf\"}"].concat(),
        good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        good.replace('"', "'").into_bytes(),
        good.replace('}', ",}").into_bytes(),
    ] {
        let token = forge::hs_over(&format!("{}.{}", b64(r#"{"alg":"HS256"}"#), b64(&payload)));
        assert_refused(&present(&layer, &token).await, &String::from_utf8_lossy(&payload));
    }
    for header in [r#"["HS256"]"#, "\"HS256\"", "{}", "", "{\"alg\":\"HS256\"}x", "null"] {
        assert_refused(&present(&layer, &under(header)).await, header);
    }
    let spaced = format!(" \n{} ", good.replace(',', " ,\t\r\n"));
    assert_accepted(&present(&layer, &forge::raw(&spaced)).await, "space between is JSON");
}

#[tokio::test]
async fn jw_27_long_and_deep_tokens_are_refused() {
    let layer = shared().build().unwrap();
    let padded = |bytes: usize| with(json!({ "x": "x".repeat(bytes) }));
    assert_accepted(&present(&layer, &padded(12_000)).await, "below 16 KiB");
    assert_refused(&present(&layer, &padded(12_300)).await, "above 16 KiB");
    let exact = with(json!({}));
    let fits = shared().max_token_bytes(exact.len()).build().unwrap();
    let short = shared().max_token_bytes(exact.len() - 1).build().unwrap();
    assert_accepted(&present(&fits, &exact).await, "exactly as long");
    assert_refused(&present(&short, &exact).await, "one longer");

    let nested = |depth: usize, open: &str, close: &str| {
        let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        forge::good().replacen('{', &format!("{{\"x\":{value},"), 1)
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let ok = forge::raw(&nested(16, open, close));
        assert_accepted(&present(&layer, &ok).await, "16 deep");
        for depth in [17, 127, 128, 1000] {
            let deep = forge::raw(&nested(depth, open, close));
            assert_refused(&present(&layer, &deep).await, "too deep");
        }
    }
    let members: String = (0..3000).map(|at| format!("\"{at}\":1,")).collect();
    let many = forge::good().replacen('{', &format!("{{{members}"), 1);
    let roomy = shared().max_token_bytes(1 << 20).build().unwrap();
    assert_accepted(&present(&roomy, &forge::raw(&many)).await, "many members");
}
