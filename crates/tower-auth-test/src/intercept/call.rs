//! Steps and their answers as values.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Load, Page, Record, Store, StoreError, Version,
    Write,
};

use crate::Step;

/// One call of a method of the store contract, with its arguments.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "the contract's methods; a new one is a new contract")]
pub enum Call<'a> {
    /// `create`
    Create(&'a Key, &'a Record),
    /// `load`
    Load(&'a Key),
    /// `save`
    Save(&'a Key, Version, &'a Record),
    /// `touch`
    Touch(&'a Key, Timestamp),
    /// `end`
    End(&'a Key, EndReason, Duration),
    /// `list`
    List(&'a ListParams),
    /// `end_owned`
    EndOwned(&'a EndOwnedParams),
}

impl Call<'_> {
    /// The method that is called.
    #[must_use]
    pub const fn step(&self) -> Step {
        match self {
            Self::Create(..) => Step::Create,
            Self::Load(_) => Step::Load,
            Self::Save(..) => Step::Save,
            Self::Touch(..) => Step::Touch,
            Self::End(..) => Step::End,
            Self::List(_) => Step::List,
            Self::EndOwned(_) => Step::EndOwned,
        }
    }

    /// Calls the method on `store`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn run(self, store: &impl Store) -> Result<Answer, StoreError> {
        Ok(match self {
            Self::Create(key, record) => Answer::Write(store.create(key, record).await?),
            Self::Load(key) => Answer::Load(store.load(key).await?),
            Self::Save(key, old, record) => Answer::Write(store.save(key, old, record).await?),
            Self::Touch(key, seen) => {
                store.touch(key, seen).await?;
                Answer::Done
            }
            Self::End(key, reason, keep) => {
                store.end(key, reason, keep).await?;
                Answer::Done
            }
            Self::List(params) => Answer::Page(store.list(params.clone()).await?),
            Self::EndOwned(params) => Answer::Count(store.end_owned(params.clone()).await?),
        })
    }
}

/// The answer of a [`Call`] that succeeded.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "the contract's answers; a new one is a new contract")]
pub enum Answer {
    /// The answer of `create` and `save`.
    Write(Write),
    /// The answer of `load`.
    Load(Load),
    /// The answer of `touch` and `end`.
    Done,
    /// The answer of `list`.
    Page(Page),
    /// The answer of `end_owned`.
    Count(usize),
}

const WRONG: &str = "an interceptor answers with another method's answer";

impl Answer {
    pub(super) fn into_write(self) -> Write {
        if let Self::Write(write) = self { write } else { panic!("{WRONG}: {self:?}") }
    }

    pub(super) fn into_load(self) -> Load {
        if let Self::Load(load) = self { load } else { panic!("{WRONG}: {self:?}") }
    }

    pub(super) fn into_page(self) -> Page {
        if let Self::Page(page) = self { page } else { panic!("{WRONG}: {self:?}") }
    }

    pub(super) fn into_count(self) -> usize {
        if let Self::Count(count) = self { count } else { panic!("{WRONG}: {self:?}") }
    }
}
