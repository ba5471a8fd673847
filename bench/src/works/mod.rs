//! What is counted, by room.

pub(crate) mod bearer;
pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod growth;
pub(crate) mod requests;
pub(crate) mod session;
pub(crate) mod signed;
pub(crate) mod stack;

use self::growth::GROWTH;
use crate::work::Work;

/// Everything, in the table's order.
pub fn all() -> impl Iterator<Item = &'static Work> {
    [cookies::WORKS, csrf::WORKS, session::WORKS, bearer::WORKS, stack::WORKS].into_iter().flatten()
}

/// The work of that name, also of those that are counted for their growth.
#[must_use]
pub fn find(name: &str) -> Option<&'static Work> {
    let pairs = GROWTH.iter().flat_map(|it| [&it.few.1, &it.many.1]);
    all().chain(pairs).find(|work| work.name == name)
}
