//! Prints the public API of one crate, from rustdoc's JSON.
//!
//! `public-api-listing JSON` prints a line for each public item.
//! `public-api-listing --external JSON` prints the other crates whose types appear in these lines.

use std::collections::BTreeSet;
use std::process::ExitCode;

use public_api::{Builder, PublicApi};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let external = arguments.first().is_some_and(|it| it == "--external");
    if external {
        arguments.remove(0);
    }
    let [path] = &*arguments else {
        eprintln!("usage: public-api-listing [--external] JSON");
        return ExitCode::FAILURE;
    };
    let built = Builder::from_rustdoc_json(path)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build();
    let api = match built {
        Ok(api) => api,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    if external {
        for name in other_crates(&api) {
            println!("{name}");
        }
    } else {
        for item in api.items() {
            println!("{item}");
        }
    }
    ExitCode::SUCCESS
}

/// Returns the first segment of each path that belongs neither to the crate nor to the standard
/// library.
fn other_crates(api: &PublicApi) -> BTreeSet<String> {
    let lines: Vec<String> = api.items().map(ToString::to_string).collect();
    // The first line is the crate's own module: `pub mod tower_auth`.
    let own = lines.first().and_then(|line| line.rsplit(' ').next()).unwrap_or_default();
    let known = [own, "core", "alloc", "std"];
    let paths = lines.iter().flat_map(|line| roots(line));
    paths.filter(|it| !known.contains(it)).map(str::to_owned).collect()
}

/// Returns each lower-case word that begins a path. Type parameters and `Self` begin in upper case.
fn roots(line: &str) -> impl Iterator<Item = &str> {
    let word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    line.split(move |letter| !word(letter))
        .filter_map(|path| path.split_once("::"))
        .map(|(root, _)| root)
        .filter(|root| root.starts_with(|first: char| first.is_lowercase()))
}
