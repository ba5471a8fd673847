//! Text from the network, as error messages show it.

/// The maximum number of characters that a message shows of one text.
const SHOWN: usize = 200;

/// Quotes and escapes `text`, and shortens it: a provider must not write lines into a log.
pub(crate) fn shown(text: &str) -> String {
    let end = text.char_indices().nth(SHOWN).map(|(at, _)| at);
    match end {
        None => format!("{text:?}"),
        Some(end) => format!("{:?}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_text_from_the_network_is_one_short_line() {
        assert_eq!(shown("a\nb\u{1b}"), r#""a\nb\u{1b}""#);
        let long = shown(&"ä".repeat(100_000));
        assert_eq!(long.chars().count(), 203);
        assert!(long.ends_with("\"…"));
    }
}
