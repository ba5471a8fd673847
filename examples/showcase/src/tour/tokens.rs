//! The lines about tokens.

use super::Step;

/// What a file holds from an earlier answer, for a command substitution.
fn kept(name: &str, file: &str) -> String {
    format!("$(grep -o '\"{name}\":\"[^\"]*' {file} | cut -d'\"' -f4)")
}

/// The header with the access token that a file holds.
pub(super) fn bearer(file: &str) -> String {
    format!("-H \"Authorization: Bearer {}\"", kept("access_token", file))
}

#[allow(clippy::too_many_lines, reason = "a list")]
pub(super) fn steps(base: &str, origin: &str, strict: bool) -> Vec<Step> {
    let own = format!("-H \"Origin: {origin}\"");
    let json = "-H 'Content-Type: application/json'";
    let (alice, root) = (bearer("alice.tokens"), bearer("root.tokens"));
    let step = Step::new;
    let refresh = |jars: &str| format!("{jars} -X POST {own} {base}/auth/refresh");
    let mut steps = vec![
        step(
            "An access token for five minutes; the refresh token is a cookie. The file keeps both.",
            format!(
                "-c first.jar {json} -d '{{\"username\":\"alice\",\"password\":\"wonderland\"}}' \
                 {base}/auth/token | tee alice.tokens"
            ),
            200,
            &[
                "set-cookie: __Host-showcase-refresh=",
                "\"access_token\":\"",
                "\"token_type\":\"Bearer\"",
            ],
        ),
        step(
            "The same identity, proven by a token.",
            format!("{alice} {base}/api/me"),
            200,
            &["\"subject\":\"alice\"", "\"via\":\"bearer\"", "\"scopes\":[\"reports:read\"]"],
        ),
        step("Her scope suffices.", format!("{alice} {base}/api/reports"), 200, &["walrus"]),
        step(
            "Her roles do not.",
            format!("{alice} {base}/api/admin"),
            403,
            &["www-authenticate: Bearer realm=\"showcase\", error=\"insufficient_scope\""],
        ),
        step(
            "What is no token of ours is refused.",
            format!("-H 'Authorization: Bearer garbage' {base}/api/me"),
            401,
            &["www-authenticate: Bearer realm=\"showcase\", error=\"invalid_token\""],
        ),
        step(
            "And without one, both ways in are named.",
            format!("{base}/api/me"),
            401,
            &["www-authenticate: Bearer realm=\"showcase\"", "www-authenticate: Session realm="],
        ),
        step(
            "Refresh: a new access token, and a new refresh token. The old one is used up.",
            refresh("-b first.jar -c second.jar"),
            200,
            &["set-cookie: __Host-showcase-refresh=", "\"access_token\":\""],
        ),
    ];
    if strict {
        steps.push(step(
            "A used token comes again: it was copied, by whomever. The whole family ends.",
            refresh("-b first.jar"),
            400,
            &["{\"error\":\"invalid_grant\"}", "set-cookie: __Host-showcase-refresh=;"],
        ));
        steps.push(step(
            "So the token that was good a moment ago is worth nothing either.",
            refresh("-b second.jar"),
            400,
            &["invalid_grant"],
        ));
    } else {
        steps.push(step(
            "A second tab was late: within the window the used token gets the same successor. \
             After it (--refresh-window), the used token was copied, and ends the whole family.",
            refresh("-b first.jar"),
            200,
            &["set-cookie: __Host-showcase-refresh="],
        ));
    }
    steps.extend([
        step(
            "Revoke: the family ends, whichever of its tokens one brings.",
            format!("-b second.jar -c revoked.jar -X POST {own} {base}/auth/revoke"),
            200,
            &["set-cookie: __Host-showcase-refresh=;"],
        ),
        step(
            "Nothing refreshes it any more.",
            refresh("-b second.jar"),
            400,
            &["{\"error\":\"invalid_grant\"}"],
        ),
        step(
            "A client that is no browser keeps the refresh token itself.",
            format!(
                "{json} -d '{{\"username\":\"root\",\"password\":\"looking-glass\",\
                 \"refresh\":\"body\"}}' {base}/auth/token | tee root.tokens"
            ),
            200,
            &["\"refresh_token\":\""],
        ),
        step("Root is an admin.", format!("{root} {base}/api/admin"), 200, &["root"]),
        step(
            "It refreshes as OAuth does; here for a token that may do less.",
            format!(
                "-d \"grant_type=refresh_token&refresh_token={}\" -d scope=reports:write \
                 {base}/auth/refresh | tee narrow.tokens",
                kept("refresh_token", "root.tokens")
            ),
            200,
            &["\"refresh_token\":\"", "\"scope\":\"reports:write\""],
        ),
        step(
            "So root itself may not read the reports by it, and is told which scope is missing.",
            format!("{} {base}/api/reports", bearer("narrow.tokens")),
            403,
            &["error=\"insufficient_scope\", scope=\"reports:read\""],
        ),
        step(
            "The key to check access tokens with, for services that are not this one.",
            format!("{base}/.well-known/jwks.json"),
            200,
            &["\"alg\":\"ES256\"", "\"kty\":\"EC\""],
        ),
    ]);
    steps
}
