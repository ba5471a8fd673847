//! Runs every work under callgrind and prints what it costs beside what we aim for.
//!
//! `table` prints all; `table csrf session` only the works whose name holds one of these.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

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
    let here = std::env::current_exe()?;
    let call = sibling(&here, "call");
    let allocations = allocations(&sibling(&here, "allocations"))?;
    println!("| work | instructions added | aim | | allocations added | aim |");
    println!("|---|--:|--:|--:|--:|--:|");
    let is_wanted = |work: &&Work| {
        wanted.is_empty() || wanted.iter().any(|part| work.name.contains(part.as_str()))
    };
    for work in all().filter(is_wanted) {
        let over = if work.over.is_some() { instructions(&call, work, &["over"])? } else { 0 };
        let added = instructions(&call, work, &[])?.saturating_sub(over);
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

/// A binary beside this one.
fn sibling(here: &Path, name: &str) -> PathBuf {
    here.with_file_name(name)
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

/// The instructions of one call.
fn instructions(binary: &Path, work: &Work, more: &[&str]) -> Result<u64, Error> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=*tower_auth_bench*measured*")
        .arg(binary)
        .arg(work.name)
        .args(more)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, count)) if output.status.success() => {
            Ok(count.trim().parse::<u64>()? / u64::from(work.times))
        }
        _ => Err(format!("{}: {said}", work.name).into()),
    }
}

/// How far from the aim.
fn verdict(added: u64, aim: u64) -> String {
    let percent = added * 100 / aim;
    if percent <= 100 { "met".into() } else { format!("missed by {} %", percent - 100) }
}

/// 12345 as 12,345.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
