//! The tree of a YAML file.

/// A part of a file: lines and columns in characters, both from 1. The end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) struct Place {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

impl Place {
    /// The beginning of a file.
    pub(in crate::import) const START: Self = Self { line: 1, column: 1, end_line: 1, end_column: 1 };
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
pub(in crate::import) struct Node {
    pub value: Value,
    pub place: Place,
    /// The ID of the anchor that the value defines, or of the one that its alias refers to. 0 for none.
    pub anchor: usize,
}

#[derive(Debug, Clone)]
pub(in crate::import) enum Value {
    Scalar {
        text: String,
        is_plain: bool,
    },
    Sequence(Vec<Node>),
    /// The entries in the order of the file. A repeated key has several entries.
    Mapping(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(in crate::import) struct Entry {
    pub key: String,
    pub key_place: Place,
    /// The ID of the anchor that the key defines, or of the one that its alias refers to. 0 for none.
    pub key_anchor: usize,
    pub value: Node,
}

impl Node {
    /// Whether the value is missing: nothing, `~` or `null`, without quotes.
    pub(in crate::import) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, is_plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// The size of the value with everything below it.
    pub(super) fn size(&self) -> Size {
        match &self.value {
            Value::Scalar { text, .. } => Size { nodes: 1, text: text.len(), height: 0 },
            Value::Sequence(items) => Size::above(items.iter().map(Self::size)),
            Value::Mapping(entries) => Size::above(entries.iter().map(|entry| {
                let size = entry.value.size();
                Size { text: size.text + entry.key.len(), ..size }
            })),
        }
    }
}

/// The size of a value with everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// The number of values.
    pub nodes: usize,
    /// The size of all texts, in bytes.
    pub text: usize,
    /// The number of levels below the value. 0 for a scalar.
    pub height: usize,
}

impl Size {
    /// The size of a list or an object with these values.
    fn above(sizes: impl Iterator<Item = Self>) -> Self {
        sizes.fold(Self { nodes: 1, text: 0, height: 1 }, |total, size| Self {
            nodes: total.nodes + size.nodes,
            text: total.text + size.text,
            height: total.height.max(size.height + 1),
        })
    }
}
