//! Writes nested values as YAML in block style. The same values always give the same text.

use serde_json::{Map, Value};

/// Words that other programs read as something else than text.
const RESERVED: [&str; 11] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"];

/// Writes an object. The entries in `first` come first; the others follow in alphabetical order.
pub(super) fn to_yaml(values: &Map<String, Value>, first: &[&str]) -> String {
    let mut text = String::new();
    let listed = first.iter().filter_map(|key| values.get_key_value(*key));
    let others = values.iter().filter(|(key, _)| !first.contains(&key.as_str()));
    for (key, value) in listed.chain(others) {
        write_entry(&mut text, key, value, 0);
    }
    text
}

fn write_entry(text: &mut String, key: &str, value: &Value, indent: usize) {
    text.push_str(&" ".repeat(indent));
    text.push_str(&scalar(key));
    text.push(':');
    write_value(text, value, indent);
}

/// Writes a value after its key or after the dash of its list.
fn write_value(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(entries) if entries.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(entries) => {
            text.push('\n');
            entries.iter().for_each(|(key, value)| write_entry(text, key, value, indent + 2));
        }
        Value::Array(items) => {
            text.push('\n');
            for item in items {
                text.push_str(&" ".repeat(indent + 2));
                text.push('-');
                write_value(text, item, indent + 2);
            }
        }
        Value::String(scalar_text) => {
            text.push(' ');
            text.push_str(&scalar(scalar_text));
            text.push('\n');
        }
        other => text.push_str(&format!(" {other}\n")),
    }
}

/// A text without quotes if no program reads it as something else, and otherwise in double quotes.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '@' | '+'))
        && !text.ends_with(' ')
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // YAML allows only printable characters.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::yaml, *};

    fn to_json(node: &yaml::Node) -> Value {
        match &node.value {
            _ if node.is_null() => Value::Null,
            yaml::Value::Scalar { text, .. } => text.as_str().into(),
            yaml::Value::Sequence(items) => items.iter().map(to_json).collect(),
            yaml::Value::Mapping(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), to_json(&entry.value))).collect(),
            ),
        }
    }

    #[test]
    fn written_values_are_read_back() {
        let values = json!({
            "plain": "Golden Spoon", "empty": "", "number": "0123", "word": "NO", "null": null, "text null": "null",
            "quotes": "a \"b\" \\ 'c'", "lines": "a\nb\tc\r", "special": "\u{85}\u{FEFF}\u{2028}\u{1}é青😀", "dash": "- x",
            "hash": "a # b", "colon": "a: b", "tilde": "~", "spaces": " a ", "reference": "${NAME}", "none": {},
            "nothing": [], "list": ["a", ["b", "c"], { "d": "e", "f": { "g": "h" } }], "nested": { "a": { "b": "c" } },
        });
        let Value::Object(values) = values else { panic!() };
        let text = to_yaml(&values, &["word"]);
        assert!(text.starts_with("word: \"NO\"\n"));
        let read = to_json(&yaml::parse(&text).unwrap().root.unwrap());
        assert_eq!(read, Value::Object(values), "{text}");
    }
}
