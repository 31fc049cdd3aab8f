//! Reads YAML as a tree of texts with their places. Every scalar is text as written: `NO`, `0123` and `1e3`
//! are not converted. The tree has a limited depth and a limited number of values, also after its aliases are
//! expanded.
//!
//! The events of a parser are read here, and not values with serde, because each problem needs its place, all problems
//! of a file are reported at once, and repeated keys with secrets must be found in order to hide them.

mod problem;
mod reader;
mod tree;

use self::reader::Reader;
pub(super) use self::{
    problem::YamlProblem,
    reader::MAX_DEPTH,
    tree::{Entry, Node, Place, Value},
};
use super::credential::is_secret_text;

/// A parsed file.
#[derive(Debug)]
pub(super) struct Document {
    /// The tree. `None` for an empty file.
    pub root: Option<Node>,
    /// Repeated keys and tags.
    pub problems: Vec<YamlProblem>,
}

/// Parses a file with one document.
///
/// # Errors
/// The first problem after which the rest of the file cannot be read.
pub(super) fn parse(text: &str) -> Result<Document, YamlProblem> {
    let mut reader = Reader::new(text);
    let root = reader.document()?;
    Ok(Document { root, problems: reader.problems })
}

/// A key in a message: at most 60 characters without control characters. A key that is itself a secret is not shown.
pub(super) fn short(key: &str) -> String {
    if is_secret_text(key) {
        return "…".to_owned();
    }
    key.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar<'a>(node: &'a Node, path: &str) -> &'a str {
        let found = path.split('.').fold(node, |node, key| match &node.value {
            Value::Mapping(entries) => &entries.iter().find(|entry| entry.key == key).unwrap().value,
            other => panic!("{other:?}"),
        });
        match &found.value {
            Value::Scalar { text, .. } => text,
            other => panic!("{other:?}"),
        }
    }

    fn rule(text: &str) -> &'static str {
        parse(text).unwrap_err().rule
    }

    #[test]
    fn scalars_are_texts_as_written() {
        let values = ["NO", "yes", "0123", "1e3", "2024-01-02", "0x1F", ".inf", "1_000", "12:30:45", "~x"];
        for value in values {
            let document = parse(&format!("client:\n  name: {value}\n")).unwrap();
            assert_eq!(scalar(&document.root.unwrap(), "client.name"), value);
        }
    }

    #[test]
    fn values_have_their_place() {
        let document = parse("client:\n  name: 'Ünï'\n  zone: UTC\n").unwrap();
        let Value::Mapping(entries) = document.root.unwrap().value else { panic!() };
        let Value::Mapping(entries) = &entries[0].value.value else { panic!() };
        assert_eq!((entries[1].key_place.line, entries[1].key_place.column), (3, 3));
        assert_eq!((entries[1].value.place.line, entries[1].value.place.column), (3, 9));
    }

    #[test]
    fn a_repeated_key_is_a_problem_at_its_second_place() {
        let document = parse("a: 1\nb: 2\na: 3\n").unwrap();
        assert_eq!(document.problems.len(), 1);
        assert_eq!((document.problems[0].rule, document.problems[0].place.line), ("duplicate_key", 3));
        assert!(document.problems[0].message.contains("line 1"));
    }

    #[test]
    fn an_alias_repeats_a_value_and_an_alias_bomb_is_refused() {
        let document = parse("a: &a x\nb: *a\n").unwrap();
        assert_eq!(scalar(&document.root.unwrap(), "b"), "x");
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(",");
            bomb += &format!("a{level}: &a{level} [{items}]\n");
        }
        assert_eq!(rule(&bomb), "too_many_values");
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 1000].join(","));
        assert_eq!(rule(&long), "too_many_values");
        assert_eq!(rule("a: &a [*a]\n"), "alias");
    }

    #[test]
    fn deep_files_several_documents_and_broken_syntax_are_refused() {
        assert_eq!(rule(&format!("{}1{}", "[".repeat(100), "]".repeat(100))), "too_deep");
        assert_eq!(rule("a: 1\n---\nb: 2\n"), "several_documents");
        for broken in ["a: [1, 2", "a: 'x", "a: b: c", "a: *missing"] {
            assert_eq!(rule(broken), "syntax", "{broken}");
        }
    }

    #[test]
    fn aliases_in_aliases_do_not_exceed_the_maximum_depth() {
        let chain = |count: usize| {
            let levels: String =
                (1..count).map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1)).collect();
            format!("a0: &a0 [x]\n{levels}")
        };
        assert!(parse(&chain(15)).unwrap().root.is_some());
        assert_eq!(rule(&chain(200)), "too_deep");
    }

    #[test]
    fn a_null_character_is_refused_in_values_and_in_keys() {
        for text in ["a: \"x\\0\"", "\"a\\0\": x", "a: [\"\\x00\"]", "a: &p \"\\u0000\"\nb: *p"] {
            assert_eq!(rule(text), "null_character", "{text}");
        }
    }

    #[test]
    fn an_empty_file_has_no_root_and_a_tag_is_a_problem() {
        assert!(parse("").unwrap().root.is_none());
        assert!(parse("# only a comment\n").unwrap().root.is_none());
        assert_eq!(parse("a: !include x\n").unwrap().problems[0].rule, "tag");
    }
}
