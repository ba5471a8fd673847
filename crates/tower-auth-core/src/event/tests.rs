use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::{Event, EventKind, Events};
use crate::{Identity, Misconfigured};

#[test]
fn codes_are_words_and_each_is_of_one_kind() {
    let mut seen = HashSet::new();
    for kind in EventKind::ALL {
        let code = kind.code();
        assert!(code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{code}");
        assert!(seen.insert(code), "{code} stands twice");
        assert!(!kind.text().ends_with('.'), "{code}");
    }
}

#[test]
fn xx_04_a_sink_gets_what_happened_to_whom_and_why() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let events = Events::new({
        let seen = seen.clone();
        move |event: &Event<'_>| {
            let who = event.identity.map(|it| it.subject().to_owned());
            seen.lock().unwrap().push((event.kind, event.reason, who));
        }
    });
    let alice = Identity::local("alice").build();
    events.emit(Event::new(EventKind::SessionLogin, "SessionLayer").of(&alice));
    events.clone().misconfigured(Misconfigured::NO_AUTHENTICATION);
    events.misconfigured(Misconfigured::NO_AUTHENTICATION);
    Events::none().emit(Event::new(EventKind::StoreFailed, "SessionLayer"));
    let problem = Some(Misconfigured::NO_AUTHENTICATION.problem);
    assert_eq!(
        *seen.lock().unwrap(),
        [
            (EventKind::SessionLogin, None, Some("alice".to_owned())),
            (EventKind::Misconfigured, problem, None),
            (EventKind::Misconfigured, problem, None),
        ]
    );
}

#[test]
fn no_identity_is_printed() {
    let alice = Identity::local("alice").build();
    let event = Event::new(EventKind::BearerAccepted, "BearerJwtLayer").of(&alice);
    assert!(!format!("{event:?}").contains("alice"));
}

#[test]
fn a_detail_is_for_the_operator_and_shown() {
    let event = Event::new(EventKind::BearerKeysSkipped, "BearerJwtLayer");
    assert_eq!(event.detail, None);
    let detail = format!("kid {:?}", "2026-01");
    let event = event.detail(&detail);
    assert_eq!(event.detail, Some(detail.as_str()));
    assert!(format!("{event:?}").contains("2026-01"));
}
