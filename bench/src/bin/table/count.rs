//! The cost of one work: instructions by callgrind, allocations by a counting allocator.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tower_auth_bench::Work;
use tower_auth_bench::callgrind::{added, sibling};

use crate::Error;

/// The cost of one work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
}

/// Counts with the binaries beside this one.
pub(crate) struct Counter {
    call: PathBuf,
    allocations: HashMap<String, u64>,
}

impl Counter {
    pub(crate) fn new() -> Result<Self, Error> {
        let allocations = allocations(&sibling("allocations")?)?;
        Ok(Self { call: sibling("call")?, allocations })
    }

    pub(crate) fn cost(&self, work: &Work) -> Result<Cost, Error> {
        let instructions = added(&self.call, work)?;
        let allocations = *self.allocations.get(work.name).ok_or("a work was not counted")?;
        Ok(Cost { instructions, allocations })
    }
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
