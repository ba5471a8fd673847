//! Paging by the key of the last record, so that insertions and deletions do not shift the pages.

use bytes::{BufMut, Bytes};
use tower_auth_core::store::{Cursor, Page};

use crate::table::columns::Row;
use crate::table::failure::Failure;

/// The largest page, regardless of the requested limit.
const MOST: usize = 1000;

/// The start and the length of a page.
pub(crate) struct Paging<'a> {
    pub(crate) kind: i16,
    pub(crate) id: &'a [u8],
    limit: usize,
}

impl<'a> Paging<'a> {
    /// Starts after `cursor`. A foreign cursor is harmless: it still names a position in the order.
    pub(crate) fn after(cursor: Option<&'a Cursor>, limit: usize) -> Self {
        let first = cursor.and_then(|cursor| cursor.0.split_first());
        let (kind, id) = first.map_or((-1, &[][..]), |(kind, rest)| (i16::from(*kind), rest));
        Self { kind, id, limit: limit.clamp(1, MOST) }
    }

    /// Returns the number of rows to select: one more than the limit, which shows whether there is
    /// another page.
    pub(crate) fn rows(&self) -> i64 {
        i64::try_from(self.limit + 1).unwrap_or(i64::MAX)
    }
}

/// Builds the page from `rows`.
pub(crate) fn page(mut rows: Vec<Row>, paging: &Paging<'_>) -> Result<Page, Failure> {
    let more = rows.len() > paging.limit;
    rows.truncate(paging.limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let mut cursor = Vec::with_capacity(17);
        cursor.put_u8(u8::try_from(row.kind).unwrap_or(u8::MAX));
        cursor.extend_from_slice(&row.id);
        Cursor(Bytes::from(cursor))
    });
    let entries = rows.into_iter().filter_map(|row| row.entry().transpose());
    Ok(Page { entries: entries.collect::<Result<_, _>>()?, next })
}
