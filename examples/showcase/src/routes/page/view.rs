//! The page's HTML. `maud` escapes all values.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tower_auth::{AuthState, Identity, Timestamp};

use super::{Asked, sessions, tokens};
use crate::users;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// A small padlock.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
     viewBox='0 0 16 16'%3E%3Cpath fill='%235b5bd6' d='M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 \
     0 0 0-4 0z'/%3E%3C/svg%3E";

pub(super) fn page(
    nonce: &str,
    now: Timestamp,
    asked: &Asked,
    alert: Option<&str>,
    lists: bool,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "tower-auth showcase" }
                link rel="icon" href=(ICON);
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.brand { "tower-auth" span { "showcase" } }
                    ol.way aria-label="The path of a request" {
                        li { "Cookie" } li { "CSRF" } li { "Refresh" } li { "Session" } li { "Bearer" }
                        li { "your handler" }
                    }
                }
                main {
                    (who(now, asked, alert))
                    @if matches!(asked.state, AuthState::Known(_)) {
                        @if lists { (sessions::section(nonce)) }
                        (to_try(nonce))
                    }
                    (tokens::section(nonce, matches!(asked.state, AuthState::Anonymous)))
                    (carried(asked))
                }
                footer { "Two more ways to log in: " code { "GET /me" } " as JSON, and the curl lines that \
                         the program printed when it started." }
            }
        }
    }
}

fn who(now: Timestamp, asked: &Asked, alert: Option<&str>) -> Markup {
    html! {
        section.who {
            @if let Some(alert) = alert { p.alert role="alert" { (alert) } }
            @match &asked.state {
                AuthState::Known(identity) => (known(now, identity)),
                AuthState::Unknown => {
                    h1 { "Your identity cannot be checked" }
                    p.lead { "You sent a credential, but the store that can check it does not \
                              respond. You are not logged out: keep your cookie and try again." }
                },
                AuthState::Anonymous => {
                    h1 { "You are not logged in" }
                    p.lead {
                        @if asked.has_session {
                            "You have a session without a login. If you log in, the session gets a \
                             new secret and keeps its data."
                        } @else {
                            "You have no session, so this page did not read the store."
                        }
                    }
                    (login(asked.typed.as_deref()))
                },
            }
        }
    }
}

fn known(now: Timestamp, identity: &Identity) -> Markup {
    html! {
        h1 { "You are " em { (identity.subject()) } }
        dl {
            dt { "proven by" } dd { "a " (identity.method().as_str()) }
            @if identity.roles().next().is_some() {
                dt { "roles" } dd { @for role in identity.roles() { span.chip { (role) } } }
            }
            @if identity.scopes().next().is_some() {
                dt { "scopes" } dd { @for scope in identity.scopes() { span.chip { (scope) } } }
            }
            @if let Some(at) = identity.authenticated_at() {
                dt { "logged in" } dd { (moment(at)) span.soft { (span(now.since(at))) " ago" } }
            }
            @if let Some(at) = identity.expires_at() {
                dt { "expires" } dd { (moment(at)) span.soft { "in " (span(at.since(now))) } }
            }
        }
        form method="post" action="/logout" { button.quiet { "Log out" } }
    }
}

/// Returns the login form. The focus is on the name, or on the password if the name is filled in.
fn login(name: Option<&str>) -> Markup {
    html! {
        form.login method="post" action="/login" {
            label {
                "Name"
                input name="username" value=[name] autocomplete="username" required
                    autofocus[name.is_none()];
            }
            label {
                "Password"
                input name="password" type="password" autocomplete="current-password" required
                    autofocus[name.is_some()];
            }
            button { "Log in" }
        }
        table {
            caption { "Users" }
            thead { tr { th { "Name" } th { "Password" } th { "Roles" } th { "Scopes" } } }
            tbody {
                @for user in users::DEMO {
                    tr {
                        td data-label="Name" { code { (user.name) } }
                        td data-label="Password" { code { (user.password) } }
                        td data-label="Roles" { @for role in user.roles { span.chip { (role) } } }
                        td data-label="Scopes" { @for scope in user.scopes { span.chip { (scope) } } }
                    }
                }
            }
        }
    }
}

/// Returns buttons that need a script, because they send a request header.
fn to_try(nonce: &str) -> Markup {
    html! {
        section.try {
            h2 { "Try to transfer" }
            p { code { "POST /transfer" } " needs a token in addition to the cookie. The application's \
                pages can fetch a token; pages of other sites cannot." }
            p.buttons {
                button type="button" data-try="with" { "With the token" }
                button.quiet type="button" data-try="without" { "Without" }
            }
            output { noscript { "This needs a script or curl." } }
            script nonce=(nonce) { (PreEscaped(SCRIPT)) }
        }
    }
}

fn carried(asked: &Asked) -> Markup {
    html! {
        section.carried {
            h2 { "Your last request" }
            dl {
                dt { "request" } dd { code { (asked.method) " " (asked.path) } }
                dt { "cookies" }
                dd {
                    @if asked.cookies.is_empty() { (not_sent()) }
                    @for name in &asked.cookies { code.chip { (name) } }
                }
                dt { "Sec-Fetch-Site" } dd { (header(asked.site.as_deref())) }
                dt { "Origin" } dd { (header(asked.origin.as_deref())) }
            }
            p.soft { "Only the names of cookies: their values are private, even here." }
        }
    }
}

fn header(value: Option<&str>) -> Markup {
    match value {
        Some(value) => html! { code { (value) } },
        None => not_sent(),
    }
}

fn not_sent() -> Markup {
    html! { span.soft { "not sent" } }
}

fn moment(at: Timestamp) -> Markup {
    let seconds = i64::try_from(at.as_unix_seconds()).unwrap_or(i64::MAX);
    let text =
        OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|it| it.format(&Rfc3339).ok());
    let Some(text) = text else { return html! { "never" } };
    html! { time datetime=(text) { (text.replace('T', " ").replace('Z', " UTC")) } }
}

/// Formats a duration in its largest unit, rounded to the nearest.
fn span(span: std::time::Duration) -> String {
    let seconds = span.as_secs();
    let (length, unit) = match seconds {
        0..60 => (1, "second"),
        60..3_600 => (60, "minute"),
        3_600..172_800 => (3_600, "hour"),
        _ => (86_400, "day"),
    };
    let count = (seconds + length / 2) / length;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn asked(state: AuthState) -> Asked {
        let hostile = || Some("\"><script>alert(1)</script>".to_owned());
        Asked {
            state,
            has_session: false,
            method: "GET".into(),
            path: hostile().unwrap(),
            cookies: hostile().into_iter().collect(),
            site: hostile(),
            origin: hostile(),
            typed: hostile(),
        }
    }

    #[test]
    fn whatever_comes_in_is_escaped() {
        let mallory = Identity::local("<img src=x>").role("<b>").scope("<i>").build();
        let now = Timestamp::from_unix_seconds(0);
        for state in [AuthState::Known(mallory), AuthState::Anonymous, AuthState::Unknown] {
            let page = page("nonce", now, &asked(state), Some("<u>"), true).into_string();
            for raw in ["<script>alert", "<img src=x", "<b>", "<i>", "<u>"] {
                assert!(!page.contains(raw), "{raw}");
            }
            // In the path, the cookie, the site and the origin, and in the login form's name field.
            let name = usize::from(page.contains("name=\"username\" value"));
            assert_eq!(page.matches("&lt;script&gt;alert(1)").count(), 4 + name);
        }
    }

    #[test]
    fn nothing_comes_from_elsewhere() {
        let alice = Identity::local("alice").build();
        let at = Timestamp::from_unix_seconds(0);
        let page = page("nonce", at, &asked(AuthState::Known(alice)), None, true).into_string();
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
    }

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        let said = |seconds| span(Duration::from_secs(seconds));
        assert_eq!((said(59), said(60)), ("59 seconds".into(), "1 minute".into()));
        assert_eq!((said(1_799), said(7_200)), ("30 minutes".into(), "2 hours".into()));
        assert_eq!(said(172_800), "2 days");
    }

    #[test]
    fn moments_are_utc() {
        let text = moment(Timestamp::from_unix_seconds(1_767_225_600)).into_string();
        assert!(text.contains("2026-01-01 00:00:00 UTC"), "{text}");
        assert!(moment(Timestamp::MAX).into_string().contains("never"));
    }
}
