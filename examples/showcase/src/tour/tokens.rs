//! The lines about tokens.

use super::Step;

/// A command substitution that reads a value from an earlier response's file.
fn kept(name: &str, file: &str) -> String {
    format!("$(grep -o '\"{name}\":\"[^\"]*' {file} | cut -d'\"' -f4)")
}

/// The header with the access token in `file`.
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
            "An access token for five minutes, and a refresh token in a cookie. The files store both.",
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
            "An invalid token is refused.",
            format!("-H 'Authorization: Bearer garbage' {base}/api/me"),
            401,
            &["www-authenticate: Bearer realm=\"showcase\", error=\"invalid_token\""],
        ),
        step(
            "Without a token, the challenges name both authentication methods.",
            format!("{base}/api/me"),
            401,
            &["www-authenticate: Bearer realm=\"showcase\"", "www-authenticate: Session realm="],
        ),
        step(
            "Refresh: a new access token and a new refresh token. The old refresh token is used up.",
            refresh("-b first.jar -c second.jar"),
            200,
            &["set-cookie: __Host-showcase-refresh=", "\"access_token\":\""],
        ),
    ];
    if strict {
        steps.push(step(
            "A used refresh token occurs again, so it was copied. The whole family ends.",
            refresh("-b first.jar"),
            400,
            &["{\"error\":\"invalid_grant\"}", "set-cookie: __Host-showcase-refresh=;"],
        ));
        steps.push(step(
            "The token that was valid a moment ago is invalid, too.",
            refresh("-b second.jar"),
            400,
            &["invalid_grant"],
        ));
    } else {
        steps.push(step(
            "A second tab is late: within the window (--refresh-window), the used token gets the same \
             successor. After the window, the used token counts as copied and ends the whole family.",
            refresh("-b first.jar"),
            200,
            &["set-cookie: __Host-showcase-refresh="],
        ));
    }
    steps.extend([
        step(
            "Revoke: any token of the family ends the family.",
            format!("-b second.jar -c revoked.jar -X POST {own} {base}/auth/revoke"),
            200,
            &["set-cookie: __Host-showcase-refresh=;"],
        ),
        step(
            "No token of the family is accepted any longer.",
            refresh("-b second.jar"),
            400,
            &["{\"error\":\"invalid_grant\"}"],
        ),
        step(
            "A client that is no browser stores the refresh token itself.",
            format!(
                "{json} -d '{{\"username\":\"root\",\"password\":\"looking-glass\",\
                 \"refresh\":\"body\"}}' {base}/auth/token | tee root.tokens"
            ),
            200,
            &["\"refresh_token\":\""],
        ),
        step("Root is an admin.", format!("{root} {base}/api/admin"), 200, &["root"]),
        step(
            "Refresh as in OAuth, here for a token with fewer scopes.",
            format!(
                "-d \"grant_type=refresh_token&refresh_token={}\" -d scope=reports:write \
                 {base}/auth/refresh | tee narrow.tokens",
                kept("refresh_token", "root.tokens")
            ),
            200,
            &["\"refresh_token\":\"", "\"scope\":\"reports:write\""],
        ),
        step(
            "That token may not read the reports. The response names the missing scope.",
            format!("{} {base}/api/reports", bearer("narrow.tokens")),
            403,
            &["error=\"insufficient_scope\", scope=\"reports:read\""],
        ),
        step(
            "The key with which other services verify access tokens.",
            format!("{base}/.well-known/jwks.json"),
            200,
            &["\"alg\":\"ES256\"", "\"kty\":\"EC\""],
        ),
    ]);
    steps
}
