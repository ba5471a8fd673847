//! The lines that list and end sessions from another session.

use super::Step;

pub(super) fn ended_from_elsewhere(base: &str, own: &str) -> Vec<Step> {
    let json = "-H 'Accept: application/json'";
    let alice = "-d 'username=alice&password=wonderland'";
    // The session in the list that did not send the request.
    let other = "$(tr '{' '\\n' < alice.sessions | grep '\"this\":false' | grep -o '\"id\":\"[^\"]*' \
                 | cut -d'\"' -f4)";
    let step = Step::new;
    vec![
        step(
            "Log in again, as if from another machine.",
            format!("-c other.jar {own} {json} {alice} {base}/login"),
            200,
            &["\"subject\":\"alice\""],
        ),
        step(
            "Where am I logged in?",
            format!("-b alice.jar {base}/sessions | tee alice.sessions"),
            200,
            &["\"this\":false", "\"this\":true"],
        ),
        step(
            "End the other one by its id.",
            format!("-b alice.jar -X DELETE {base}/sessions/{other}"),
            204,
            &[],
        ),
        step(
            "That session has ended, on every node.",
            format!("-b other.jar {base}/me"),
            401,
            &["www-authenticate: Session realm=\"showcase\""],
        ),
    ]
}

pub(super) fn out_everywhere(base: &str, own: &str) -> Vec<Step> {
    let json = "-H 'Accept: application/json'";
    let step = Step::new;
    vec![
        step(
            "Log out everywhere: every session, and every refresh token.",
            format!("-b root.jar -c gone.jar -X POST {own} {json} {base}/logout/everywhere"),
            200,
            &["set-cookie: __Host-showcase-session=;", "\"sessions\":"],
        ),
        step("Root is logged out here, too.", format!("-b root.jar {base}/me"), 401, &[]),
    ]
}
