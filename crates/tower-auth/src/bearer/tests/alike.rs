//! Both libraries treat each key in the same way.

use super::super::backend::{KeyFault, Public};
use crate::bearer::{Algorithm, Backend, JwtIssuer, SigningKey};

const BOTH: [Backend; 2] = [Backend::AwsLc, Backend::RustCrypto];

/// One algorithm for each kind of key.
const OF_EACH_KIND: [Algorithm; 5] =
    [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA, Algorithm::RS256];

#[test]
fn d27_aws_lc_is_used_unless_the_other_is_named() {
    assert_eq!(Backend::default(), Backend::AwsLc);
}

/// A key of 1024 bits in PKCS#1, made for this test.
const SHORT_RSA: &str = "\
    MIICXgIBAAKBgQDoVgCE/R3HAFxv6/IrzpeodAN/ZNMv51ZEILIM0G9qm/cnB2agUcVUmJvXiDPGiIkjoXMUDelSARw8\
    hOhTrzOBmX7JkyIKXptZ6eRx+hEiL9bWndKLDZVdF/BtkZMokLqkNIGzgTXthh2ZiZCiQKQsi5GawB8zGJl9yOv3KBkr\
    swIDAQABAoGBAJnF0jIzFTJRGt043OABrH7hyi7XHK/n/UC6Ix44FoYJFFvQmiwh8uk62GqeyyXr2Fis0u3DB1ovQfEM\
    RniczQkHIY2BJwJaynA0XsP9DqSfKT48cxqs8W3yaonJE8ZurXn0l1rwgzB8E3wI3Wai9LklWmkJ7ndWx/uAfkL/LcOB\
    AkEA909/BF0kMnT5+KW+JV1tyQ0yUk8de4jepfLfDeXbWmHnhVRif+FDl6/pxAYIUuJg0vF269kI3weNvWdoAV8DnQJB\
    APB/0BDd/y+RfPB+3Zf3x2UZu95wT6LJMgdUK+hywgICYIIgSbAJlgLNS+LaffmuvnEGy4Ls68aO5wYsDr3Pk48CQQDL\
    sfuBQaIduQFmzkT2C6TwMuFer/Etnccc0hTsIoVwRTFnPODASW7d0jNtlDZo5jIvrFhx21oWMOeKuFAOyQ51AkA5PGHb\
    McoimwBeCANawGhe4kH4zUfWmQVkAx80AeO0MLahIWgIEi/2WL9/rLogavr90T0r2pC+P5IxwNh9SeJ3AkEAmyaMa8nm\
    ry5SovPii7vK/8B+dqUGADMhtpdyqHRm/rc5mvhaS+ZMzYT2E2SpxNwdXVYfMNdvd/WzIBErODjYRg==";

#[test]
fn jw_07_rsa_keys_that_sign_have_2048_bits() {
    use rsa::pkcs1::DecodeRsaPrivateKey as _;

    let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, SHORT_RSA);
    let der = der.unwrap();
    assert!(rsa::PrivateKey::from_pkcs1_der(&der).is_ok(), "it is a key");
    for backend in BOTH {
        for algorithm in Algorithm::RSA {
            let issuer = JwtIssuer::builder("https://id.example", "https://api.example");
            let key = SigningKey::from_der(algorithm, &der);
            assert!(issuer.backend(backend).signing_key("1", key).build().is_err());
        }
    }
}

/// The thumbprint identifies duplicates of a key, even if different libraries read them.
#[test]
fn a_key_has_one_thumbprint() {
    for algorithm in OF_EACH_KIND {
        let private = private(algorithm);
        let mut seen = Vec::new();
        for signs in BOTH {
            let pair = signs.private(algorithm, &private).unwrap();
            for checks in BOTH {
                let key = checks.public(algorithm, &pair.public().unwrap()).unwrap();
                let signature = pair.sign(b"message").unwrap();
                assert!(key.verify(b"message", &signature), "{algorithm}");
                assert!(!key.verify(b"another", &signature), "{algorithm}");
                assert_eq!(key.backend(), checks);
                seen.push(key.thumbprint());
            }
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{algorithm}");
    }
    for algorithm in Algorithm::HMAC {
        let [one, two] = BOTH.map(|it| it.secret(algorithm, &[7; 64]).unwrap());
        assert_eq!(one.thumbprint(), two.thumbprint());
    }
}

#[test]
fn a_key_is_of_one_form_and_one_algorithm() {
    let point = |algorithm| {
        let pair = Backend::AwsLc.private(algorithm, &private(algorithm)).unwrap();
        match pair.public() {
            Some(Public::Point(point)) => point.into_owned(),
            _ => panic!("{algorithm} has points"),
        }
    };
    let (p256, p384, p521, ed) = (
        point(Algorithm::ES256),
        point(Algorithm::ES384),
        point(Algorithm::ES512),
        point(Algorithm::EdDSA),
    );
    let compressed = |point: &[u8]| {
        let sign = point[point.len() - 1] & 1;
        [&[2 + sign], &point[1..point.len().div_ceil(2)]].concat()
    };
    let hybrid = |point: &[u8]| [&[6 + (point[point.len() - 1] & 1)], &point[1..]].concat();
    let (compressed, hybrid) =
        ([&p256, &p521].map(|it| compressed(it)), [&p256, &p521].map(|it| hybrid(it)));
    for backend in BOTH {
        let public = |algorithm, bytes: &[u8]| {
            backend.public(algorithm, &Public::Point(bytes.into())).map(drop)
        };
        assert_eq!(public(Algorithm::ES256, &p256), Ok(()));
        assert_eq!(public(Algorithm::ES512, &p521), Ok(()));
        for (algorithm, bytes) in [
            (Algorithm::ES256, &p384),
            (Algorithm::ES384, &p256),
            (Algorithm::EdDSA, &p256),
            (Algorithm::ES256, &ed),
            (Algorithm::RS256, &p256),
            (Algorithm::HS256, &ed),
            (Algorithm::ES256, &vec![]),
            (Algorithm::EdDSA, &vec![]),
            (Algorithm::ES256, &compressed[0]),
            (Algorithm::ES256, &hybrid[0]),
            (Algorithm::ES512, &p256),
            (Algorithm::ES512, &p384),
            (Algorithm::ES256, &p521),
            (Algorithm::ES384, &p521),
            (Algorithm::EdDSA, &p521),
            (Algorithm::ES512, &p521[1..].to_vec()),
            (Algorithm::ES512, &p521[..132].to_vec()),
            (Algorithm::ES512, &compressed[1]),
            (Algorithm::ES512, &hybrid[1]),
            (Algorithm::ES512, &second_form(&p521)),
            (Algorithm::ES512, &[&[4], &[0xff; 132][..]].concat()),
            (Algorithm::ES512, &[&[4], &[0; 132][..]].concat()),
        ] {
            assert_eq!(public(algorithm, bytes), Err(KeyFault::Unfit), "{backend:?} {algorithm}");
            let der = backend.public(algorithm, &Public::Der(bytes)).map(drop);
            assert_eq!(der, Err(KeyFault::Unfit), "{backend:?} {algorithm}");
        }
        for algorithm in OF_EACH_KIND {
            let read = |of| backend.private(algorithm, &private(of)).is_ok();
            for of in OF_EACH_KIND {
                assert_eq!(read(of), of == algorithm, "{backend:?}: {of} as {algorithm}");
            }
        }
    }
}

/// Returns a point of P-521 with the prime added to x: 528 bits hold it, but the form is not valid.
fn second_form(point: &[u8]) -> Vec<u8> {
    let mut point = point.to_vec();
    // Adding 2^521 - 1 is adding 2^521, then subtracting one.
    point[1] += 2;
    let last = point[1..67].iter().rposition(|byte| *byte != 0).unwrap() + 1;
    point[last] -= 1;
    point[last + 1..67].fill(0xff);
    point
}

/// `SubjectPublicKeyInfo` in unusual forms.
#[test]
fn a_key_in_der_is_taken_by_both_or_by_none() {
    let element = |tag: u8, inside: &[u8]| match inside.len() {
        short @ ..128 => [&[tag, short as u8], inside].concat(),
        long @ ..256 => [&[tag, 0x81, long as u8], inside].concat(),
        long => [&[tag, 0x82, (long >> 8) as u8, long as u8], inside].concat(),
    };
    let spki = |algorithm: &[u8], key: &[u8]| {
        let key = element(3, &[&[0], key].concat());
        element(0x30, &[element(0x30, algorithm), key].concat())
    };
    let public = |algorithm| Backend::AwsLc.private(algorithm, &private(algorithm)).unwrap();
    let point = |algorithm| match public(algorithm).public() {
        Some(Public::Point(point)) => point.into_owned(),
        _ => panic!("{algorithm} has points"),
    };
    let rsa = match public(Algorithm::RS256).public() {
        Some(Public::Rsa { n, e }) => {
            element(0x30, &[element(2, &[&[0], &*n].concat()), element(2, &e)].concat())
        }
        _ => panic!("RSA has a modulus"),
    };
    let (p256, ed) = (point(Algorithm::ES256), point(Algorithm::EdDSA));
    let compressed = [&[2 + (p256[64] & 1)], &p256[1..33]].concat();
    let p521 = point(Algorithm::ES512);
    let compressed_p521 = [&[2 + (p521[132] & 1)], &p521[1..67]].concat();
    let p521_oid: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x23];
    let es512 = Algorithm::ES512;
    let ec_oid: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    let p256_oid: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let p384_oid: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
    let rsa_oid: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    let pss_oid: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    let ed_oid: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
    let null: &[u8] = &[5, 0];
    let with_tail = |der: Vec<u8>| [&der[..], &[0]].concat();
    let (es, rs, eddsa) = (Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA);
    let mut wrong = Vec::new();
    for (name, algorithm, der, taken) in [
        ("ES256", es, spki(&[ec_oid, p256_oid].concat(), &p256), true),
        ("compressed", es, spki(&[ec_oid, p256_oid].concat(), &compressed), true),
        ("without a curve", es, spki(ec_oid, &p256), false),
        ("on another curve", es, spki(&[ec_oid, p384_oid].concat(), &p256), false),
        ("with a trailing byte", es, with_tail(spki(&[ec_oid, p256_oid].concat(), &p256)), false),
        ("a point at infinity", es, spki(&[ec_oid, p256_oid].concat(), &[0]), false),
        ("ES512", es512, spki(&[ec_oid, p521_oid].concat(), &p521), true),
        ("ES512, compressed", es512, spki(&[ec_oid, p521_oid].concat(), &compressed_p521), true),
        ("ES512 on P-384", es512, spki(&[ec_oid, p384_oid].concat(), &p521), false),
        ("ES512 without a curve", es512, spki(ec_oid, &p521), false),
        ("ES512 at infinity", es512, spki(&[ec_oid, p521_oid].concat(), &[0]), false),
        ("ES512, P plus x", es512, spki(&[ec_oid, p521_oid].concat(), &second_form(&p521)), false),
        ("RS256", rs, spki(&[rsa_oid, null].concat(), &rsa), true),
        ("PKCS#1", rs, rsa.clone(), true),
        ("PKCS#1 with a trailing byte", rs, with_tail(rsa.clone()), false),
        ("RSA for PSS alone", rs, spki(pss_oid, &rsa), false),
        ("RSA for PSS alone", Algorithm::PS256, spki(pss_oid, &rsa), false),
        ("RSA without parameters", rs, spki(rsa_oid, &rsa), true),
        ("EdDSA", eddsa, spki(ed_oid, &ed), true),
        ("EdDSA with parameters", eddsa, spki(&[ed_oid, null].concat(), &ed), false),
        ("EdDSA, shorter", eddsa, spki(ed_oid, &ed[1..]), false),
        ("EdDSA, longer", eddsa, spki(ed_oid, &[&ed[..], &[0]].concat()), false),
    ] {
        for backend in BOTH {
            let read = backend.public(algorithm, &Public::Der(&der)).is_ok();
            if read != taken {
                wrong.push((backend, name, read));
            }
        }
    }
    assert_eq!(wrong, []);
    // A point is the same key in each form.
    for (algorithm, oid, forms) in
        [(es, p256_oid, [&p256, &compressed]), (es512, p521_oid, [&p521, &compressed_p521])]
    {
        let form = |point: &Vec<u8>| spki(&[ec_oid, oid].concat(), point);
        let thumbprint = |backend: Backend, der: &[u8]| {
            backend.public(algorithm, &Public::Der(der)).unwrap().thumbprint()
        };
        let mut seen: Vec<_> = BOTH
            .into_iter()
            .flat_map(|backend| forms.map(|point| thumbprint(backend, &form(point))))
            .collect();
        seen.dedup();
        assert_eq!(seen.len(), 1, "{algorithm}");
    }
}

/// A key with which no signature can be valid is refused when the layer is built.
#[test]
fn rsa_keys_that_never_verify_are_taken_by_none() {
    let pair = Backend::AwsLc.private(Algorithm::RS256, &private(Algorithm::RS256)).unwrap();
    let Some(Public::Rsa { n, .. }) = pair.public() else { panic!("RSA has a modulus") };
    let even = [&n[..n.len() - 1], &[n[n.len() - 1] & 0xfe]].concat();
    let element = |tag: u8, inside: &[u8]| match inside.len() {
        short @ ..128 => [&[tag, short as u8], inside].concat(),
        long => [&[tag, 0x82, (long >> 8) as u8, long as u8], inside].concat(),
    };
    let mut wrong = Vec::new();
    for (name, n, e, taken) in [
        ("65537", &*n, &[1, 0, 1][..], true),
        ("3", &n, &[3], true),
        ("33 bits", &n, &[1, 0, 0, 0, 1], true),
        ("34 bits", &n, &[2, 0, 0, 0, 1], false),
        ("8 bytes", &n, &[1, 0, 0, 0, 0, 0, 0, 1], false),
        ("even", &n, &[1, 0, 0], false),
        ("2", &n, &[2], false),
        ("1", &n, &[1], false),
        ("none", &n, &[], false),
        ("an even modulus", &even, &[1, 0, 1], false),
    ] {
        let number = |bytes: &[u8]| element(2, &[&[0][..], bytes].concat());
        let small = |bytes: &[u8]| element(2, bytes);
        let der = element(0x30, &[number(n), small(e)].concat());
        for backend in BOTH {
            for algorithm in Algorithm::RSA {
                let key = Public::Rsa { n: n.into(), e: e.into() };
                if backend.public(algorithm, &key).is_ok() != taken {
                    wrong.push((backend, algorithm, name));
                }
            }
            if backend.public(Algorithm::RS256, &Public::Der(&der)).is_ok() != taken {
                wrong.push((backend, Algorithm::RS256, name));
            }
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn bytes_that_are_no_point_of_ed25519_are_taken_by_none() {
    let oid: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
    let (mut points, mut others) = (0, 0);
    for seed in 0..200_u8 {
        for mut bytes in [[seed; 32], [0; 32], [0xff; 32]] {
            bytes[0] = bytes[0].wrapping_add(seed);
            let is_point = ed25519_dalek::VerifyingKey::from_bytes(&bytes)
                .is_ok_and(|key| !key.is_weak())
                // RFC 8032 allows one encoding for each point.
                && (bytes[31] & 0x7f != 0x7f || bytes[1..31] != [0xff; 30] || bytes[0] < 0xed);
            let spki = [&[0x30, 42, 0x30, 5][..], oid, &[3, 33, 0], &bytes].concat();
            for backend in BOTH {
                let point = backend.public(Algorithm::EdDSA, &Public::Point(bytes[..].into()));
                assert_eq!(point.is_ok(), is_point, "{backend:?} {bytes:02x?}");
                let der = backend.public(Algorithm::EdDSA, &Public::Der(&spki));
                assert_eq!(der.is_ok(), is_point, "{backend:?} {bytes:02x?}");
            }
            if is_point { points += 1 } else { others += 1 }
        }
    }
    assert!(points > 100 && others > 100, "{points} {others}");
}

/// PKCS#8 in the forms that other libraries write.
#[test]
fn a_private_key_is_taken_by_both_or_by_none() {
    use aws_lc_rs::signature::Ed25519KeyPair;

    let [ed, other] = [(); 2].map(|()| Ed25519KeyPair::generate().unwrap());
    let with_public = ed.to_pkcs8().unwrap().as_ref().to_vec();
    let with_anothers = {
        let another = other.to_pkcs8().unwrap().as_ref().to_vec();
        let public = with_public.len() - 32;
        [&with_public[..public], &another[public..]].concat()
    };
    let ec = private(Algorithm::ES256);
    // The version, the algorithm, then SEC1 in an octet string: version 1, the private number, the
    // public key.
    let number = &ec[ec.windows(4).position(|it| it == [1, 1, 4, 32]).unwrap() + 4..][..32];
    let algorithm: &[u8] = &[
        0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        3, 1, 7,
    ];
    let sec1 = [&[0x30, 0x25, 2, 1, 1, 4, 0x20], number].concat();
    let pkcs8 = |sec1: &[u8]| {
        let inside = [&[2, 1, 0], algorithm, &[4, sec1.len() as u8], sec1].concat();
        [&[0x30, inside.len() as u8], &inside[..]].concat()
    };
    let longer = [&[0x30, 0x26, 2, 1, 1, 4, 0x21, 0], number].concat();
    let zero = [&[0x30, 0x25, 2, 1, 1, 4, 0x20], &[0; 32][..]].concat();
    let es512 = Algorithm::ES512;
    let p521 = private(es512);
    let p521_number =
        &p521[p521.windows(5).position(|it| it == [2, 1, 1, 4, 66]).unwrap() + 5..][..66];
    let (es, eddsa) = (Algorithm::ES256, Algorithm::EdDSA);
    let mut wrong = Vec::new();
    for (name, algorithm, der, taken) in [
        ("Ed25519 with its public key", eddsa, with_public.clone(), true),
        ("Ed25519 with another's", eddsa, with_anothers, false),
        ("Ed25519 with a trailing byte", eddsa, [&with_public[..], &[0]].concat(), false),
        ("P-256 without its public key", es, pkcs8(&sec1), true),
        ("P-256, zero", es, pkcs8(&zero), false),
        ("P-256, longer", es, pkcs8(&longer), false),
        ("SEC1 alone", es, sec1.clone(), false),
        ("P-521 without its public key", es512, p521_pkcs8(p521_number), true),
        ("P-521, zero", es512, p521_pkcs8(&[0; 66]), false),
        ("P-521, all ones", es512, p521_pkcs8(&[0xff; 66]), false),
        ("P-521, without a leading zero", es512, p521_pkcs8(&p521_number[1..]), true),
        ("P-521, longer", es512, p521_pkcs8(&[&[0], p521_number].concat()), false),
        ("P-521 as P-256", es, p521_pkcs8(p521_number), false),
        ("P-521 with a trailing byte", es512, [&p521[..], &[0]].concat(), false),
        ("no key", es, Vec::new(), false),
        ("no key", Algorithm::RS256, Vec::new(), false),
    ] {
        for backend in BOTH {
            let read = backend.private(algorithm, &der).is_ok();
            if read != taken {
                wrong.push((backend, name, read));
            }
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn d27_an_issuer_signs_by_the_library_that_is_named() {
    for backend in BOTH {
        let issuer = JwtIssuer::builder("https://id.example", "https://api.example")
            .backend(backend)
            .signing_key("1", SigningKey::generated());
        let layer = issuer.build().unwrap().layer().build().unwrap();
        let key = layer.config.issuers.fixed_key(Algorithm::ES256, "1").unwrap();
        assert_eq!(key.backend(), backend);
    }
}

/// The nonce is derived from key and message, so no random source can disclose the key. AWS-LC
/// mixes both into its random source, which is not visible from outside.
#[test]
fn jw_33_the_pure_rust_backend_signs_without_randomness() {
    for algorithm in Algorithm::EC {
        let pair = Backend::RustCrypto.private(algorithm, &private(algorithm)).unwrap();
        let [first, second] = [(); 2].map(|()| pair.sign(b"message").unwrap());
        assert_eq!(first, second, "{algorithm}");
        assert_ne!(first, pair.sign(b"another").unwrap(), "{algorithm}");
    }
}

/// The example of RFC 6979, A.2.7. The order of P-521 has 521 bits, not whole bytes: a nonce that is
/// too short discloses the key after some signatures.
#[test]
fn jw_33_the_pure_rust_backend_derives_the_nonce_of_es512_as_rfc_6979_does() {
    let hex = |text: &str| -> Vec<u8> {
        let digits = text.as_bytes().chunks(2).map(|it| std::str::from_utf8(it).unwrap());
        digits.map(|it| u8::from_str_radix(it, 16).unwrap()).collect()
    };
    let number = hex("00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32\
                      f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538");
    let signature = hex("00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1\
                         ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5\
                         064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723\
                         d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a");
    let der = p521_pkcs8(&number);
    let pair = Backend::RustCrypto.private(Algorithm::ES512, &der).unwrap();
    assert_eq!(pair.sign(b"sample").unwrap(), signature);
    for backend in BOTH {
        let key = backend.public(Algorithm::ES512, &pair.public().unwrap()).unwrap();
        assert!(key.verify(b"sample", &signature), "{backend:?}");
    }
}

/// The PKCS#8 of a private number of P-521, without the public key.
fn p521_pkcs8(number: &[u8]) -> Vec<u8> {
    let short = |tag: u8, inside: &[u8]| [&[tag, inside.len() as u8], inside].concat();
    let algorithm: &[u8] =
        &[0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x23];
    let sec1 = short(0x30, &[&[2, 1, 1], &short(4, number)[..]].concat());
    short(0x30, &[&[2, 1, 0], algorithm, &short(4, &sec1)].concat())
}

/// A private key in PKCS#8.
fn private(algorithm: Algorithm) -> Vec<u8> {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair,
    };
    use std::sync::LazyLock;

    static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        AsDer::as_der(&pair).unwrap().as_ref().to_vec()
    });
    let on = |curve| EcdsaKeyPair::generate(curve).unwrap().to_pkcs8v1().unwrap().as_ref().to_vec();
    match algorithm {
        Algorithm::ES256 => on(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => on(&ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::ES512 => on(&ECDSA_P521_SHA512_FIXED_SIGNING),
        Algorithm::EdDSA => {
            Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap().as_ref().to_vec()
        }
        _ => RSA.clone(),
    }
}
