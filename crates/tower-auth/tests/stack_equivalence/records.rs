//! A store in memory that records its steps, can be slow, and can fail.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tower_auth::{MemoryStore, Timestamp};
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, RecordKind, Store,
    StoreError, Version, Write,
};

#[derive(Default)]
struct State {
    steps: Vec<String>,
    /// The keys in the order of their first appearance: a key is random, its number is not. The
    /// same for each key's versions, which depend on the records that the memory keeps beside it.
    keys: Vec<(Key, Vec<Version>)>,
    slow: bool,
    fails: Option<usize>,
}

#[derive(Clone)]
pub(crate) struct Recorder {
    memory: MemoryStore,
    state: Arc<Mutex<State>>,
}

pub(crate) async fn once_pending() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

fn told(kind: RecordKind, record: &Record) -> String {
    let Record { owner, created, last, idle, absolute, meta, data, .. } = record;
    let owner = owner.map(|owner| u32::from_le_bytes(*owner.as_bytes().first_chunk().unwrap()));
    let data = match kind {
        RecordKind::Session => String::from_utf8_lossy(data).into_owned(),
        _ => data.len().to_string(),
    };
    format!("{owner:?} {created:?} {last:?} {idle:?} {absolute:?} {} {data}", meta.len())
}

impl State {
    fn number(&mut self, key: &Key) -> usize {
        self.keys.iter().position(|(it, _)| it == key).unwrap_or_else(|| {
            self.keys.push((*key, Vec::new()));
            self.keys.len() - 1
        })
    }

    fn version(&mut self, key: &Key, version: Version) -> usize {
        let number = self.number(key);
        let versions = &mut self.keys[number].1;
        versions.iter().position(|it| *it == version).unwrap_or_else(|| {
            versions.push(version);
            versions.len() - 1
        })
    }

    fn load(&mut self, key: &Key, load: &Load) -> String {
        match load {
            Load::Found(stored) => {
                let version = self.version(key, stored.version);
                format!("Found {version} {}", told(key.kind, &stored.record))
            }
            Load::Ended { reason, .. } => format!("Ended {reason:?}"),
            other => format!("{other:?}"),
        }
    }

    fn write(&mut self, key: &Key, write: &Write) -> String {
        match write {
            Write::Done(version) => format!("Done {}", self.version(key, *version)),
            other => format!("{other:?}"),
        }
    }
}

impl Recorder {
    pub(crate) fn new(memory: MemoryStore) -> Self {
        Self { memory, state: Arc::default() }
    }

    pub(crate) fn behave(&self, slow: bool, fails: Option<usize>) {
        let mut state = self.state.lock().unwrap();
        (state.slow, state.fails) = (slow, fails);
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().steps)
    }

    /// Returns the remaining records under every key that appeared.
    pub(crate) fn left(&self) -> Vec<String> {
        let mut state = self.state.lock().unwrap();
        let keys: Vec<_> = state.keys.iter().map(|(key, _)| *key).collect();
        let load = |key| state.load(key, &self.memory.load_now(key).unwrap());
        keys.iter().map(load).collect()
    }

    fn note(&self, step: &str, key: &Key, what: impl FnOnce(&mut State) -> String) {
        let mut state = self.state.lock().unwrap();
        let (number, what) = (state.number(key), what(&mut state));
        state.steps.push(format!("{step} {:?} {number} {what}", key.kind));
    }

    fn note_write(&self, step: &str, key: &Key, answer: &Result<Write, StoreError>) {
        self.note(step, key, |state| match answer {
            Ok(write) => state.write(key, write),
            Err(error) => format!("{error:?}"),
        });
    }

    async fn begin(&self) -> Result<(), StoreError> {
        self.wait().await;
        let mut state = self.state.lock().unwrap();
        match &mut state.fails {
            Some(0) => {
                state.fails = None;
                Err(StoreError::unavailable("this step must fail"))
            }
            Some(more) => {
                *more -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    async fn wait(&self) {
        let slow = self.state.lock().unwrap().slow;
        if slow {
            once_pending().await;
        }
    }
}

impl Store for Recorder {
    fn limits(&self) -> Limits {
        self.memory.limits()
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        let state = self.state.lock().unwrap();
        let asks = state.slow || state.fails.is_some();
        drop(state);
        let load = if asks { None } else { self.memory.load_now(key) };
        self.note("load now", key, |state| match &load {
            Some(load) => state.load(key, load),
            None => "cannot say".to_owned(),
        });
        load
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.note("create", key, |_| told(key.kind, record));
        self.begin().await?;
        let answer = self.memory.create(key, record).await;
        self.note_write("created", key, &answer);
        self.wait().await;
        answer
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        self.note("load", key, |_| String::new());
        self.begin().await?;
        let answer = self.memory.load(key).await;
        self.note("loaded", key, |state| match &answer {
            Ok(load) => state.load(key, load),
            Err(error) => format!("{error:?}"),
        });
        self.wait().await;
        answer
    }

    async fn save(&self, key: &Key, old: Version, record: &Record) -> Result<Write, StoreError> {
        self.note("save", key, |state| {
            format!("{} {}", state.version(key, old), told(key.kind, record))
        });
        self.begin().await?;
        let answer = self.memory.save(key, old, record).await;
        self.note_write("saved", key, &answer);
        self.wait().await;
        answer
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        self.note("touch", key, |_| format!("{seen:?}"));
        self.begin().await?;
        let answer = self.memory.touch(key, seen).await;
        self.note("touched", key, |_| format!("{answer:?}"));
        self.wait().await;
        answer
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        self.note("end", key, |_| format!("{reason:?} {keep:?}"));
        self.begin().await?;
        let answer = self.memory.end(key, reason, keep).await;
        self.note("ended", key, |_| format!("{answer:?}"));
        self.wait().await;
        answer
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.begin().await?;
        self.memory.list(params).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        self.begin().await?;
        self.memory.end_owned(params).await
    }
}
