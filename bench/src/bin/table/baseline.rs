//! The recorded costs of a commit, and the costs that have grown since.

use std::fmt;
use std::str::FromStr;

use tower_auth_bench::{Work, all};

use crate::Error;
use crate::count::{Cost, Counter};
use crate::versions::{self, Versions};

/// A growth below either of these is ignored: the layout of the code alone changes counts by as
/// much.
const PERMILLE: u64 = 30;
const INSTRUCTIONS: u64 = 60;

/// The costs of our own works, with the versions that were used to count them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Baseline {
    versions: Versions,
    costs: Vec<(String, Cost)>,
}

/// The works of peers and of libraries exist for comparison, and are indented.
fn is_ours(work: &Work) -> bool {
    !work.name.starts_with(' ')
}

impl Baseline {
    pub(crate) fn measure(counter: &Counter) -> Result<Self, Error> {
        let works = all().filter(|work| is_ours(work));
        let costs = works.map(|work| Ok((work.name.to_owned(), counter.cost(work)?)));
        Ok(Self { versions: versions::here()?, costs: costs.collect::<Result<_, Error>>()? })
    }

    /// Returns a line for each work that costs more than before, or is missing. New works are
    /// ignored.
    pub(crate) fn worse_than(&self, before: &Self) -> Vec<String> {
        let mut worse = Vec::new();
        if self.versions != before.versions {
            worse.push(format!(
                "- the baseline was made with other versions, and cannot be compared:\n{}",
                before.versions
            ));
        }
        for (name, old) in &before.costs {
            let Some((_, new)) = self.costs.iter().find(|(it, _)| it == name) else {
                worse.push(format!("- {name}: is no longer measured"));
                continue;
            };
            let most = old.instructions + INSTRUCTIONS.max(old.instructions * PERMILLE / 1000);
            if new.instructions > most {
                worse.push(format!(
                    "- {name}: {} instructions, before {}, at most {most}",
                    new.instructions, old.instructions
                ));
            }
            if new.allocations > old.allocations {
                worse.push(format!(
                    "- {name}: {} allocations, before {}",
                    new.allocations, old.allocations
                ));
            }
        }
        worse
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Costs of the hot paths, by scripts/cost --record. Work, instructions, allocations"
        )?;
        write!(f, "{}", self.versions)?;
        for (name, cost) in &self.costs {
            writeln!(f, "{name}\t{}\t{}", cost.instructions, cost.allocations)?;
        }
        Ok(())
    }
}

impl FromStr for Baseline {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let costs = lines.map(|line| -> Result<_, Error> {
            let mut fields = line.split('\t');
            let (Some(name), Some(instructions), Some(allocations), None) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                return Err(format!("not three fields: {line}").into());
            };
            let (instructions, allocations) = (instructions.parse()?, allocations.parse()?);
            Ok((name.to_owned(), Cost { instructions, allocations }))
        });
        Ok(Self { versions: text.parse()?, costs: costs.collect::<Result<_, Error>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::Baseline;

    fn baseline(lines: &str) -> Baseline {
        format!("# title\n# rustc: 1\n# valgrind: 2\n{lines}").parse().unwrap()
    }

    #[test]
    fn a_baseline_reads_what_it_wrote() {
        let before = baseline("a: b\t1000\t4\nc\t20\t0\n");
        assert_eq!(before.to_string().parse::<Baseline>().unwrap(), before);
        assert!("a\t1".parse::<Baseline>().is_err());
        assert!("a\tx\t1".parse::<Baseline>().is_err());
    }

    #[test]
    fn growth_is_a_finding_beyond_the_larger_of_two_bounds() {
        let before = baseline("small\t1000\t4\nlarge\t10000\t4\n");
        let worse = |small: u64, large: u64, allocations: u64| {
            let now =
                baseline(&format!("small\t{small}\t4\nlarge\t{large}\t{allocations}\nnew\t9\t9\n"));
            now.worse_than(&before).len()
        };
        assert_eq!(worse(1060, 10_300, 4), 0);
        assert_eq!(worse(900, 9_000, 3), 0);
        assert_eq!(worse(1061, 10_300, 4), 1);
        assert_eq!(worse(1060, 10_301, 4), 1);
        assert_eq!(worse(1061, 10_301, 5), 3);
    }

    #[test]
    fn a_work_that_is_gone_and_other_versions_are_findings() {
        let before = baseline("a\t1\t1\n");
        assert_eq!(baseline("").worse_than(&before).len(), 1);
        let other: Baseline = "# rustc: 2\na\t1\t1\n".parse().unwrap();
        let worse = other.worse_than(&before);
        assert!(worse.len() == 1 && worse[0].contains("rustc: 1"), "{worse:?}");
    }
}
