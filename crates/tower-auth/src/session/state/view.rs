//! One value as a request sees it. A view does not borrow from the session: reading the value may
//! run the application's code, which may ask the same session for another value.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::session::SessionError;
use crate::session::record::data::{self, NotOne};
use crate::session::record::value::decode;
use crate::session::state::Inner;
use crate::session::state::changes::{Step, Value};

/// The number of searches in one object and request after which an index pays off.
const SEARCHES: u32 = 16;

/// The position of each value in the stored object.
pub(in crate::session) struct Index(HashMap<Box<str>, Range<usize>>);

impl Index {
    /// `None` if `object` is not a JSON object.
    pub(in crate::session) fn of(object: &[u8]) -> Option<Self> {
        let mut places = HashMap::new();
        for (key, raw) in data::read(object)? {
            let start = (raw.get().as_ptr() as usize).wrapping_sub(object.as_ptr() as usize);
            places.insert(key.into(), start..start.wrapping_add(raw.get().len()));
        }
        Some(Self(places))
    }

    /// Returns the octets that each entry takes.
    pub(in crate::session) fn costs(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(key, at)| (&**key, data::cost(key, at.len())))
    }
}

/// The stored object, and the steps that this request adds for one key.
pub(in crate::session) struct View {
    object: Bytes,
    index: Option<Arc<Index>>,
    /// The value from which the steps start, if they do not start from the object.
    known: Option<Value>,
    /// The latest first.
    steps: Vec<Step>,
}

impl Inner {
    /// Returns the value under `key` as this request sees it.
    pub(in crate::session) fn view(&mut self, key: &str) -> View {
        let mut view = View { object: Bytes::new(), index: None, known: None, steps: Vec::new() };
        for step in self.layers().filter_map(|changes| changes.get(key)) {
            view.known = step.known().cloned();
            if view.known.is_some() {
                return view;
            }
            view.steps.push(step.clone());
            if step.is_blind() {
                view.known = Some(None);
                return view;
            }
        }
        view.object = self.object().clone();
        if !view.object.is_empty() {
            self.searches = self.searches.saturating_add(1);
            if self.searches == SEARCHES {
                self.index = Index::of(&view.object).map(Arc::new);
            }
            view.index = self.index.clone();
        }
        view
    }
}

impl View {
    pub(in crate::session) fn get<T: DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<T>, SessionError> {
        // Without steps, the value is read in place.
        if self.steps.is_empty() && self.known.is_none() {
            let found = match &self.index {
                None => data::find(&self.object, key),
                Some(index) => index.0.get(key).and_then(|at| {
                    let raw = self.object.get(at.clone())?;
                    Some(serde_json::from_slice(raw).map_err(|_| NotOne))
                }),
            };
            match found {
                None => return Ok(None),
                Some(Ok(value)) => return Ok(Some(value)),
                // The read below reports what is wrong with the value.
                Some(Err(NotOne)) => {}
            }
        }
        self.value(key)?.map(|raw| decode(key, &raw)).transpose()
    }

    pub(in crate::session) fn value(
        &self,
        key: &str,
    ) -> Result<Option<Cow<'_, RawValue>>, SessionError> {
        let start = match (&self.known, &self.index) {
            (Some(value), _) => value.as_deref().map(Cow::Borrowed),
            (None, None) => data::find(&self.object, key).and_then(Result::ok).map(Cow::Borrowed),
            (None, Some(index)) => {
                let raw = index.0.get(key).and_then(|at| self.object.get(at.clone()));
                raw.and_then(|raw| serde_json::from_slice(raw).ok()).map(Cow::Borrowed)
            }
        };
        self.steps.iter().rev().try_fold(start, |value, step| step.after(value))
    }
}
