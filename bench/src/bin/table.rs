//! Runs every work under callgrind and prints what it costs beside what we aim for.
//!
//! `table` prints all; `table csrf session` only the works whose name holds one of these.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, ExitCode};

use tower_auth_bench::callgrind::{added, grouped, sibling};
use tower_auth_bench::{Work, all, sizes};

type Error = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match print(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("table: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(wanted: &[String]) -> Result<(), Error> {
    let call = sibling("call")?;
    let allocations = allocations(&sibling("allocations")?)?;
    println!("| work | instructions added | aim | | allocations added | aim |");
    println!("|---|--:|--:|--:|--:|--:|");
    let is_wanted = |work: &&Work| {
        wanted.is_empty() || wanted.iter().any(|part| work.name.contains(part.as_str()))
    };
    for work in all().filter(is_wanted) {
        let added = added(&call, work)?;
        let allocated = allocations.get(work.name).ok_or("a work was not counted")?;
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            work.name,
            grouped(added),
            work.instructions.map_or_else(String::new, grouped),
            work.instructions.map_or_else(String::new, |aim| verdict(added, aim)),
            allocated,
            work.allocations.map_or_else(String::new, |aim| aim.to_string()),
        );
    }
    println!("\nSizes of futures, in bytes, around one of {}:", sizes::INNER);
    for (name, size) in sizes::all() {
        println!("- {name}: {size}");
    }
    Ok(())
}

fn allocations(binary: &Path) -> Result<HashMap<String, u64>, Error> {
    let output = Command::new(binary).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let lines = String::from_utf8(output.stdout)?;
    let pair = |line: &str| -> Result<_, Error> {
        let (name, count) = line.split_once('\t').ok_or("a line without a count")?;
        Ok((name.to_owned(), count.parse()?))
    };
    lines.lines().map(pair).collect()
}

/// How far from the aim.
fn verdict(added: u64, aim: u64) -> String {
    let percent = added * 100 / aim;
    if percent <= 100 { "met".into() } else { format!("missed by {} %", percent - 100) }
}
