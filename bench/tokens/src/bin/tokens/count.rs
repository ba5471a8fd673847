//! Instructions by callgrind, and allocations by a counting allocator.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use tower_auth_bench_tokens::{Case, Issued};

use crate::Result;

/// The number of runs by `token-call`.
const TIMES: u64 = 20;

/// Returns whether callgrind is installed.
pub(crate) fn has_callgrind() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Returns the allocations of one run.
pub(crate) fn allocations(case: Case, issued: &Issued) -> Result<u64> {
    let output = run(Command::new(sibling("token-allocations")?), case, issued)?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Returns the instructions of one run.
pub(crate) fn instructions(case: Case, issued: &Issued) -> Result<u64> {
    let mut callgrind = Command::new("valgrind");
    callgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=*tower_auth_bench_tokens*measured*")
        .arg(sibling("token-call")?);
    let output = run(callgrind, case, issued)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = collected.ok_or_else(|| format!("callgrind counted nothing: {said}"))?;
    Ok(count.trim().parse::<u64>()? / TIMES)
}

fn run(mut command: Command, case: Case, issued: &Issued) -> Result<Output> {
    command.args([case.verifier.id, case.input.id()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    // The programs read everything before they write, so neither side waits for the other. The
    // pipe closes at the end of the statement.
    child.stdin.take().ok_or("no pipe")?.write_all(&serde_json::to_vec(issued)?)?;
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(output);
    }
    Err(String::from_utf8_lossy(&output.stderr).into())
}

/// Returns the path of the program with this name, beside the running one.
fn sibling(name: &str) -> Result<std::path::PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}
