//! Parses the address of a store, except for the parts that the drivers parse themselves.

use super::UnknownStore;

/// Splits a Redis address without its scheme into the login and the hosts: `user:password@`, `a:1`,
/// `b:2`.
pub(super) fn hosts(text: &str) -> Option<(&str, Vec<&str>)> {
    let (login, hosts) = match text.rfind('@') {
        Some(at) => text.split_at(at + 1),
        None => ("", text),
    };
    let hosts: Vec<_> = hosts.split(',').collect();
    let is_host = |host: &&str| !host.is_empty() && !host.contains('/');
    hosts.iter().all(is_host).then_some((login, hosts))
}

/// Takes `near_cache=…` out of the query. The rest is for the driver, if it has a query at all;
/// otherwise a misspelt option would go unnoticed, or count as part of a file's name.
pub(super) fn split(url: &str) -> Result<(String, Option<&str>), UnknownStore> {
    let Some((address, query)) = url.split_once('?') else { return Ok((url.into(), None)) };
    let mut near = None;
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.strip_prefix("near_cache=") {
            Some(size) if near.is_none() => near = Some(size),
            Some(_) => return Err(UnknownStore::Near),
            None if address.starts_with("postgres") => rest.push(pair),
            None => return Err(UnknownStore::Option),
        }
    }
    let mut address = address.to_owned();
    if !rest.is_empty() {
        address.push('?');
        address.push_str(&rest.join("&"));
    }
    Ok((address, near))
}
