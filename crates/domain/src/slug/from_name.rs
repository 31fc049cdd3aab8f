//! Derives a slug from an organisation's name while the user types it.

use super::{MAX_LENGTH, MIN_LENGTH};

/// Derives a slug from a name: lowercase, Latin letters without accents, no apostrophes, and a single
/// hyphen for anything else. A leading digit gets the prefix `t-`. The result has at most 40 characters
/// and is truncated at a word boundary where possible.
///
/// The result may be empty, too short or reserved. The form then reports the same problem as for a typed
/// slug.
pub fn slug_from_name(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if slug.len() > MAX_LENGTH {
            break;
        }
        match c {
            'a'..='z' => slug.push(c),
            '0'..='9' if slug.is_empty() => slug.extend(['t', '-', c]),
            '0'..='9' => slug.push(c),
            '\'' | '\u{2019}' | '\u{300}'..='\u{36F}' => {}
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

/// Truncates to complete words, or within the first word if that alone is too long.
fn truncate(slug: &mut String) {
    if slug.len() > MAX_LENGTH {
        let end = slug[..=MAX_LENGTH].rfind('-').filter(|end| *end >= MIN_LENGTH);
        slug.truncate(end.unwrap_or(MAX_LENGTH));
    }
    slug.truncate(slug.trim_end_matches('-').len());
}

/// The ASCII letters for a lowercase Latin letter with an accent, or an empty string.
fn transliterate(c: char) -> &'static str {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ä' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}
