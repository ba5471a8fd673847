//! `docs/threat-model.md` names tests that prove its statements; the tests must exist.

use std::collections::BTreeSet;
use std::fs;

use super::names;
use super::root;

/// Returns the test names in backticks: words with at least two underscores that are not paths.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|it| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        it.bytes().all(is_name) && it.matches('_').count() >= 2
    })
}

#[test]
fn each_named_test_exists() {
    let text = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let functions = names::functions_below(&root()).into_iter();
    let tests: BTreeSet<String> = functions.filter(|it| it.is_test).map(|it| it.name).collect();
    let names: Vec<_> = named(&text).collect();
    assert!(names.len() > 30, "{names:?}");
    let missing: Vec<_> = names.into_iter().filter(|name| !tests.contains(*name)).collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}
