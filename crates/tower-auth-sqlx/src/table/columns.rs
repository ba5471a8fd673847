//! The conversion between a record and its columns.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndReason, Entry, Key, Load, Owner, Record, RecordId, RecordKind, RecordKinds, Stored, Version,
};

use crate::table::failure::Failure;
use crate::table::json::json;
use crate::table::number::{from_column, to_column};

/// The column values of a record, except byte columns that are stored unchanged.
pub(crate) struct Columns<'a> {
    pub(crate) owner: Option<&'a [u8]>,
    pub(crate) created: i64,
    pub(crate) last: i64,
    pub(crate) idle: i64,
    pub(crate) absolute: i64,
    /// The data, if the database can store it as JSON.
    pub(crate) json: Option<&'a str>,
    /// The data otherwise.
    pub(crate) bytes: Option<&'a [u8]>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(record: &'a Record) -> Self {
        let idle = u64::try_from(record.idle.as_micros()).unwrap_or(u64::MAX);
        let json = if record.data_is_json { json(&record.data) } else { None };
        Self {
            owner: record.owner.as_ref().map(|owner| &owner.as_bytes()[..]),
            created: moment(record.created),
            last: moment(record.last),
            idle: to_column(idle),
            absolute: moment(record.absolute),
            json,
            bytes: if json.is_some() { None } else { Some(&record.data) },
        }
    }

    /// Returns the columns with the data as bytes, for data that the database refuses as JSON.
    pub(crate) fn without_json(self, record: &'a Record) -> Self {
        Self { json: None, bytes: Some(&record.data), ..self }
    }
}

/// An empty byte string.
pub(crate) const NOTHING: &[u8] = &[];

pub(crate) const fn moment(at: Timestamp) -> i64 {
    to_column(at.as_unix_micros())
}

pub(crate) const fn kind(key: &Key) -> i16 {
    key.kind as i16
}

/// Returns the selected kinds as a range: the lowest and the highest number.
pub(crate) const fn kinds(kinds: RecordKinds) -> (i16, i16) {
    match kinds {
        RecordKinds::All => (0, i16::MAX),
        RecordKinds::Only(kind) => (kind as i16, kind as i16),
    }
}

/// The columns of a row.
pub(crate) struct Row {
    pub(crate) version: i64,
    pub(crate) owner: Option<Vec<u8>>,
    pub(crate) created: i64,
    pub(crate) last: i64,
    pub(crate) idle: i64,
    pub(crate) absolute: i64,
    pub(crate) meta: Vec<u8>,
    pub(crate) is_json: bool,
    pub(crate) json: Option<String>,
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) reason: Option<i16>,
    pub(crate) expires: i64,
    pub(crate) kind: i16,
    pub(crate) id: Vec<u8>,
}

/// Reads the columns that [`Statements`](crate::table::sql::Statements) select, from a row of
/// either database.
macro_rules! read_row {
    ($row:expr) => {{
        let row = $row;
        Ok::<_, sqlx::Error>($crate::table::columns::Row {
            version: row.try_get(0)?,
            owner: row.try_get(1)?,
            created: row.try_get(2)?,
            last: row.try_get(3)?,
            idle: row.try_get(4)?,
            absolute: row.try_get(5)?,
            meta: row.try_get(6)?,
            is_json: row.try_get(7)?,
            json: row.try_get(8)?,
            bytes: row.try_get(9)?,
            reason: row.try_get(10)?,
            expires: row.try_get(11)?,
            kind: row.try_get(12)?,
            id: row.try_get(13)?,
        })
    }};
}
pub(crate) use read_row;

impl Row {
    /// Returns a load's answer at the time `now`.
    pub(crate) fn load(self, now: Timestamp) -> Result<Load, Failure> {
        if self.expires <= moment(now) {
            return Ok(Load::Absent);
        }
        match self.reason {
            Some(reason) => Ok(Load::Ended {
                reason: self::reason(reason)?,
                until: Timestamp::from_unix_micros(from_column(self.expires)),
            }),
            None => Ok(Load::Found(self.stored()?)),
        }
    }

    /// Returns the row as a list entry; `None` if only a newer version knows its kind.
    pub(crate) fn entry(self) -> Result<Option<Entry>, Failure> {
        let Some(kind) = RecordKind::ALL.into_iter().find(|it| *it as i16 == self.kind) else {
            return Ok(None);
        };
        let id = self.id[..].try_into().map_err(|_| Failure::Strange("handle"))?;
        let key = Key::new(kind, RecordId::new(id));
        Ok(Some(Entry { key, stored: self.stored()? }))
    }

    fn stored(self) -> Result<Stored, Failure> {
        let owner = match self.owner.as_deref().map(<[u8; 32]>::try_from).transpose() {
            Ok(owner) => owner.map(Owner::new),
            Err(_) => return Err(Failure::Strange("owner")),
        };
        let data = match (self.json, self.bytes) {
            (Some(json), None) => Bytes::from(json),
            (None, Some(bytes)) => Bytes::from(bytes),
            _ => return Err(Failure::Strange("data")),
        };
        let at = |column| Timestamp::from_unix_micros(from_column(column));
        let record = Record {
            owner,
            created: at(self.created),
            last: at(self.last),
            idle: Duration::from_micros(from_column(self.idle)),
            absolute: at(self.absolute),
            meta: Bytes::from(self.meta),
            data,
            data_is_json: self.is_json,
        };
        Ok(Stored { version: version(self.version), record })
    }
}

pub(crate) const fn version(column: i64) -> Version {
    Version::from_raw(from_column(column))
}

pub(crate) fn reason(column: i16) -> Result<EndReason, Failure> {
    let found = EndReason::ALL.into_iter().find(|it| *it as i16 == column);
    found.ok_or(Failure::Strange("reason"))
}
