//! What the types of this crate share: text conversions of newtypes, tables of problems, enums with a stable
//! spelling, and the names of configured entries.

/// Implements the text conversions of a newtype with a `text: String` field: `as_str`, `Display`,
/// `FromStr`, and the conversions that serde uses.
macro_rules! text_form {
    ($name:ident, $problem:ident, $parse:expr) => {
        impl $name {
            /// The value as text.
            pub fn as_str(&self) -> &str {
                &self.text
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $problem;

            fn from_str(text: &str) -> Result<Self, $problem> {
                $parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $problem;

            fn try_from(text: String) -> Result<Self, $problem> {
                $parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.text
            }
        }
    };
}

/// Defines the problems of a text. Each has the stable name of its rule in the API and a message for users.
macro_rules! problems {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $rule:literal, $message:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = $message] $variant),+ }

        impl $name {
            /// Every problem, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name of the rule in the API.
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule),+ }
            }

            /// The message for users: the rule, and how to fix the value.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }

            /// Returns the problem of an input field that breaks this rule. `path` is the path of the field,
            /// such as `owner.email`.
            pub fn in_field(self, path: &str) -> $crate::FieldProblem {
                $crate::FieldProblem::new(path, self.rule(), self.message())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.message())
            }
        }

        impl std::error::Error for $name {}

        impl $crate::field::InField for $name {
            fn in_field(self, path: &str) -> $crate::FieldProblem {
                self.in_field(path)
            }
        }
    };
}

/// Defines an enum whose variants have a stable spelling.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $meaning:literal])+ $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[doc = $meaning])+ #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in display order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling in the database, the API and URLs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Parses the spelling of [`Self::as_str`].
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[cfg(feature = "openapi")]
        $crate::text_schema::describe_values!($name { $($text: concat!($($meaning),+)),+ });
    };
}

/// Whether a text can name an entry of the configuration, such as a blueprint, a plan or a feature.
pub(crate) fn is_configured_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

pub(crate) use {problems, text_enum, text_form};
