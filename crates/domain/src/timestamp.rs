//! Moments on the wire: RFC 3339 in UTC with milliseconds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(pub i64);

/// The text is not `YYYY-MM-DDTHH:MM:SS[.fff…](Z|+00:00)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a moment in UTC as RFC 3339 writes it")]
pub struct NotATimestamp;

impl Timestamp {
    /// `2026-11-21 07:14 UTC`, what pages show before they know the viewer's zone.
    pub fn utc_text(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(86_400_000));
        let minutes = self.0.rem_euclid(86_400_000) / 60_000;
        format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
    }

    /// Reads RFC 3339 in UTC; what is finer than a millisecond is dropped.
    ///
    /// # Errors
    /// [`NotATimestamp`] for any other text, other offsets among them.
    pub fn parse(text: &str) -> Result<Self, NotATimestamp> {
        let rest = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).ok_or(NotATimestamp)?;
        let (date, time) = rest.split_once(['T', ' ']).ok_or(NotATimestamp)?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(clock, ':')?;
        let in_range =
            (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
        if !in_range || fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotATimestamp);
        }
        let millis: i64 = format!("{fraction:0<3}")[..3].parse().map_err(|_| NotATimestamp)?;
        Ok(Self(
            ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + millis,
        ))
    }
}

fn numbers(text: &str, separator: char) -> Result<[i64; 3], NotATimestamp> {
    let mut parts = text.split(separator).map(|part| part.parse::<u32>().map(i64::from));
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(a)), Some(Ok(b)), Some(Ok(c)), None) => Ok([a, b, c]),
        _ => Err(NotATimestamp),
    }
}

/// Days since 1970-01-01 of a Gregorian date (Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The Gregorian date of a day counted from 1970-01-01; the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
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
        let (year, month, day) = civil_from_days(self.0.div_euclid(86_400_000));
        let millis = self.0.rem_euclid(86_400_000);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}.{:03}Z",
            millis / 1000 % 60,
            millis % 1000
        )
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = NotATimestamp;

    fn try_from(text: String) -> Result<Self, NotATimestamp> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(ms in 0_i64..4_102_444_800_000) {
            prop_assert_eq!(Timestamp::parse(&Timestamp(ms).to_string()), Ok(Timestamp(ms)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = Timestamp::parse(&text);
        }
    }

    #[test]
    fn leap_days_and_database_spelling_are_read() {
        assert_eq!(Timestamp::parse("2024-02-29T12:00:00.5Z"), Ok(Timestamp(1_709_208_000_500)));
        assert_eq!(Timestamp::parse("2024-02-29T12:00:00.123456+00:00"), Ok(Timestamp(1_709_208_000_123)));
        assert_eq!(Timestamp(1_709_208_000_500).utc_text(), "2024-02-29 12:00 UTC");
        assert_eq!(Timestamp::parse("2024-02-29T12:00:00+02:00"), Err(NotATimestamp));
    }
}
