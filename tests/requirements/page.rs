//! `docs/requirements.md`.

use std::fmt::Write as _;

use crate::check::Workspace;
use crate::list::{Chapter, Requirement, State};

const HEAD: &str = "\
# Requirements

`scripts/requirements` writes this page from `tests/requirements/*.toml` and the names of the tests.
Edit those files, not this page.

Each requirement of a standard, and each known trap, is in one of three states. *Tested*: the listed
tests carry its id and show that it is met. *Exception*: it is decided otherwise, or no test can observe
it, for the given reason. *Not built*: the README names the gap under \"What is not there yet\".

";

pub(crate) fn render(workspace: &Workspace) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| | requirements | tested | exception | not built |\n|---|--:|--:|--:|--:|\n");
    for chapter in &workspace.chapters {
        let link = format!("[{}](#{})", chapter.title, anchor(&chapter.title));
        count(&mut page, &link, &chapter.requirements.iter().collect::<Vec<_>>());
    }
    count(&mut page, "all", &workspace.requirements().collect::<Vec<_>>());
    for chapter in &workspace.chapters {
        table(&mut page, workspace, chapter);
    }
    page
}

/// The fragment by which Markdown renderers link to a heading.
fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

fn count(page: &mut String, title: &str, requirements: &[&Requirement]) {
    let of = |kind: fn(&State) -> bool| requirements.iter().filter(|it| kind(&it.state)).count();
    let tested = of(|it| matches!(it, State::Tested));
    let exceptions = of(|it| matches!(it, State::Exception { .. }));
    let not_built = of(|it| matches!(it, State::NotBuilt { .. }));
    let all = requirements.len();
    let _ = writeln!(page, "| {title} | {all} | {tested} | {exceptions} | {not_built} |");
}

fn table(page: &mut String, workspace: &Workspace, chapter: &Chapter) {
    let _ = write!(page, "\n## {}\n\n{}\n\n", chapter.title, chapter.about);
    page.push_str("| id | requirement | source | state | tests |\n|---|---|---|---|---|\n");
    for requirement in &chapter.requirements {
        let Requirement { id, says, sources, state } = requirement;
        let state = match state {
            State::Tested => "tested".to_owned(),
            State::Exception { reason, .. } => format!("exception: {reason}"),
            State::NotBuilt { gap } => format!("not built: {gap}"),
        };
        let tests = workspace.tests_of(requirement);
        let tests: Vec<_> = tests.into_iter().map(|it| format!("`{it}`")).collect();
        let (sources, tests) = (sources.join(", "), tests.join(" "));
        let _ = writeln!(page, "| {id} | {says} | {sources} | {state} | {tests} |");
    }
}
