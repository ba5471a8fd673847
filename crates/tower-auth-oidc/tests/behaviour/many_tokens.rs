//! Many different valid tokens.

use std::fs;

use http::StatusCode;
use tower_auth::bearer::{Algorithm, SigningKey};
use tower_auth::{Identity, JwtIssuer, Principal};

use crate::client::{API, status};
use crate::numbers::{Random, count, seed};

const MIB: u64 = 1024 * 1024;

/// The memory for tokens by default.
const DEFAULT: u64 = 8 * MIB;

/// A million different valid tokens are accepted, and the process grows by no more than the memory
/// for tokens, and what the allocator cannot use.
#[tokio::test]
#[ignore = "scripts/soak tokens runs it: it takes minutes, and measures the whole process"]
async fn many_tokens_stay_within_the_memory() {
    let (count, seed) = (count(1_000_000), seed());
    println!("{count} tokens, seed {seed}");
    // The cheapest signature, since the memory does not depend on it.
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]);
    let issuer = JwtIssuer::builder("https://id.example", API).signing_key("1", key).build();
    let issuer = issuer.expect("a valid issuer");
    // What the first memory leaves to the allocator, the second one uses.
    let before = resident();
    for (bytes, count) in [(DEFAULT, count), (64 * MIB, count / 10)] {
        let layer = issuer.layer().remember(bytes as usize).build().expect("a valid layer");
        let mut random = Random::new(seed);
        let (mut most, mut length) = (before, 0);
        for number in 0..count {
            let token = token(&issuer, &mut random);
            length += token.len() as u64;
            assert_eq!(status(&layer, &token).await, StatusCode::OK, "{token}");
            if number.is_multiple_of(1000) {
                assert_eq!(status(&layer, &token).await, StatusCode::OK, "remembered: {token}");
                most = most.max(resident());
            }
        }
        let grown = most - before;
        println!(
            "memory of {} MiB: {count} tokens of {} bytes each, the process grew by {:.1} MiB",
            bytes / MIB,
            length / count,
            grown as f64 / MIB as f64,
        );
        assert!(grown <= bytes + bytes / 2, "{grown} bytes");
    }
}

/// Returns a new token, with a subject, scopes and roles of different sizes.
fn token(issuer: &JwtIssuer, random: &mut Random) -> String {
    let subject = format!("user-{:x}", random.next());
    let words = |random: &mut Random| {
        let number = random.next() % 8;
        (0..number).map(|_| format!("{:x}", random.next() % 0x1_0000_0000)).collect::<Vec<_>>()
    };
    let identity = Identity::builder(Principal::new(issuer.name(), subject))
        .scopes(words(random))
        .roles(words(random))
        .build();
    issuer.mint(&identity).expect("a token").text
}

/// Returns the size of the process's resident pages, in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the system is Linux");
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).expect("the size");
    let kilobytes = line.trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("a number") * 1024
}
