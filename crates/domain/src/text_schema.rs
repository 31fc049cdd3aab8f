//! The schemas of enums that a macro declares: a derived schema would not have the spelling that the macro
//! gives to a variant.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{ObjectBuilder, Type},
};

/// Implements the schema of an enum of texts, from the meaning of each.
macro_rules! describe_values {
    ($name:ident { $($text:literal: $meaning:expr),+ }) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::text_schema::values(&[$(($text, $meaning)),+])
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

pub(crate) use describe_values;

/// The schema of a text that is one of these values, each with its meaning.
pub(crate) fn values(values: &[(&str, &str)]) -> RefOr<Schema> {
    let meanings: Vec<_> =
        values.iter().map(|(text, meaning)| format!("- `{text}`: {}", meaning.trim())).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(meanings.join("\n")))
        .enum_values(Some(values.iter().map(|(text, _)| *text)))
        .into()
}
