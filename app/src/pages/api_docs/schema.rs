use leptos::prelude::*;
use serde_json::Value;

use super::{
    json::{elements, members, text},
    prose::Prose,
    table::{DocsTable, LabelledCell, NameCell},
};
use crate::ui::Disclosure;

const REFERENCE: &str = "#/components/schemas/";
const COLUMNS: &[&str] = &["Field", "Type", "Description"];

/// A schema of the document: its fields, or its values. A link to the schema opens it, because its target is
/// inside.
#[component]
pub(super) fn SchemaDetails(name: &'static str, schema: &'static Value) -> impl IntoView {
    let properties: Vec<_> = parts(schema).flat_map(fields).collect();
    let description = text(&schema["description"]);
    let content = match properties.is_empty() {
        // The description lists the values.
        true if description.starts_with("- ") => ().into_any(),
        true => view! { <p>{type_view(schema)}</p> }.into_any(),
        false => view! {
            <DocsTable columns=COLUMNS>{properties}</DocsTable>
        }
        .into_any(),
    };
    view! {
        <Disclosure summary=name>
            <div class="section" id=anchor(name)>
                <Prose text=description />
                {bases(schema)}
                {content}
            </div>
        </Disclosure>
    }
}

fn anchor(name: &str) -> String {
    format!("schema-{name}")
}

/// A schema, or the parts of a schema that has the fields of others.
fn parts(schema: &'static Value) -> impl Iterator<Item = &'static Value> {
    let combined = elements(&schema["allOf"]);
    combined.chain(std::iter::once(schema))
}

/// The links to the schemas whose fields this schema also has.
fn bases(schema: &'static Value) -> Option<impl IntoView> {
    let references = elements(&schema["allOf"]).filter(|part| part.get("$ref").is_some());
    let links: Vec<_> = references.map(type_view).collect();
    (!links.is_empty()).then(|| view! { <p>"All fields of " {links} ", and:"</p> })
}

/// The rows of the fields, the required ones first.
fn fields(part: &'static Value) -> impl Iterator<Item = AnyView> {
    let is_required = |name: &str| elements(&part["required"]).any(|required| required == name);
    let mut fields: Vec<_> = members(&part["properties"]).collect();
    fields.sort_by_key(|(name, _)| !is_required(name));
    fields.into_iter().map(move |(name, property)| {
        view! {
            <tr>
                <NameCell name is_required=is_required(name) />
                <LabelledCell label="Type">{type_view(property)}</LabelledCell>
                <td>
                    <Prose text=text(&property["description"]) />
                </td>
            </tr>
        }
        .into_any()
    })
}

/// The type of a value, with links to the schemas of the document.
pub(super) fn type_view(schema: &'static Value) -> AnyView {
    if let Some(name) = text(&schema["$ref"]).strip_prefix(REFERENCE) {
        let href = format!("#{}", anchor(name));
        return view! { <a href=href>{name}</a> }.into_any();
    }
    let alternatives: Vec<_> =
        ["oneOf", "anyOf"].iter().flat_map(|keyword| elements(&schema[*keyword])).map(type_view).collect();
    if !alternatives.is_empty() {
        return view! {
            {separated(alternatives, " or ")}
            {limits(schema)}
        }
        .into_any();
    }
    let values: Vec<_> =
        elements(&schema["enum"]).map(|value| view! { <code>{text(value)}</code> }.into_any()).collect();
    if !values.is_empty() {
        return separated(values, ", ");
    }
    let kinds: Vec<_> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect(),
        kind => vec![text(kind)],
    };
    let item = kinds.contains(&"array").then(|| view! { " of " {type_view(&schema["items"])} });
    let kind = if kinds == [""] { "any value".to_owned() } else { kinds.join(" or ") };
    view! {
        {kind}
        {item}
        {limits(schema)}
    }
    .into_any()
}

/// The format and the limits of a value.
fn limits(schema: &'static Value) -> Option<String> {
    let limit = |keyword: &str, label: &str, unit: &str| match &schema[keyword] {
        Value::Null => None,
        Value::String(value) => Some(format!("{label}{value}{unit}")),
        value => Some(format!("{label}{value}{unit}")),
    };
    let limits = [
        limit("format", " (", ")"),
        limit("minimum", ", from ", ""),
        limit("maximum", ", to ", ""),
        limit("minLength", ", minimum length ", ""),
        limit("maxLength", ", maximum length ", ""),
        limit("default", ", default ", ""),
    ];
    let limits: Vec<_> = limits.into_iter().flatten().collect();
    // Empty text would be rendered as a space.
    (!limits.is_empty()).then(|| limits.concat())
}

fn separated(views: Vec<AnyView>, separator: &'static str) -> AnyView {
    views
        .into_iter()
        .enumerate()
        .map(|(index, view)| ((index > 0).then_some(separator), view))
        .collect_view()
        .into_any()
}
