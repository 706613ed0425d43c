//! Instants as the upstream writes them: RFC 3339, UTC, milliseconds. The canonical text sorts like the instants
//! themselves.

use std::{fmt, str::FromStr};

/// The milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// A day of the calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day that the sandbox's data is written for: at it, no date of the data is moved. 2027-01-01.
    pub const OF_DATA: Day = Day(20_819);

    /// The day of an instant.
    pub(crate) fn of(millis: i64) -> Day {
        Day(millis.div_euclid(DAY))
    }

    /// Its first instant.
    pub(crate) fn midnight(self) -> i64 {
        self.0 * DAY
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = ();

    /// Reads `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Day, ()> {
        let day = parse(text).filter(|_| text.len() == 10).map(Day::of);
        day.filter(|day| day.to_string() == text).ok_or(())
    }
}

/// The canonical text of a number of milliseconds since 1970.
pub(crate) fn format(millis: i64) -> String {
    let (year, month, day) = civil(millis.div_euclid(DAY));
    let rest = millis.rem_euclid(DAY);
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, thousandths) = (rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}Z")
}

/// The instant behind a date, or a date with a time, with or without a zone (none means UTC).
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let mut parts = date.splitn(3, '-').map(digits);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let exists = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    // What the calendar does not have, such as the 31st of April, would be another day.
    if !exists || civil(days(year, month, day)) != (year, month, day) {
        return None;
    }
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    Some(days(year, month, day) * DAY + millis_of(clock)? - offset_of(zone)?)
}

/// A text that compares with canonical ones as the instant does that `text` names, finer than milliseconds though it may be.
pub(crate) fn comparable(text: &str) -> Option<String> {
    let instant = format(parse(text)?);
    let finer = text.split_once('.').is_some_and(|(_, rest)| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit);
        digits.skip(3).any(|digit| digit != b'0')
    });
    // What is longer comes behind the millisecond and before the next one, and equals neither.
    Some(if finer { instant + "+" } else { instant })
}

/// The first instant of a year.
pub(crate) fn year(year: i64) -> i64 {
    days(year, 1, 1) * DAY
}

fn digits(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

fn millis_of(clock: &str) -> Option<i64> {
    if clock.is_empty() {
        return Some(0);
    }
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = whole.splitn(3, ':').map(digits);
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().map_or(Some(0), |seconds| seconds)?;
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    let valid = hours < 24 && minutes < 60 && seconds < 60;
    valid.then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + digits(&padded)?)
}

fn offset_of(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None | Some('Z' | 'z') => return (zone.len() < 2).then_some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (digits(hours)? * 60 + digits(minutes)?) * 60_000)
}

/// Days since 1970 of a civil date: years are counted from March, so the leap day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The civil date of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{Day, format, parse};

    #[test]
    fn text_and_instant_are_inverse() {
        for text in ["1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "2026-03-01T00:00:00.001Z"] {
            assert_eq!(parse(text).map(format).as_deref(), Some(text));
        }
    }

    #[test]
    fn short_and_zoned_forms_mean_the_same_instant() {
        for text in ["2025-06-01", "2025-06-01T00:00Z", "2025-06-01T02:00:00+02:00", "2025-05-31T19:30:00.0-04:30"] {
            assert_eq!(parse(text).map(format).as_deref(), Some("2025-06-01T00:00:00.000Z"), "{text}");
        }
        for text in ["", "yesterday", "2025-13-01", "2025-02-29", "2025-06-01T25:00Z", "2025-06-01T00:00:00x"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        for text in ["1999-12-31", "2024-02-29", "2027-01-01"] {
            assert_eq!(text.parse::<Day>().map(|day| day.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("2027-01-01".parse(), Ok(Day::OF_DATA));
        for text in ["", "today", "2026-02-29", "2026-04-31", "2026-4-1", "2026-04-01T00:00:00Z", "02026-04-01"] {
            assert_eq!(text.parse::<Day>(), Err(()), "{text}");
        }
    }
}
