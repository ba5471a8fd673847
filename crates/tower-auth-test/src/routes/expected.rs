//! The comparison of an answer with its row.

use http::StatusCode;

use super::answer::Answer;
use super::{Fault, Route, RouteKind};

/// The answer that a request expects.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Expected {
    Passes,
    /// 401, or gRPC 16.
    CredentialAsked,
    /// 303 to this path.
    SentToLogin(String),
    /// 403, or gRPC 7: the user lacks a right.
    RightAsked,
    /// 403, or gRPC 7: the request is from another site.
    OtherSiteRefused,
    OtherSitePasses,
}

/// An answer in the terms of the check.
enum Outcome {
    Passed,
    /// 401, or gRPC 16.
    CredentialAsked,
    SentToLogin,
    /// 403, or gRPC 7.
    Forbidden,
    NotRouted,
    Failed,
    /// An answer that passes, but with another status than the row names.
    OtherStatus,
}

impl Expected {
    /// Compares an answer with the expectation.
    pub(super) fn compare(
        &self,
        answer: &Answer,
        route: &Route,
        login_page: Option<&str>,
    ) -> Result<(), Fault> {
        let outcome = Outcome::of(answer, route, login_page);
        Err(match (self, outcome) {
            (Self::Passes | Self::OtherSitePasses, Outcome::Passed)
            | (Self::CredentialAsked, Outcome::CredentialAsked)
            | (Self::SentToLogin(_), Outcome::SentToLogin)
            | (Self::RightAsked | Self::OtherSiteRefused, Outcome::Forbidden) => return Ok(()),
            (_, Outcome::NotRouted) => Fault::NotRouted,
            (_, Outcome::Failed) => Fault::Failed,
            (Self::Passes | Self::OtherSitePasses, Outcome::OtherStatus) => Fault::OtherStatus,
            (Self::Passes, _) => Fault::Refused,
            (Self::OtherSitePasses, _) => Fault::OtherSiteRefused,
            (Self::CredentialAsked | Self::SentToLogin(_), outcome) if outcome.has_passed() => {
                Fault::Unguarded
            }
            (Self::RightAsked, outcome) if outcome.has_passed() => Fault::RightIgnored,
            (Self::OtherSiteRefused, outcome) if outcome.has_passed() => Fault::OtherSiteAccepted,
            _ => Fault::OtherRefusal,
        })
    }

    pub(super) fn text(&self, route: &Route) -> String {
        let is_grpc = route.kind == RouteKind::Grpc;
        match self {
            Self::Passes | Self::OtherSitePasses => match route.answers {
                Some(status) => status.as_u16().to_string(),
                None => "an answer that passes".into(),
            },
            Self::CredentialAsked if is_grpc => "gRPC status 16".into(),
            Self::CredentialAsked => "401".into(),
            Self::SentToLogin(page) => format!("303 to {page}"),
            Self::RightAsked | Self::OtherSiteRefused if is_grpc => "gRPC status 7".into(),
            Self::RightAsked | Self::OtherSiteRefused => "403".into(),
        }
    }
}

impl Outcome {
    fn of(answer: &Answer, route: &Route, login_page: Option<&str>) -> Self {
        match answer {
            Answer::Http { status, .. } if route.answers == Some(*status) => Self::Passed,
            Answer::Http { status, location } => {
                let path = location.as_deref().and_then(|it| it.split('?').next());
                let is_login = path.is_some() && path == login_page && route.is_navigation();
                match *status {
                    StatusCode::SEE_OTHER if is_login => Self::SentToLogin,
                    StatusCode::UNAUTHORIZED => Self::CredentialAsked,
                    StatusCode::FORBIDDEN => Self::Forbidden,
                    StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Self::NotRouted,
                    status if status.is_server_error() => Self::Failed,
                    // A gRPC client takes none of these for an answer of the method.
                    _ if route.kind == RouteKind::Grpc => Self::Failed,
                    _ if route.answers.is_some() => Self::OtherStatus,
                    _ => Self::Passed,
                }
            }
            Answer::Grpc(Some(16)) => Self::CredentialAsked,
            Answer::Grpc(Some(7)) => Self::Forbidden,
            Answer::Grpc(Some(12)) => Self::NotRouted,
            // Unknown, internal, unavailable and data loss: the server's 5xx.
            Answer::Grpc(Some(2 | 13 | 14 | 15)) | Answer::Error(_) => Self::Failed,
            Answer::Grpc(_) => Self::Passed,
        }
    }

    const fn has_passed(&self) -> bool {
        matches!(self, Self::Passed | Self::OtherStatus)
    }
}
