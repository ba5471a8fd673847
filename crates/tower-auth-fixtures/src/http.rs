//! Requests with `curl`, to servers on the loopback.

use std::process::Command;

use serde_json::Value;

/// Sends a GET request, and returns the JSON of the response.
pub(crate) fn get(url: &str) -> Value {
    json(&[url])
}

/// Posts JSON, and returns the JSON of the response.
pub(crate) fn post_json(url: &str, body: &Value) -> Value {
    json(&[url, "--header", "content-type: application/json", "--data-binary", &body.to_string()])
}

/// Posts a form with the client's password, and returns the JSON of the response.
pub(crate) fn post_form(url: &str, (user, password): (&str, &str), form: &[(&str, &str)]) -> Value {
    let user = format!("{user}:{password}");
    let fields: Vec<_> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut args = vec![url, "--user", &user];
    args.extend(fields.iter().flat_map(|field| ["--data-urlencode", field]));
    json(&args)
}

fn json(args: &[&str]) -> Value {
    let body = curl(args);
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{args:?}: {error}\n{body}"))
}

/// Runs `curl`, and returns the body of the response.
///
/// # Panics
/// Panics if there is no response, or if its status is not a success.
pub(crate) fn curl(args: &[&str]) -> String {
    let output = Command::new("curl")
        // Without the user's settings, and without a proxy.
        .args(["--disable", "--noproxy", "*", "--silent", "--show-error", "--fail-with-body"])
        .args(["--max-time", "60"])
        .args(args)
        .output()
        .expect("curl runs");
    let body = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}{body}");
    body
}
