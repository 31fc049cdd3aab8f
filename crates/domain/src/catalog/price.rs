use crate::{defaults::Currency, text_form::problems};

/// The largest price in minor units.
pub(super) const MAX_MINOR: u64 = 999_999_999_999;

problems! {
    /// The reason why a price is not valid.
    PriceProblem {
        Missing = "required", "Send the price: basePrice in minor units, or price as a decimal number.";
        Malformed = "malformed", "A price is a text with a decimal number, such as \"12.50\". Check it.";
        TooManyDecimals = "too_many_decimals", "The price has more decimals than the currency of the tenant.";
        TooLarge = "too_large", "A price has at most 999999999999 minor units. Send a smaller one.";
        Conflict = "conflict", "basePrice and price differ. Send one of them, or equal ones.";
    }
}

/// A price as a call sends it: in minor units, as a decimal number in the currency of the tenant, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPrice {
    /// The field `basePrice`, or its old name `priceCents`.
    pub minor: Option<u64>,
    /// The field `price`.
    pub decimal: Option<String>,
}

impl SentPrice {
    /// The name of the field that a problem of the price belongs to.
    pub fn field(&self) -> &'static str {
        if self.decimal.is_some() { "price" } else { "basePrice" }
    }

    /// The price in minor units of the currency.
    ///
    /// # Errors
    /// The rule that the price breaks.
    pub fn in_minor_units(&self, currency: Currency) -> Result<i64, PriceProblem> {
        let decimal = self.decimal.as_deref().map(|text| parse_decimal(text, currency)).transpose()?;
        let minor = match (self.minor, decimal) {
            (None, None) => return Err(PriceProblem::Missing),
            (Some(minor), Some(decimal)) if minor != decimal => return Err(PriceProblem::Conflict),
            (Some(minor), _) | (None, Some(minor)) => minor,
        };
        let price = i64::try_from(minor).ok().filter(|_| minor <= MAX_MINOR);
        price.ok_or(PriceProblem::TooLarge)
    }
}

/// Parses a decimal number into minor units.
fn parse_decimal(text: &str, currency: Currency) -> Result<u64, PriceProblem> {
    let decimals = currency.decimals();
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || text.trim().ends_with('.') {
        return Err(PriceProblem::Malformed);
    }
    if fraction.len() > decimals {
        return Err(PriceProblem::TooManyDecimals);
    }
    format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| PriceProblem::TooLarge)
}

/// Formats a price in minor units as a decimal number with the decimals of the currency, such as `12.50`.
pub fn format_price(minor: i64, currency: Currency) -> String {
    let decimals = currency.decimals();
    let digits = format!("{minor:0>width$}", width = decimals + 1);
    match digits.split_at_checked(digits.len() - decimals) {
        Some((whole, fraction)) if decimals > 0 => format!("{whole}.{fraction}"),
        _ => digits,
    }
}
