//! The part of the page that tries tokens.

use maud::{Markup, PreEscaped, html};

const SCRIPT: &str = include_str!("tokens.js");

/// This section needs a script, because a token is sent in a request header. Without a script, the
/// section displays a hint.
///
/// The page has a single form for name and password: the login form if there is one, otherwise this
/// section's own.
pub(super) fn section(nonce: &str, has_login: bool) -> Markup {
    html! {
        section.tokens {
            h2 { "Try tokens" }
            p { "The access token is valid for five minutes and stays in this page\u{2019}s memory. \
                The refresh token is a cookie that no script can read. Each refresh replaces it by \
                the next one." }
            @if has_login {
                p { "Enter name and password in the form above." }
            } @else {
                form.login hidden {
                    label { "Name" input name="username" autocomplete="username" required; }
                    label {
                        "Password"
                        input name="password" type="password" autocomplete="current-password" required;
                    }
                    button { "Get a token" }
                }
            }
            p.buttons hidden {
                @if has_login { button type="button" data-token { "Get a token" } }
                button.quiet type="button" data-get="/api/me" disabled { "Who am I?" }
                button.quiet type="button" data-get="/api/reports" disabled { "Reports" }
                button.quiet type="button" data-get="/api/admin" disabled { "Admin" }
                button.quiet type="button" data-post="/auth/refresh" { "Refresh" }
                button.quiet type="button" data-post="/auth/revoke" { "Revoke" }
            }
            ol role="log" {}
            noscript { p.soft { "This needs a script, or the curl lines that the program printed." } }
            script nonce=(nonce) { (PreEscaped(SCRIPT)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_script_nothing_can_be_pressed_and_it_says_so() {
        let page = section("abc", false).into_string();
        assert!(page.contains("<form class=\"login\" hidden>"), "{page}");
        for page in [page, section("abc", true).into_string()] {
            assert!(page.contains("<p class=\"buttons\" hidden>"), "{page}");
            assert!(page.contains("<noscript>"), "{page}");
        }
    }

    #[test]
    fn the_script_has_the_nonce_and_keeps_no_token_where_others_find_it() {
        assert!(section("abc", true).into_string().contains("<script nonce=\"abc\">"));
        for word in ["localStorage", "sessionStorage", "innerHTML", "document.cookie", "</script"] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
