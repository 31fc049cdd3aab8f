//! Builds the tree from the events of a parser.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StrInput};

use super::{
    problem::{YamlProblem, problem},
    tree::{Entry, Node, Place, Value},
};

/// The maximum depth of a tree.
pub(in crate::import) const MAX_DEPTH: usize = 16;
/// The maximum number of values in a tree. The values of an alias count each time.
const MAX_NODES: usize = 5_000;
/// The maximum size of all texts in a tree, in bytes. The texts of an alias count each time.
const MAX_TEXT: usize = 1024 * 1024;

pub(super) struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    text: usize,
    pub(super) problems: Vec<YamlProblem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            nodes: 0,
            text: 0,
            problems: Vec::new(),
        }
    }

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

    pub(super) fn document(&mut self) -> Result<Option<Node>, YamlProblem> {
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
        limit_depth(depth, place)?;
        let (value, anchor, tag) = match event {
            // PostgreSQL stores no text with this character.
            Event::Scalar(text, ..) if text.contains('\0') => {
                let message = "A value or a key contains a null character, such as \\0. Remove it.";
                return Err(problem(place, "null_character", message));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = Value::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain };
                (value, anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (self.sequence(depth)?, anchor, tag),
            Event::MappingStart(_, anchor, tag) => (self.mapping(depth)?, anchor, tag),
            Event::Alias(anchor) => return self.alias(anchor, place, depth),
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
            let (key_place, key_anchor) = (key_node.place, key_node.anchor);
            let Value::Scalar { text: key, .. } = key_node.value else {
                return Err(problem(key_place, "key", "A key must be a string, not a list or an object."));
            };
            let (event, place) = self.next()?;
            let value = self.node(event, place, depth + 1)?;
            match first_lines.get(&key) {
                Some(first) => {
                    // The key may be a secret, by an anchor that is not known yet.
                    let message =
                        format!("This key appears twice. The first is on line {first}. Keep one of them.");
                    self.problems.push(problem(key_place, "duplicate_key", message));
                }
                None => {
                    first_lines.insert(key.clone(), key_place.line);
                }
            }
            entries.push(Entry { key, key_place, key_anchor, value });
        }
    }

    /// A copy of the value that the alias refers to.
    fn alias(&mut self, anchor: usize, place: Place, depth: usize) -> Result<Node, YamlProblem> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(problem(place, "alias", "An alias refers to itself. Write the value instead."));
        };
        let size = node.size();
        limit_depth(depth + size.height, place)?;
        let node = Node { value: node.value.clone(), place, anchor };
        // Counts before the copy is used, so that the copies of copies stay small.
        self.count(size.nodes, size.text, place)?;
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

fn limit_depth(depth: usize, place: Place) -> Result<(), YamlProblem> {
    if depth > MAX_DEPTH {
        let message = format!("The file has more than {MAX_DEPTH} levels. Use fewer.");
        return Err(problem(place, "too_deep", message));
    }
    Ok(())
}
