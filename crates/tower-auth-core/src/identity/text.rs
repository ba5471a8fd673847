//! All strings of an identity in one allocation: every request with a session builds one.

/// The parts, in the order of the text.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Issuer,
    Subject,
    Acr,
    Amr,
    Scopes,
    Roles,
    Claims,
    ClientId,
    Actors,
}

pub(super) const PARTS: usize = 9;

#[derive(Clone)]
pub(super) struct Text {
    all: Box<str>,
    /// The end of each part. Non-decreasing, on character boundaries; the last is `all.len()`.
    ends: [u32; PARTS],
}

impl Text {
    /// Joins the parts. Text beyond 4 GiB is cut off at a character boundary.
    pub(super) fn join(parts: [&str; PARTS]) -> Self {
        let mut all = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let mut ends = [0; PARTS];
        for (part, end) in parts.iter().zip(&mut ends) {
            all.push_str(part);
            *end = u32::try_from(all.len()).unwrap_or(u32::MAX);
        }
        Self { all: all.into(), ends }
    }

    /// Validates the text and offsets of a record.
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

/// Appends `item` to `list`: its length in bytes, a colon, then the item. Without separators, no
/// item can turn into two, whatever a foreign issuer writes into it.
pub(super) fn push(list: &mut String, item: &str) {
    // Room for a length of up to three digits, and the colon.
    list.reserve(item.len() + 4);
    push_digits(list, item.len());
    list.push(':');
    list.push_str(item);
}

/// Appends `number` in decimal. A token may have many scopes, and `to_string` would allocate for
/// each.
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
