use leptos::prelude::*;
use serde_json::Value;

use super::{
    json::{elements, members, text},
    prose::{Prose, inline},
    schema::type_view,
    table::{DocsTable, LabelledCell, NameCell},
};
use crate::ui::{Badge, Disclosure, Tone};

const PARAMETERS: &[&str] = &["Parameter", "In", "Type", "Description"];
const RESPONSES: &[&str] = &["Status", "Body", "Description"];

/// An operation: its parameters, body, responses and examples.
#[component]
pub(super) fn Operation(
    path: &'static str,
    method: &'static str,
    operation: &'static Value,
) -> impl IntoView {
    let parameters: Vec<_> = elements(&operation["parameters"]).map(parameter).collect();
    let parameters = (!parameters.is_empty()).then(|| {
        view! {
            <h4>"Parameters"</h4>
            <DocsTable columns=PARAMETERS>{parameters}</DocsTable>
        }
    });
    let body = operation.get("requestBody").map(|body| {
        view! {
            <h4>"Body"</h4>
            {contents(body)}
        }
    });
    let (errors, responses): (Vec<_>, Vec<_>) =
        members(&operation["responses"]).partition(|(status, _)| *status >= "4");
    let errors = (!errors.is_empty()).then(|| {
        let rows = errors.into_iter().map(response).collect_view();
        view! {
            <Disclosure summary="Errors">
                <DocsTable columns=RESPONSES>{rows}</DocsTable>
            </Disclosure>
        }
    });
    let tone = if method == "get" { Tone::Info } else { Tone::Accent };
    view! {
        <article class="card section" id=text(&operation["operationId"])>
            <h3>{text(&operation["summary"])}</h3>
            <p class="api-path">
                <Badge tone>{method.to_uppercase()}</Badge>
                " "
                <code>{path}</code>
            </p>
            <Prose text=text(&operation["description"]) />
            {parameters}
            {body}
            <h4>"Responses"</h4>
            <DocsTable columns=RESPONSES>
                {responses.into_iter().map(response).collect_view()}
            </DocsTable>
            {examples(operation)}
            {errors}
        </article>
    }
}

fn parameter(parameter: &'static Value) -> AnyView {
    view! {
        <tr>
            <NameCell name=text(&parameter["name"]) is_required=parameter["required"] == true />
            <LabelledCell label="In">{text(&parameter["in"])}</LabelledCell>
            <LabelledCell label="Type">{type_view(&parameter["schema"])}</LabelledCell>
            <td>
                <Prose text=text(&parameter["description"]) />
            </td>
        </tr>
    }
    .into_any()
}

/// The types of a body, and its example.
fn contents(body: &'static Value) -> impl IntoView {
    members(&body["content"])
        .map(|(content_type, content)| {
            view! {
                <p>{type_view(&content["schema"])} " as " <code>{content_type}</code></p>
                {code_block(&content["example"])}
            }
        })
        .collect_view()
}

fn response((status, response): (&'static str, &'static Value)) -> impl IntoView {
    let body = members(&response["content"]).map(|(content_type, content)| {
        let schema = &content["schema"];
        let named = elements(&schema["allOf"]).next().unwrap_or(schema);
        view! {
            {type_view(named)}
            <span class="sub">{content_type}</span>
        }
    });
    let headers: Vec<_> = members(&response["headers"])
        .map(|(name, header)| {
            view! {
                <p>
                    <code>{name}</code>
                    ": "
                    {inline(text(&header["description"]))}
                </p>
            }
        })
        .collect();
    view! {
        <tr>
            <th scope="row">{status}</th>
            <LabelledCell label="Body">{body.collect_view()}</LabelledCell>
            <td>
                <Prose text=text(&response["description"]) />
                {headers}
            </td>
        </tr>
    }
}

/// The examples of the successful responses.
fn examples(operation: &'static Value) -> impl IntoView {
    members(&operation["responses"])
        .flat_map(|(status, response)| {
            members(&response["content"]).map(move |(_, content)| (status, content))
        })
        .filter(|(_, content)| content.get("example").is_some())
        .map(|(status, content)| {
            view! {
                <Disclosure summary=format!("Example of the response {status}")>
                    {code_block(&content["example"])}
                </Disclosure>
            }
        })
        .collect_view()
}

fn code_block(example: &'static Value) -> Option<impl IntoView> {
    let text = match example {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        json => format!("{json:#}"),
    };
    Some(view! { <pre class="code-block" tabindex="0">{text}</pre> })
}
