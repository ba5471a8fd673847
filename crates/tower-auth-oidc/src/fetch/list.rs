//! Lists of directives in header fields, with quoted strings.

/// Returns the directives of a field, as names and values. The value of a quoted string has no
/// quotes or escapes. Malformed text gives malformed directives, never an error.
pub(super) fn directives(field: &str) -> impl Iterator<Item = (&str, Option<String>)> {
    split(field).filter_map(|item| {
        let (name, value) = match item.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquoted(value.trim()))),
            None => (item.trim(), None),
        };
        (!name.is_empty()).then_some((name, value))
    })
}

/// Splits at the commas outside of quoted strings.
fn split(field: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    field.split(move |it: char| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match it {
            '"' => quoted = !quoted,
            '\\' => escaped = quoted,
            _ => {}
        }
        it == ',' && !quoted
    })
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').map(|it| it.strip_suffix('"').unwrap_or(it)) else {
        return value.to_owned();
    };
    let mut escaped = false;
    inner
        .chars()
        .filter(|it| {
            escaped = *it == '\\' && !escaped;
            !escaped
        })
        .collect()
}
