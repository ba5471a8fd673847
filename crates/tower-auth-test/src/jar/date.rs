//! The dates of `Expires`, read as leniently as browsers do (RFC 6265bis, 5.1.1).

use tower_auth_core::Timestamp;

/// Parses a cookie's date. Returns `None` if browsers ignore the date.
///
/// Years before 1970 become 1970: both are in the past.
///
/// ```
/// use tower_auth_test::jar::parse_date;
///
/// let date = parse_date(b"Wednesday, 01-Jan-10 0:0:01 GMT").unwrap();
/// assert_eq!(date.as_unix_seconds(), 1_262_304_001);
/// assert!(parse_date(b"tomorrow").is_none());
/// ```
#[must_use]
pub fn parse_date(text: &[u8]) -> Option<Timestamp> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|byte| is_delimiter(*byte)).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(it) = parse_time(token)
        {
            time = Some(it);
        } else if day.is_none()
            && let Some(it) = leading_number(token, 1, 2)
        {
            day = Some(it);
        } else if month.is_none()
            && let Some(it) = parse_month(token)
        {
            month = Some(it);
        } else if year.is_none()
            && let Some(it) = leading_number(token, 2, 4)
        {
            year = Some(match it {
                70..=99 => it + 1900,
                0..=69 => it + 2000,
                _ => it,
            });
        }
    }
    let ((hour, minute, second), day, month, year) = (time?, day?, month?, year?);
    if hour > 23 || minute > 59 || second > 59 || year < 1601 {
        return None;
    }
    if day < 1 || day > days_in(month, year) {
        return None;
    }
    let seconds = days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp::from_unix_seconds(u64::try_from(seconds).unwrap_or(0)))
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e)
}

/// Parses a number of `least` to `most` digits at a token's start, without a further digit after
/// it.
fn leading_number(token: &[u8], least: usize, most: usize) -> Option<i64> {
    let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(least..=most).contains(&digits) {
        return None;
    }
    std::str::from_utf8(&token[..digits]).ok()?.parse().ok()
}

fn parse_time(token: &[u8]) -> Option<(i64, i64, i64)> {
    let mut fields = token.splitn(3, |byte| *byte == b':');
    let (hour, minute, second) = (fields.next()?, fields.next()?, fields.next()?);
    let whole = |field: &[u8]| {
        field.iter().all(u8::is_ascii_digit).then(|| leading_number(field, 1, 2)).flatten()
    };
    Some((whole(hour)?, whole(minute)?, leading_number(second, 1, 2)?))
}

fn parse_month(token: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let start = token.get(..3)?;
    (1..).zip(MONTHS).find(|(_, name)| start.eq_ignore_ascii_case(*name)).map(|(at, _)| at)
}

fn days_in(month: i64, year: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Uses the proleptic Gregorian calendar. Years begin in March, so that a leap day comes last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
