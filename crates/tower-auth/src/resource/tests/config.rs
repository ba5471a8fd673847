//! Settings with which clients would refuse the document.

use super::*;

#[track_caller]
fn refused(result: Result<ProtectedResource, ResourceConfigError>, fix: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.starts_with("ProtectedResource: ") && error.contains(fix), "{error}");
}

#[test]
fn pr_02_an_identifier_is_an_https_address_as_clients_write_it() {
    for (identifier, fix) in [
        ("", "begin with https://"),
        ("api", "begin with https://"),
        ("urn:api", "begin with https://"),
        ("api://weather", "begin with https://"),
        ("HTTPS://api.example", "begin with https://"),
        ("http://api.example", "begin with https://"),
        ("http://localhost.example", "begin with https://"),
        ("http://128.0.0.1", "begin with https://"),
        ("http://[::2]", "begin with https://"),
        ("http://[::ffff:127.0.0.1]", "begin with https://"),
        ("https://", "write the host"),
        ("https:///mcp", "write the host"),
        ("https://:443", "write the host"),
        ("https://[::1", "write the host"),
        ("https://api.example#", "leave out #"),
        ("https://api.example/mcp#tools", "leave out #"),
        ("https://api.example?", "leave out ?"),
        ("https://api.example/mcp?a=b", "leave out ?"),
        ("https://alice@api.example", "leave out @"),
        ("https://API.example", "lowercase"),
        ("https://api.example:443/mcp", "leave out :443"),
        ("http://localhost:80", "leave out :80"),
        ("https://api.example:", "write a number"),
        ("https://api.example:x", "write a number"),
        ("https://api.example:65536", "write a number"),
        ("https://api.example:08443", "write a number"),
        ("https://api.example/a/../b", "write the path"),
        ("https://api.example/./a", "write the path"),
        ("https://api.example/a b", "percent-encode"),
        ("https://api.example/\"", "percent-encode"),
        ("https://api.example/\\", "percent-encode"),
        ("https://api.example/{id}", "percent-encode"),
        ("https://api.example/a\r\nb", "percent-encode"),
        ("https://bücher.example", "punycode"),
    ] {
        refused(ProtectedResource::builder(identifier, ISSUER).build(), fix);
        // An issuer is compared in the same way.
        refused(ProtectedResource::builder(API, identifier).build(), fix);
        refused(builder().authorization_server(identifier).build(), "authorization server");
    }
}

#[test]
fn pr_03_every_value_of_the_document_is_checked() {
    for scope in ["", "a b", "a\"", "a\\", "ö"] {
        refused(builder().scopes(["a", scope]).build(), "scopes got");
        refused(builder().default_scope(scope).build(), "default_scope got");
    }
    refused(builder().name(" ").build(), "do not call name");
    for page in ["", "/docs", "ftp://docs.example", "https://", "https:///a", "https://a.example/ "]
    {
        refused(builder().documentation(page).build(), "documentation(");
        refused(builder().policy(page).build(), "policy(");
        refused(builder().terms_of_service(page).build(), "terms_of_service(");
    }
}
