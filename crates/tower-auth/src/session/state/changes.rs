//! The changes that a request makes. They are steps and not the new state, one step for each key,
//! so that they can be applied again to a version that another request has saved.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::session::SessionError;
use crate::session::record::data::{self, Values};

/// The value under a key; `None` if there is none.
pub(in crate::session) type Value = Option<Arc<RawValue>>;

/// A pure function: it runs again on each reload.
pub(in crate::session) type UpdateFn =
    dyn Fn(Option<&RawValue>) -> Result<Box<RawValue>, SessionError> + Send + Sync;

/// All changes under one key, folded into one. An insert or remove replaces every earlier change.
#[derive(Clone)]
pub(in crate::session) struct Step {
    start: Start,
    /// Applied to the start, in this order.
    updates: Vec<Arc<UpdateFn>>,
    /// The value after this step, if it is known for the version that this request has read.
    now: Option<Value>,
    /// The octets that the entry takes in the object.
    cost: usize,
}

/// Insert and remove do not depend on the stored value; an update does.
#[derive(Clone)]
enum Start {
    Keep,
    Set(Value),
}

/// One change, not yet added to the others.
pub(in crate::session) enum Change {
    Set(Value),
    /// An update and its result. `is_now` is `true` if the result was computed from the current
    /// value, which another task of this request may have changed meanwhile.
    Update {
        f: Arc<UpdateFn>,
        value: Arc<RawValue>,
        is_now: bool,
    },
}

impl Change {
    /// Returns the octets that the entry takes in the object after this change.
    pub(in crate::session) fn cost(&self, key: &str) -> usize {
        let value = match self {
            Self::Set(value) => value.as_deref(),
            Self::Update { value, .. } => Some(&**value),
        };
        value.map_or(0, |value| data::cost(key, value.get().len()))
    }
}

impl Step {
    /// Returns the value, unless it depends on the stored value.
    pub(in crate::session) const fn known(&self) -> Option<&Value> {
        match (&self.now, &self.start) {
            (Some(now), _) => Some(now),
            (None, Start::Set(value)) if self.updates.is_empty() => Some(value),
            (None, _) => None,
        }
    }

    /// Returns `true` if the value does not depend on the stored value.
    pub(in crate::session) const fn is_blind(&self) -> bool {
        matches!(self.start, Start::Set(_))
    }

    pub(in crate::session) const fn cost(&self) -> usize {
        self.cost
    }

    /// Returns the value after this step.
    pub(in crate::session) fn after<'v>(
        &'v self,
        before: Option<Cow<'v, RawValue>>,
    ) -> Result<Option<Cow<'v, RawValue>>, SessionError> {
        let start = match &self.start {
            Start::Keep => before,
            Start::Set(value) => value.as_deref().map(Cow::Borrowed),
        };
        self.updates.iter().try_fold(start, |value, update| {
            update(value.as_deref()).map(|it| Some(Cow::Owned(it)))
        })
    }
}

/// Steps by key. Boxed, because most requests change nothing and carry this field anyway.
#[derive(Clone, Default)]
#[allow(clippy::box_collection, reason = "every request carries its size")]
pub(in crate::session) struct Changes(Option<Box<HashMap<Arc<str>, Step>>>);

impl Changes {
    pub(in crate::session) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(in crate::session) fn get(&self, key: &str) -> Option<&Step> {
        self.0.as_ref()?.get(key)
    }

    fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Step)> {
        self.0.iter().flat_map(|steps| steps.iter())
    }

    pub(in crate::session) fn costs(&self) -> impl Iterator<Item = (&Arc<str>, usize)> {
        self.iter().map(|(key, step)| (key, step.cost))
    }

    /// Adds a change. Returns the step that it replaces, which may hold the application's closures:
    /// the caller drops it outside the lock.
    pub(in crate::session) fn push(&mut self, key: Arc<str>, change: Change) -> Option<Step> {
        let cost = change.cost(&key);
        let steps = self.0.get_or_insert_default();
        match change {
            Change::Set(value) => {
                let step = Step { start: Start::Set(value), updates: Vec::new(), now: None, cost };
                steps.insert(key, step)
            }
            Change::Update { f, value, is_now } => {
                let step = steps.entry(key).or_insert(Step {
                    start: Start::Keep,
                    updates: Vec::new(),
                    now: None,
                    cost,
                });
                step.cost = cost;
                if is_now && step.is_blind() {
                    // The result does not depend on a stored value, so it is all that needs saving.
                    let start = Start::Set(Some(value));
                    return Some(std::mem::replace(
                        step,
                        Step { start, updates: vec![], now: None, cost },
                    ));
                }
                step.updates.push(f);
                step.now = is_now.then_some(Some(value));
                None
            }
        }
    }

    /// Forgets computed values, because their input has changed.
    pub(in crate::session) fn forget_values(&mut self) {
        self.0.iter_mut().flat_map(|steps| steps.values_mut()).for_each(|step| step.now = None);
    }
}

/// Returns the object with the changes applied, in the order given.
pub(in crate::session) fn apply(
    object: &[u8],
    changes: &[&Changes],
) -> Result<Vec<u8>, SessionError> {
    // A single value that does not depend on the stored one is inserted without parsing the others.
    let mut steps = changes.iter().flat_map(|changes| changes.iter());
    if let (Some((key, step)), None) = (steps.next(), steps.next())
        && step.is_blind()
        && let Some(value) = step.after(None)?
        && let Some(written) = data::with(object, key, &value)
    {
        return Ok(written);
    }
    let mut values: Values<'_> = data::read(object).ok_or(SessionError::Unreadable)?;
    for (key, step) in changes.iter().flat_map(|changes| changes.iter()) {
        let before = values.remove(&**key);
        if let Some(value) = step.after(before)? {
            values.insert(Cow::Borrowed(key), value);
        }
    }
    Ok(data::write(&values))
}
