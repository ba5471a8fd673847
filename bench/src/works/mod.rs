//! The measured works, by layer.

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

/// Returns every work, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static Work> {
    [cookies::WORKS, csrf::WORKS, session::WORKS, bearer::WORKS, stack::WORKS].into_iter().flatten()
}

/// Returns the work with this name, including those of the growth table.
#[must_use]
pub fn find(name: &str) -> Option<&'static Work> {
    let pairs = GROWTH.iter().flat_map(|it| [&it.few.1, &it.many.1]);
    all().chain(pairs).find(|work| work.name == name)
}
