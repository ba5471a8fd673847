//! Tokens that an attacker might try: all are refused, none with 5xx.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use serde_json::json;

use super::forge::{self, b64, claims, good, hmac_with, input, join};
use super::*;

type Attack = (String, String);

fn attack(name: impl Into<String>, token: impl Into<String>) -> Attack {
    (name.into(), token.into())
}

/// Headers whose `alg` is not the key's.
fn confusion() -> Vec<Attack> {
    let mut list = Vec::new();
    // Anyone has the public keys, and could sign anything with them as secrets.
    let public: [(&str, Vec<u8>); 11] = [
        ("rs", forge::rsa().pem().into_bytes()),
        ("rs", forge::rsa().pem().trim_end().as_bytes().to_vec()),
        ("rs", forge::rsa().modulus()),
        ("rs", forge::rsa().jwk("rs", "RS256").into_bytes()),
        ("es", forge::ec().pem().into_bytes()),
        ("es", forge::ec().point().to_vec()),
        ("es", forge::ec().point()[1..33].to_vec()),
        ("es512", forge::ec521().pem().into_bytes()),
        ("es512", forge::ec521().point().to_vec()),
        ("ed", forge::ed().public().to_vec()),
        ("ed", forge::ed().pem().into_bytes()),
    ];
    for (at, (kid, secret)) in public.iter().enumerate() {
        for (alg, hash) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS384", hmac::HMAC_SHA384),
            ("HS512", hmac::HMAC_SHA512),
        ] {
            let input = input(&json!({ "alg": alg, "kid": kid }).to_string(), &good());
            let token = join(&input, hmac_with(hash, secret, &input));
            list.push(attack(format!("public key {at} of {kid} as a secret of {alg}"), token));
        }
        let input = input(&json!({ "alg": "HS256" }).to_string(), &good());
        let token = join(&input, hmac_with(hmac::HMAC_SHA256, secret, &input));
        list.push(attack(format!("public key {at} as a secret, no kid"), token));
    }
    // The right keys under the wrong names.
    for (alg, kid) in [("ES256", "rs"), ("EdDSA", "rs"), ("RS384", "rs"), ("PS256", "rs")] {
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        list.push(attack(format!("RSA key says {alg}"), forge::rsa().token(&header, &good())));
    }
    for (alg, kid) in [("RS256", "es"), ("ES384", "es"), ("ES256K", "es"), ("EdDSA", "es")] {
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        list.push(attack(format!("EC key says {alg}"), forge::ec().token(&header, &good())));
    }
    for (alg, kid) in [("ES256", "es512"), ("ES384", "es512"), ("ES512", "es"), ("ES256", "es")] {
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        let token = forge::ec521().token(&header, &good());
        list.push(attack(format!("key on P-521 says {alg} of {kid}"), token));
    }
    let header = json!({ "alg": "ES512", "kid": "es512" }).to_string();
    list.push(attack("key on P-256 says ES512", forge::ec().token(&header, &good())));
    for (alg, kid) in [("Ed448", "ed"), ("eddsa", "ed"), ("ed25519", "ed"), ("EdDSA", "es")] {
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        list.push(attack(format!("Ed key says {alg}"), forge::ed().token(&header, &good())));
    }
    let rs = input(r#"{"alg":"RS256","kid":"rs"}"#, &good());
    let pss = forge::rsa().sign_with(&RSA_PSS_SHA256, &rs);
    list.push(attack("PSS under RS256", join(&rs, pss)));
    let sha512 = forge::rsa().sign_with(&RSA_PKCS1_SHA512, &rs);
    list.push(attack("SHA-512 under RS256", join(&rs, sha512)));
    list
}

/// Keys inside the token.
fn injection() -> Vec<Attack> {
    let own = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let x = b64(aws_lc_rs::signature::KeyPair::public_key(&own));
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    let mut list = Vec::new();
    for (name, header) in [
        ("jwk", json!({ "alg": "EdDSA", "jwk": jwk })),
        ("jwk and a known kid", json!({ "alg": "EdDSA", "kid": "ed", "jwk": jwk })),
        ("jwk with a kid of its own", json!({ "alg": "EdDSA", "kid": "mine", "jwk": jwk })),
        ("jku", json!({ "alg": "EdDSA", "kid": "ed", "jku": "https://evil.example/jwks" })),
        ("jku of a file", json!({ "alg": "EdDSA", "kid": "ed", "jku": "file:///dev/null" })),
        ("x5u", json!({ "alg": "EdDSA", "kid": "ed", "x5u": "https://evil.example/pem" })),
        ("x5c", json!({ "alg": "EdDSA", "kid": "ed", "x5c": [x] })),
        ("keys", json!({ "alg": "EdDSA", "kid": "ed", "keys": [jwk] })),
    ] {
        let input = input(&header.to_string(), &good());
        list.push(attack(name, join(&input, own.sign(input.as_bytes()))));
    }
    for secret in [&b""[..], b"\0", b"secret", &[0; 32], b"null", b"AA"] {
        for header in [r#"{"alg":"HS256","kid":"hs"}"#, r#"{"alg":"HS256","kid":"/dev/null"}"#] {
            let input = input(header, &good());
            let token = join(&input, hmac_with(hmac::HMAC_SHA256, secret, &input));
            list.push(attack(format!("guessed secret {secret:?} {header}"), token));
        }
    }
    list
}

fn kids() -> Vec<Attack> {
    let long = "x".repeat(10_000);
    let kids = [
        "",
        "HS",
        "hs ",
        " hs",
        "hs\0",
        "h\u{73}\u{200b}",
        "../hs",
        "hs' OR '1'='1",
        "rs",
        "es",
        "*",
        "hs\n",
        "ｈｓ",
        "http://evil/hs",
        "%68%73",
        &long,
    ];
    let mut list: Vec<Attack> = kids
        .iter()
        .map(|kid| {
            let header = json!({ "alg": "HS256", "kid": kid }).to_string();
            attack(format!("kid {:.20}", kid.escape_debug()), forge::hs(&header, &good()))
        })
        .collect();
    for kid in ["null", "5", "[\"hs\"]", "{\"hs\":1}", "true"] {
        let header = format!(r#"{{"alg":"HS256","kid":{kid}}}"#);
        list.push(attack(format!("kid {kid}"), forge::hs(&header, &good())));
    }
    list
}

fn serialisations() -> Vec<Attack> {
    let header = r#"{"alg":"HS256","kid":"hs"}"#;
    let token = forge::hs(header, &good());
    let parts: Vec<&str> = token.split('.').collect();
    let json = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] });
    let general = json!({ "payload": parts[1], "signatures": [json] });
    let inner = forge::hs(r#"{"alg":"HS256","kid":"hs","cty":"JWT"}"#, &token);
    vec![
        attack("JSON, flattened", json.to_string()),
        attack("JSON, general", general.to_string()),
        attack("JSON in base64url", b64(json.to_string())),
        attack("nested", inner),
        attack("JWE has five parts", format!("{token}.AAAA.AAAA")),
        attack("JWE header", forge::hs(r#"{"alg":"dir","enc":"A128GCM"}"#, &good())),
        attack("detached", format!("{}..{}", parts[0], parts[2])),
        attack("signature first", format!("{}.{}.{}", parts[2], parts[1], parts[0])),
        attack("payload of another", {
            let other = b64(claims(json!({ "sub": "bob" })));
            format!("{}.{other}.{}", parts[0], parts[2])
        }),
        attack(
            "header of another",
            format!("{}.{}.{}", b64(r#"{"alg":"HS256"}"#), parts[1], parts[2]),
        ),
        attack("standard base64", {
            let payload = base64::Engine::encode(
                &base64::engine::general_purpose::STANDARD_NO_PAD,
                claims(json!({ "n": "???>>>~~~" })),
            );
            assert!(payload.contains(['+', '/']));
            forge::hs_over(&format!("{}.{payload}", b64(header)))
        }),
        attack("text that is not encoded", forge::hs_over(&format!("{header}.{}", good()))),
        attack("encoded twice", forge::hs_over(&format!("{}.{}", b64(parts[0]), b64(parts[1])))),
        attack("percent signs", token.replace('.', "%2E")),
        attack("a line feed inside", token.replacen('.', ".\\n", 1)),
    ]
}

fn truncated() -> Vec<Attack> {
    let mut list = Vec::new();
    for (name, token) in [
        ("HS256", forge::hs(r#"{"alg":"HS256","kid":"hs"}"#, &good())),
        ("ES256", forge::ec().token(r#"{"alg":"ES256","kid":"es"}"#, &good())),
        ("ES512", forge::ec521().token(r#"{"alg":"ES512","kid":"es512"}"#, &good())),
        ("EdDSA", forge::ed().token(r#"{"alg":"EdDSA","kid":"ed"}"#, &good())),
        ("RS256", forge::rsa().token(r#"{"alg":"RS256","kid":"rs"}"#, &good())),
    ] {
        for cut in [1, 2, 3, 4, 20, 43] {
            list.push(attack(format!("{name} shorter by {cut}"), &token[..token.len() - cut]));
        }
        list.push(attack(format!("{name} longer by a byte"), format!("{token}AAAA")));
        list.push(attack(format!("{name} without a start"), &token[1..]));
        let end = token.rfind('.').unwrap();
        list.push(attack(format!("{name} without a signature"), &token[..=end]));
        list.push(attack(
            format!("{name} the signature twice"),
            format!("{token}{}", &token[end + 1..]),
        ));
    }
    list
}

fn signatures() -> Vec<Attack> {
    let es = input(r#"{"alg":"ES256","kid":"es"}"#, &good());
    let ed = input(r#"{"alg":"EdDSA","kid":"ed"}"#, &good());
    let rs = input(r#"{"alg":"RS256","kid":"rs"}"#, &good());
    let hs = input(r#"{"alg":"HS256","kid":"hs"}"#, &good());
    // The order of P-256, and its neighbours.
    let n = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let mut one = [0; 32];
    one[31] = 1;
    let pair = |r: &[u8; 32], s: &[u8; 32]| [*r, *s].concat();
    let good_es = forge::ec().sign(&es);
    let good_ed = forge::ed().0.sign(ed.as_bytes()).as_ref().to_vec();
    let mut tail = good_ed.clone();
    tail[63] |= 0xe0;
    vec![
        attack("ES256 zero", join(&es, [0; 64])),
        attack("ES256 R zero", join(&es, pair(&[0; 32], &one))),
        attack("ES256 S zero", join(&es, pair(&one, &[0; 32]))),
        attack("ES256 n, n", join(&es, pair(&n, &n))),
        attack("ES256 R = n", join(&es, pair(&n, &one))),
        attack("ES256 S = n", join(&es, pair(&one, &n))),
        attack("ES256 ones", join(&es, [0xff; 64])),
        attack("ES256 1, 1", join(&es, pair(&one, &one))),
        attack("ES256 DER", join(&es, forge::ec().sign_der(&es))),
        attack("ES256 swapped", join(&es, [&good_es[32..], &good_es[..32]].concat())),
        attack("ES256 with a zero before", join(&es, [&[0], good_es.as_slice()].concat())),
        attack(
            "ES256 with zeros before each",
            join(&es, [&[0], &good_es[..32], &[0], &good_es[32..]].concat()),
        ),
        attack("ES256 as long as ES384", join(&es, [0; 96])),
        attack("EdDSA zero", join(&ed, [0; 64])),
        attack(
            "EdDSA the neutral point",
            join(
                &ed,
                pair(
                    &{
                        let mut point = [0; 32];
                        point[0] = 1;
                        point
                    },
                    &[0; 32],
                ),
            ),
        ),
        attack("EdDSA ones", join(&ed, [0xff; 64])),
        attack("EdDSA S too large", join(&ed, tail)),
        attack("EdDSA S and the order", join(&ed, with_order_added(&good_ed))),
        attack("EdDSA halves swapped", join(&ed, [&good_ed[32..], &good_ed[..32]].concat())),
        attack("RS256 zero", join(&rs, [0; 256])),
        attack(
            "RS256 one",
            join(&rs, {
                let mut one = [0; 256];
                one[255] = 1;
                one
            }),
        ),
        attack("RS256 ones", join(&rs, [0xff; 256])),
        attack("RS256 the modulus", join(&rs, forge::rsa().modulus())),
        attack("RS256 empty", join(&rs, [])),
        attack("HS256 zero", join(&hs, [0; 32])),
        attack("HS256 empty", join(&hs, [])),
        attack("HS256 by SHA-512", join(&hs, hmac_with(hmac::HMAC_SHA512, &forge::SECRET, &hs))),
        attack(
            "HS256 its half",
            join(&hs, &hmac_with(hmac::HMAC_SHA256, &forge::SECRET, &hs)[..16]),
        ),
        attack("of another algorithm", join(&es, good_ed)),
    ]
}

/// Like the attacks on ES256. R and S of P-521 have 66 bytes.
fn signatures_of_es512() -> Vec<Attack> {
    let es = input(r#"{"alg":"ES512","kid":"es512"}"#, &good());
    let good = forge::ec521().sign(&es);
    let (r, s) = good.split_at(66);
    let n = order_of_p521();
    let mut one = [0; 66];
    one[65] = 1;
    let list = [
        ("zero", vec![0; 132]),
        ("R zero", [&[0; 66], s].concat()),
        ("S zero", [r, &[0; 66]].concat()),
        ("n, n", [n, n].concat()),
        ("R = n", [&n, s].concat()),
        ("S = n", [r, &n].concat()),
        // 528 bits hold each number of 521 bits a second time, with the order added.
        ("R and the order", [&sum(r, &n), s].concat()),
        ("S and the order", [r, &sum(s, &n)].concat()),
        ("R with a bit above the 521", [&with_bit_above(r), s].concat()),
        ("S with a bit above the 521", [r, &with_bit_above(s)].concat()),
        ("ones", vec![0xff; 132]),
        ("1, 1", [one, one].concat()),
        ("DER", forge::ec521().sign_der(&es)),
        ("swapped", [s, r].concat()),
        ("with a zero before", [&[0], r, s].concat()),
        ("with zeros before each", [&[0], r, &[0], s].concat()),
        ("without the first bytes of each", [&r[1..], &s[1..]].concat()),
        ("numbers as long as the hash", [&r[2..], &s[2..]].concat()),
        ("as long as ES384", vec![0; 96]),
    ];
    list.map(|(name, signature)| attack(format!("ES512 {name}"), join(&es, signature))).into()
}

fn order_of_p521() -> [u8; 66] {
    let mut order = [0xff; 66];
    order[0] = 1;
    order[33..].copy_from_slice(&[
        0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09,
        0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91,
        0x38, 0x64, 0x09,
    ]);
    order
}

/// Adds two big-endian numbers of the same length. The sum must fit.
fn sum(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut sum = one.to_vec();
    let mut carry = 0;
    for (digit, added) in sum.iter_mut().zip(other).rev() {
        let [low, high] = (u16::from(*digit) + u16::from(*added) + carry).to_le_bytes();
        (*digit, carry) = (low, u16::from(high));
    }
    assert_eq!(carry, 0);
    sum
}

fn with_bit_above(number: &[u8]) -> Vec<u8> {
    let mut number = number.to_vec();
    number[0] |= 2;
    number
}

/// Adds the order of Ed25519's group to S. The number is the same modulo the order, so the
/// signature would have two forms.
fn with_order_added(signature: &[u8]) -> Vec<u8> {
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut changed = signature.to_vec();
    let mut carry = 0;
    for (digit, added) in changed[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(added) + carry;
        let [low, high] = sum.to_le_bytes();
        (*digit, carry) = (low, u16::from(high));
    }
    changed
}

/// Tokens with valid signatures that must still be refused.
fn contents() -> Vec<Attack> {
    let hs = |payload: &str| forge::hs(r#"{"alg":"HS256","kid":"hs"}"#, payload);
    let exp = (NOW + 300).to_string();
    let mut list = Vec::new();
    for number in [
        "1e999",
        "-1e999",
        "-0",
        "0x6956b000",
        "1_767_225_900",
        "+1767225900",
        "01767225900",
        "NaN",
        "Infinity",
        "1767225900.",
        ".5",
        "\"1767225900\"",
        "[1767225900]",
        "{}",
        "null",
        "false",
        "1e",
        "1767225540",
        "1.767e9",
    ] {
        list.push(attack(format!("exp {number}"), hs(&good().replace(&exp, number))));
    }
    for text in [
        "alice\\u0000\u{0}",
        "al\nice",
        "\\ud800",
        "\\udc00\\ud800",
        "\\x61lice",
        "\\u00",
        "a\\",
        "\u{1}",
    ] {
        list.push(attack(
            format!("sub {}", text.escape_debug()),
            hs(&good().replace("alice", text)),
        ));
    }
    for issuer in [
        "https://id.example\u{200b}",
        "https://ｉd.example",
        "https://id.example\\u0000",
        "https://id%2eexample",
        "HTTPS://id.example",
        "https://id.example#",
        "https://id.example@evil.example",
        "https://іd.example",
    ] {
        list.push(attack(
            format!("iss {}", issuer.escape_debug()),
            hs(&good().replace(ISSUER, issuer)),
        ));
    }
    for added in [
        r#""exp":9999999999,"#,
        r#""\u0065xp":9999999999,"#,
        r#""iss":"https://evil.example","#,
        r#""aud":[],"#,
        r#""cnf":{"jkt":"x"},"#,
        r#""nbf":9999999999,"#,
        r#""iat":9999999999,"#,
        r#""nbf":"0","#,
        r#""events":{},"#,
        r#""typ":"ID","#,
        r#""token_use":"refresh","#,
        r#""azp":["web"],"#,
        r#""at_hash":"x","#,
        r#""__proto__":{"a":1,"a":2},"#,
        r#""x":1e999,"#,
        r#""x":{"#,
        r#""x":01,"#,
        r#"x:1,"#,
        ",",
    ] {
        list.push(attack(
            format!("with {added}"),
            hs(&good().replacen('{', &format!("{{{added}"), 1)),
        ));
    }
    for open in ["[", "{\"a\":"] {
        list.push(attack("deep and open", hs(&format!("{{\"x\":{}", open.repeat(2000)))));
    }
    list
}

#[tokio::test]
async fn jw_02_jw_04_jw_05_jw_06_jw_13_jw_14_jw_31_the_attack_list() {
    let layer = everything().build().unwrap();
    let lists =
        [confusion(), injection(), kids(), serialisations(), truncated(), signatures(), contents()];
    let lists = lists.into_iter().chain([signatures_of_es512()]);
    let mut count = 0;
    for (name, token) in lists.flatten() {
        let Ok(line) = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()) else {
            panic!("{name} cannot be sent");
        };
        let response = send(&layer, &[line]).await;
        let status = response.status().as_u16();
        assert!(matches!(status, 400 | 401), "{name}: {status}");
        assert_eq!(challenges(&response).len(), 1, "{name}");
        assert_eq!(response.body(), "", "{name}");
        count += 1;
    }
    assert!(count >= 120, "{count}");
}
