//! Points in time: RFC 3339 with milliseconds, and calendar dates.
//!
//! All calendar arithmetic of the project is in this module, because a date library would enlarge the
//! browser's download (`docs/adr/0007-libraries-considered.md`). The tests compare the results with
//! those of such a library.

use std::fmt;

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;
/// From the year 0000 to the end of 9999, which RFC 3339 can express.
const EXPRESSIBLE: std::ops::Range<i64> = -62_167_219_200_000..253_402_300_800_000;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(pub i64);

/// A date of the proleptic Gregorian calendar and a time of day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// The year.
    pub year: i64,
    /// The month, from 1 to 12.
    pub month: u8,
    /// The day of the month, from 1 to 31.
    pub day: u8,
    /// The hour, from 0 to 23.
    pub hour: u8,
    /// The minute, from 0 to 59.
    pub minute: u8,
    /// The second, from 0 to 59.
    pub second: u8,
    /// The millisecond, from 0 to 999.
    pub millisecond: u16,
}

/// The text is not `YYYY-MM-DDTHH:MM:SS[.fff…](Z|±HH:MM)`, or names a time that does not exist or is not in the
/// years 0000 to 9999 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time in the format of RFC 3339, such as 2026-11-21T07:14:00Z")]
pub struct TimestampProblem;

impl Timestamp {
    /// The nearest millisecond to a time in microseconds since 1970-01-01T00:00:00Z. PostgreSQL rounds in the
    /// same way, so that a time is the same in every response.
    pub fn from_microseconds(us: i64) -> Self {
        Self(us.saturating_add(500).div_euclid(1000))
    }

    /// The calendar date and the time of day in UTC.
    pub fn date_time(self) -> DateTime {
        let (year, month, day) = date_from_days(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let part = |value: i64| u8::try_from(value).unwrap_or_default();
        DateTime {
            year,
            month: part(month),
            day: part(day),
            hour: part(ms / 3_600_000),
            minute: part(ms / 60_000 % 60),
            second: part(ms / 1000 % 60),
            millisecond: u16::try_from(ms % 1000).unwrap_or_default(),
        }
    }

    /// `2026-11-21 07:14 UTC`, which pages show until they know the browser's time zone.
    pub fn utc_text(self) -> String {
        let DateTime { year, month, day, hour, minute, .. } = self.date_time();
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
    }

    /// `21 November 2026`, the date in UTC.
    pub fn utc_date_text(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let DateTime { year, month, day, .. } = self.date_time();
        let month = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
        format!("{day} {month} {year}")
    }

    /// `07:14:05`, the time of the day in UTC.
    pub fn utc_time_text(self) -> String {
        let DateTime { hour, minute, second, .. } = self.date_time();
        format!("{hour:02}:{minute:02}:{second:02}")
    }

    /// Parses RFC 3339. Digits after the millisecond are dropped; a leap second counts as the first second of
    /// the next minute.
    ///
    /// # Errors
    /// [`TimestampProblem`] for any other text.
    pub fn parse(text: &str) -> Result<Self, TimestampProblem> {
        let (rest, offset_ms) = split_offset(text)?;
        let (date, time) = rest.split_once(['T', 't', ' ']).ok_or(TimestampProblem)?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
        let days = days_from_date(year, month, day);
        let exists = (1..=12).contains(&month) && date_from_days(days) == (year, month, day);
        let is_digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        if !exists || hour > 23 || minute > 59 || second > 60 || !is_digits {
            return Err(TimestampProblem);
        }
        let millisecond: i64 = format!("{fraction:0<3}")[..3].parse().map_err(|_| TimestampProblem)?;
        let local_ms = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + millisecond;
        let ms = local_ms - offset_ms;
        if EXPRESSIBLE.contains(&ms) { Ok(Self(ms)) } else { Err(TimestampProblem) }
    }
}

/// Splits a time into its local part and its offset from UTC in milliseconds.
fn split_offset(text: &str) -> Result<(&str, i64), TimestampProblem> {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return Ok((local, 0));
    }
    let sign = text.rfind(['+', '-']).ok_or(TimestampProblem)?;
    let (local, offset) = text.split_at_checked(sign).ok_or(TimestampProblem)?;
    let [hours, minutes] = numbers(&offset[1..], ':', [2, 2])?;
    if hours > 23 || minutes > 59 {
        return Err(TimestampProblem);
    }
    let offset_ms = (hours * 60 + minutes) * 60_000;
    Ok((local, if offset.starts_with('-') { -offset_ms } else { offset_ms }))
}

/// Parses numbers with exactly the given numbers of digits.
fn numbers<const N: usize>(
    text: &str,
    separator: char,
    digits: [usize; N],
) -> Result<[i64; N], TimestampProblem> {
    let mut parts = text.split(separator);
    let mut values = [0; N];
    for (value, digits) in values.iter_mut().zip(digits) {
        let is_number = |part: &&str| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        let part = parts.next().filter(is_number).ok_or(TimestampProblem)?;
        *value = part.parse::<u32>().map(i64::from).map_err(|_| TimestampProblem)?;
    }
    if parts.next().is_some() { Err(TimestampProblem) } else { Ok(values) }
}

/// The days from 1970-01-01 to a Gregorian date. The algorithms are from Howard Hinnant,
/// "chrono-compatible low-level date algorithms".
fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The Gregorian date of a day counted from 1970-01-01; the inverse of [`days_from_date`].
fn date_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DateTime { year, month, day, hour, minute, second, millisecond } = self.date_time();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampProblem;

    fn try_from(text: String) -> Result<Self, TimestampProblem> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn formatting_and_parsing_agree_with_a_date_library(ms in EXPRESSIBLE) {
            let expected = jiff::Timestamp::from_millisecond(ms).unwrap();
            let text = Timestamp(ms).to_string();
            prop_assert_eq!(&text, &format!("{expected:.3}"));
            prop_assert_eq!(Timestamp::parse(&text), Ok(Timestamp(ms)));
        }

        #[test]
        fn offsets_agree_with_a_date_library(ms in 0..4_102_444_800_000_i64, seconds in -86_340..=86_340_i32) {
            let offset = jiff::tz::Offset::from_seconds(seconds / 60 * 60).unwrap();
            let time = jiff::Timestamp::from_millisecond(ms).unwrap();
            let text = format!("{:.3}", time.display_with_offset(offset));
            prop_assert_eq!(Timestamp::parse(&text), Ok(Timestamp(ms)), "{}", text);
        }

        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = Timestamp::parse(&text);
        }
    }

    #[test]
    fn microseconds_are_rounded_to_the_nearest_millisecond() {
        for (us, ms) in [(0, 0), (499, 0), (500, 1), (1_499, 1), (1_500, 2), (-501, -1)] {
            assert_eq!(Timestamp::from_microseconds(us), Timestamp(ms), "{us}");
        }
    }

    #[test]
    fn leap_days_and_the_format_of_postgresql_are_accepted() {
        assert_eq!(Timestamp::parse("2024-02-29T12:00:00.5Z"), Ok(Timestamp(1_709_208_000_500)));
        assert_eq!(Timestamp::parse("2024-02-29T12:00:00.123456+00:00"), Ok(Timestamp(1_709_208_000_123)));
        assert_eq!(Timestamp(1_709_208_000_500).utc_text(), "2024-02-29 12:00 UTC");
        assert_eq!(Timestamp(1_709_208_000_500).utc_date_text(), "29 February 2024");
        assert_eq!(Timestamp(1_709_208_065_500).utc_time_text(), "12:01:05");
    }

    #[test]
    fn times_that_do_not_exist_are_refused() {
        for text in [
            "2024-02-29T12:00:00",
            "2024-02-29T12:00:00+24:00",
            "2024-02-29T12:00:00+02:60",
            "2024-02-29T12:00:00+2:00",
            "2024-02-29T12:00:00+0200",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:00-00:01",
            "2023-02-29T12:00:00Z",
            "2024-02-30T12:00:00Z",
            "2024-13-01T12:00:00Z",
            "2024-00-01T12:00:00Z",
            "2024-01-00T12:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-1-01T12:00:00Z",
            "2024-01-01T+1:00:00Z",
            "2024-01-01T12:00:00.Z",
        ] {
            assert_eq!(Timestamp::parse(text), Err(TimestampProblem), "{text}");
        }
    }
}
