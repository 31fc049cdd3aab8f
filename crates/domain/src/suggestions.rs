//! Free-looking slugs to offer instead of one that is taken (SPEC section 3).

use crate::slug::{MAX_LENGTH, Slug, slug_from_name};

/// How many candidates there are. Many more than are shown, so that enough of them are free.
const CANDIDATES: usize = 24;

/// Slugs to offer instead of `taken`, best first: the next number, a short word added, the words
/// joined, what the organisation's `name` gives, then further numbers.
///
/// At least 24, all valid, all different, none of them `taken`. Whether they are free is for the
/// database to say.
pub fn suggestions(taken: &Slug, name: Option<&str>) -> Vec<Slug> {
    let (stem, next) = numbered(taken.as_str());
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

/// A slug without its number, and the number to go on with: `spoon` and 2 for `spoon`, `spoon`
/// and 8 for `spoon-7`. Long digits and leading zeros are part of the name.
fn numbered(slug: &str) -> (&str, u64) {
    slug.rsplit_once('-')
        .filter(|(_, digits)| digits.len() <= 6 && !digits.starts_with('0'))
        .and_then(|(stem, digits)| Some((stem, digits.parse::<u64>().ok()? + 1)))
        .unwrap_or((slug, 2))
}

/// `stem-suffix`, with the stem cut where the whole would be too long.
fn with_suffix(stem: &str, suffix: &str) -> String {
    let room = MAX_LENGTH - suffix.len() - 1;
    let stem = stem.get(..room).unwrap_or(stem).trim_end_matches('-');
    format!("{stem}-{suffix}")
}
