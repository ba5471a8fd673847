//! Report only, and the events.

use tower_auth_test::EventLog;

use super::{SESSION, layer, post, through, verdict};

#[test]
fn cs_17_report_only_refuses_nothing() {
    let report = layer(|it| it.report_only().require_token());
    let forged = || post(&[("sec-fetch-site", "cross-site"), ("cookie", SESSION)]);
    assert_eq!(verdict(&report, forged()), Ok(()));
    assert_eq!(verdict(&report, post(&[("sec-fetch-site", "same-origin")])), Ok(()));
    assert!(verdict(&layer(|it| it.require_token()), forged()).is_err());
    let (response, _) = through(&report, forged());
    assert!(response.headers().contains_key("vary"), "judged all the same");
}

#[test]
fn cs_17_every_denial_is_one_event_with_its_reason_and_nothing_else() {
    for (report_only, code) in [(false, "csrf_refused"), (true, "csrf_would_refuse")] {
        let log = EventLog::new();
        let layer = layer(|it| {
            let it = it.events(log.events());
            if report_only { it.report_only() } else { it }
        });
        through(&layer, post(&[("sec-fetch-site", "cross-site"), ("cookie", SESSION)]));
        through(&layer, post(&[("cookie", SESSION), ("referer", "https://evil.example")]));
        through(&layer, post(&[("sec-fetch-site", "same-origin")]));
        let expected = ["csrf_cross_site", "csrf_missing_origin"]
            .map(|reason| format!("WARN {code} CsrfLayer reason={reason}"));
        assert_eq!(log.take(), expected);
    }
}
