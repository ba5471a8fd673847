//! The rules about addresses.

use std::net::IpAddr;

use super::reach::{Reach, reach};
use super::{Address, Allowed};
use crate::error::ProviderErrorKind;

fn reach_of(ip: &str) -> Reach {
    reach(ip.parse::<IpAddr>().expect("an IP address"))
}

/// Each line is the first and the last address of a range, and the part of the network.
#[test]
fn d33_ranges_that_are_not_public_are_known_to_their_edges() {
    let ranges = [
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("169.254.0.0", "169.254.255.255"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "255.255.255.255"),
        ("168.63.129.16", "168.63.129.16"),
        // Unspecified, and IPv4-compatible addresses.
        ("::", "::"),
        ("::2", "::ffff"),
        ("::127.0.0.1", "::127.0.0.1"),
        ("::8.8.8.8", "::8.8.8.8"),
        // Local NAT64.
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
        ("64:ff9b:1::8.8.8.8", "64:ff9b:1::10.0.0.1"),
        // Discard only.
        ("100::", "100::ffff"),
        // Teredo, benchmarks, ORCHID.
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:0:5ef5:79fd:0:0:0:1", "2001:20::1"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        // 6to4, with a public and with a private address in it.
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002:0808:0808::1", "2002:0a00:0001::1"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "fbff::"),
        // Unique local, link local, site local, multicast.
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fe80::", "febf::1"),
        ("fec0::", "feff::1"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fd00:ec2::254", "fd00:ec2::254"),
    ];
    for (first, last) in ranges {
        assert_eq!(reach_of(first), Reach::Private, "{first}");
        assert_eq!(reach_of(last), Reach::Private, "{last}");
    }
    let public = [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "168.63.129.15",
        "2000::1",
        "2001:200::",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700::1111",
        "3ffe:ffff::1",
        "3fff:1000::1",
    ];
    for ip in public {
        assert_eq!(reach_of(ip), Reach::Public, "{ip}");
    }
    for ip in ["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"] {
        assert_eq!(reach_of(ip), Reach::Loopback, "{ip}");
    }
}

#[test]
fn d33_an_ipv4_address_inside_of_ipv6_is_judged_as_ipv4() {
    for (v4, expected) in [
        ("8.8.8.8", Reach::Public),
        ("10.0.0.1", Reach::Private),
        ("169.254.169.254", Reach::Private),
        ("0.0.0.0", Reach::Private),
    ] {
        assert_eq!(reach_of(&format!("::ffff:{v4}")), expected);
        assert_eq!(reach_of(&format!("64:ff9b::{v4}")), expected);
    }
    // The translator's own loopback is not this machine's.
    assert_eq!(reach_of("64:ff9b::127.0.0.1"), Reach::Private);
}

fn configured(text: &str) -> Address {
    Address::configured(text, "test", false).expect("a valid address")
}

#[test]
fn jw_32_configured_addresses_are_https_or_http_on_loopback() {
    for (text, allowed) in [
        ("https://id.example", Allowed::ANY),
        ("https://10.0.0.1:8443/realms/main", Allowed::ANY),
        ("https://localhost", Allowed::ANY),
        ("http://localhost:8080", Allowed::LOOPBACK),
        ("http://id.localhost", Allowed::LOOPBACK),
        ("http://localhost.", Allowed::LOOPBACK),
        ("http://127.0.0.1", Allowed::LOOPBACK),
        ("http://127.9.9.9", Allowed::LOOPBACK),
        ("http://[::1]:8080", Allowed::LOOPBACK),
        ("http://[::ffff:127.0.0.1]", Allowed::LOOPBACK),
    ] {
        let address = configured(text);
        assert_eq!(address.allowed(), allowed, "{text}");
        assert!(address.has_configured_origin() && address.is_confidential());
    }
    for text in [
        "http://id.example",
        "http://10.0.0.1",
        "http://localhost.example",
        "http://0.0.0.0",
        "http://notlocalhost",
        "http://[::ffff:10.0.0.1]",
    ] {
        let error = Address::configured(text, "test", false).expect_err(text);
        assert_eq!(error.kind(), ProviderErrorKind::Config);
        assert!(error.to_string().contains(".insecure_http()"), "{error}");
        let insecure = Address::configured(text, "test", true).expect(text);
        assert_eq!(insecure.allowed(), Allowed::ANY);
        assert!(!insecure.is_confidential());
    }
}

#[test]
fn d33_an_address_that_two_readers_read_differently_is_refused() {
    for text in [
        "",
        "id.example",
        "//id.example",
        "ftp://id.example",
        "file:///etc/passwd",
        "data:,{}",
        "https://",
        "https://user@id.example",
        "https://user:pass@id.example",
        "https://id.example/#x",
        "https://id.example/ x",
        " https://id.example",
        "https://id.example\n",
        "https://id.ex\tample",
        "https:\\\\id.example",
        "https://id.example\\@10.0.0.1/",
        "https://id.example/\u{a0}",
        "https://[::1",
        "https://id.example:99999",
    ] {
        let error = Address::configured(text, "Provider::discover", true).expect_err(text);
        assert!(error.to_string().starts_with("Provider::discover: "), "{error}");
        assert!(configured("https://id.example").named(text, "jwks_uri").is_err(), "{text}");
    }
    let long = format!("https://id.example/{}", "x".repeat(3000));
    assert!(Address::configured(&long, "test", false).is_err());
}

#[test]
fn d33_a_document_may_name_its_own_origin() {
    for (from, named, allowed) in [
        ("https://id.example/a", "https://id.example/keys", Allowed::ANY),
        ("https://id.example", "https://ID.example:443/keys", Allowed::ANY),
        ("https://10.0.0.1:8443", "https://10.0.0.1:8443/keys", Allowed::ANY),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/keys", Allowed::LOOPBACK),
    ] {
        let address = configured(from).named(named, "jwks_uri").expect(named);
        assert_eq!(address.allowed(), allowed, "{named}");
        assert!(address.has_configured_origin());
        assert_eq!(address.url().path(), "/keys");
    }
    let private = Address::configured("http://id.internal", "test", true).expect("insecure");
    let named = private.named("http://id.internal/keys", "jwks_uri").expect("the same origin");
    assert_eq!(named.allowed(), Allowed::ANY);
}

#[test]
fn d33_a_document_may_name_a_public_address_of_another_origin() {
    for named in [
        "https://keys.example/jwks",
        "https://id.example:8443/jwks",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://[64:ff9b::8.8.8.8]/",
    ] {
        let address = configured("https://id.example").named(named, "jwks_uri").expect(named);
        assert_eq!(address.allowed(), Allowed::PUBLIC, "{named}");
        assert!(!address.has_configured_origin(), "the bearer token stays at its origin");
    }
}

#[test]
fn d33_a_document_does_not_lead_into_a_private_network() {
    let ips = [
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.100.100.200",
        "0.0.0.0",
        "127.0.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::169.254.169.254]",
        "[64:ff9b:1::8.8.8.8]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[2002:a00:1::]",
        // Other spellings of IPv4.
        "0x7f.1",
        "2130706433",
        "017700000001",
        "127.1",
        "0xa9fea9fe",
        "10.1",
        "１２７.０.０.１",
    ];
    for host in ips.into_iter().chain(["localhost", "a.localhost", "localhost."]) {
        let named = format!("https://{host}/keys");
        let error = configured("https://id.example").named(&named, "jwks_uri").expect_err(&named);
        assert_eq!(error.kind(), ProviderErrorKind::Address);
        let text = error.to_string();
        assert!(text.contains("https://id.example/") && text.contains("jwks_uri"), "{text}");
        assert!(text.contains("Provider::jwks"), "{text}");
    }
}

/// The operator's permission for plain http counts for the configured origin only.
#[test]
fn d33_plain_http_of_another_origin_is_refused() {
    let private = Address::configured("http://id.internal", "test", true).expect("insecure");
    for named in
        ["http://keys.example", "http://8.8.8.8", "http://127.0.0.1", "http://id.internal:81"]
    {
        assert!(private.named(named, "jwks_uri").is_err(), "{named}");
        assert!(configured("https://id.example").named(named, "jwks_uri").is_err(), "{named}");
    }
}

#[test]
fn d33_loopback_is_reached_only_from_loopback() {
    for from in ["http://127.0.0.1:8080", "https://localhost:8443", "http://[::1]:1"] {
        let from = configured(from);
        for named in ["http://127.0.0.1:9090/keys", "http://localhost/keys", "http://[::1]/keys"] {
            let address = from.named(named, "jwks_uri").expect(named);
            assert_eq!(address.allowed(), Allowed::LOOPBACK);
        }
        let address = from.named("https://localhost:9/keys", "jwks_uri").expect("loopback");
        assert_eq!(address.allowed(), Allowed::PUBLIC_OR_LOOPBACK);
        for named in
            ["https://10.0.0.1/", "http://8.8.8.8/", "http://10.0.0.1/", "http://keys.example/"]
        {
            assert!(from.named(named, "jwks_uri").is_err(), "{named}");
        }
    }
}

#[test]
fn what_is_allowed_is_named() {
    let names = [
        (Allowed::ANY, "any address"),
        (Allowed::LOOPBACK, "a loopback address"),
        (Allowed::PUBLIC, "a public address"),
        (Allowed::PUBLIC_OR_LOOPBACK, "a public or loopback address"),
    ];
    for (allowed, text) in names {
        assert_eq!(allowed.text(), text);
    }
}
