//! Points in time as texts. The accounts API writes UTC in three forms: with `Z`, with `+00:00` and without an offset
//! (`accounts-api-v5.md` section 2.8). Answers and filters have one form each.

use std::borrow::Cow;

/// The smallest digit of a second that the accounts API writes is the seventh, and so it reads no more.
const MOST_DIGITS: usize = 7;

/// Filters are documented with milliseconds (`accounts-api.md` section 5).
const FILTER_DIGITS: usize = 3;

/// A date and time as RFC 3339 writes it, split; the offset may be missing.
struct Moment<'a> {
    year: u32,
    month: u32,
    day: u32,
    /// Since midnight.
    minutes: u32,
    second: u32,
    /// The digits behind the point, none if there is no point.
    fraction: &'a str,
    /// `Z`, an offset, or nothing.
    zone: &'a str,
}

/// The same moment in UTC as RFC 3339 with `Z` and all its digits; without an offset it is UTC already. Nothing if the
/// text is no date and time.
#[must_use]
pub fn utc(text: &str) -> Option<Cow<'_, str>> {
    let moment = Moment::parse(text)?;
    if moment.zone == "Z" && text.as_bytes()[10] == b'T' {
        return Some(Cow::Borrowed(text));
    }
    let point = if moment.fraction.is_empty() { "" } else { "." };
    let fraction = moment.fraction;
    Some(Cow::Owned(format!("{}{point}{fraction}Z", moment.in_utc()?.seconds())))
}

/// Whether a text is a date and time with an offset or `Z`, as RFC 3339 requires.
#[must_use]
pub fn is_rfc_3339(text: &str) -> bool {
    Moment::parse(text).is_some_and(|moment| !moment.zone.is_empty() && moment.in_utc().is_some())
}

/// The same moment as filters name it: UTC, `Z`, with milliseconds. Digits beyond them are kept, since without them `gt`
/// and `lt` would be about another moment. Nothing if there are more than the accounts API reads.
#[must_use]
pub fn for_filter(text: &str) -> Option<String> {
    let moment = Moment::parse(text)?;
    let digits = moment.fraction.trim_end_matches('0');
    (digits.len() <= MOST_DIGITS)
        .then(|| Some(format!("{}.{digits:0<FILTER_DIGITS$}Z", moment.in_utc()?.seconds())))
        .flatten()
}

impl<'a> Moment<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| digits(bytes.get(from..to)?);
        let mark = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|byte| marks.contains(byte));
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let marks = mark(4, b"-") && mark(7, b"-") && mark(10, b"Tt") && mark(13, b":") && mark(16, b":");
        let exists = day > 0 && day <= days_of(year, month) && hour <= 23 && minute <= 59 && second <= 60;
        if !marks || !exists {
            return None;
        }
        let rest = text.get(19..)?;
        let (fraction, zone) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
            None => ("", rest),
        };
        if fraction.is_empty() && rest.starts_with('.') {
            return None;
        }
        let moment = Moment { year, month, day, minutes: hour * 60 + minute, second, fraction, zone };
        moment.offset()?;
        Some(moment)
    }

    /// By how many minutes its clock is ahead of UTC's; nothing if the zone is not one.
    fn offset(&self) -> Option<i64> {
        let zone = self.zone.as_bytes();
        match zone {
            b"" | b"Z" | b"z" => Some(0),
            [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
                let (hours, minutes) = (digits(&zone[1..3])?, digits(&zone[4..6])?);
                let ahead = i64::from(hours * 60 + minutes);
                (hours < 24 && minutes < 60).then_some(if *sign == b'-' { -ahead } else { ahead })
            }
            _ => None,
        }
    }

    /// The same in UTC; nothing before the year 0 and behind the year 9999.
    fn in_utc(&self) -> Option<Self> {
        const DAY: i64 = 24 * 60;
        let minutes = i64::from(self.minutes) - self.offset()?;
        let (mut year, mut month, mut day) = (self.year, self.month, self.day);
        if minutes < 0 {
            day -= 1;
            if day == 0 {
                (year, month) = if month == 1 { (year.checked_sub(1)?, 12) } else { (year, month - 1) };
                day = days_of(year, month);
            }
        } else if minutes >= DAY {
            day += 1;
            if day > days_of(year, month) {
                (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                day = 1;
            }
        }
        let minutes = u32::try_from(minutes.rem_euclid(DAY)).ok()?;
        (year <= 9999).then_some(Moment { year, month, day, minutes, zone: "", ..*self })
    }

    /// Its date and time, without parts of a second.
    fn seconds(&self) -> String {
        let Moment { year, month, day, minutes, second, .. } = self;
        let (hour, minute) = (minutes / 60, minutes % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

fn digits(digits: &[u8]) -> Option<u32> {
    let value = digits.iter().fold(0, |all, digit| all * 10 + u32::from(digit.wrapping_sub(b'0')));
    digits.iter().all(u8::is_ascii_digit).then_some(value)
}

fn days_of(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_in_utc_with_all_their_digits() {
        for (text, shown) in [
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            ("2026-01-31t12:00:00.120z", "2026-01-31T12:00:00.120Z"),
            ("2024-01-16T21:30:13.1046031", "2024-01-16T21:30:13.1046031Z"),
            ("2024-01-16T21:30:13.1046031+00:00", "2024-01-16T21:30:13.1046031Z"),
            ("2024-01-16T21:30:13-00:00", "2024-01-16T21:30:13Z"),
            ("2024-02-29T23:59:60.123456789Z", "2024-02-29T23:59:60.123456789Z"),
            ("2024-02-29T23:30:00.5-01:00", "2024-03-01T00:30:00.5Z"),
            ("2025-03-01T00:30:00+05:30", "2025-02-28T19:00:00Z"),
            ("2025-01-01T00:00:00+00:01", "2024-12-31T23:59:00Z"),
            ("2025-12-31T23:59:00-23:59", "2026-01-01T23:58:00Z"),
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(utc(text).as_deref(), Some(shown), "{text}");
        }
    }

    #[test]
    fn impossible_dates_are_none() {
        for text in [
            "",
            "text",
            "2026-01-31",
            "2026-02-30T12:00:00Z",
            "2023-02-29T00:00:00",
            "2026-00-01T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-01-00T12:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:60:00Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00.",
            "2026-01-31T12:00:00Zjunk",
            "2026-01-31T12:00:00+0530",
            "2026-01-31T12:00:00+24:00",
            "2026-01-31T12:00:00+05:60",
            "2026-01-31 12:00:00Z",
            "２026-01-31T12:00:00Z",
            "2026-01-31T12:00:00Ｚ",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:00-00:01",
        ] {
            assert_eq!(utc(text), None, "{text}");
            assert!(!is_rfc_3339(text), "{text}");
            assert_eq!(for_filter(text), None, "{text}");
        }
    }

    #[test]
    fn callers_give_an_offset() {
        for text in ["2026-01-31T12:00:00Z", "2025-02-22T08:39:12.176+05:30", "2025-02-22t08:39:12z"] {
            assert!(is_rfc_3339(text), "{text}");
        }
        assert!(!is_rfc_3339("2026-01-31T12:00:00"));
    }

    #[test]
    fn filters_have_milliseconds_and_never_fewer_digits_than_given() {
        for (text, filter) in [
            ("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00.000Z")),
            ("2026-01-31T12:00:00.5+02:00", Some("2026-01-31T10:00:00.500Z")),
            ("2026-01-31T12:00:00.1230000000Z", Some("2026-01-31T12:00:00.123Z")),
            ("2026-01-31T12:00:00.1230001Z", Some("2026-01-31T12:00:00.1230001Z")),
            ("2026-01-31T12:00:00.12300001Z", None),
        ] {
            assert_eq!(for_filter(text).as_deref(), filter, "{text}");
        }
    }
}
