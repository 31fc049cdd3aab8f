//! Derives a slug from an organisation's name while the user types it.

use super::{MAX_LENGTH, MIN_LENGTH};
use crate::normalization::nfkd;

/// Derives a slug from a name: lowercase Latin letters without accents, transliterated Greek and Cyrillic
/// letters, no apostrophes, and a single hyphen for anything else. A leading digit gets the prefix `t-`. The
/// result has at most 40 characters and is truncated at a word boundary where possible.
///
/// The result is empty if no letter of the name can be transliterated. It may be too short or reserved. The
/// form then reports the same problem as for a typed slug.
pub fn slug_from_name(name: &str) -> String {
    let name = decompose(name);
    let mut slug = String::new();
    if !name.is_ascii() && !name.contains(is_convertible) {
        return slug;
    }
    let is_ukrainian = name.contains(['і', 'є', 'ґ']);
    for c in name.chars() {
        if slug.len() > MAX_LENGTH {
            break;
        }
        match c {
            'a'..='z' => slug.push(c),
            '0'..='9' if slug.is_empty() => slug.extend(['t', '-', c]),
            '0'..='9' => slug.push(c),
            'г' if is_ukrainian => slug.push('h'),
            'и' if is_ukrainian => slug.push('y'),
            'υ' if slug.ends_with('o') => slug.push('u'),
            'υ' if slug.ends_with(['a', 'e']) => slug.push('v'),
            _ if is_silent(c) => {}
            _ => match transliterate(c) {
                "" if slug.is_empty() || slug.ends_with('-') => {}
                "" => slug.push('-'),
                letters => slug.push_str(letters),
            },
        }
    }
    truncate(&mut slug);
    slug
}

/// The name in lowercase, with accents as separate characters. `й` stays one letter, because Ukrainian
/// transliterates it differently from `и`.
fn decompose(name: &str) -> String {
    // The compatibility decomposition would append `TM` and `SM` to the last word.
    let name = name.replace(['™', '℠'], " ");
    // Does not use `str::to_lowercase`: its special case for a sigma at the end of a word needs tables, which
    // would enlarge the browser's download.
    let lowercase: String = nfkd(&name).chars().flat_map(char::to_lowercase).collect();
    lowercase.replace("и\u{306}", "й")
}

/// Whether a lowercase character is a Latin letter or can be transliterated.
fn is_convertible(c: char) -> bool {
    c.is_ascii_lowercase() || !transliterate(c).is_empty()
}

/// Whether a character is omitted: accents, apostrophes, the dot in the Catalan `l·l`, and the Cyrillic
/// signs.
fn is_silent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\'' | '‘' | '’' | 'ʻ' | 'ʼ' | '·' | 'ъ' | 'ь')
}

/// Truncates to complete words, or within the first word if that alone is too long.
fn truncate(slug: &mut String) {
    if slug.len() > MAX_LENGTH {
        let end = slug[..=MAX_LENGTH].rfind('-').filter(|end| *end >= MIN_LENGTH);
        slug.truncate(end.unwrap_or(MAX_LENGTH));
    }
    slug.truncate(slug.trim_end_matches('-').len());
}

/// The ASCII letters for a lowercase letter without accents, or an empty string. Cyrillic follows the
/// standard for passports, ICAO Doc 9303.
fn transliterate(c: char) -> &'static str {
    match c {
        'α' | 'а' | 'ә' => "a",
        'æ' => "ae",
        'б' => "b",
        'ћ' => "c",
        'χ' | 'ч' => "ch",
        'đ' | 'ð' | 'δ' | 'д' | 'ђ' => "d",
        'ѕ' | 'џ' => "dz",
        'ə' | 'ε' | 'е' | 'э' => "e",
        'φ' | 'ф' => "f",
        'γ' | 'г' | 'ґ' | 'ғ' => "g",
        'ħ' | 'һ' | 'ҳ' => "h",
        'ı' | 'η' | 'ι' | 'и' | 'й' | 'і' => "i",
        'я' => "ia",
        'є' => "ie",
        'ю' => "iu",
        'ј' | 'ҷ' => "j",
        'κ' | 'к' => "k",
        'х' => "kh",
        'ł' | 'λ' | 'л' => "l",
        'љ' => "lj",
        'μ' | 'м' => "m",
        'ŋ' | 'ν' | 'н' | 'ң' => "n",
        'њ' => "nj",
        'ø' | 'ο' | 'ω' | 'о' | 'ө' => "o",
        'œ' => "oe",
        'π' | 'п' => "p",
        'ψ' => "ps",
        'қ' => "q",
        'ρ' | 'р' => "r",
        'σ' | 'ς' | 'с' => "s",
        'ш' => "sh",
        'щ' => "shch",
        'ß' => "ss",
        'ŧ' | 'τ' | 'т' => "t",
        'þ' | 'θ' => "th",
        'ц' => "ts",
        'у' | 'ү' | 'ұ' => "u",
        'β' | 'в' => "v",
        'ξ' => "x",
        'υ' | 'ы' => "y",
        'ζ' | 'з' => "z",
        'ж' | 'җ' => "zh",
        _ => "",
    }
}
