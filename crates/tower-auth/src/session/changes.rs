//! What a request changes: not the new state but the steps towards it, so that they can be applied
//! again to what others have made of the session meanwhile.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::SessionError;
use super::data::{self, Values};

/// One step, under one key.
#[derive(Clone)]
pub(super) struct Change {
    key: Arc<str>,
    step: Step,
    /// How much it may add to the object, in bytes.
    size: usize,
}

/// Insert and remove are blind writes; update reads what is there then.
#[derive(Clone)]
enum Step {
    Insert(Arc<RawValue>),
    Remove,
    Update(Arc<UpdateFn>),
}

/// Pure: it runs again on each reload.
type UpdateFn = dyn Fn(Option<&RawValue>) -> Result<Box<RawValue>, SessionError> + Send + Sync;

/// Quotes, colon and comma, and a little for escapes in the key.
const AROUND: usize = 16;

impl Change {
    pub(super) fn insert(key: &str, value: Box<RawValue>) -> Self {
        let size = key.len() + value.get().len() + AROUND;
        Self { key: key.into(), step: Step::Insert(value.into()), size }
    }

    pub(super) fn remove(key: &str) -> Self {
        Self { key: key.into(), step: Step::Remove, size: 0 }
    }

    pub(super) fn update<F>(key: Arc<str>, f: F) -> Self
    where
        F: Fn(Option<&RawValue>) -> Result<Box<RawValue>, SessionError> + Send + Sync + 'static,
    {
        let size = key.len() + AROUND;
        Self { key, step: Step::Update(Arc::new(f)), size }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Says how long an update's value is, as far as one can tell before it is saved.
    pub(super) fn sized(mut self, value: usize) -> Self {
        self.size = self.key.len() + value + AROUND;
        self
    }

    /// The value under its key after this step.
    fn value<'v>(
        &'v self,
        before: Option<Cow<'v, RawValue>>,
    ) -> Result<Option<Cow<'v, RawValue>>, SessionError> {
        match &self.step {
            Step::Insert(value) => Ok(Some(Cow::Borrowed(value))),
            Step::Remove => Ok(None),
            Step::Update(f) => f(before.as_deref()).map(|value| Some(Cow::Owned(value))),
        }
    }
}

/// The value under that key once the changes are applied to `object`.
pub(super) fn value_after<'v>(
    object: &'v [u8],
    changes: impl Iterator<Item = &'v Change>,
    key: &str,
) -> Result<Option<Cow<'v, RawValue>>, SessionError> {
    let before = data::find(object, key).and_then(Result::ok).map(Cow::Borrowed);
    changes
        .filter(|change| change.key() == key)
        .try_fold(before, |value, change| change.value(value))
}

/// The object with the changes applied.
pub(super) fn apply<'v>(
    object: &'v [u8],
    changes: impl Iterator<Item = &'v Change>,
) -> Result<Vec<u8>, SessionError> {
    let mut values: Values<'v> = data::read(object).ok_or(SessionError::Unreadable)?;
    for change in changes {
        let before = values.remove(change.key());
        if let Some(value) = change.value(before)? {
            values.insert(Cow::Borrowed(change.key()), value);
        }
    }
    Ok(data::write(&values))
}
