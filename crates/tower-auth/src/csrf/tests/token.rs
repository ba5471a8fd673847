use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use tower_auth_core::rejection::CsrfFault::{BadToken, MissingToken};

use super::{SESSION, issue, layer, page, post, request, submit, verdict};
use crate::KeyRing;
use crate::csrf::{CsrfLayer, TokenError};

fn tokens() -> CsrfLayer {
    layer(|it| it.require_token().bind_to("__Host-session"))
}

#[test]
fn cs_09_cs_20_a_token_holds_for_its_session_alone() {
    let layer = tokens();
    let (token, set) = issue(&layer, &[SESSION]);
    assert!(set.is_none(), "there is a session to bind to");
    assert_eq!(submit(&layer, &[SESSION], &token), Ok(()));
    assert_eq!(submit(&layer, &[SESSION], &token), Ok(()), "any number of times");
    assert_eq!(submit(&layer, &["__Host-session=another"], &token), Err(BadToken));
    assert_eq!(submit(&layer, &[], &token), Err(BadToken));
    assert_eq!(submit(&layer, &[SESSION, SESSION], &token), Ok(()), "equal cookies count once");
    // A cookie of the client's own making does not bind either, unlike in a naive double submit.
    assert_eq!(submit(&layer, &[&format!("__Host-csrf={token}")], &token), Err(BadToken));
}

#[test]
fn cs_20_require_token_when_asks_where_it_says_so() {
    let layer = layer(|it| {
        it.require_token_when(|parts| parts.uri.path() == "/pay")
            .require_token_when(|parts| parts.uri.path() == "/send")
    });
    for (path, wanted) in [("/pay", Err(MissingToken)), ("/send", Err(MissingToken)), ("/", Ok(()))]
    {
        let sent = request("POST", path, &[("sec-fetch-site", "same-origin")]);
        assert_eq!(verdict(&layer, sent), wanted, "{path}");
        let read = request("GET", path, &[("sec-fetch-site", "same-origin")]);
        assert_eq!(verdict(&layer, read), Ok(()), "{path}");
    }
}

#[test]
fn cs_11_a_token_is_read_from_its_header_alone() {
    let layer = tokens();
    let (token, _) = issue(&layer, &[SESSION]);
    let same = ("sec-fetch-site", "same-origin");
    let uri = format!("/?x-csrf-token={token}&csrf_token={token}&_csrf={token}");
    let cookies = format!("{SESSION}; x-csrf-token={token}; csrf_token={token}");
    let sent = request("POST", &uri, &[same, ("cookie", &cookies)]);
    assert_eq!(verdict(&layer, sent), Err(MissingToken));

    let named =
        super::layer(|it| it.require_token().bind_to("__Host-session").header_name("X-Form-Token"));
    let with = |name| verdict(&named, post(&[same, ("cookie", SESSION), (name, &token)]));
    assert_eq!(with("x-form-token"), Ok(()));
    assert_eq!(with("x-csrf-token"), Err(MissingToken));
}

#[test]
fn cs_11_every_token_is_another_text() {
    let layer = tokens();
    let issued: Vec<_> = (0..64).map(|_| issue(&layer, &[SESSION]).0).collect();
    let bytes: Vec<_> = issued.iter().map(|it| URL_SAFE_NO_PAD.decode(it).unwrap()).collect();
    for (at, token) in issued.iter().enumerate() {
        assert!(!issued[..at].contains(token));
        assert_eq!(submit(&layer, &[SESSION], token), Ok(()));
    }
    // After the format and the key id, no byte repeats: an attacker can measure nothing (BREACH).
    assert!(bytes.iter().all(|it| it[..5] == bytes[0][..5]));
    for at in 5..53 {
        assert!(bytes.iter().any(|it| it[at] != bytes[0][at]), "byte {at}");
    }
    // Several tokens of one response are valid too.
    let (both, _) = page(&layer, &[SESSION], |_, it| [it.issue().unwrap(), it.issue().unwrap()]);
    assert_ne!(both[0], both[1]);
    assert!(both.iter().all(|token| submit(&layer, &[SESSION], token).is_ok()));
}

#[test]
fn cs_12_what_is_no_token_is_403() {
    let layer = tokens();
    let (token, _) = issue(&layer, &[SESSION]);
    let mut bad: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"null".to_vec(),
        b"undefined".to_vec(),
        vec![b'A'; 71],
        vec![b'A'; 100_000],
        b"\xff\xfe\x80".to_vec(),
        vec![0xff; 71],
        "ü".repeat(35).into_bytes(),
        format!("{token}=").into_bytes(),
        format!("{token}A").into_bytes(),
        format!("{token}, {token}").into_bytes(),
        format!("\"{token}\"").into_bytes(),
        token.replace(['-', '_'], "+").into_bytes(),
        token[..70].into(),
        token[1..].into(),
    ];
    bad.retain(|it| it != token.as_bytes());
    for text in bad {
        for cookies in [&[SESSION][..], &[], &["__Host-session="], &["__Host-csrf="]] {
            let mut sent = post(&[("sec-fetch-site", "same-origin")]);
            for line in cookies {
                sent.headers_mut().append("cookie", line.parse().unwrap());
            }
            let text = HeaderValue::from_bytes(&text).unwrap();
            sent.headers_mut().insert("x-csrf-token", text);
            assert_eq!(verdict(&layer, sent), Err(BadToken));
        }
    }
    let twice = [
        ("sec-fetch-site", "same-origin"),
        ("cookie", SESSION),
        ("x-csrf-token", &token),
        ("x-csrf-token", &token),
    ];
    assert_eq!(verdict(&layer, post(&twice)), Err(BadToken));
    assert_eq!(verdict(&layer, post(&twice[..3])), Ok(()));
    assert_eq!(verdict(&layer, post(&twice[..2])), Err(MissingToken));
}

#[test]
fn cs_12_an_empty_session_cookie_binds_nothing() {
    let (_, set) = issue(&tokens(), &["__Host-session="]);
    assert!(set.is_some_and(|pair| pair.starts_with("__Host-csrf=")));
}

#[test]
fn xx_02_every_bit_of_a_token_counts() {
    // The comparison takes the same time for every difference. A test can only show that the
    // comparison covers every byte.
    let layer = tokens();
    let (token, _) = issue(&layer, &[SESSION]);
    let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        let forged = URL_SAFE_NO_PAD.encode(forged);
        assert_eq!(submit(&layer, &[SESSION], &forged), Err(BadToken), "bit {bit}");
    }
    // The two spare bits of the last character allow no second spelling.
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let other = format!("{}{last}", &token[..70]);
        assert_eq!(submit(&layer, &[SESSION], &other).is_ok(), other == token);
    }
}

#[test]
fn xx_03_the_newest_key_signs_and_all_verify() {
    let with = |seeds: &[u64]| {
        let ring = KeyRing::insecure_from_seeds(seeds.iter().copied());
        CsrfLayer::builder(&ring).require_token().bind_to("__Host-session").build().unwrap()
    };
    let (before, during, after) = (with(&[1]), with(&[2, 1]), with(&[2]));
    let (by_old, _) = issue(&before, &[SESSION]);
    let (by_new, _) = issue(&during, &[SESSION]);
    assert_eq!(submit(&during, &[SESSION], &by_old), Ok(()));
    assert_eq!(submit(&during, &[SESSION], &by_new), Ok(()));
    assert_eq!(submit(&after, &[SESSION], &by_new), Ok(()));
    assert_eq!(submit(&after, &[SESSION], &by_old), Err(BadToken));
    // The same applies to the pre-session cookie.
    let (token, cookie) = issue(&before, &[]);
    let cookie = cookie.unwrap();
    assert_eq!(submit(&during, &[&cookie], &token), Ok(()));
    assert_eq!(submit(&after, &[&cookie], &token), Err(BadToken));
}

#[test]
fn d12_keys_are_the_applications_and_not_the_processes() {
    let (token, _) = issue(&tokens(), &[SESSION]);
    assert_eq!(submit(&tokens(), &[SESSION], &token), Ok(()), "another layer of the same ring");
    let stranger = CsrfLayer::builder(&KeyRing::random()).require_token();
    let stranger = stranger.bind_to("__Host-session").build().unwrap();
    assert_eq!(submit(&stranger, &[SESSION], &token), Err(BadToken));
}

#[test]
fn a_token_issued_too_late_is_an_error() {
    let (kept, _) = page(&tokens(), &[SESSION], |_, token| token);
    assert_eq!(kept.issue(), Err(TokenError::ResponseSent));
}
