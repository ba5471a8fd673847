//! Checks of addresses. Clients compare an identifier with the address that they call, character by
//! character, so an address must be written as URL parsers write it.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Returns the position of the path in an identifier: `https`, or `http` on loopback, and neither
/// query nor fragment.
pub(super) fn path_of(address: &str) -> Result<usize, &'static str> {
    check_characters(address)?;
    if address.contains('#') {
        return Err("has a fragment: leave out # and what follows it");
    }
    if address.contains('?') {
        return Err("has a query: leave out ? and what follows it");
    }
    let (is_https, rest) = match (address.strip_prefix("https://"), address.strip_prefix("http://"))
    {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err("has another scheme: begin with https://"),
    };
    let path = rest.find('/').unwrap_or(rest.len());
    let host = check_authority(&rest[..path], is_https)?;
    if !is_https && !is_loopback(host) {
        return Err("is not https: begin with https://, or use a loopback host such as localhost");
    }
    if rest[path..].split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("has a segment . or .. in its path: write the path without it");
    }
    Ok(address.len() - rest.len() + path)
}

/// Checks the address of a page for people.
pub(super) fn check_page(address: &str) -> Result<(), &'static str> {
    check_characters(address)?;
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    match rest.map(|rest| rest.split(['/', '?', '#']).next()) {
        Some(Some("")) => Err("has no host: write https:// and the host"),
        Some(_) => Ok(()),
        None => Err("has another scheme: begin with https://"),
    }
}

/// The characters of an address (RFC 3986, 2). Others, such as quotes, would also need an escape in
/// a challenge.
fn check_characters(address: &str) -> Result<(), &'static str> {
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    if address.bytes().all(fits) {
        Ok(())
    } else {
        Err("has a character that addresses do not have: percent-encode it (in a host: punycode)")
    }
}

/// Returns the host of `authority`.
fn check_authority(authority: &str, is_https: bool) -> Result<&str, &'static str> {
    if authority.contains('@') {
        return Err("has a user: leave out @ and what is before it");
    }
    let end = authority.rfind(']').map_or(0, |end| end + 1);
    let end = authority[end..].find(':').map_or(authority.len(), |colon| end + colon);
    let (host, port) = authority.split_at(end);
    let is_host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|it| it.parse::<Ipv6Addr>().is_ok()),
        None => {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            !host.is_empty() && host.bytes().all(fits)
        }
    };
    if !is_host {
        return Err("has no valid host: write the host after the scheme");
    }
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("has capital letters in its host: clients write it in lowercase");
    }
    match port.strip_prefix(':') {
        None => Ok(host),
        Some("443") if is_https => Err("names the port of https: clients leave out :443"),
        Some("80") if !is_https => Err("names the port of http: clients leave out :80"),
        Some(port) if !port.starts_with(['0', '+']) && port.parse::<u16>().is_ok() => Ok(host),
        Some(_) => Err("has an invalid port: write a number, or leave out the colon"),
    }
}

fn is_loopback(host: &str) -> bool {
    let v6 = || host.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || v6().is_some_and(|address: Ipv6Addr| address.is_loopback())
}
