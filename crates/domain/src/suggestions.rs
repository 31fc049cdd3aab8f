//! Alternatives to a slug that is taken (`docs/specification.md`, section 3).

use crate::slug::{MAX_LENGTH, Slug, slug_from_name};

/// How many candidates to generate. Pages show the first three that are available.
const CANDIDATES: usize = 24;

/// Returns 24 different valid alternatives to `taken`, best first: with the next number, with `-io`, without
/// hyphens, derived from the organisation's `name`, with `-hq`, with `-app`, then with further numbers.
///
/// The caller checks in the database which of them are available.
pub fn suggestions(taken: &Slug, name: Option<&str>) -> Vec<Slug> {
    let (stem, next) = split_number(taken.as_str());
    let from_name = name.map(slug_from_name).unwrap_or_default();
    let words = [
        with_suffix(stem, &next.to_string()),
        with_suffix(stem, "io"),
        stem.replace('-', ""),
        from_name,
        with_suffix(stem, "hq"),
        with_suffix(stem, "app"),
    ];
    let numbers = (next + 1..).map(|number| with_suffix(stem, &number.to_string()));

    let mut found: Vec<Slug> = Vec::with_capacity(CANDIDATES);
    for slug in words.into_iter().chain(numbers).filter_map(|text| Slug::parse(&text).ok()) {
        if slug != *taken && !found.contains(&slug) {
            found.push(slug);
        }
        if found.len() == CANDIDATES {
            break;
        }
    }
    found
}

/// The alternative to `taken` with a given number, or `None` if it is not a valid slug.
pub fn numbered_slug(taken: &Slug, number: u32) -> Option<Slug> {
    let (stem, _) = split_number(taken.as_str());
    Slug::parse(&with_suffix(stem, &number.to_string())).ok()
}

/// Splits a slug into its stem and the next number: `spoon` and 2 for `spoon`, `spoon` and 8 for
/// `spoon-7`. More than six digits and leading zeros belong to the stem.
fn split_number(slug: &str) -> (&str, u64) {
    slug.rsplit_once('-')
        .filter(|(_, digits)| digits.len() <= 6 && !digits.starts_with('0'))
        .and_then(|(stem, digits)| Some((stem, digits.parse::<u64>().ok()? + 1)))
        .unwrap_or((slug, 2))
}

/// `stem-suffix`, with the stem truncated to the maximum length of a slug.
fn with_suffix(stem: &str, suffix: &str) -> String {
    let max_stem = MAX_LENGTH - suffix.len() - 1;
    let stem = stem.get(..max_stem).unwrap_or(stem).trim_end_matches('-');
    format!("{stem}-{suffix}")
}
