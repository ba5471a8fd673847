//! Runs every work under callgrind, and prints its cost beside its target.
//!
//! `table` prints all works; `table csrf session` only those whose name contains one of these
//! words. `table --record FILE` writes a baseline, and `table --check FILE` fails if a work costs
//! more.

mod baseline;
mod count;
mod versions;

use std::process::ExitCode;

use baseline::Baseline;
use count::Counter;
use tower_auth_bench::callgrind::grouped;
use tower_auth_bench::{Work, all, sizes};

type Error = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["--versions"] => versions::here().map(|versions| print!("{versions}")),
        ["--record", file] => record(file),
        ["--check", file] => check(file),
        _ => print(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("table: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(wanted: &[&str]) -> Result<(), Error> {
    let counter = Counter::new()?;
    println!("| work | instructions added | aim | | allocations added | aim |");
    println!("|---|--:|--:|--:|--:|--:|");
    let is_wanted =
        |work: &&Work| wanted.is_empty() || wanted.iter().any(|part| work.name.contains(part));
    for work in all().filter(is_wanted) {
        let cost = counter.cost(work)?;
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            work.name,
            grouped(cost.instructions),
            work.instructions.map_or_else(String::new, grouped),
            work.instructions.map_or_else(String::new, |aim| verdict(cost.instructions, aim)),
            cost.allocations,
            work.allocations.map_or_else(String::new, |aim| aim.to_string()),
        );
    }
    println!("\nSizes of futures, in bytes, around one of {}:", sizes::INNER);
    for (name, size) in sizes::all() {
        println!("- {name}: {size}");
    }
    Ok(())
}

fn record(file: &str) -> Result<(), Error> {
    let baseline = Baseline::measure(&Counter::new()?)?;
    Ok(std::fs::write(file, baseline.to_string())?)
}

fn check(file: &str) -> Result<(), Error> {
    let before: Baseline = std::fs::read_to_string(file)?.parse()?;
    let now = Baseline::measure(&Counter::new()?)?;
    let worse = now.worse_than(&before);
    if worse.is_empty() {
        println!("table: no work costs more than in {file}");
        return Ok(());
    }
    Err(format!("these cost more than in {file}:\n{}", worse.join("\n")).into())
}

/// Compares a cost with its target.
fn verdict(added: u64, aim: u64) -> String {
    let percent = added * 100 / aim;
    if percent <= 100 { "met".into() } else { format!("missed by {} %", percent - 100) }
}
