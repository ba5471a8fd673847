//! One verifier with one kind of request.

use std::error::Error;
use std::hint::black_box;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use http_body_util::Empty;

use crate::call::{Call, Request};
use crate::{BARE, Issued, VERIFIERS, Verifier};

/// A verifier and the request that it answers again and again.
#[derive(Clone, Copy)]
pub struct Case {
    /// The verifier.
    pub verifier: Verifier,
    /// The content of the request's header.
    pub input: Input,
}

/// The content of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A token of some 500 bytes, which is accepted.
    Token,
    /// A token of some 4 KB, which is accepted.
    Long,
    /// A text that is not a token, which is refused.
    Garbage,
}

impl Input {
    /// Returns the name on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Long => "long",
            Self::Garbage => "garbage",
        }
    }

    /// Returns the text that stands for a token.
    #[must_use]
    pub fn text(self, issued: &Issued) -> &str {
        match self {
            Self::Token => &issued.token,
            Self::Long => &issued.long,
            Self::Garbage => &issued.garbage,
        }
    }
}

impl Case {
    /// Returns the case with these names.
    #[must_use]
    pub fn find(verifier: &str, input: &str) -> Option<Self> {
        let mut verifiers = VERIFIERS.iter().chain([&BARE]);
        let verifier = *verifiers.find(|it| it.id == verifier)?;
        let inputs = [Input::Token, Input::Long, Input::Garbage];
        let input = inputs.into_iter().find(|it| it.id() == input)?;
        Some(Self { verifier, input })
    }

    /// Prepares the case, and warms it up.
    ///
    /// # Errors
    /// The verifier cannot be configured for these keys, refuses a valid token, or accepts a forged
    /// one.
    pub fn prepare(self, issued: &Issued) -> Result<Call, Box<dyn Error>> {
        let mut served = (self.verifier.prepare)(issued).map_err(|error| in_one_line(&*error))?;
        let verifies = self.verifier.id != BARE.id;
        if verifies {
            let mut status = |text: &str| served(request(text));
            let (valid, forged) = (status(&issued.token), status(&issued.forged));
            if valid != StatusCode::OK || forged != StatusCode::UNAUTHORIZED {
                return Err(format!("a valid token got {valid}, a forged one {forged}").into());
            }
        }
        let expected = match self.input {
            Input::Garbage if verifies => StatusCode::UNAUTHORIZED,
            _ => StatusCode::OK,
        };
        let request = request(self.input.text(issued));
        for _ in 0..3 {
            let status = served(request.clone());
            if status != expected {
                return Err(format!("the request got {status} instead of {expected}").into());
            }
        }
        Ok(Box::new(move || {
            let status = served(black_box(request.clone()));
            assert_eq!(status, expected);
        }))
    }
}

fn in_one_line(error: &dyn Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn request(text: &str) -> Request {
    let mut request = Request::new(Empty::<Bytes>::new());
    let header = HeaderValue::try_from(format!("Bearer {text}")).expect("a valid header");
    request.headers_mut().insert(AUTHORIZATION, header);
    request
}
