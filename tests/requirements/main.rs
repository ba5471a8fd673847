//! The list of requirements and the threat model, compared with the tests of the workspace.
//!
//! `*.toml` beside this file state what standards ask of the layers, and which mistakes of live
//! systems they must avoid. Each requirement has an id, and a test that proves it has that id at the
//! start of its name: `ck_09_…` proves `CK-09`, `d19_…` proves `D19`; a name may begin with several.
//! Each requirement is in exactly one state:
//!
//! - `tested`: at least one test carries its id.
//! - `exception`: it is decided otherwise, or no test can observe it. `reason` says why. Tests may show
//!   the decision: `shown_by` names every test that carries the id, and no other test may.
//! - `not built`: no test carries its id, and `gap` is the title of an entry in the README's section
//!   "What is not there yet".
//!
//! `docs/requirements.md` is the result; `scripts/requirements` writes it.

mod check;
mod list;
mod names;
mod page;
mod threat_model;

use std::path::{Path, PathBuf};
use std::{env, fs};

use check::{Workspace, faults};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in a folder").to_owned()
}

fn workspace() -> Workspace {
    let root = root();
    let readme = fs::read_to_string(root.join("README.md")).expect("the README is readable");
    Workspace {
        chapters: list::read(&root.join("tests/requirements")),
        functions: names::functions_below(&root),
        gaps: check::gaps(&readme),
    }
}

#[test]
fn every_requirement_is_in_the_state_that_it_names() {
    let faults = faults(&workspace());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_page_is_current() {
    let page = page::render(&workspace());
    let path = root().join("docs/requirements.md");
    if env::var_os("WRITE_REQUIREMENTS").is_some() {
        fs::write(&path, page).expect("the page is writable");
        return;
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/requirements.md is stale: run scripts/requirements");
}
