use proptest::prelude::*;

use super::*;

const BY: Authentication = Authentication::by(AuthMethod::Session);

/// Items that would split, close or confuse a list with separators.
const HOSTILE: [&str; 14] = [
    "4:user",
    "1:a1:b",
    ":",
    "0:",
    "",
    "user,admin",
    "user admin",
    "user\nadmin",
    "user\0admin",
    "5:admin5:admin",
    "18446744073709551616:x",
    "-1:x",
    "+4:user",
    "ü:é",
];

fn words(identity: &Identity) -> [Vec<String>; 3] {
    let own = |items: Vec<&str>| items.into_iter().map(str::to_owned).collect();
    [
        own(identity.roles().collect()),
        own(identity.scopes().collect()),
        own(identity.amr().collect()),
    ]
}

#[test]
fn eight_bytes() {
    assert_eq!(size_of::<Identity>(), 8);
    assert_eq!(size_of::<Option<Identity>>(), 8);
}

#[test]
fn d08_debug_says_nothing_of_who() {
    let alice = Identity::builder(Principal::new("https://id.example", "alice"))
        .role("admin")
        .scope("read")
        .claims(&"tenant-7")
        .unwrap()
        .build();
    let state = format!("{:?}", crate::AuthState::Known(alice.clone()));
    for text in [format!("{alice:?}"), format!("{alice:#?}"), state] {
        for word in ["alice", "id.example", "admin", "read", "tenant-7"] {
            assert!(!text.contains(word), "{text}");
        }
    }
    let error = alice.claims::<u32>().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("tenant-7"));
}

#[test]
fn no_role_turns_into_two() {
    for hostile in HOSTILE {
        let identity = Identity::local("alice").role(hostile).build();
        assert_eq!(identity.roles().collect::<Vec<_>>(), [hostile]);
        for role in ["user", "admin", "a", "b", "x"] {
            assert!(!identity.has_role(role), "{hostile:?} gave {role}");
        }
    }
    let all = Identity::local("alice").roles(HOSTILE).scopes(HOSTILE).amr("4:user").build();
    assert_eq!(all.roles().collect::<Vec<_>>(), HOSTILE);
    assert_eq!(all.scopes().collect::<Vec<_>>(), HOSTILE);
    let again = Identity::from_bytes(&all.to_bytes(), BY).unwrap();
    assert_eq!(words(&again), words(&all));
}

#[test]
fn no_part_flows_into_the_next() {
    let alice = Identity::builder(Principal::new("ab", "c")).acr("d").role("r").build();
    let other = Identity::builder(Principal::new("a", "bc")).acr("d").role("r").build();
    assert!(!alice.same_principal(&other));
    assert_ne!(alice.to_bytes(), other.to_bytes());
    assert!(Identity::local("x").role("r").build().scopes().next().is_none());
}

#[test]
fn a_builder_and_another_proof_keep_the_rest() {
    let alice = Identity::local("alice").role("user").acr("2").amr("otp").build();
    let later = alice.to_builder().role("admin").build();
    assert_eq!(later.roles().collect::<Vec<_>>(), ["user", "admin"]);
    assert_eq!((later.acr(), later.amr().next()), (Some("2"), Some("otp")));
    let at = Timestamp::from_unix_seconds(7);
    let proven = alice.with_authentication(Authentication { authenticated_at: Some(at), ..BY });
    assert_eq!((proven.method(), proven.authenticated_at()), (AuthMethod::Session, Some(at)));
    assert!(proven.same_principal(&alice) && proven.has_role("user"));
    assert_eq!(alice.method(), AuthMethod::Custom);
}

/// Each row: the method already there, the method that is inserted, and the one that remains.
#[test]
fn two_credentials_in_one_request() {
    use AuthMethod::{Bearer, Custom, Opaque, Session};
    let of = |subject: &str, method, scope: &str| {
        Identity::local(subject)
            .scope(scope)
            .build()
            .with_authentication(Authentication::by(method))
    };
    for (there, comes, stays) in [
        (Session, Bearer, "comes"),
        (Session, Opaque, "comes"),
        (Bearer, Session, "there"),
        (Opaque, Session, "there"),
        (Bearer, Custom, "there"),
        (Custom, Bearer, "comes"),
        (Session, Session, "comes"),
        (Bearer, Opaque, "comes"),
        (Custom, Session, "comes"),
    ] {
        let mut extensions = Extensions::new();
        of("alice", there, "there").insert_into(&mut extensions).unwrap();
        of("alice", comes, "comes").insert_into(&mut extensions).unwrap();
        let now = extensions.get::<Identity>().unwrap();
        // The scopes are those of the remaining identity; nothing is merged.
        assert_eq!(now.scopes().collect::<Vec<_>>(), [stays], "{there:?}, then {comes:?}");

        // Another principal: another subject, or the same at another issuer.
        let mut extensions = Extensions::new();
        of("alice", there, "there").insert_into(&mut extensions).unwrap();
        let foreign = of("alice", comes, "comes").to_builder().issuer("https://evil.example");
        for other in [of("mallory", comes, "comes"), foreign.build()] {
            assert_eq!(other.insert_into(&mut extensions), Err(Rejection::Ambiguous));
            let now = extensions.get::<Identity>().unwrap();
            assert!(now.subject() == "alice" && now.issuer() == "local" && now.has_scope("there"));
        }
    }
}

#[test]
fn a_record_cut_short_or_damaged_is_none_or_readable() {
    let bytes = Identity::local("älice").roles(HOSTILE).claims(&[1, 2]).unwrap().build().to_bytes();
    for len in 0..bytes.len() {
        assert!(Identity::from_bytes(&bytes[..len], BY).is_none(), "{len} bytes");
    }
    let mut longer = bytes.clone();
    longer.push(b'x');
    assert!(Identity::from_bytes(&longer, BY).is_none());
    for format in [0, 2, 255] {
        let mut other = bytes.clone();
        other[0] = format;
        assert!(Identity::from_bytes(&other, BY).is_none());
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            if let Some(identity) = Identity::from_bytes(&damaged, BY) {
                read(&identity);
            }
        }
    }
}

/// Reads every field; must not panic.
fn read(identity: &Identity) {
    let _ = (identity.principal(), identity.acr(), words(identity));
    let _ = identity.claims::<serde_json::Value>();
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        issuer in ".*", subject in ".*", acr in ".*",
        roles in prop::collection::vec(".*|[0-9]{1,2}:[a-z]{1,4}", 0..6),
        scopes in prop::collection::vec(".*", 0..6),
        amr in prop::collection::vec(".*", 0..3),
        claims in prop::option::of(".*"),
    ) {
        let mut builder =
            Identity::builder(Principal::new(&*issuer, &*subject)).acr(&*acr).roles(&roles).scopes(&scopes);
        builder = amr.iter().fold(builder, IdentityBuilder::amr);
        if let Some(claims) = &claims {
            builder = builder.claims(claims).unwrap();
        }
        let bytes = builder.build().to_bytes();
        let again = Identity::from_bytes(&bytes, BY).unwrap();
        prop_assert_eq!(again.issuer(), issuer);
        prop_assert_eq!(again.subject(), subject);
        prop_assert_eq!(again.acr().unwrap_or_default(), acr);
        prop_assert_eq!(words(&again), [roles, scopes, amr]);
        prop_assert_eq!(again.claims::<String>().unwrap(), claims);
        prop_assert_eq!(again.to_bytes(), bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..80), ours in any::<bool>()) {
        if let (true, Some(format)) = (ours, bytes.first_mut()) {
            *format = 1;
        }
        if let Some(identity) = Identity::from_bytes(&bytes, BY) {
            read(&identity);
        }
    }

    #[test]
    fn ends_of_any_kind_are_read_or_refused(ends in prop::array::uniform7(0_u32..12), text in ".{0,10}") {
        let mut bytes = vec![1];
        bytes.extend(ends.iter().flat_map(|end| end.to_le_bytes()));
        bytes.extend(text.as_bytes());
        if let Some(identity) = Identity::from_bytes(&bytes, BY) {
            prop_assert_eq!(ends[6] as usize, text.len());
            prop_assert!(ends.is_sorted());
            read(&identity);
        }
    }
}
