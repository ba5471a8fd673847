//! [`Mismatches`]: the answers that differ from the table.

use std::fmt;

use super::Route;
use super::answer::Answer;
use super::attempt::Attempt;

/// The kind of difference between a row and an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The application does not have the route: 404, 405, or gRPC 12.
    NotRouted,
    /// A request without a credential passed.
    Unguarded,
    /// A user passed without a role or a scope that the route needs.
    RightIgnored,
    /// The application refused the request, but not in the expected way: for example 401 for a
    /// page in place of 303 to the login page.
    OtherRefusal,
    /// The application refused a user who has every right, or a request for a public route.
    Refused,
    /// A request of another site passed with an unsafe method or as a WebSocket handshake.
    OtherSiteAccepted,
    /// The application refused a request of another site that may pass.
    OtherSiteRefused,
    /// A request passed with another status than [`Route::answers`](super::Route::answers) names.
    OtherStatus,
    /// The application failed: 5xx, a gRPC status that means the same, or an error.
    Failed,
}

impl Fault {
    /// Returns a stable word for the fault.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotRouted => "not_routed",
            Self::Unguarded => "unguarded",
            Self::RightIgnored => "right_ignored",
            Self::OtherRefusal => "other_refusal",
            Self::Refused => "refused",
            Self::OtherSiteAccepted => "other_site_accepted",
            Self::OtherSiteRefused => "other_site_refused",
            Self::OtherStatus => "other_status",
            Self::Failed => "failed",
        }
    }
}

/// An answer that differs from its row. `Display` writes it as one line.
#[derive(Clone, Debug)]
pub struct Mismatch {
    route: String,
    fault: Fault,
    request: String,
    expected: String,
    answer: String,
}

impl Mismatch {
    pub(super) fn new(route: &Route, attempt: &Attempt, fault: Fault, answer: &Answer) -> Self {
        Self {
            route: route.name().into(),
            fault,
            request: attempt.to_string(),
            expected: attempt.expected.text(route),
            answer: answer.to_string(),
        }
    }

    /// The row's method and path.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// The kind of difference.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        self.fault
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, fault, request, expected, answer } = self;
        let fault = fault.code();
        write!(f, "{route}: {fault}: {request}: expected {expected}, got {answer}")
    }
}

/// Every answer that differs from its row, in the order of the table.
///
/// `Debug` prints the same lines as `Display`, so that `unwrap` shows them.
#[derive(Clone)]
pub struct Mismatches(pub(super) Vec<Mismatch>);

impl Mismatches {
    /// Iterates over the mismatches.
    pub fn iter(&self) -> impl Iterator<Item = &Mismatch> {
        self.0.iter()
    }
}

impl fmt::Display for Mismatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the application does not answer as the table of routes says:")?;
        self.0.iter().try_for_each(|mismatch| write!(f, "\n  {mismatch}"))
    }
}

impl fmt::Debug for Mismatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Mismatches {}
