//! The role of a server: primaries take the writes.

use redis::aio::MultiplexedConnection;
use redis::{RedisError, Value};

/// Asks the server whether it is a primary.
pub(crate) async fn is_primary(connection: &mut MultiplexedConnection) -> Result<bool, RedisError> {
    let answer: Value = redis::cmd("ROLE").query_async(connection).await?;
    Ok(says_primary(&answer))
}

/// Whether `answer` is a primary's answer to `ROLE`.
pub(crate) fn says_primary(answer: &Value) -> bool {
    let Value::Array(words) = answer else { return false };
    match words.first() {
        Some(Value::BulkString(word)) => word == b"master",
        Some(Value::SimpleString(word)) => word == "master",
        _ => false,
    }
}
