//! The programs that affect the cost of a work besides our own code.

use std::fmt;
use std::process::Command;
use std::str::FromStr;

use crate::Error;

/// The versions of these programs. Only counts with equal versions can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Versions(Vec<(String, String)>);

/// Returns the versions on this machine.
pub(crate) fn here() -> Result<Versions, Error> {
    let first_line = |program: &str, argument: &str| -> Result<String, Error> {
        let output = Command::new(program).arg(argument).output()?;
        let text = String::from_utf8(output.stdout)?;
        Ok(text.lines().next().ok_or("no version")?.trim().to_owned())
    };
    // Some functions of libc and of the hashes have a variant for each instruction set.
    let has_avx2 = std::fs::read_to_string("/proc/cpuinfo")?
        .lines()
        .any(|line| line.starts_with("flags") && line.split_whitespace().any(|it| it == "avx2"));
    let pairs = [
        ("rustc", first_line("rustc", "--version")?),
        ("libc", first_line("ldd", "--version")?),
        ("valgrind", first_line("valgrind", "--version")?),
        ("avx2", has_avx2.to_string()),
    ];
    Ok(Versions(pairs.map(|(name, version)| (name.to_owned(), version)).to_vec()))
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, version)| writeln!(f, "# {name}: {version}"))
    }
}

impl FromStr for Versions {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
        let pairs = lines.filter_map(|line| line.split_once(": "));
        Ok(Self(pairs.map(|(name, version)| (name.to_owned(), version.to_owned())).collect()))
    }
}
