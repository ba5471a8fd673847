//! `docs/threat-model.md` names a test for each of its statements; the tests must exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").into()
}

fn functions_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                functions_in(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1).map(|rest| {
                rest.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect()
            });
            found.extend(names.filter(|name: &String| !name.is_empty()));
        }
    }
}

/// Returns the test names in backticks: words with at least two underscores that are not paths.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|it| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        it.bytes().all(is_name) && it.matches('_').count() >= 2
    })
}

#[test]
fn each_statement_names_a_test_that_exists() {
    let text = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let mut tests = BTreeSet::new();
    for folder in ["crates", "examples", "tests"] {
        functions_in(&root().join(folder), &mut tests);
    }
    let names: Vec<_> = named(&text).collect();
    assert!(names.len() > 30, "{names:?}");
    let missing: Vec<_> = names.into_iter().filter(|name| !tests.contains(*name)).collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}
