//! Reads YAML as a tree of texts with their places. Every scalar is text as written: `NO`, `0123` and `1e3`
//! are not converted. The tree has a limited depth and a limited number of values, also after its aliases are
//! expanded.
//!
//! The events of a parser are read here, and not values with serde, because each problem needs its place, all problems
//! of a file are reported at once, and repeated keys with secrets must be found in order to hide them.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StrInput};

use super::credential::is_secret_text;

/// The maximum depth of a tree.
const MAX_DEPTH: usize = 16;
/// The maximum number of values in a tree. The values of an alias count each time.
const MAX_NODES: usize = 5_000;
/// The maximum size of all texts in a tree, in bytes. The texts of an alias count each time.
const MAX_TEXT: usize = 1024 * 1024;

/// A part of a file: lines and columns in characters, both from 1. The end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

impl Place {
    /// The beginning of a file.
    pub(super) const START: Self = Self { line: 1, column: 1, end_line: 1, end_column: 1 };
}

impl From<granit_parser::Span> for Place {
    fn from(span: granit_parser::Span) -> Self {
        Self {
            line: span.start.line(),
            column: span.start.col() + 1,
            end_line: span.end.line(),
            end_column: span.end.col() + 1,
        }
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub value: Value,
    pub place: Place,
    /// The ID of the anchor that the value defines, or of the one that its alias refers to. 0 for none.
    pub anchor: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Scalar {
        text: String,
        is_plain: bool,
    },
    Sequence(Vec<Node>),
    /// The entries in the order of the file. A repeated key has several entries.
    Mapping(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub key_place: Place,
    pub value: Node,
}

impl Node {
    /// Whether the value is missing: nothing, `~` or `null`, without quotes.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, is_plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// The number of values and the size of their texts.
    fn size(&self) -> (usize, usize) {
        let sum = |sizes: &mut dyn Iterator<Item = (usize, usize)>| {
            sizes.fold((1, 0), |total, size| (total.0 + size.0, total.1 + size.1))
        };
        match &self.value {
            Value::Scalar { text, .. } => (1, text.len()),
            Value::Sequence(items) => sum(&mut items.iter().map(Self::size)),
            Value::Mapping(entries) => sum(&mut entries.iter().map(|entry| {
                let (nodes, text) = entry.value.size();
                (nodes, text + entry.key.len())
            })),
        }
    }
}

/// A problem in the structure of a file. Its message contains no text of the file except keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct YamlProblem {
    pub place: Place,
    pub rule: &'static str,
    pub message: String,
}

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
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
        text: 0,
        problems: Vec::new(),
    };
    let root = reader.document()?;
    Ok(Document { root, problems: reader.problems })
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    text: usize,
    problems: Vec<YamlProblem>,
}

fn problem(place: Place, rule: &'static str, message: impl Into<String>) -> YamlProblem {
    YamlProblem { place, rule, message: message.into() }
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Place), YamlProblem> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.into())),
            Some(Err(error)) => {
                let marker = *error.marker();
                let place = Place {
                    line: marker.line(),
                    column: marker.col() + 1,
                    end_line: marker.line(),
                    end_column: marker.col() + 2,
                };
                // A message with quotes may quote the file, which may contain a secret.
                let info = error.info();
                let detail =
                    if info.contains(['"', '\'', '`']) { String::new() } else { format!(": {info}") };
                let message =
                    format!("The file is not valid YAML{detail}. Correct this line or the line before.");
                Err(problem(place, "syntax", message))
            }
            None => Ok((Event::StreamEnd, Place::START)),
        }
    }

    fn document(&mut self) -> Result<Option<Node>, YamlProblem> {
        let mut root = None;
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    let message =
                        "The file has more than one document. Remove the line --- and what follows it.";
                    return Err(problem(place, "several_documents", message));
                }
                Event::DocumentStart(..) => {
                    let (event, place) = self.next()?;
                    root = Some(self.node(event, place, 0)?);
                }
                _ => return Err(problem(place, "syntax", "The file is not valid YAML.")),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Node, YamlProblem> {
        if depth > MAX_DEPTH {
            let message = format!("The file has more than {MAX_DEPTH} levels. Use fewer.");
            return Err(problem(place, "too_deep", message));
        }
        let (value, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = Value::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain };
                (value, anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (self.sequence(depth)?, anchor, tag),
            Event::MappingStart(_, anchor, tag) => (self.mapping(depth)?, anchor, tag),
            Event::Alias(anchor) => return self.alias(anchor, place),
            _ => return Err(problem(place, "syntax", "The file is not valid YAML.")),
        };
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            let message = "Tags such as !include are not supported. Write the value itself.";
            self.problems.push(problem(place, "tag", message));
        }
        let text = if let Value::Scalar { text, .. } = &value { text.len() } else { 0 };
        self.count(1, text, place)?;
        let node = Node { value, place, anchor };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, YamlProblem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Sequence(items)),
                (event, place) => items.push(self.node(event, place, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, YamlProblem> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut first_lines: HashMap<String, usize> = HashMap::new();
        loop {
            let (event, place) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Value::Mapping(entries));
            }
            let key_node = self.node(event, place, depth + 1)?;
            let key_place = key_node.place;
            let Value::Scalar { text: key, .. } = key_node.value else {
                return Err(problem(key_place, "key", "A key must be a string, not a list or an object."));
            };
            let (event, place) = self.next()?;
            let value = self.node(event, place, depth + 1)?;
            match first_lines.get(&key) {
                Some(first) => {
                    let message = format!(
                        "The key {} appears twice. The first is on line {first}. Keep one of them.",
                        short(&key)
                    );
                    self.problems.push(problem(key_place, "duplicate_key", message));
                }
                None => {
                    first_lines.insert(key.clone(), key_place.line);
                }
            }
            entries.push(Entry { key, key_place, value });
        }
    }

    /// A copy of the value that the alias refers to.
    fn alias(&mut self, anchor: usize, place: Place) -> Result<Node, YamlProblem> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(problem(place, "alias", "An alias refers to itself. Write the value instead."));
        };
        let (nodes, text) = node.size();
        let node = Node { value: node.value.clone(), place, anchor };
        // Counts before the copy is used, so that the copies of copies stay small.
        self.count(nodes, text, place)?;
        Ok(node)
    }

    fn count(&mut self, nodes: usize, text: usize, place: Place) -> Result<(), YamlProblem> {
        self.nodes += nodes;
        self.text += text;
        if self.nodes > MAX_NODES || self.text > MAX_TEXT {
            let message = format!(
                "The file has more than {MAX_NODES} values, or its aliases repeat too much text. \
                 Write the values without aliases, and fewer of them."
            );
            return Err(problem(place, "too_many_values", message));
        }
        Ok(())
    }
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
    fn an_empty_file_has_no_root_and_a_tag_is_a_problem() {
        assert!(parse("").unwrap().root.is_none());
        assert!(parse("# only a comment\n").unwrap().root.is_none());
        assert_eq!(parse("a: !include x\n").unwrap().problems[0].rule, "tag");
    }
}
