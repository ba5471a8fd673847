//! The SQL statements, which differ in a few words between the databases.
//!
//! Each step is one statement, so the database makes it atomic.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// The words that differ between the databases.
pub(crate) struct Dialect {
    pub(crate) least: &'static str,
    pub(crate) greatest: &'static str,
    /// The cast of a text parameter to the type of the JSON column.
    pub(crate) to_json: &'static str,
    pub(crate) from_json: &'static str,
    /// Whether one statement can both write and read. If so, the statement also returns why it
    /// wrote nothing.
    pub(crate) answers: bool,
    /// The clause that lets concurrent cleanups skip each other's rows instead of waiting.
    pub(crate) skip_locked: &'static str,
}

#[cfg(feature = "sqlite")]
pub(crate) const SQLITE: Dialect = Dialect {
    least: "min",
    greatest: "max",
    to_json: "",
    from_json: "",
    answers: false,
    skip_locked: "",
};

#[cfg(feature = "postgres")]
pub(crate) const POSTGRES: Dialect = Dialect {
    least: "LEAST",
    greatest: "GREATEST",
    to_json: "::text::json",
    from_json: "::text",
    answers: true,
    skip_locked: "FOR UPDATE SKIP LOCKED",
};

/// The largest column value: "never".
const MAX: &str = "9223372036854775807";
/// The smallest column value, written as a difference: its digits without the sign exceed 64 bits.
const ZERO: &str = "(-9223372036854775807 - 1)";

/// The statements over one table.
#[derive(Clone)]
pub(crate) struct Statements {
    pub(crate) load: SqlStr,
    pub(crate) create: SqlStr,
    pub(crate) save: SqlStr,
    pub(crate) touch: SqlStr,
    pub(crate) end: SqlStr,
    pub(crate) list: SqlStr,
    pub(crate) end_owned: SqlStr,
    pub(crate) clean_up: SqlStr,
}

/// Marks the SQL as safe: it consists of checked names, and every value is a parameter.
pub(crate) fn safe(sql: String) -> SqlStr {
    AssertSqlSafe(std::sync::Arc::<str>::from(sql)).into_sql_str()
}

impl Dialect {
    /// Returns the expression of a row's expiry. The database computes it from the other columns,
    /// so no statement can set it wrongly.
    pub(crate) fn expires(&self) -> String {
        let sum = self.sum("last_used", "idle");
        let least = self.least;
        format!("CASE WHEN ended_reason IS NULL THEN {least}({sum}, absolute) ELSE ended_until END")
    }

    /// Returns the sum of two columns as a column value (minus 2⁶³), or "never" if it overflows.
    fn sum(&self, a: &str, b: &str) -> String {
        format!(
            "CASE \
             WHEN {a} < 0 THEN CASE WHEN {b} > ~{a} THEN {MAX} ELSE {b} + ({a} + {MAX} + 1) END \
             WHEN {b} < 0 THEN CASE WHEN {a} > ~{b} THEN {MAX} ELSE {a} + ({b} + {MAX} + 1) END \
             ELSE {MAX} END"
        )
    }

    /// Returns the row's next version, given the parameter `now`.
    fn next(&self, now: &str) -> String {
        let greatest = self.greatest;
        let after = format!("CASE WHEN t.version = {MAX} THEN {MAX} ELSE t.version + 1 END");
        format!("{greatest}({after}, {now})")
    }

    /// Combines the write with a query. If the write changed nothing, the query returns the version
    /// and end reason of the row as of the statement's start. Another transaction may have changed
    /// the row since.
    fn answer(&self, table: &str, write: String) -> SqlStr {
        if !self.answers {
            return safe(write);
        }
        safe(format!(
            "WITH done AS ({write}) SELECT version, NULL::bigint, NULL::smallint FROM done \
             UNION ALL SELECT NULL, version, ended_reason FROM {table} WHERE kind = $1 \
             AND handle = $2 AND expires > $4 AND NOT EXISTS (SELECT FROM done)"
        ))
    }

    pub(crate) fn statements(&self, table: &str) -> Statements {
        let Self { greatest, to_json, from_json, skip_locked, .. } = self;
        let columns = format!(
            "version, owner, created, last_used, idle, absolute, meta, is_json, \
             data_json{from_json}, data_bytes, ended_reason, expires, kind, handle"
        );
        let next = self.next("$4");
        let buried = "owner = NULL, is_json = FALSE, data_json = NULL, data_bytes = NULL";
        let over = "t.ended_reason IS NOT NULL AND t.expires > $3";
        Statements {
            load: safe(format!("SELECT {columns} FROM {table} WHERE kind = $1 AND handle = $2")),
            // Leaves an occupied key unchanged and returns nothing.
            create: self.answer(table, format!(
                "INSERT INTO {table} AS t (kind, handle, owner, version, created, last_used, idle, \
                 absolute, meta, is_json, data_json, data_bytes) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11{to_json}, $12) \
                 ON CONFLICT (kind, handle) DO UPDATE SET owner = excluded.owner, version = {next}, \
                 created = excluded.created, last_used = excluded.last_used, \
                 idle = excluded.idle, absolute = excluded.absolute, meta = excluded.meta, \
                 is_json = excluded.is_json, data_json = excluded.data_json, \
                 data_bytes = excluded.data_bytes, ended_reason = NULL, ended_until = NULL \
                 WHERE t.expires <= $4 RETURNING version"
            )),
            save: self.answer(table, format!(
                "UPDATE {table} AS t SET owner = COALESCE(t.owner, $3), version = {next}, \
                 last_used = {greatest}(t.last_used, $6), idle = $7, absolute = $8, meta = $9, \
                 is_json = $10, data_json = $11{to_json}, data_bytes = $12 \
                 WHERE kind = $1 AND handle = $2 AND version = $5 AND ended_reason IS NULL \
                 AND expires > $4 RETURNING version"
            )),
            touch: safe(format!(
                "UPDATE {table} SET last_used = $3 WHERE kind = $1 AND handle = $2 \
                 AND ended_reason IS NULL AND expires > $4 AND last_used < $3"
            )),
            end: safe(format!(
                "INSERT INTO {table} AS t (kind, handle, version, created, last_used, idle, \
                 absolute, meta, is_json, ended_reason, ended_until) VALUES ($1, $2, {ZERO}, \
                 {ZERO}, {ZERO}, {ZERO}, {ZERO}, $6, FALSE, $4, $5) \
                 ON CONFLICT (kind, handle) DO UPDATE SET {buried}, meta = excluded.meta, \
                 ended_reason = CASE WHEN {over} THEN t.ended_reason \
                 ELSE excluded.ended_reason END, \
                 ended_until = CASE WHEN {over} \
                 THEN {greatest}(t.ended_until, excluded.ended_until) \
                 ELSE excluded.ended_until END"
            )),
            list: safe(format!(
                "SELECT {columns} FROM {table} WHERE owner = $1 AND ended_reason IS NULL \
                 AND expires > $2 AND kind BETWEEN $3 AND $4 AND (kind, handle) > ($5, $6) \
                 ORDER BY kind, handle LIMIT $7"
            )),
            end_owned: safe(format!(
                "UPDATE {table} SET {buried}, meta = $7, ended_reason = $8, ended_until = $6 \
                 WHERE owner = $1 AND ended_reason IS NULL AND expires > $2 \
                 AND kind BETWEEN $3 AND $4 AND handle <> $5"
            )),
            clean_up: safe(format!(
                "WITH gone AS MATERIALIZED (SELECT kind, handle FROM {table} WHERE expires <= $1 \
                 ORDER BY expires LIMIT $2 {skip_locked}) DELETE FROM {table} \
                 WHERE (kind, handle) IN (SELECT kind, handle FROM gone) AND expires <= $1"
            )),
        }
    }
}
