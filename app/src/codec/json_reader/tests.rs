use super::from_json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Size(u32),
    Pair(i64, String),
    Named { width: f64, label: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Inner {
    id: u64,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Outer {
    #[serde(flatten)]
    inner: Inner,
    shapes: Vec<Shape>,
    map: BTreeMap<String, Option<bool>>,
    unit: (),
    tuple: (u8, i8),
    #[serde(default)]
    missing: Option<u8>,
}

fn outer(text: &str) -> Outer {
    Outer {
        inner: Inner { id: u64::MAX, text: text.into() },
        shapes: vec![
            Shape::Empty,
            Shape::Size(7),
            Shape::Pair(-9, "pair".into()),
            Shape::Named { width: -2.5e3, label: None },
            Shape::Named { width: 0.1, label: Some(text.into()) },
        ],
        map: BTreeMap::from([("a".into(), Some(true)), ("b".into(), None), ("c".into(), Some(false))]),
        unit: (),
        tuple: (255, -128),
        missing: None,
    }
}

#[test]
fn output_of_serde_json_is_parsed() {
    for text in ["", "plain", "\"quoted\\\"", "\u{1}\n\t\r\u{8}\u{c}/", "Zoë 😀 \u{2028}", "\\u0041"] {
        let value = outer(text);
        let compact = serde_json::to_string(&value).expect("JSON");
        assert_eq!(from_json::<Outer>(&compact).expect(&compact), value);
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        assert_eq!(from_json::<Outer>(&pretty).expect(&pretty), value);
    }
}

#[test]
fn escapes_are_decoded() {
    let decoded = from_json::<String>(r#" "\u0041\ud83d\ude00\/\n" "#);
    assert_eq!(decoded.expect("a string"), "A😀/\n");
    let limits = from_json::<String>(r#""\ud800\udc00\uDBFF\uDFFF""#);
    assert_eq!(limits.expect("a string"), "\u{1_0000}\u{10_ffff}");
}

#[test]
fn unknown_fields_are_skipped() {
    let text = r#"{"more":[{"a":[1,"]}",null]},true],"id":1,"other":{},"text":"x","last":-1.5}"#;
    assert_eq!(from_json::<Inner>(text).expect("an object"), Inner { id: 1, text: "x".into() });
}

#[test]
fn invalid_texts_are_rejected() {
    for text in [
        "",
        "{",
        "[1,2",
        "[1 2]",
        "[,1]",
        "tr",
        "1 2",
        "\"open",
        r#""\x""#,
        r#""\ud83d""#,
        r#""\ud83d\u0041""#,
        r#""\ud83d\ue000""#,
        r#""\ude00""#,
        r#""\u+041""#,
        r#""\u004g""#,
        "-",
        "01x",
        "nul",
        "{\"id\":1}",
        "{\"id\" 1,\"text\":\"\"}",
        "}",
        "[]]",
    ] {
        assert!(from_json::<Inner>(text).is_err(), "{text}");
        assert!(from_json::<Vec<u8>>(text).is_err(), "{text}");
        assert!(from_json::<String>(text).is_err(), "{text}");
    }
}
