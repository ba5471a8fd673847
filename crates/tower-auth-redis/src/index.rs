//! The index of each owner: a sorted set of the keys of their records, by last deadline.
//!
//! An entry may exist without its record, because the record ended or was never created. An
//! acknowledged live record never exists without its entry, because entries are removed by age
//! alone. So each reader of an index loads the records themselves. Only a list skips entries, those
//! that an earlier list [retired](crate::retired).
//!
//! The entry of an ended record is not removed either. In a Cluster a fail-over may undo the end
//! but not the removal, and then no step would find the session any more. An `end_owned` that no
//! replica confirmed must also find the record again, to have it confirmed. Most dead records
//! expired without an end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use redis::Value;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    Cursor, EndReason, Entry, Key, Load, Owner, Page, Record, RecordId, RecordKinds, StoreError,
    Version, Write,
};

use crate::call::Call;
use crate::caller::Answers;
use crate::inner::Inner;
use crate::retired::{self, Over};
use crate::runtime::spawn;
use crate::script::INDEX;
use crate::value::{LONGEST, MEMBER, key_of, loaded, member};

/// The time that an entry stays after its record's last deadline. A record must not outlive its
/// entry when a clock that was wrong by hours is corrected.
const GRACE: Duration = Duration::from_secs(86_400);
/// The minimum number of entries that are loaded for a page, because some have no live record.
const LOOKED_AT: usize = 64;
/// The number of records that one message ends. Each message is then answered in time, and other
/// steps run between messages, regardless of the index's size.
const ENDED_AT_ONCE: usize = 1000;

impl Inner {
    /// Writes a record together with its entry in the owner's index. Sends both, then waits for
    /// both. The record usually gets the version `foreseen`.
    pub(crate) async fn write(
        self: &Arc<Self>,
        key: &Key,
        record: &Record,
        call: Call,
        foreseen: Version,
        may_be_known: bool,
    ) -> Result<Write, StoreError> {
        let Some(owner) = record.owner else {
            let (write, owner) = written(&self.caller.one(&call).await?, foreseen)?;
            return self.also(key, record, write, owner).await;
        };
        // If an index may be evicted, each save writes the entry again.
        if may_be_known
            && !self.limits.evicts
            && self.index_cache.contains(key, &owner, record.absolute)
        {
            let (write, owner) = written(&self.caller.one(&call).await?, foreseen)?;
            return self.also(key, record, write, owner).await;
        }
        let made = self.index_cache.made();
        // The entry is sent first, so a single server also writes it first.
        let mut answers = self.both([self.entry(key, &owner, record.absolute), call]).await?;
        let (answer, entry) = (answers.pop(), answers.pop());
        let (write, other) = match answer {
            Some(answer) => written(&answer?, foreseen)?,
            None => return Err(StoreError::unavailable("no answer")),
        };
        if matches!(write, Write::Done(_)) {
            // A record without its entry is not acknowledged, so its credential is never issued.
            entry.transpose()?;
            self.index_cache.insert(key, &owner, record.absolute, made);
        }
        self.also(key, record, write, other).await
    }

    /// Sends both commands even if the caller is dropped. Otherwise only one of two servers might
    /// get its command.
    async fn both(self: &Arc<Self>, calls: [Call; 2]) -> Result<Answers, StoreError> {
        if !self.caller.topology.is_cluster() {
            return self.caller.many(&calls).await;
        }
        let inner = self.clone();
        let asked = spawn(async move { inner.caller.many(&calls).await });
        asked.await.map_err(StoreError::unavailable)?
    }

    /// Indexes the record under its existing owner, if that is not the owner that the caller
    /// assumed. The entry lasts until the record's new deadline.
    async fn also(
        &self,
        key: &Key,
        record: &Record,
        write: Write,
        owner: Option<Owner>,
    ) -> Result<Write, StoreError> {
        if let Some(owner) = owner {
            self.caller.one(&self.entry(key, &owner, record.absolute)).await?;
        }
        Ok(write)
    }

    /// Restores an entry that was lost without its record: evicted, or lost with a server of the
    /// Cluster that had not replicated it. A session in use is thus soon listed again.
    pub(crate) async fn touched(&self, key: &Key, answer: &Value) {
        if !self.limits.evicts && !self.caller.topology.is_cluster() {
            return;
        }
        let Some((owner, absolute)) = whose(answer) else { return };
        if self.limits.evicts || !self.index_cache.contains(key, &owner, absolute) {
            let made = self.index_cache.made();
            // If this fails, the record was touched nevertheless. The next touch restores the
            // entry.
            if self.caller.one(&self.entry(key, &owner, absolute)).await.is_ok() {
                self.index_cache.insert(key, &owner, absolute, made);
            }
        }
    }

    fn entry(&self, key: &Key, owner: &Owner, absolute: Timestamp) -> Call {
        let now = self.clock.now();
        let stays = (absolute + GRACE).since(now).as_millis();
        let stays = u64::try_from(stays).unwrap_or(LONGEST).min(LONGEST);
        let over = now.since(Timestamp::from_unix_seconds(GRACE.as_secs())).as_micros();
        let [deadline, minute] = retired::score(absolute, now);
        let args = vec![
            member(key).to_vec(),
            deadline,
            minute,
            over.to_string().into_bytes(),
            stays.to_string().into_bytes(),
        ];
        Call::step(&INDEX, self.names.index(owner), args)
    }

    /// Runs the index query `asked`. Returns the keys in the order of their bytes.
    async fn keys(&self, kinds: RecordKinds, asked: Call) -> Result<Vec<Key>, StoreError> {
        let members = self.caller.one(&asked).await?;
        let Value::Array(members) = members else { return Ok(Vec::new()) };
        let keys = members.iter().filter_map(|it| match it {
            Value::BulkString(member) => key_of(member),
            _ => None,
        });
        let mut keys: Vec<_> = keys.filter(|key| kinds.contains(key.kind)).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    pub(crate) async fn list(
        &self,
        kinds: RecordKinds,
        owner: &Owner,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let limit = limit.max(1);
        // The cursor holds the rest of the index, so the index is read once for all pages.
        let mut rest: Bytes = match cursor {
            None => {
                let unretired = Call::members_from_zero(self.names.index(owner));
                self.keys(kinds, unretired).await?.iter().flat_map(member).collect()
            }
            Some(cursor) => cursor.0.clone(),
        };
        let keys = rest.chunks_exact(MEMBER).zip(1..);
        let keys = keys.filter_map(|(member, read)| Some((key_of(member)?, read)));
        let keys = keys.filter(|(key, _)| kinds.contains(key.kind));
        let keys: Vec<_> = keys.take(limit.max(LOOKED_AT)).collect();
        let gets: Vec<_> = keys.iter().map(|(key, _)| Call::get(self.names.record(key))).collect();
        let mut page = Page { entries: Vec::new(), next: None };
        if gets.is_empty() {
            return Ok(page);
        }
        let now = self.clock.now();
        let (mut looked_at, mut over) = (0, Over::default());
        for ((key, read), found) in keys.iter().zip(self.caller.many(&gets).await?) {
            if page.entries.len() == limit {
                break;
            }
            looked_at = *read;
            let found = found?;
            over.look_at(key, &found, now);
            match loaded(found, now) {
                Load::Found(stored) if stored.record.owner.as_ref() == Some(owner) => {
                    page.entries.push(Entry { key: *key, stored });
                }
                _ => {}
            }
        }
        self.retire(owner, over, now).await;
        let rest = rest.split_off(looked_at * MEMBER);
        page.next = Some(Cursor(rest)).filter(|it| !it.0.is_empty());
        Ok(page)
    }

    pub(crate) async fn end_owned(
        &self,
        kinds: RecordKinds,
        owner: &Owner,
        except: Option<&RecordId>,
        reason: EndReason,
        keep: Duration,
    ) -> Result<usize, StoreError> {
        let mut keys = self.keys(kinds, Call::members(self.names.index(owner))).await?;
        keys.retain(|key| Some(&key.id) != except);
        let end = |key| self.ending(key, reason, keep, Some(owner));
        let mut ended = Ok(0);
        for keys in keys.chunks(ENDED_AT_ONCE) {
            let ends: Vec<_> = keys.iter().map(end).collect();
            for answer in self.caller.end(&ends).await? {
                // If one server is down, the others still end their records.
                ended = ended.and_then(|ended| Ok(ended + usize::from(answer? == Value::Int(1))));
            }
        }
        ended
    }
}

/// Returns the owner and the last deadline of a touched record.
fn whose(answer: &Value) -> Option<(Owner, Timestamp)> {
    let Value::BulkString(found) = answer else { return None };
    let (absolute, owner) = found.split_first_chunk()?;
    let absolute = Timestamp::from_unix_micros(u64::from_le_bytes(*absolute));
    Some((Owner::new(owner.try_into().ok()?), absolute))
}

/// Reads a script's answer to a write.
///
/// - `-1`: the record has the version `foreseen`.
/// - A byte string: the version, followed by the owner if it differs from the given one.
/// - `0`: a conflict.
/// - Another number: the reason of a tombstone.
fn written(answer: &Value, foreseen: Version) -> Result<(Write, Option<Owner>), StoreError> {
    match answer {
        Value::Int(-1) => Ok((Write::Done(foreseen), None)),
        Value::BulkString(done) if done.len() >= 8 => {
            let (version, owner) = done.split_at(8);
            let version = version.try_into().map(u64::from_le_bytes).unwrap_or_default();
            let owner = owner.try_into().ok().map(Owner::new);
            Ok((Write::Done(Version::from_raw(version)), owner))
        }
        Value::Int(0) => Ok((Write::Conflict, None)),
        Value::Int(reason) => {
            let reason = EndReason::ALL.into_iter().find(|it| *it as i64 == *reason);
            let reason = reason.ok_or_else(|| StoreError::unavailable("unknown end reason"))?;
            Ok((Write::Ended(reason), None))
        }
        _ => Err(StoreError::unavailable("unexpected answer from a script")),
    }
}
