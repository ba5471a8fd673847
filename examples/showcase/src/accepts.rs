//! Distinguishes programs from people's browsers.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};

/// Returns whether to respond in JSON: the client accepts JSON, or sent it.
///
/// A bare `*/*` does not count: browsers' forms and curl send it too, and get a redirect.
pub(crate) fn json(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(ACCEPT).iter();
    sent_json(headers)
        || lines.any(|line| {
            let mut ranges = line.to_str().unwrap_or_default().split(',');
            ranges.any(|range| is_json(range) && !is_out(range))
        })
}

/// Returns whether the request's own body is JSON.
pub(crate) fn sent_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|line| is_json(line.to_str().unwrap_or_default()))
}

/// Returns whether the client accepts HTML, as a browser that navigates does.
pub(crate) fn html(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(ACCEPT).iter();
    lines.any(|line| {
        let mut ranges = line.to_str().unwrap_or_default().split(',');
        ranges.any(|range| media_type(range).eq_ignore_ascii_case("text/html"))
    })
}

fn is_json(range: &str) -> bool {
    media_type(range).eq_ignore_ascii_case("application/json")
}

/// `q=0` excludes a media type.
fn is_out(range: &str) -> bool {
    let mut weights = range.split(';').skip(1).filter_map(|it| it.trim().strip_prefix("q="));
    weights.any(|weight| weight.parse() == Ok(0.0_f32))
}

fn media_type(range: &str) -> &str {
    range.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &str) -> HeaderMap {
        [(ACCEPT, accept.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn json_is_accepted_where_it_is_named() {
        assert!(json(&headers("application/json")));
        assert!(json(&headers("text/html, application/JSON;q=0.5")));
        assert!(!json(&headers("*/*")));
        assert!(!json(&headers("application/json;q=0")));
        assert!(!json(&HeaderMap::new()));
    }

    #[test]
    fn who_sends_json_reads_it() {
        let sent = [(CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap())];
        assert!(json(&sent.into_iter().collect()));
    }

    #[test]
    fn a_navigation_accepts_html() {
        assert!(html(&headers("text/html,application/xhtml+xml,*/*;q=0.8")));
        assert!(!html(&headers("*/*")));
    }
}
