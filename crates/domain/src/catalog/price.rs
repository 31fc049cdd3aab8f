use crate::defaults::Currency;

/// Formats a price in minor units as a decimal number with the decimals of the currency, such as `12.50`.
pub fn format_price(minor: i64, currency: Currency) -> String {
    let decimals = currency.decimals();
    let digits = format!("{minor:0>width$}", width = decimals + 1);
    match digits.split_at_checked(digits.len() - decimals) {
        Some((whole, fraction)) if decimals > 0 => format!("{whole}.{fraction}"),
        _ => digits,
    }
}
