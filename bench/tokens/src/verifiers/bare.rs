//! The inner service without a verifier.

use bytes::Bytes;
use http_body_util::Full;
use tower::service_fn;

use super::Prepared;
use crate::Issued;
use crate::call::{inner, served};

pub(super) fn prepare(_: &Issued) -> Prepared {
    Ok(served(service_fn(inner::<Full<Bytes>>)))
}
