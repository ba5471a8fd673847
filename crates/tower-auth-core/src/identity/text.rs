//! All words of an identity in one allocation: a session read builds one per request.

/// The parts, in the order in which they stand.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Issuer,
    Subject,
    Acr,
    Amr,
    Scopes,
    Roles,
    Claims,
}

pub(super) const PARTS: usize = 7;

#[derive(Clone)]
pub(super) struct Text {
    all: Box<str>,
    /// Where each part ends; non-decreasing, on character boundaries, the last is `all.len()`.
    ends: [u32; PARTS],
}

impl Text {
    /// Joins the parts; what would not fit 4 GiB is cut off at a character, from the end.
    pub(super) fn join(parts: [&str; PARTS]) -> Self {
        let mut all = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let mut ends = [0; PARTS];
        for (part, end) in parts.iter().zip(&mut ends) {
            all.push_str(part);
            *end = u32::try_from(all.len()).unwrap_or(u32::MAX);
        }
        Self { all: all.into(), ends }
    }

    /// Takes what a record held, if the ends make sense.
    pub(super) fn checked(all: Box<str>, ends: [u32; PARTS]) -> Option<Self> {
        let mut start = 0;
        for end in ends {
            all.get(start..end as usize)?;
            start = end as usize;
        }
        (start == all.len()).then_some(Self { all, ends })
    }

    pub(super) fn all(&self) -> &str {
        &self.all
    }

    pub(super) fn ends(&self) -> [u32; PARTS] {
        self.ends
    }

    pub(super) fn get(&self, part: Part) -> &str {
        let at = part as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.all.get(start as usize..self.ends[at] as usize).unwrap_or_default()
    }

    pub(super) fn list(&self, part: Part) -> impl Iterator<Item = &str> {
        let mut rest = self.get(part);
        std::iter::from_fn(move || {
            let (item, after) = split(rest)?;
            rest = after;
            Some(item)
        })
    }
}

/// Adds one item to a list: its length in bytes, a colon, itself. No separator means that no
/// role, whatever a foreign issuer writes into it, can turn into two.
pub(super) fn push(list: &mut String, item: &str) {
    // With a length of up to three digits, and the colon.
    list.reserve(item.len() + 4);
    push_digits(list, item.len());
    list.push(':');
    list.push_str(item);
}

/// In decimal; a token's scopes are many, and `to_string` would allocate for each.
fn push_digits(list: &mut String, number: usize) {
    if number >= 10 {
        push_digits(list, number / 10);
    }
    list.push(char::from(b'0' + (number % 10) as u8));
}

fn split(list: &str) -> Option<(&str, &str)> {
    let (len, rest) = list.split_once(':')?;
    rest.split_at_checked(len.parse().ok()?)
}
