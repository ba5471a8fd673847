//! The requirements as the files state them.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// One file: the requirements of one prefix.
pub(crate) struct Chapter {
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) requirements: Vec<Requirement>,
}

/// One requirement.
pub(crate) struct Requirement {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) sources: Vec<String>,
    pub(crate) state: State,
}

/// The state of a requirement.
pub(crate) enum State {
    Tested,
    Exception { reason: String, shown_by: Vec<String> },
    NotBuilt { gap: String },
}

impl Requirement {
    /// The start of the names of its tests, without the last underscore.
    pub(crate) fn prefix(&self) -> String {
        self.id.to_lowercase().replace('-', "_")
    }
}

/// Reads all files of a folder, in the order of their names.
///
/// # Panics
/// If a file is not as described in `main.rs`. The message names the file and the key.
pub(crate) fn read(folder: &Path) -> Vec<Chapter> {
    let entries = fs::read_dir(folder).expect("the folder of requirements is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it is listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    paths.sort();
    let read = |path: &Path| {
        let text = fs::read_to_string(path).expect("a listed file is readable");
        parse(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
    };
    paths.iter().map(|path| read(path)).collect()
}

pub(crate) fn parse(text: &str) -> Result<Chapter, String> {
    let mut file: Table = text.parse().map_err(|fault| format!("{fault}"))?;
    let title = take(&mut file, "title")?;
    let about = take(&mut file, "about")?;
    let Some(Value::Array(list)) = file.remove("requirement") else {
        return Err("it has no [[requirement]]".into());
    };
    nothing_left(&file)?;
    let requirements = list.into_iter().map(requirement).collect::<Result<_, _>>()?;
    Ok(Chapter { title, about, requirements })
}

fn requirement(value: Value) -> Result<Requirement, String> {
    let Value::Table(mut table) = value else { return Err("a requirement is no table".into()) };
    let id = take(&mut table, "id")?;
    let parsed = (|| {
        let says = take(&mut table, "says")?;
        let sources = take_list(&mut table, "source")?;
        if sources.is_empty() {
            return Err("`source` is empty".into());
        }
        let state = match &*take(&mut table, "state")? {
            "tested" => State::Tested,
            "exception" => State::Exception {
                reason: take(&mut table, "reason")?,
                shown_by: match table.contains_key("shown_by") {
                    true => take_list(&mut table, "shown_by")?,
                    false => Vec::new(),
                },
            },
            "not built" => State::NotBuilt { gap: take(&mut table, "gap")? },
            other => return Err(format!("`state` is {other:?}")),
        };
        nothing_left(&table)?;
        Ok((says, sources, state))
    })();
    let (says, sources, state) = parsed.map_err(|fault: String| format!("{id}: {fault}"))?;
    Ok(Requirement { id, says, sources, state })
}

/// Takes a text that is not empty. Line breaks become spaces.
fn take(table: &mut Table, key: &str) -> Result<String, String> {
    let Some(Value::String(text)) = table.remove(key) else {
        return Err(format!("`{key}` is no text"));
    };
    let words: Vec<_> = text.split_whitespace().collect();
    if words.is_empty() {
        return Err(format!("`{key}` is empty"));
    }
    Ok(words.join(" "))
}

fn take_list(table: &mut Table, key: &str) -> Result<Vec<String>, String> {
    let Some(Value::Array(list)) = table.remove(key) else {
        return Err(format!("`{key}` is no list"));
    };
    let text = |it: Value| it.as_str().map(str::to_owned).ok_or(format!("`{key}` has no texts"));
    list.into_iter().map(text).collect()
}

fn nothing_left(table: &Table) -> Result<(), String> {
    match table.keys().next() {
        Some(key) => Err(format!("`{key}` belongs to no state, or is not known")),
        None => Ok(()),
    }
}
