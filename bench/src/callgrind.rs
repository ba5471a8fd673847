//! Counts of instructions with callgrind.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Work;

type Error = Box<dyn std::error::Error>;

/// Returns the instructions of one call of the work, without those of its base.
///
/// # Errors
/// valgrind is missing, or the work fails.
pub fn added(binary: &Path, work: &Work) -> Result<u64, Error> {
    let over = if work.over.is_some() { run(binary, work, &["over"])? } else { 0 };
    Ok(run(binary, work, &[])?.saturating_sub(over))
}

/// Runs `call` under callgrind.
fn run(binary: &Path, work: &Work, more: &[&str]) -> Result<u64, Error> {
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

/// Returns the path of the binary with this name, beside the running one.
///
/// # Errors
/// The system does not report the path of the running program.
pub fn sibling(name: &str) -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// Formats 12345 as 12,345.
#[must_use]
pub fn grouped(number: u64) -> String {
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
