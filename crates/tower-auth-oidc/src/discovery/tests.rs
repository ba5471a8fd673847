//! The discovery document, and the addresses at which it is looked for.

mod document;
mod fetched;

use super::candidates;

#[test]
fn the_document_is_looked_for_where_both_standards_put_it() {
    for (issuer, appended, inserted) in [
        (
            "https://id.example",
            "https://id.example/.well-known/openid-configuration",
            "https://id.example/.well-known/oauth-authorization-server",
        ),
        (
            "https://id.example/",
            "https://id.example/.well-known/openid-configuration",
            "https://id.example/.well-known/oauth-authorization-server",
        ),
        (
            "https://id.example:8443/realms/main",
            "https://id.example:8443/realms/main/.well-known/openid-configuration",
            "https://id.example:8443/.well-known/oauth-authorization-server/realms/main",
        ),
        (
            "https://id.example/realms/main/",
            "https://id.example/realms/main/.well-known/openid-configuration",
            "https://id.example/.well-known/oauth-authorization-server/realms/main",
        ),
    ] {
        let found = candidates(issuer, false).expect(issuer);
        assert_eq!(found.map(|it| it.url().to_string()), [appended, inserted]);
    }
    assert!(candidates("http://id.example", false).is_err());
    assert!(candidates("http://id.example", true).is_ok());
}
