//! Sets of keys, as a provider may publish them: never a panic, and what is refused changes nothing.
//!
//! The input is the JWK set.
#![no_main]

use serde_json::{Map, Value};
use tower_auth::Settings;
use tower_auth::bearer::{Algorithm, LiveKeys};
use tower_auth_fuzz::{clock, unique};

fn keys() -> LiveKeys {
    let algorithms = [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];
    LiveKeys::builder(algorithms).settings(&Settings::new().clock(clock())).build()
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let keys = keys();
    let replaced = match keys.replace(text) {
        Ok(replaced) => replaced,
        Err(error) => {
            assert!(!keys.is_usable() && keys.age().is_none());
            assert!(!error.to_string().contains(char::is_control), "a message is one line");
            return;
        }
    };
    assert!(replaced.changed && keys.is_usable());
    // A second JSON reader must read the same set.
    assert!(unique(data), "a repeated member is accepted");
    let read: Map<String, Value> = serde_json::from_str(text).expect("an accepted set is JSON");
    let set = read["keys"].as_array().expect("a set has keys");
    assert!(replaced.skipped < set.len(), "at least one key is used");
    for key in set {
        // A key with a secret never counts as a public one.
        let secret = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        assert!(secret.iter().all(|name| key.get(name).is_none()), "a secret is accepted");
    }
    // The same set again is no change, and an invalid one changes nothing.
    let again = keys.replace(text).expect("it was accepted before");
    assert!(!again.changed && again.skipped == replaced.skipped);
    keys.replace("{}").expect_err("there are no keys in it");
    assert!(keys.is_usable());
});
