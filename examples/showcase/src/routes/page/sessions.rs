//! The part of the page that lists the user's sessions.

use maud::{Markup, PreEscaped, html};

const SCRIPT: &str = include_str!("sessions.js");

/// The list needs a script, because ending one session does. A form ends all sessions.
pub(super) fn section(nonce: &str) -> Markup {
    html! {
        section.sessions {
            h2 { "Where you are logged in" }
            ol {}
            noscript { p.soft { "The list needs a script or " code { "GET /sessions" } "." } }
            form method="post" action="/logout/everywhere" {
                button.quiet { "Log out everywhere" }
            }
            script nonce=(nonce) { (PreEscaped(SCRIPT)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_has_the_nonce_and_puts_nothing_in_as_html() {
        assert!(section("abc").into_string().contains("<script nonce=\"abc\">"));
        for word in ["innerHTML", "insertAdjacentHTML", "document.cookie", "</script"] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
