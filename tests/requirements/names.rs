//! The functions of the workspace's sources, by name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A function, or an entry of the list of promises that every store is tested for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Whether a test runner calls it.
    pub(crate) is_test: bool,
}

/// Finds every function below a folder. Build output, hidden folders and these files are left out.
pub(crate) fn functions_below(folder: &Path) -> Vec<Function> {
    let mut found = Vec::new();
    walk(folder, &mut found);
    found.sort();
    found.dedup();
    found
}

fn walk(folder: &Path, found: &mut Vec<Function>) {
    let entries = fs::read_dir(folder).expect("a folder of the workspace is readable");
    for entry in entries {
        let entry = entry.expect("it is listed");
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type().expect("it has a type").is_dir() {
            if name != "target" && !name.starts_with('.') && !path.ends_with("tests/requirements") {
                walk(&path, found);
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).expect("a source is readable");
            found.extend(functions(&text));
            if path.ends_with("conformance/promises.rs") {
                found.extend(promises(&text));
            }
        }
    }
}

/// The functions of one source. It is read line by line, as rustfmt leaves it.
pub(crate) fn functions(source: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
        } else if let Some(name) = function_name(line) {
            found.push(Function { name, is_test });
            is_test = false;
        } else if !line.starts_with("//") {
            is_test = false;
        }
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let (before, after) = match line.strip_prefix("fn ") {
        Some(after) => ("", after),
        None => line.split_once(" fn ")?,
    };
    let modifier = |word: &str| {
        word.starts_with("pub") || word.ends_with(')') || ["async", "const"].contains(&word)
    };
    let name: String =
        after.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
    (before.split_whitespace().all(modifier) && !name.is_empty()).then_some(name)
}

/// The promises in the list from which `store_conformance!` makes a test each: a line is a name.
fn promises(source: &str) -> impl Iterator<Item = Function> {
    let is_name = |line: &&str| {
        line.contains('_') && line.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    };
    let lines = source.lines().map(str::trim).filter(is_name);
    lines.map(|name| Function { name: name.to_owned(), is_test: true })
}

/// The ids in a name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    /// The prefixes at the start, as in `ck_09`.
    pub(crate) known: Vec<String>,
    /// A word that looks like an id, and is on no list or does not begin the name.
    pub(crate) wrong: Option<String>,
}

/// Reads the ids of a name. `prefixes` are those of all requirements.
pub(crate) fn ids(name: &str, prefixes: &BTreeSet<String>) -> Ids {
    let mut ids = Ids::default();
    let mut rest = name;
    while let Some((id, behind)) = split_id(rest) {
        if !prefixes.contains(id) {
            ids.wrong = claims_to_be_an_id(id, prefixes).then(|| id.to_owned());
            break;
        }
        ids.known.push(id.to_owned());
        rest = behind;
    }
    if ids.wrong.is_none() {
        let later = rest.match_indices('_').filter_map(|(at, _)| split_id(&rest[at + 1..]));
        ids.wrong = later.map(|(id, _)| id).find(|it| prefixes.contains(*it)).map(str::to_owned);
    }
    ids
}

/// Splits what has the shape of an id, as `ck_09` or `d19`, from the words behind it.
fn split_id(name: &str) -> Option<(&str, &str)> {
    let behind = name.trim_start_matches(|it: char| it.is_ascii_lowercase());
    let number = behind.strip_prefix('_').unwrap_or(behind);
    let words = number.trim_start_matches(|it: char| it.is_ascii_digit());
    let has_both = behind.len() < name.len() && words.len() < number.len();
    let words_behind = words.strip_prefix('_').filter(|_| has_both)?;
    Some((&name[..name.len() - words.len()], words_behind))
}

/// `zz_01`, and `d8` if there is a `d19`.
fn claims_to_be_an_id(id: &str, prefixes: &BTreeSet<String>) -> bool {
    let letters = |it: &str| it.trim_end_matches(|it: char| it.is_ascii_digit()).to_owned();
    matches!(id.as_bytes(), [_, _, b'_', _, _])
        || prefixes.iter().any(|it| letters(it) == letters(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_with_what_calls_them() {
        let source = r#"
            #[test]
            fn ck_01_a() {
            /// Says why.
            #[tokio::test(start_paused = true)]
            #[should_panic]
            async fn se_02_b() {
            #[test]
            // A word.
            pub(crate) async fn br_03_c(value in any()) {
            fn jw_04_helper<T>() {
            #[test]
            const X: u8 = 1;
            fn d05_not_either() {
            // fn d06_comment() {
            let text = "a fn d07_in_text()";
        "#;
        let found: Vec<_> = functions(source).into_iter().map(|it| (it.name, it.is_test)).collect();
        let expected =
            [("ck_01_a", true), ("se_02_b", true), ("br_03_c", true), ("jw_04_helper", false)];
        let expected = expected.into_iter().chain([("d05_not_either", false)]);
        assert_eq!(found, expected.map(|(name, it)| (name.to_owned(), it)).collect::<Vec<_>>());
    }

    #[test]
    fn promises_are_the_bare_names_of_the_list() {
        let list = "    saving {\n        se_18_a_save_never_creates\n    }\n    fn not_this() {}";
        let names: Vec<_> = promises(list).map(|it| it.name).collect();
        assert_eq!(names, ["se_18_a_save_never_creates"]);
    }

    #[test]
    fn ids_stand_first_and_are_known() {
        let prefixes = BTreeSet::from(["ck_09", "se_18", "d03", "d22"].map(str::to_owned));
        let read = |name: &str| {
            let ids = ids(name, &prefixes);
            (ids.known.join(" "), ids.wrong.unwrap_or_default())
        };
        for (name, known, wrong) in [
            ("ck_09_names", "ck_09", ""),
            ("se_18_d03_writers", "se_18 d03", ""),
            ("h2_is_no_id", "", ""),
            ("answers_14_for_is_14_times", "", ""),
            ("rfc_9068_tokens", "", ""),
            ("ck_10_names", "", "ck_10"),
            ("zz_01_names", "", "zz_01"),
            ("d3_writers", "", "d3"),
            ("se_18_d04_writers", "se_18", "d04"),
            ("the_extractor_and_d22_500", "", "d22"),
        ] {
            assert_eq!(read(name), (known.to_owned(), wrong.to_owned()), "{name}");
        }
    }
}
