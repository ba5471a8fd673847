//! The cost of one work: instructions by callgrind, allocations by a counting allocator.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use tower_auth_bench::Work;

use crate::Error;

/// The cost of one work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
}

/// Counts by running the binaries beside this one.
pub(crate) struct Counter {
    call: PathBuf,
    allocations: HashMap<String, u64>,
}

impl Counter {
    pub(crate) fn new() -> Result<Self, Error> {
        let here = std::env::current_exe()?;
        let allocations = allocations(&here.with_file_name("allocations"))?;
        Ok(Self { call: here.with_file_name("call"), allocations })
    }

    pub(crate) fn cost(&self, work: &Work) -> Result<Cost, Error> {
        let over = if work.over.is_some() { self.instructions(work, &["over"])? } else { 0 };
        let instructions = self.instructions(work, &[])?.saturating_sub(over);
        let allocations = *self.allocations.get(work.name).ok_or("a work was not counted")?;
        Ok(Cost { instructions, allocations })
    }

    /// The instructions of one call.
    fn instructions(&self, work: &Work, more: &[&str]) -> Result<u64, Error> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
            .arg("--toggle-collect=*tower_auth_bench*measured*")
            .arg(&self.call)
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
}

fn allocations(binary: &PathBuf) -> Result<HashMap<String, u64>, Error> {
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
