//! The values of an entry before and after the change, in words.

use std::collections::BTreeMap;

use domain::{Timestamp, activity::field_label};
use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

use super::types::{ChangedValue, EditKind, FieldChange};

/// The values that are spelled like `pending_activation` or `SUPER_ADMIN`.
const SPELLED: [&str; 5] = ["status", "role", "plan", "state", "theme"];
/// A text of at least this many characters is shown with the words that were edited.
const EDITED_FROM: usize = 24;

/// The values that differ, without IDs. For something that was created or removed: its values that are not empty.
pub(super) fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<FieldChange> {
    let (before, after) = (flatten(before), flatten(after));
    let is_change = !before.is_empty() && !after.is_empty();
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let change = |name: &String| {
        let text = |values: &BTreeMap<String, String>| values.get(name).cloned().unwrap_or_default();
        let (former, current) = (text(&before), text(&after));
        let value = match (former == current, is_change) {
            (true, _) => return None,
            (false, true) => replaced(former, current),
            (false, false) => ChangedValue::Single(if former.is_empty() { current } else { former }),
        };
        Some(FieldChange { label: label(name), value })
    };
    names.into_iter().filter_map(change).collect()
}

/// The values as texts. The members of an object get names such as `owner.email`.
fn flatten(values: Option<&Value>) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    if let Some(Value::Object(object)) = values {
        insert(&mut flat, "", object);
    }
    flat
}

fn insert(flat: &mut BTreeMap<String, String>, prefix: &str, object: &Map<String, Value>) {
    for (key, value) in object {
        let name = format!("{prefix}{key}");
        match value {
            Value::Object(members) => insert(flat, &format!("{name}."), members),
            _ if key == "id" || key.ends_with("Id") => {}
            Value::String(text) if SPELLED.contains(&key.as_str()) => {
                flat.insert(name, in_words(&text.to_lowercase()));
            }
            value => {
                flat.insert(name, text_of(value));
            }
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => time_text(text).unwrap_or_else(|| text.clone()),
        Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

/// A time such as `2026-11-25T15:02:11Z` in words. `None` for any other text.
fn time_text(text: &str) -> Option<String> {
    let time = text.ends_with('Z').then(|| Timestamp::parse(text).ok()).flatten()?;
    Some(format!("{}, {} UTC", time.utc_date_text(), time.utc_time_text()))
}

/// The label of a value, such as `Time zone` for `timeZone` and `Owner: E-mail` for `owner.email`.
fn label(name: &str) -> String {
    let part = |name: &str| match name {
        "email" => "E-mail".to_owned(),
        name => field_label(name).map_or_else(|| in_words(name), str::to_owned),
    };
    name.split('.').map(part).collect::<Vec<_>>().join(": ")
}

/// Separates the words of a name such as `trialEndsAt`.
fn in_words(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        match character {
            _ if words.is_empty() => words.extend(character.to_uppercase()),
            '_' => words.push(' '),
            _ if character.is_uppercase() => {
                words.push(' ');
                words.extend(character.to_lowercase());
            }
            _ => words.push(character),
        }
    }
    words
}

fn replaced(former: String, current: String) -> ChangedValue {
    let is_long = |text: &String| text.chars().count() >= EDITED_FROM && text.contains(' ');
    if is_long(&former) && is_long(&current) {
        let difference = TextDiff::from_words(&former, &current);
        // Texts with little in common are easier to read one after the other.
        if difference.ratio() >= 0.5 {
            return ChangedValue::Edited(edits(&difference));
        }
    }
    ChangedValue::Replaced(former, current)
}

fn edits(difference: &TextDiff<'_, '_, str>) -> Vec<(EditKind, String)> {
    let mut parts: Vec<(EditKind, String)> = Vec::new();
    for change in difference.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => EditKind::Same,
            ChangeTag::Delete => EditKind::Removed,
            ChangeTag::Insert => EditKind::Added,
        };
        match parts.last_mut() {
            Some((last, text)) if *last == kind => text.push_str(change.value()),
            _ => parts.push((kind, change.value().to_owned())),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ChangedValue, EditKind, differences};

    fn shown(before: serde_json::Value, after: serde_json::Value) -> Vec<(String, ChangedValue)> {
        let value = |value: serde_json::Value| Some(value).filter(|value| !value.is_null());
        let changes = differences(value(before).as_ref(), value(after).as_ref());
        changes.into_iter().map(|change| (change.label, change.value)).collect()
    }

    #[test]
    fn only_the_values_that_differ_are_shown() {
        let before =
            json!({ "timeZone": "Europe/Berlin", "active": true, "owner": { "email": "a@b.example" } });
        let after = json!({ "timeZone": "Asia/Tokyo", "active": true, "owner": { "email": "c@d.example" } });
        assert_eq!(
            shown(before, after),
            [
                (
                    "Owner: E-mail".to_owned(),
                    ChangedValue::Replaced("a@b.example".into(), "c@d.example".into())
                ),
                ("Time zone".to_owned(), ChangedValue::Replaced("Europe/Berlin".into(), "Asia/Tokyo".into())),
            ]
        );
    }

    #[test]
    fn something_new_has_whole_values_without_the_empty_ones() {
        let after = json!({
            "id": "0190", "status": "pending_activation", "reason": null, "trialEndsAt": "2026-12-01T00:00:00Z",
            "packages": ["A", "B"]
        });
        assert_eq!(
            shown(serde_json::Value::Null, after),
            [
                ("Packages".to_owned(), ChangedValue::Single("A, B".into())),
                ("Status".to_owned(), ChangedValue::Single("Pending activation".into())),
                ("Trial ends at".to_owned(), ChangedValue::Single("1 December 2026, 00:00:00 UTC".into())),
            ]
        );
    }

    #[test]
    fn an_edited_text_shows_its_edits() {
        let before = json!({ "description": "Two hours along the north coast, with drinks" });
        let after = json!({ "description": "Two hours along the west coast, with drinks" });
        let [(_, ChangedValue::Edited(parts))] = &shown(before, after)[..] else { panic!("no edits") };
        let part = |kind, text: &str| (kind, text.to_owned());
        assert_eq!(
            parts[..],
            [
                part(EditKind::Same, "Two hours along the "),
                part(EditKind::Removed, "north"),
                part(EditKind::Added, "west"),
                part(EditKind::Same, " coast, with drinks"),
            ]
        );
    }
}
