//! The lines to try, printed at start. A test runs each as it is printed.

mod elsewhere;
mod grpc;
mod tokens;

use std::fmt::{self, Write as _};

/// One line of the tour.
struct Step {
    says: &'static str,
    /// What stands before `curl`: what it reads from its input.
    before: &'static str,
    /// What follows `curl`.
    curl: String,
    status: u16,
    /// What the answer contains besides.
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

/// The whole tour: paste it as one, or a line at a time, into another shell.
#[derive(Debug)]
pub struct Tour(String);

/// What the lines depend on.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "whoever makes one should think of each")]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings<'a> {
    /// Where the server is.
    pub base: &'a str,
    /// Where browsers think that it is.
    pub origin: &'a str,
    /// Whether curl must not ask who vouches for the certificate.
    pub insecure: bool,
    /// Whether a used refresh token has no second chance.
    pub strict: bool,
    /// Whether the store knows whose a session is.
    pub lists: bool,
    /// Whether the client keeps the sessions, so that a copy of its cookies is as good as they are.
    pub copies: bool,
}

impl Tour {
    /// For a server with these settings.
    #[must_use]
    pub fn new(settings: &Settings<'_>) -> Self {
        let &Settings { base, origin, insecure, strict, .. } = settings;
        // Over HTTP/1.1: some versions of curl lose an HTTP/2 answer that comes before they have
        // sent the whole of a body, as that of a refusal does.
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
    // curl sends neither Origin nor Sec-Fetch-Site. Browsers send both; who is no browser names
    // the origin with every form and bare POST that carries a cookie.
    let own = format!("-H \"Origin: {origin}\"");
    let json = "-H 'Accept: application/json'";
    let alice = "-d 'username=alice&password=wonderland'";
    // `-s` without `-i`: only the body goes into the command substitution.
    let quiet = curl.replace("-si", "-s");
    let token = format!("$({quiet} -b alice.jar {base}/csrf | cut -d'\"' -f4)");
    let step = Step::new;
    let mut steps = vec![
        step(
            "Nobody is logged in: refused, with a challenge.",
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
            "A wrong password and a wrong name are one answer.",
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
            "Who am I, and how was it proven?",
            format!("-b alice.jar {base}/me"),
            200,
            &["\"subject\":\"alice\"", "\"via\":\"session\"", "\"roles\":[\"user\"]"],
        ),
        step(
            "What the visitor wrote is still there.",
            format!("-b alice.jar {base}/session/data/colour"),
            200,
            &["\"blue\""],
        ),
        if copies {
            step(
                "The cookie from before the login is that of the visitor, still.",
                format!("-b visitor.jar {base}/session/data/colour"),
                200,
                &["\"blue\""],
            )
        } else {
            step(
                "The cookie from before the login is dead.",
                format!("-b visitor.jar {base}/session/data/colour"),
                404,
                &["not_there"],
            )
        },
        step(
            "A token for the requests that must carry one; another text each time.",
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
            "With a cookie, and no word of where it comes from: refused, and told why.",
            format!("-b alice.jar -X POST {base}/transfer"),
            403,
            &["csrf_missing_origin", "send Origin"],
        ),
        step(
            "From here, without the token: refused.",
            format!("-b alice.jar -X POST {own} {base}/transfer"),
            403,
            &["csrf_missing_token"],
        ),
        step(
            "From here, with the token.",
            format!("-b alice.jar -X POST {own} -H \"X-CSRF-Token: {token}\" {base}/transfer"),
            200,
            &["\"transferred\":true"],
        ),
        step(
            "Forget the value.",
            format!("-b alice.jar -c alice.jar -X DELETE {base}/session/data/colour"),
            204,
            &[],
        ),
        step(
            "It is gone.",
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
            format!("-b alice.jar -c nobody.jar -X POST {own} {json} {base}/logout"),
            204,
            &["set-cookie: __Host-showcase-session=;"],
        ),
        if copies {
            step(
                "The old cookie, were it copied, is good until it expires: nobody has a list.",
                format!("-b alice.jar {base}/me"),
                200,
                &["\"subject\":\"alice\""],
            )
        } else {
            step(
                "The old cookie, were it copied, is nobody's.",
                format!("-b alice.jar {base}/me"),
                401,
                &["www-authenticate: Session realm=\"showcase\""],
            )
        },
        step(
            "A browser's form gets a redirect, and root is sent on.",
            format!("-c root.jar {own} -d 'username=root&password=looking-glass' {base}/login"),
            303,
            &["location: /"],
        ),
        step(
            "Root is who it is.",
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
