//! The kinds of store steps, and their counts.

use std::fmt;

/// One method of the store contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the contract's methods; a new one is a new contract")]
pub enum Step {
    /// `create`
    Create,
    /// `load`
    Load,
    /// `save`
    Save,
    /// `touch`
    Touch,
    /// `end`
    End,
    /// `list`
    List,
    /// `end_owned`
    EndOwned,
}

impl Step {
    /// Returns the method's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Load => "load",
            Self::Save => "save",
            Self::Touch => "touch",
            Self::End => "end",
            Self::List => "list",
            Self::EndOwned => "end_owned",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The number of steps, by kind.
///
/// ```
/// use tower_auth_test::{Step, Steps};
///
/// assert_eq!(Steps::default().total(), 0);
/// assert_eq!(Steps::of([Step::Load, Step::Save]).to_string(), "1 load, 1 save");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each counts the method of its name")]
#[allow(clippy::exhaustive_structs, reason = "tests compare with literals")]
pub struct Steps {
    pub create: usize,
    pub load: usize,
    pub save: usize,
    pub touch: usize,
    pub end: usize,
    pub list: usize,
    pub end_owned: usize,
}

impl Steps {
    /// Counts these steps.
    #[must_use]
    pub fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        let mut counted = Self::default();
        steps.into_iter().for_each(|step| counted.add(step));
        counted
    }

    /// Returns the sum of all kinds: the number of store commands.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.create + self.load + self.save + self.touch + self.end + self.list + self.end_owned
    }

    pub(crate) fn add(&mut self, step: Step) {
        *match step {
            Step::Create => &mut self.create,
            Step::Load => &mut self.load,
            Step::Save => &mut self.save,
            Step::Touch => &mut self.touch,
            Step::End => &mut self.end,
            Step::List => &mut self.list,
            Step::EndOwned => &mut self.end_owned,
        } += 1;
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (Step::Create, self.create),
            (Step::Load, self.load),
            (Step::Save, self.save),
            (Step::Touch, self.touch),
            (Step::End, self.end),
            (Step::List, self.list),
            (Step::EndOwned, self.end_owned),
        ];
        let mut separator = "";
        for (step, count) in all.into_iter().filter(|(_, count)| *count > 0) {
            write!(f, "{separator}{count} {step}")?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("no steps") } else { Ok(()) }
    }
}
