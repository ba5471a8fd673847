//! The lines to try, printed at start. A test runs each line as printed.

mod elsewhere;
mod grpc;
mod tokens;

use std::fmt::{self, Write as _};

/// One line of the tour.
struct Step {
    says: &'static str,
    /// The text before `curl`, which pipes input into it.
    before: &'static str,
    /// The arguments of `curl`.
    curl: String,
    status: u16,
    /// Further texts that the response contains.
    shows: &'static [&'static str],
}

impl Step {
    const fn new(
        says: &'static str,
        curl: String,
        status: u16,
        shows: &'static [&'static str],
    ) -> Self {
        Self { says, before: "", curl, status, shows }
    }
}

/// The whole tour. Paste it into another shell at once, or line by line.
#[derive(Debug)]
pub struct Tour(String);

/// The settings on which the lines depend.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "each caller should decide on every field")]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate setting")]
pub struct Settings<'a> {
    /// The address of the server.
    pub base: &'a str,
    /// The address of the server that browsers see.
    pub origin: &'a str,
    /// Whether curl must accept an unknown certificate.
    pub insecure: bool,
    /// Whether a used refresh token is never accepted again.
    pub strict: bool,
    /// Whether the store lists sessions by owner.
    pub lists: bool,
    /// Whether the client keeps the sessions, so that a copy of its cookies stays valid.
    pub copies: bool,
}

impl Tour {
    /// Creates the tour for a server with these settings.
    #[must_use]
    pub fn new(settings: &Settings<'_>) -> Self {
        let &Settings { base, origin, insecure, strict, .. } = settings;
        // Uses HTTP/1.1: some versions of curl lose an HTTP/2 response that arrives before they
        // have sent the whole body, as a refusal does.
        let curl = if insecure { "curl -sik --http1.1" } else { "curl -si" };
        let grpc = if insecure { "curl -sik --http2" } else { "curl -si --http2-prior-knowledge" };
        let mut text = String::new();
        let steps = sessions(settings, curl).into_iter();
        let steps = steps.chain(tokens::steps(base, origin, strict)).map(|step| (curl, step));
        for (curl, step) in steps.chain(grpc::steps(base).into_iter().map(|step| (grpc, step))) {
            let _ = writeln!(text, "# {}", step.says);
            let _ = writeln!(text, "{}{curl} {}", step.before, step.curl);
            let _ = write!(text, "# => {}", step.status);
            for shown in step.shows {
                let _ = write!(text, " | {shown}");
            }
            let _ = writeln!(text, "\n");
        }
        Self(text)
    }
}

impl fmt::Display for Tour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[allow(clippy::too_many_lines, reason = "a list")]
fn sessions(settings: &Settings<'_>, curl: &str) -> Vec<Step> {
    let &Settings { base, origin, lists, copies, .. } = settings;
    // curl sends neither `Origin` nor `Sec-Fetch-Site`; browsers send both. Other clients must send
    // the origin with every form and empty POST that carries a cookie.
    let own = format!("-H \"Origin: {origin}\"");
    let json = "-H 'Accept: application/json'";
    let alice = "-d 'username=alice&password=wonderland'";
    // `-s` without `-i` prints only the body, for the command substitution.
    let quiet = curl.replace("-si", "-s");
    let token = format!("$({quiet} -b alice.jar {base}/csrf | cut -d'\"' -f4)");
    let step = Step::new;
    let mut steps = vec![
        step(
            "Without a login: refused, with a challenge.",
            format!("{base}/me"),
            401,
            &["www-authenticate: Session realm=\"showcase\""],
        ),
        step(
            "A visitor gets a session by writing to it.",
            format!(
                "-c visitor.jar -X PUT -H 'Content-Type: application/json' -d '\"blue\"' \
                 {base}/session/data/colour"
            ),
            204,
            &["set-cookie: __Host-showcase-session="],
        ),
        step(
            "The value is there.",
            format!("-b visitor.jar {base}/session/data/colour"),
            200,
            &["\"blue\""],
        ),
        step(
            "A wrong password and a wrong name get the same response.",
            format!("{json} -d 'username=alice&password=wrong' {base}/login"),
            401,
            &["wrong_login"],
        ),
        step(
            "Another site cannot log a visitor in.",
            format!("-b visitor.jar -H 'Origin: https://evil.example' {alice} {base}/login"),
            403,
            &["csrf_foreign_origin"],
        ),
        step(
            "Log in: the session gets a new secret.",
            format!("-b visitor.jar -c alice.jar {own} {json} {alice} {base}/login"),
            200,
            &["set-cookie: __Host-showcase-session=", "\"subject\":\"alice\""],
        ),
        step(
            "Who am I, and how was that proven?",
            format!("-b alice.jar {base}/me"),
            200,
            &["\"subject\":\"alice\"", "\"via\":\"session\"", "\"roles\":[\"user\"]"],
        ),
        step(
            "The visitor's value is still there.",
            format!("-b alice.jar {base}/session/data/colour"),
            200,
            &["\"blue\""],
        ),
        if copies {
            step(
                "The cookie from before the login is still the visitor's.",
                format!("-b visitor.jar {base}/session/data/colour"),
                200,
                &["\"blue\""],
            )
        } else {
            step(
                "The cookie from before the login is invalid.",
                format!("-b visitor.jar {base}/session/data/colour"),
                404,
                &["not_there"],
            )
        },
        step(
            "A token for the requests that need one; it differs each time.",
            format!("-b alice.jar {base}/csrf"),
            200,
            &["{\"token\":\""],
        ),
        step(
            "From another site: refused before the handler.",
            format!("-b alice.jar -X POST -H 'Origin: https://evil.example' {base}/transfer"),
            403,
            &["csrf_foreign_origin"],
        ),
        step(
            "With a cookie, but without an origin: refused, with the reason.",
            format!("-b alice.jar -X POST {base}/transfer"),
            403,
            &["csrf_missing_origin", "send Origin"],
        ),
        step(
            "From this site, without the token: refused.",
            format!("-b alice.jar -X POST {own} {base}/transfer"),
            403,
            &["csrf_missing_token"],
        ),
        step(
            "From this site, with the token.",
            format!("-b alice.jar -X POST {own} -H \"X-CSRF-Token: {token}\" {base}/transfer"),
            200,
            &["\"transferred\":true"],
        ),
        step(
            "Delete the value.",
            format!("-b alice.jar -c alice.jar -X DELETE {base}/session/data/colour"),
            204,
            &[],
        ),
        step(
            "The value is gone.",
            format!("-b alice.jar {base}/session/data/colour"),
            404,
            &["not_there"],
        ),
    ];
    if lists {
        steps.extend(elsewhere::ended_from_elsewhere(base, &own));
    }
    steps.extend([
        step(
            "Log out.",
            format!("-b alice.jar -c anonymous.jar -X POST {own} {json} {base}/logout"),
            204,
            &["set-cookie: __Host-showcase-session=;"],
        ),
        if copies {
            step(
                "A copy of the old cookie is good until it expires, because no store can end it.",
                format!("-b alice.jar {base}/me"),
                200,
                &["\"subject\":\"alice\""],
            )
        } else {
            step(
                "A copy of the old cookie is invalid.",
                format!("-b alice.jar {base}/me"),
                401,
                &["www-authenticate: Session realm=\"showcase\""],
            )
        },
        step(
            "A browser's form gets a redirect. Log in as root.",
            format!("-c root.jar {own} -d 'username=root&password=looking-glass' {base}/login"),
            303,
            &["location: /"],
        ),
        step(
            "The new cookie is root's.",
            format!("-b root.jar {base}/me"),
            200,
            &["\"roles\":[\"user\",\"admin\"]"],
        ),
    ]);
    if lists {
        steps.extend(elsewhere::out_everywhere(base, &own));
    }
    steps
}
