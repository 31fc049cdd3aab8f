//! Macros that the newtypes of this crate share: one for the conversions from and to text, and one for the
//! table of problems.

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
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.message())
            }
        }

        impl std::error::Error for $name {}
    };
}

pub(crate) use {problems, text_form};
