//! The actors of a delegation (`act`, RFC 8693, 4.1). The layer only passes them on, so a chain of
//! an unknown shape counts as absent as a whole.

use std::borrow::Cow;

use serde::de::MapAccess;

use super::json::{Names, Strict, Text};
use super::shape::{Any, Shape};

/// The maximum number of actors. A longer chain counts as absent.
const MAX_ACTORS: usize = 8;

pub(super) struct ActorClaim<'a> {
    pub(super) issuer: Option<Cow<'a, str>>,
    pub(super) subject: Cow<'a, str>,
}

/// Reads the members of an actor, and the actors within it.
pub(super) fn read<'de, A: MapAccess<'de>>(
    mut members: A,
    depth: Strict,
) -> Result<Shape<'de>, A::Error> {
    let mut names = Names::empty();
    let [mut subject, mut issuer, mut prior] = [Shape::Nowhere, Shape::Nowhere, Shape::Nowhere];
    while let Some(name) = members.next_key_seed(Text)? {
        match &*name {
            "sub" => subject = members.next_value_seed(Any::plain(depth))?,
            "iss" => issuer = members.next_value_seed(Any::plain(depth))?,
            "act" => prior = members.next_value_seed(Any::actor(depth))?,
            _ => members.next_value_seed(depth)?,
        }
        names.push(name);
    }
    names.unique()?;
    Ok(chain(subject, issuer, prior).map_or(Shape::Object, Shape::Actors))
}

/// Returns the actors, with the current one last.
fn chain<'a>(
    subject: Shape<'a>,
    issuer: Shape<'a>,
    prior: Shape<'a>,
) -> Option<Vec<ActorClaim<'a>>> {
    let subject = subject.text().filter(|subject| !subject.is_empty())?;
    let issuer = match issuer {
        Shape::Nowhere | Shape::Null => None,
        issuer => Some(issuer.text()?),
    };
    let mut chain = match prior {
        Shape::Nowhere | Shape::Null => Vec::new(),
        Shape::Actors(chain) if chain.len() < MAX_ACTORS => chain,
        _ => return None,
    };
    chain.push(ActorClaim { issuer, subject });
    Some(chain)
}
