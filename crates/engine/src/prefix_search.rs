//! Parts of the searches for the start of a text, which read few rows of a large table.
//!
//! A search reads the first rows of its order. If enough of these rows match, they fill a page. Otherwise, the
//! search reads text indexes that begin with the period of the row, period by period.

use domain::normalization::nfc;
use sqlx::{Postgres, QueryBuilder};

/// How many rows of the order a search reads first.
pub(crate) const FIRST_ROWS: i64 = 1_000;
/// The number of the four-day period in which a row was created, counted from 2020.
pub(crate) const PERIOD: &str = "((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4";
/// The maximum number of characters of a search: the length of an e-mail address.
const MAX_CHARACTERS: usize = 254;

/// Converts the text of a search to NFC, because stored names are in NFC.
pub(crate) fn search_text(text: &str) -> String {
    nfc(text).chars().filter(|c| *c != '\0').take(MAX_CHARACTERS).collect()
}

/// Appends a prefix search as a range of bytes. A `text_pattern_ops` index supports the range even if the
/// prefix is a parameter. The upper bound ends with the last code point of Unicode, so every text with the
/// prefix is in the range.
pub(crate) fn starts_with(query: &mut QueryBuilder<Postgres>, column: &str, prefix: &str) {
    query.push(column).push(" ~>=~ ").push_bind(prefix.to_owned());
    query.push(" AND ").push(column).push(" ~<=~ ").push_bind(format!("{prefix}\u{10FFFF}"));
}

/// Appends a condition that one of the columns starts with the prefix.
pub(crate) fn any_starts_with(query: &mut QueryBuilder<Postgres>, columns: &[&str], prefix: &str) {
    for (index, column) in columns.iter().enumerate() {
        query.push(if index == 0 { "(" } else { ") OR (" });
        starts_with(query, column, prefix);
    }
    query.push(")");
}
