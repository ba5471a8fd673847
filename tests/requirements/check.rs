//! The comparison of requirements, tests and README.

use std::collections::BTreeSet;

use crate::list::{Chapter, Requirement, State};
use crate::names::{Function, ids};

/// The inputs of the comparison.
pub(crate) struct Workspace {
    pub(crate) chapters: Vec<Chapter>,
    pub(crate) functions: Vec<Function>,
    /// The titles of what the README says is not there yet.
    pub(crate) gaps: Vec<String>,
}

impl Workspace {
    pub(crate) fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.chapters.iter().flat_map(|it| &it.requirements)
    }

    fn prefixes(&self) -> BTreeSet<String> {
        self.requirements().map(Requirement::prefix).collect()
    }

    /// The names of the tests that carry a requirement's id.
    pub(crate) fn tests_of(&self, requirement: &Requirement) -> BTreeSet<&str> {
        let (prefix, prefixes) = (requirement.prefix(), self.prefixes());
        let tests = self.functions.iter().filter(|it| it.is_test).map(|it| &*it.name);
        let tests = tests.filter(|name| name.contains(&prefix));
        tests.filter(|name| ids(name, &prefixes).known.contains(&prefix)).collect()
    }
}

/// Reads the titles of the README's section "What is not there yet": `- **Title**: …`.
pub(crate) fn gaps(readme: &str) -> Vec<String> {
    let section = readme.split("\n## What is not there yet\n").nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let titles = section.lines().filter_map(|it| it.strip_prefix("- **")?.split_once("**:"));
    titles.map(|(title, _)| title.to_owned()).collect()
}

/// Everything that is wrong, one sentence each.
pub(crate) fn faults(workspace: &Workspace) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for requirement in workspace.requirements() {
        let id = &requirement.id;
        if !seen.insert(id) {
            faults.push(format!("{id} is listed twice"));
        }
        state_faults(workspace, requirement, &mut faults);
    }
    let mut gaps = BTreeSet::new();
    for gap in &workspace.gaps {
        if !gaps.insert(gap) {
            faults.push(format!("the README names the gap {gap:?} twice"));
        }
    }
    let prefixes = workspace.prefixes();
    for function in &workspace.functions {
        let (name, ids) = (&function.name, ids(&function.name, &prefixes));
        if let Some(wrong) = ids.wrong {
            faults.push(format!("{name}: {wrong} is no known id, or does not stand first"));
        }
        if !function.is_test && !ids.known.is_empty() {
            faults.push(format!("{name} carries an id and is no test"));
        }
    }
    faults
}

fn state_faults(workspace: &Workspace, requirement: &Requirement, faults: &mut Vec<String>) {
    let id = &requirement.id;
    let tests = workspace.tests_of(requirement);
    match &requirement.state {
        State::Tested => {
            if tests.is_empty() {
                faults.push(format!("{id} is \"tested\" and no test carries its id"));
            }
        }
        State::Exception { shown_by, .. } => {
            let shown: BTreeSet<_> = shown_by.iter().map(|it| &**it).collect();
            for name in tests.difference(&shown) {
                faults.push(format!("{id} is an exception and `shown_by` does not name {name}"));
            }
            for name in shown.difference(&tests) {
                faults.push(format!("{id}: `shown_by` names {name}, which is no test with its id"));
            }
        }
        State::NotBuilt { gap } => {
            for name in tests {
                faults.push(format!("{id} is \"not built\" and {name} carries its id"));
            }
            if !workspace.gaps.contains(gap) {
                faults.push(format!("{id}: the README names no gap {gap:?}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::parse;

    const LIST: &str = r#"
        title = "Cookies"
        about = "All about them."
        [[requirement]]
        id = "CK-01"
        says = "A."
        source = ["RFC 6265"]
        state = "tested"
        [[requirement]]
        id = "CK-02"
        says = "B."
        source = ["RFC 6265"]
        state = "exception"
        reason = "C."
        shown_by = ["ck_02_is_decided"]
        [[requirement]]
        id = "D03"
        says = "D."
        source = ["RFC 6265"]
        state = "not built"
        gap = "DPoP"
    "#;

    fn told(list: &str, tests: &[&str], gaps: &[&str]) -> Vec<String> {
        let test = |name: &&str| Function { name: name.to_string(), is_test: true };
        faults(&Workspace {
            chapters: vec![parse(list).unwrap()],
            functions: tests.iter().map(test).collect(),
            gaps: gaps.iter().map(ToString::to_string).collect(),
        })
    }

    #[test]
    fn what_agrees_has_no_fault() {
        let tests = ["ck_01_is_so", "ck_01_ck_02_both", "ck_02_is_decided", "without_id"];
        let list = LIST.replace(r#"["ck_02_is_"#, r#"["ck_01_ck_02_both", "ck_02_is_"#);
        assert_eq!(told(&list, &tests, &["DPoP", "More"]), [""; 0]);
    }

    #[test]
    fn each_disagreement_is_a_sentence() {
        let good = ["ck_01_is_so", "ck_02_is_decided"];
        let beside = |more| [&good[..], &[more]].concat();
        let gaps = ["DPoP"];
        for (told, fault) in [
            (told(LIST, &good[1..], &gaps), r#"CK-01 is "tested" and no test carries its id"#),
            (
                told(LIST, &beside("ck_02_more"), &gaps),
                "CK-02 is an exception and `shown_by` does not name ck_02_more",
            ),
            (
                told(LIST, &good[..1], &gaps),
                "CK-02: `shown_by` names ck_02_is_decided, which is no test with its id",
            ),
            (
                told(LIST, &beside("ck_01_d03_more"), &gaps),
                r#"D03 is "not built" and ck_01_d03_more carries its id"#,
            ),
            (told(LIST, &good, &[]), r#"D03: the README names no gap "DPoP""#),
            (told(LIST, &good, &["DPoP", "DPoP"]), r#"the README names the gap "DPoP" twice"#),
            (
                told(LIST, &beside("ck_04_more"), &gaps),
                "ck_04_more: ck_04 is no known id, or does not stand first",
            ),
            (told(&LIST.replace("D03", "CK-01"), &good, &gaps), "CK-01 is listed twice"),
        ] {
            assert_eq!(told.first().map(String::as_str), Some(fault), "{told:?}");
        }
    }

    #[test]
    fn an_id_on_what_no_runner_calls_is_a_fault() {
        let mut workspace = Workspace {
            chapters: vec![parse(LIST).unwrap()],
            functions: vec![Function { name: "ck_01_is_so".into(), is_test: false }],
            gaps: vec!["DPoP".into()],
        };
        let told = faults(&workspace);
        assert!(told.contains(&"ck_01_is_so carries an id and is no test".to_owned()), "{told:?}");
        workspace.functions[0].name = "helper".into();
        assert!(!faults(&workspace).iter().any(|it| it.ends_with("is no test")));
    }

    #[test]
    fn a_requirement_in_no_state_is_not_read() {
        for (key, fault) in [
            ("state = \"tested\"", "CK-01: `state` is no text"),
            ("reason = \"C.\"", "CK-02: `reason` is no text"),
            ("gap = \"DPoP\"", "D03: `gap` is no text"),
        ] {
            assert_eq!(parse(&LIST.replacen(key, "", 1)).err().as_deref(), Some(fault));
        }
        let two = LIST.replace("state = \"tested\"", "state = \"tested\"\ngap = \"DPoP\"");
        let fault = "CK-01: `gap` belongs to no state, or is not known";
        assert_eq!(parse(&two).err().as_deref(), Some(fault));
        let other = LIST.replace("\"not built\"", "\"planned\"");
        assert_eq!(parse(&other).err().as_deref(), Some("D03: `state` is \"planned\""));
    }

    #[test]
    fn the_readmes_gaps_are_the_titles_of_one_section() {
        let readme = "# A\n- **Not this**: x\n## What is not there yet\n\n- **One**: x\n  more\n\
            - **Two gaps**: y\nSome words.\n- no title\n\n## Further\n- **Nor this**: z\n";
        assert_eq!(gaps(readme), ["One", "Two gaps"]);
        assert_eq!(gaps("# A\n"), [""; 0]);
    }
}
