//! Report-only mode, and the events.

use tower_auth_core::Rejection;
use tower_auth_core::rejection::CsrfFault;
use tower_auth_test::EventLog;

use super::super::CsrfLayerBuilder;
use super::{SESSION, layer, post, through, verdict};
use crate::Settings;

#[test]
fn cs_17_report_only_refuses_nothing() {
    let report = layer(|it| it.report_only().require_token());
    let forged = || post(&[("sec-fetch-site", "cross-site"), ("cookie", SESSION)]);
    assert_eq!(verdict(&report, forged()), Ok(()));
    assert_eq!(verdict(&report, post(&[("sec-fetch-site", "same-origin")])), Ok(()));
    assert!(verdict(&layer(|it| it.require_token()), forged()).is_err());
    let (response, _) = through(&report, forged());
    assert!(response.headers().contains_key("vary"), "checked in report-only mode too");
}

#[test]
fn cs_17_every_denial_is_one_event_with_its_reason_and_nothing_else() {
    for (report_only, code) in [(false, "csrf_refused"), (true, "csrf_would_refuse")] {
        let log = EventLog::new();
        let layer = layer(|it| {
            let it = it.settings(&Settings::new().events(log.events()));
            if report_only { it.report_only() } else { it }
        });
        through(&layer, post(&[("sec-fetch-site", "cross-site"), ("cookie", SESSION)]));
        through(&layer, post(&[("cookie", SESSION), ("referer", "https://evil.example")]));
        through(&layer, post(&[("sec-fetch-site", "same-origin")]));
        let expected = [CsrfFault::CrossSite, CsrfFault::MissingOrigin].map(|fault| {
            let (reason, advice) = (Rejection::Csrf(fault).code(), fault.advice().unwrap());
            format!("WARN {code} CsrfLayer reason={reason} detail={advice}")
        });
        assert_eq!(log.take(), expected);
    }
}

/// The advice is for the operator, in case the request comes from their own page or client.
#[test]
fn a_denials_event_says_what_to_do() {
    let detail = |builder: fn(CsrfLayerBuilder) -> CsrfLayerBuilder,
                  headers: &[(&'static str, &'static str)]| {
        let log = EventLog::new();
        through(
            &layer(|it| builder(it).settings(&Settings::new().events(log.events()))),
            post(headers),
        );
        let line = log.take().concat();
        line.split_once(" detail=").map(|(_, detail)| detail.to_owned())
    };
    let usual: fn(CsrfLayerBuilder) -> CsrfLayerBuilder = |it| it;
    let (host, cookie) = (("host", "app.test:3002"), ("cookie", SESSION));
    for (builder, headers, says) in [
        (
            usual,
            vec![host, cookie, ("origin", "http://app.test:3002")],
            "Origin differs only in its scheme: one side is plain HTTP; use https, a loopback \
             address such as http://localhost, or the setting insecure_allow_plain_http",
        ),
        (
            usual,
            vec![host, cookie],
            "the request has neither Sec-Fetch-Site nor Origin; clients that are not browsers send \
             Origin with the address they call",
        ),
        (
            usual,
            vec![host, cookie, ("origin", "http://localhost:5173")],
            "if this is your own page: `.public_origin(…)` behind a proxy that changes Host, \
             `.trusted_origin(…)` for a second origin",
        ),
        (
            usual,
            vec![host, cookie, ("sec-fetch-site", "same-site")],
            "if this is your own page: `.trusted_origin(…)` for a second origin",
        ),
        (
            |it| it.require_token(),
            vec![host, cookie, ("sec-fetch-site", "same-origin")],
            "the CSRF token is missing; send it in the header `X-CSRF-Token`, unless the application \
             configures another",
        ),
    ] {
        assert_eq!(detail(builder, &headers).as_deref(), Some(says), "{headers:?}");
    }
}
