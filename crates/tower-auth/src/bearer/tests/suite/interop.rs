//! Interoperability with jsonwebtoken, which most applications mint with.

use crate::Settings;
use jsonwebtoken_12 as theirs;
use serde_json::Value;

use super::forge;
use super::*;

/// One private key, in the forms that each side reads.
struct Pair {
    algorithm: Algorithm,
    ours: SigningKey,
    theirs: theirs::EncodingKey,
}

fn their_algorithm(algorithm: Algorithm) -> theirs::Algorithm {
    algorithm.name().parse().unwrap()
}

fn pairs() -> Vec<Pair> {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};

    let rsa = AsDer::as_der(&forge::rsa().0).unwrap().as_ref().to_vec();
    // PKCS#8 adds 26 bytes to PKCS#1 for a key of this size.
    let pkcs1 = theirs::EncodingKey::from_rsa_der(&rsa[26..]);
    let p256 = pem::parse(forge::ec().private_pem()).unwrap().into_contents();
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let p384 = p384.to_pkcs8v1().unwrap().as_ref().to_vec();
    let ed = forge::ed().0.to_pkcs8v1().unwrap().as_ref().to_vec();
    let secret = [9; 64];

    let of_secret = |algorithm| Pair {
        algorithm,
        ours: SigningKey::from_secret(algorithm, secret),
        theirs: theirs::EncodingKey::from_secret(&secret).unwrap(),
    };
    let of_rsa = |algorithm| Pair {
        algorithm,
        ours: SigningKey::from_der(algorithm, &rsa),
        theirs: pkcs1.clone(),
    };
    let of_curve = |algorithm, der: &[u8]| Pair {
        algorithm,
        ours: SigningKey::from_der(algorithm, der),
        theirs: match algorithm {
            Algorithm::EdDSA => theirs::EncodingKey::from_ed_der(der),
            _ => theirs::EncodingKey::from_ec_der(der),
        },
    };
    let mut pairs: Vec<_> = Algorithm::HMAC.into_iter().map(of_secret).collect();
    pairs.extend(Algorithm::RSA.into_iter().map(of_rsa));
    pairs.push(of_curve(Algorithm::ES256, &p256));
    pairs.push(of_curve(Algorithm::ES384, &p384));
    pairs.push(of_curve(Algorithm::EdDSA, &ed));
    assert_eq!(pairs.len(), 12);
    // Another crate of the build may enable the other provider. jsonwebtoken then chooses none by
    // itself.
    let _ = theirs::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
    pairs
}

fn issuer(pair: &Pair) -> JwtIssuer {
    let issuer = JwtIssuer::builder(ISSUER, AUDIENCE)
        .backend(BACKEND)
        .settings(&Settings::new().clock(clock()));
    issuer.signing_key("1", pair.ours.clone()).build().unwrap()
}

#[tokio::test]
async fn tokens_that_jsonwebtoken_mints_are_accepted() {
    for pair in pairs() {
        let Pair { algorithm, .. } = pair;
        let mut header = theirs::Header::new(their_algorithm(algorithm));
        header.kid = Some("1".into());
        let claims: Value = serde_json::from_str(&forge::good()).unwrap();
        let token = theirs::encode(&header, &claims, &pair.theirs).unwrap();
        let layer = issuer(&pair).layer().build().unwrap();
        assert_accepted(&present(&layer, &token).await, algorithm.name());
    }
}

#[test]
fn tokens_that_an_issuer_mints_are_accepted_by_jsonwebtoken() {
    for pair in pairs() {
        let Pair { algorithm, .. } = pair;
        let issuer = issuer(&pair);
        let token = issuer.mint(&Identity::local("alice").scope("a").build()).unwrap().text;
        let set: Value = serde_json::from_str(issuer.jwks()).unwrap();
        let key = match set["keys"].get(0) {
            None => theirs::DecodingKey::from_secret(&[9; 64]).unwrap(),
            Some(jwk) => {
                let jwk: theirs::jwk::Jwk = serde_json::from_value(jwk.clone()).unwrap();
                theirs::DecodingKey::from_jwk(&jwk).unwrap()
            }
        };
        let mut validation = theirs::Validation::new(their_algorithm(algorithm));
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        // jsonwebtoken uses the system's clock.
        validation.validate_exp = false;
        let data = theirs::decode::<Value>(&token, &key, &validation).unwrap();
        assert_eq!(data.claims["sub"], "alice", "{algorithm}");
        assert_eq!(data.header.kid.as_deref(), Some("1"), "{algorithm}");

        let changed = token.replacen(".ey", ".eyA", 1);
        assert!(theirs::decode::<Value>(&changed, &key, &validation).is_err(), "{algorithm}");
    }
}

#[cfg(feature = "jsonwebtoken-12")]
mod conversions {
    use super::*;

    #[test]
    fn algorithms_are_the_same_both_ways() {
        for Pair { algorithm, .. } in pairs() {
            let there = theirs::Algorithm::try_from(algorithm).unwrap();
            assert_eq!(there, their_algorithm(algorithm));
            assert_eq!(Algorithm::try_from(there), Ok(algorithm));
        }
    }

    /// jsonwebtoken 12 does not have ES512.
    #[test]
    fn an_algorithm_that_they_lack_is_an_error() {
        let error = theirs::Algorithm::try_from(Algorithm::ES512).unwrap_err();
        assert_eq!(error.to_string(), "jsonwebtoken 12 does not have the algorithm ES512");
        assert!("ES512".parse::<theirs::Algorithm>().is_err());
        let build = |key: Value| {
            let jwk: theirs::jwk::Jwk = serde_json::from_value(key).unwrap();
            bare().algorithms([Algorithm::ES512]).key(Key::from(&jwk)).build()
        };
        let mut key: Value = serde_json::from_str(&forge::ec521().jwk("1")).unwrap();
        assert!(build(key.clone()).is_ok(), "they have the curve");
        key["alg"] = "ES512".into();
        assert!(build(key).unwrap_err().to_string().contains("unsupported \"alg\""));
    }

    #[test]
    fn their_private_key_of_p521_signs() {
        let der = pem::parse(forge::ec521().private_pem()).unwrap().into_contents();
        let key = theirs::EncodingKey::from_ec_der(&der);
        for (algorithm, fits) in
            [(Algorithm::ES512, true), (Algorithm::ES256, false), (Algorithm::ES384, false)]
        {
            let issuer = JwtIssuer::builder(ISSUER, AUDIENCE).backend(BACKEND);
            let issuer = issuer.signing_key("1", (algorithm, &key)).build();
            assert_eq!(issuer.is_ok(), fits, "{algorithm}");
        }
    }

    #[tokio::test]
    async fn their_private_keys_sign() {
        for pair in pairs() {
            let key = (pair.algorithm, &pair.theirs);
            let issuer = JwtIssuer::builder(ISSUER, AUDIENCE)
                .backend(BACKEND)
                .settings(&Settings::new().clock(clock()));
            let issuer = issuer.signing_key("1", key).build().unwrap();
            let token = issuer.mint(&Identity::local("alice").build()).unwrap().text;
            let layer = super::issuer(&pair).layer().build().unwrap();
            assert_accepted(&present(&layer, &token).await, pair.algorithm.name());
        }
    }

    #[test]
    fn their_keys_of_another_family_are_refused() {
        for pair in pairs() {
            for other in pairs() {
                let key = (other.algorithm, &pair.theirs);
                let issuer = JwtIssuer::builder(ISSUER, AUDIENCE).backend(BACKEND);
                let built = issuer.signing_key("1", key).build().is_ok();
                let (family, same) = (other.algorithm.family(), pair.algorithm.family());
                // The two curves belong to one family, but their keys differ.
                let fits = match family {
                    algorithm::Family::Ec => other.algorithm == pair.algorithm,
                    family => family == same,
                };
                assert_eq!(built, fits, "{} as {}", pair.algorithm, other.algorithm);
            }
        }
    }

    #[tokio::test]
    async fn their_public_keys_check() {
        for pair in pairs() {
            let issuer = super::issuer(&pair);
            let set: Value = serde_json::from_str(issuer.jwks()).unwrap();
            let Some(jwk) = set["keys"].get(0) else { continue };
            let jwk: theirs::jwk::Jwk = serde_json::from_value(jwk.clone()).unwrap();
            let layer = bare().algorithms([pair.algorithm]).key(Key::from(&jwk)).build().unwrap();
            let token = issuer.mint(&Identity::local("alice").build()).unwrap().text;
            assert_accepted(&present(&layer, &token).await, pair.algorithm.name());
        }
    }
}
