//! Public keys passed as a shared secret are refused in any spelling. Secrets are not.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::json;

use super::forge;
use super::*;

fn build(secret: &[u8]) -> Result<(), BearerConfigError> {
    let key = Key::from_secret(Algorithm::HS256, secret);
    bare().algorithms([Algorithm::HS256]).key(key).build().map(drop)
}

#[track_caller]
fn assert_found(secret: impl AsRef<[u8]>, name: &str) {
    match build(secret.as_ref()) {
        Err(BearerConfigError::Key { fault, .. }) => {
            assert!(fault.contains("public key"), "{fault}")
        }
        other => panic!("{name}: {other:?}"),
    }
}

fn spki() -> [Vec<u8>; 4] {
    let der = |key: PublicKeyX509Der<'_>| key.as_ref().to_vec();
    [
        der(AsDer::as_der(forge::rsa().0.public_key()).unwrap()),
        pem::parse(forge::ec().pem()).unwrap().into_contents(),
        pem::parse(forge::ec521().pem()).unwrap().into_contents(),
        pem::parse(forge::ed().pem()).unwrap().into_contents(),
    ]
}

/// Encodes DER, with a length of two digits if the content needs one.
fn der(tag: u8, inside: &[u8]) -> Vec<u8> {
    let length = inside.len();
    match u8::try_from(length) {
        Ok(short @ ..128) => [&[tag, short], inside].concat(),
        _ => {
            let [.., high, low] = length.to_be_bytes();
            [&[tag, 0x82, high, low], inside].concat()
        }
    }
}

/// Wraps a key in the structure of a certificate. The signer does not matter here.
fn certificate(spki: &[u8]) -> Vec<u8> {
    let algorithm = der(0x30, &[0x06, 3, 0x2b, 0x65, 0x70]);
    let signed = der(0x30, &[&[0x02, 1, 1], &algorithm[..], &[0x30, 0, 0x30, 0], spki].concat());
    let signature = der(0x03, &[0; 65]);
    der(0x30, &[signed, algorithm, signature].concat())
}

fn pkcs1() -> Vec<u8> {
    forge::rsa().0.public_key().as_ref().to_vec()
}

fn ssh_blob(kind: &str, key: &[u8]) -> Vec<u8> {
    let part = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    [part(kind.as_bytes()), part(key)].concat()
}

fn hex(bytes: &[u8], separator: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(separator)
}

#[test]
fn jw_04_a_public_key_is_no_secret() {
    for pem in [forge::rsa().pem(), forge::ec().pem(), forge::ec521().pem(), forge::ed().pem()] {
        assert_found(&pem, "PEM");
        assert_found(pem.trim_end(), "PEM without its last line feed");
        assert_found(format!("\u{feff}{pem}"), "behind a byte order mark");
        assert_found(format!("\n \t{pem}"), "behind space");
        assert_found(format!("# our issuer's key\r\n{}", pem.replace('\n', "\r\n")), "comment");
        assert_found(pem.replace('\n', "\\n"), "in one line, as in an environment variable");
        assert_found(pem.replace('\n', " "), "in one line with spaces");
        assert_found(STANDARD.encode(&pem), "PEM in base64");
        assert_found(json!(pem).to_string(), "as a JSON string");
        let utf_16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_found([&[0xff, 0xfe], &utf_16[..]].concat(), "in UTF-16");
        // A secret in PEM is not a public key either.
        let key = Key::from_pem(Algorithm::HS256, &pem);
        assert!(bare().algorithms([Algorithm::HS256]).key(key).build().is_err());
    }
}

#[test]
fn jw_04_d13_der_is_found_raw_and_encoded() {
    let mut all = spki().to_vec();
    all.extend(spki().iter().map(|spki| certificate(spki)));
    all.push(pkcs1());
    all.push(forge::ec().point().to_vec());
    all.push(forge::ec521().point().to_vec());
    all.push(ssh_blob("ssh-ed25519", forge::ed().public()));
    all.push(ssh_blob("ecdsa-sha2-nistp256", forge::ec().point()));
    all.push(ssh_blob("ecdsa-sha2-nistp521", forge::ec521().point()));
    for (at, der) in all.iter().enumerate() {
        let name = |form: &str| format!("{form} of key {at}");
        assert_found(der, &name("raw"));
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            assert_found(engine.encode(der), &name("base64"));
        }
        let text = STANDARD.encode(der);
        let lines: Vec<&[u8]> = text.as_bytes().chunks(64).collect();
        assert_found(lines.join(&b"\n"[..]), &name("base64 in lines"));
        assert_found(format!(" {text}\n"), &name("base64 with space"));
        assert_found(format!("\"{text}\""), &name("base64 in quotes"));
        assert_found(format!("base64:{text}"), &name("base64 with a prefix"));
        assert_found(format!("data:;base64,{text}"), &name("a data URL"));
        assert_found(STANDARD.encode(&text), &name("base64 twice"));
        assert_found(hex(der, ""), &name("hex"));
        assert_found(hex(der, "").to_uppercase(), &name("HEX"));
        assert_found(hex(der, ":"), &name("hex with colons"));
        assert_found(format!("0x{}", hex(der, "")), &name("hex with 0x"));
    }
    for key in all {
        for end in ["\n", "\r\n"] {
            assert_found([&key[..], end.as_bytes()].concat(), "a file's last line feed");
        }
    }
    // The key's own last byte may look like whitespace.
    let [.., mut ed] = spki();
    for last in *b"\n\r\t\x0c " {
        *ed.last_mut().unwrap() = last;
        for end in ["", "\n", "\r\n"] {
            assert_found([&ed[..], end.as_bytes()].concat(), "a key that ends in space");
        }
    }
}

#[test]
fn jw_04_ssh_lines_and_jwks_are_found() {
    let line = |kind: &str, key: &[u8]| {
        format!("{kind} {} alice@example", STANDARD.encode(ssh_blob(kind, key)))
    };
    for line in [
        line("ssh-ed25519", forge::ed().public()),
        line("ecdsa-sha2-nistp256", forge::ec().point()),
        line("ssh-rsa", &forge::rsa().modulus()),
        line("sk-ssh-ed25519@openssh.com", forge::ed().public()),
    ] {
        assert_found(&line, &line);
        assert_found(format!("\u{feff}\n{line}"), &line);
        assert_found(format!("from=\"10.0.0.0/8\",no-pty {line}"), &line);
        assert_found(format!("---- BEGIN SSH2 PUBLIC KEY ----\n{line}"), &line);
    }
    assert_found(format!("ssh-ecdsa {}", "x".repeat(40)), "as before, by the first word alone");
    for jwk in [forge::rsa().jwk("1", "RS256"), forge::ec().jwk("1"), forge::ed().jwk("1")] {
        assert_found(&jwk, &jwk);
        assert_found(format!(" {jwk}\n"), &jwk);
        assert_found(format!("\u{feff}{{\"keys\":[{jwk}]}}"), &jwk);
        assert_found(format!("[{jwk}]"), &jwk);
        assert_found(URL_SAFE_NO_PAD.encode(&jwk), &jwk);
        assert_found(json!(jwk).to_string(), &jwk);
        // The same holds for a key in a set, and for a `JwtIssuer`.
        let oct = json!({ "kty": "oct", "k": forge::b64(&jwk) }).to_string();
        assert!(bare().algorithms([Algorithm::HS256]).key(Key::from_jwk(oct)).build().is_err());
        let secret = SigningKey::from_secret(Algorithm::HS256, &jwk);
        let issuer = JwtIssuer::builder(ISSUER, AUDIENCE).backend(BACKEND);
        let issuer = issuer.signing_key("1", secret).build();
        assert!(issuer.unwrap_err().to_string().contains("public key"));
    }
}

/// JWKs as configuration files and dumps write them.
#[test]
fn jw_04_keys_in_notations_that_are_no_json_are_found() {
    let n = forge::b64(forge::rsa().modulus());
    for text in [
        format!("kty: RSA\nn: {n}\ne: AQAB\n"),
        format!("- kid: one\n  kty:   \"EC\"\n  x: {n}\n"),
        format!("{{'kty': 'RSA', 'n': '{n}', 'e': 'AQAB'}}"),
        format!("{{kty:'OKP',x:'{n}'}}"),
        format!("[\"kty\" => \"RSA\", \"n\" => \"{n}\"]"),
        format!("kty = \"RSA\"\nn = \"{n}\"\n"),
        format!("kid: one\\nkty: RSA\\nn: {n}\\n"),
        format!("\"{{\\\"kty\\\":\\\"RSA\\\",\\\"n\\\":\\\"{n}\\\"}}"),
        format!("<RSAKeyValue><Modulus>{n}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"),
        format!("<KeyValue>\n<Modulus>{n}</Modulus></KeyValue>"),
    ] {
        assert_found(&text, &text);
        assert_found(STANDARD.encode(&text), &text);
    }
    // The JWK follows unrelated brackets, and its member's name is escaped.
    let jwk = forge::rsa().jwk("1", "RS256").replace("\"kty\"", "\"\\u006bty\"");
    for text in [format!("[main] key = {jwk}"), format!("{{{{a}}}} [x] \"b\" {{c}} {jwk};")] {
        assert_found(&text, &text);
    }
}

#[test]
fn secrets_are_no_public_keys() {
    use aws_lc_rs::rand::{SecureRandom, SystemRandom};
    let random = SystemRandom::new();
    for length in [32, 33, 48, 64, 65, 97, 128, 133, 256] {
        for first in [None, Some(0x30), Some(0x04), Some(0x00)] {
            let mut secret = vec![0; length];
            random.fill(&mut secret).unwrap();
            if let Some(first) = first {
                secret[0] = first;
            }
            assert_eq!(build(&secret), Ok(()), "{secret:?}");
            assert_eq!(build(STANDARD.encode(&secret).as_bytes()), Ok(()));
            assert_eq!(build(hex(&secret, "").as_bytes()), Ok(()));
        }
    }
    for secret in [
        "correct horse battery staple, and some more words",
        "{\"a\": \"JSON object that is no key, and is long\"}",
        "AAAA-but-not-a-key-of-ssh-AAAA-AAAA-AAAA",
        r#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "kty: oct\nk: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "{'kty':'oct','k':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "pkty: RSA and kty_of: EC are other names than that of a key's type",
        "the word kty alone, without a value behind it, says nothing",
        "MIIB is how they begin, and yet this is none of them",
        "00000000000000000000000000000000",
    ] {
        assert_eq!(build(secret.as_bytes()), Ok(()), "{secret}");
    }
}
