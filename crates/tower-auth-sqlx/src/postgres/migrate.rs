//! The migrations of the tables.

use std::time::Duration;

use sqlx::Executor;
use tower_auth_core::store::StoreError;

use super::store::PostgresStore;
use crate::table::failure::{Failure, within};
use crate::table::names::quoted;
use crate::table::sql::{POSTGRES, safe};

/// The version of the tables that this version of the crate needs.
const NEWEST: i64 = 1;
/// The number of the lock for nodes that migrate at the same time: the letters `tower au`.
const LOCK: i64 = i64::from_be_bytes(*b"tower au");
/// The time limit for the whole migration: another node may hold the lock, and an index may take
/// long.
const PATIENCE: Duration = Duration::from_secs(60);

impl PostgresStore {
    /// Creates the tables or updates them to this version. Does nothing if they are up to date.
    ///
    /// Several nodes can call this at once. The database user needs the right to create tables in
    /// the schema, and the right to create the schema if it is missing. If the application's user
    /// lacks these rights, run this once as a user that has them.
    ///
    /// # Errors
    /// [`Unavailable`](tower_auth_core::store::StoreErrorKind::Unavailable) if the server cannot be
    /// reached or refuses, or if a newer version of this crate created the tables.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let newer = within(PATIENCE, self.migrate_all()).await?;
        if newer {
            return Err(Failure::Driver("a newer version of this crate created the tables").into());
        }
        Ok(())
    }

    /// Returns whether the tables are newer than this version.
    async fn migrate_all(&self) -> Result<bool, sqlx::Error> {
        let Self { schema: name, prefix, .. } = self;
        let schema = &quoted(name);
        let mut tx = self.pool.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        // Checked first: without the right to create schemas, even `IF NOT EXISTS` fails.
        let exists =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)");
        if !exists.bind(name).fetch_one(&mut *tx).await? {
            tx.execute(sqlx::raw_sql(safe(format!("CREATE SCHEMA {schema}")))).await?;
        }
        let exists = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL");
        let table = format!("{schema}.{prefix}migrations");
        if !exists.bind(&table).fetch_one(&mut *tx).await? {
            let create = format!("CREATE TABLE {table} (version bigint PRIMARY KEY)");
            tx.execute(sqlx::raw_sql(safe(create))).await?;
        }
        let version = safe(format!("SELECT COALESCE(MAX(version), 0) FROM {table}"));
        let version: i64 = sqlx::query_scalar(version).fetch_one(&mut *tx).await?;
        if version < 1 {
            tx.execute(sqlx::raw_sql(safe(first(name, prefix)))).await?;
        }
        tx.commit().await?;
        Ok(version > NEWEST)
    }
}

/// Returns the SQL of version 1: the records, their indexes, and a trigger that notifies of every
/// change.
fn first(name: &str, prefix: &str) -> String {
    let (schema, expires) = (quoted(name), POSTGRES.expires());
    // The channel for listeners. It is a text, not a name, so it has no quotes.
    let channel = format!("{name}.{prefix}records");
    let (table, notify) = (format!("{schema}.{prefix}records"), format!("{schema}.{prefix}tell"));
    let key = |row| {
        format!(
            "{row}.kind || '.' || \
             translate(rtrim(encode({row}.handle, 'base64'), '='), '+/', '-_')"
        )
    };
    let (old, new) = (key("OLD"), key("NEW"));
    format!(
        "CREATE TABLE {table} (
             kind smallint NOT NULL,
             handle bytea NOT NULL CHECK (octet_length(handle) = 16),
             owner bytea CHECK (octet_length(owner) = 32),
             version bigint NOT NULL,
             created bigint NOT NULL,
             last_used bigint NOT NULL,
             idle bigint NOT NULL,
             absolute bigint NOT NULL,
             meta bytea NOT NULL,
             is_json boolean NOT NULL,
             data_json json,
             data_bytes bytea,
             ended_reason smallint,
             ended_until bigint,
             expires bigint NOT NULL GENERATED ALWAYS AS ({expires}) STORED,
             PRIMARY KEY (kind, handle)
         );
         CREATE INDEX {prefix}owners ON {table} (owner, kind, handle) WHERE owner IS NOT NULL;
         CREATE INDEX {prefix}expiry ON {table} (expires);

         CREATE FUNCTION {notify}() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF TG_OP = 'TRUNCATE' THEN
                 PERFORM pg_notify(TG_ARGV[0], '*');
                 RETURN NULL;
             END IF;
             IF TG_OP <> 'INSERT' THEN
                 PERFORM pg_notify(TG_ARGV[0], {old});
             END IF;
             IF TG_OP <> 'DELETE' THEN
                 PERFORM pg_notify(TG_ARGV[0], {new});
             END IF;
             RETURN NULL;
         END
         $$;
         CREATE TRIGGER {prefix}tell AFTER INSERT OR UPDATE OR DELETE ON {table}
             FOR EACH ROW EXECUTE FUNCTION {notify}('{channel}');
         CREATE TRIGGER {prefix}tell_all AFTER TRUNCATE ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION {notify}('{channel}');

         INSERT INTO {schema}.{prefix}migrations (version) VALUES (1);"
    )
}
