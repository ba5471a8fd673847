//! Pages by the key of the last record, so that nothing that comes or goes shifts them.

use bytes::{BufMut, Bytes};
use tower_auth_core::store::{Cursor, Page};

use crate::table::columns::Row;
use crate::table::failure::Failure;

/// The most records on a page, whatever is asked for.
const MOST: usize = 1000;

/// Where a page begins, and how long it is.
pub(crate) struct Paging<'a> {
    pub(crate) kind: i16,
    pub(crate) handle: &'a [u8],
    limit: usize,
}

impl<'a> Paging<'a> {
    /// After that cursor. One that is not ours still names a place in the order, so it does no harm.
    pub(crate) fn after(cursor: Option<&'a Cursor>, limit: usize) -> Self {
        let first = cursor.and_then(|cursor| cursor.0.split_first());
        let (kind, handle) = first.map_or((-1, &[][..]), |(kind, rest)| (i16::from(*kind), rest));
        Self { kind, handle, limit: limit.clamp(1, MOST) }
    }

    /// How many rows to ask for: one more than fit, to know whether there is another page.
    pub(crate) fn rows(&self) -> i64 {
        i64::try_from(self.limit + 1).unwrap_or(i64::MAX)
    }
}

/// The page of these rows.
pub(crate) fn page(mut rows: Vec<Row>, paging: &Paging<'_>) -> Result<Page, Failure> {
    let more = rows.len() > paging.limit;
    rows.truncate(paging.limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let mut cursor = Vec::with_capacity(17);
        cursor.put_u8(u8::try_from(row.kind).unwrap_or(u8::MAX));
        cursor.extend_from_slice(&row.handle);
        Cursor(Bytes::from(cursor))
    });
    let entries = rows.into_iter().filter_map(|row| row.entry().transpose());
    Ok(Page { entries: entries.collect::<Result<_, _>>()?, next })
}
