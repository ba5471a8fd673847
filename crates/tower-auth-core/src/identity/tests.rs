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
fn jw_21_a_client_and_a_user_of_one_name_are_two_principals() {
    let user = Identity::builder(Principal::new("https://id.example", "web")).build();
    let client = Identity::builder(Principal::client("https://id.example", "web")).build();
    assert_eq!((user.issuer(), user.subject()), (client.issuer(), client.subject()));
    assert!(client.is_client() && !user.is_client());
    assert!(!user.same_principal(&client) && !client.same_principal(&user));
    assert!(user.principal() != client.principal());
    assert!(client.same_principal(&client.clone()));
    assert_ne!(user.to_bytes(), client.to_bytes());
    let set = std::collections::HashSet::from([user.principal(), client.principal()]);
    assert_eq!(set.len(), 2);

    for (there, comes) in [(&user, &client), (&client, &user)] {
        let mut extensions = Extensions::new();
        there.clone().insert_into(&mut extensions).unwrap();
        assert_eq!(comes.clone().insert_into(&mut extensions), Err(Rejection::Ambiguous));
    }
    // The client id of a user's token does not make the user a client.
    let through = user.to_builder().client_id("web").build();
    assert!(through.same_principal(&user) && !through.same_principal(&client));
}

#[test]
fn client_and_actors_are_kept_by_every_copy() {
    let actors =
        [Actor::new("gateway").issuer("https://id.example"), Actor::new("5:a b").issuer("")];
    let worker = Identity::builder(Principal::client("https://id.example", "worker"))
        .client_id("web")
        .actor(actors[0])
        .actor(actors[1])
        .build();
    let other = Identity::local("bob").client_id("other").actor(Actor::new("other")).build();
    for copy in [
        worker.clone(),
        worker.with_authentication(BY),
        worker.with_event_of(&other),
        worker.to_builder().issuer("https://app.example").build(),
        Identity::from_bytes(&worker.to_bytes(), BY).unwrap(),
    ] {
        assert!(copy.is_client() && copy.principal().is_client);
        assert_eq!(copy.client_id(), Some("web"));
        assert!(copy.actors().eq(actors));
    }
    assert_eq!(actors[1].issuer, None);
    let alice = Identity::local("alice").build();
    assert!(alice.client_id().is_none() && alice.actors().next().is_none());
}

#[test]
fn a_kind_of_principal_that_is_unknown_is_not_read() {
    let mut bytes = Identity::local("alice").build().to_bytes();
    for kind in 2..=255 {
        bytes[1] = kind;
        assert!(Identity::from_bytes(&bytes, BY).is_none(), "{kind}");
    }
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
    use AuthMethod::{Bearer, BearerCookie, Custom, Opaque, Session};
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
        // A token in a cookie is ambient, and still says what it grants.
        (Session, BearerCookie, "comes"),
        (BearerCookie, Session, "there"),
        (BearerCookie, Custom, "there"),
        (BearerCookie, BearerCookie, "comes"),
        (BearerCookie, Bearer, "comes"),
        (Bearer, BearerCookie, "there"),
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
    let _ = (identity.client_id(), identity.actors().count());
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
        is_client in any::<bool>(),
        client_id in ".*",
        actors in prop::collection::vec((".*", ".*"), 0..3),
    ) {
        let principal = Principal { is_client, ..Principal::new(&*issuer, &*subject) };
        let mut builder = Identity::builder(principal)
            .acr(&*acr)
            .roles(&roles)
            .scopes(&scopes)
            .client_id(&*client_id);
        let actors: Vec<Actor<'_>> =
            actors.iter().map(|(issuer, subject)| Actor::new(subject).issuer(issuer)).collect();
        builder = actors.iter().copied().fold(builder, IdentityBuilder::actor);
        builder = amr.iter().fold(builder, IdentityBuilder::amr);
        if let Some(claims) = &claims {
            builder = builder.claims(claims).unwrap();
        }
        let bytes = builder.build().to_bytes();
        let again = Identity::from_bytes(&bytes, BY).unwrap();
        prop_assert_eq!(again.issuer(), issuer);
        prop_assert_eq!(again.subject(), subject);
        prop_assert_eq!(again.is_client(), is_client);
        prop_assert_eq!(again.client_id().unwrap_or_default(), client_id);
        prop_assert!(again.actors().eq(actors));
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
    fn ends_of_any_kind_are_read_or_refused(ends in prop::array::uniform9(0_u32..12), text in ".{0,10}") {
        let mut bytes = vec![1, 0];
        bytes.extend(ends.iter().flat_map(|end| end.to_le_bytes()));
        bytes.extend(text.as_bytes());
        if let Some(identity) = Identity::from_bytes(&bytes, BY) {
            prop_assert_eq!(ends[8] as usize, text.len());
            prop_assert!(ends.is_sorted());
            read(&identity);
        }
    }
}
