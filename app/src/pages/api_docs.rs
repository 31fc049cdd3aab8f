//! The documentation of the JSON API, rendered from its OpenAPI document. The browser does not hydrate it,
//! and it contains no scripts of its own.

mod json;
mod operation;
mod prose;
mod schema;
mod table;

use domain::paths;
use leptos::prelude::*;
use serde_json::Value;

use self::{
    json::{elements, members, text},
    operation::Operation,
    prose::Prose,
    schema::SchemaDetails,
};
use crate::ui::{ButtonKind, ButtonLink, PageHead};

/// The page.
#[component]
pub fn ApiDocs(document: &'static Value) -> impl IntoView {
    let version = format!("Version {}", text(&document["info"]["version"]));
    let tags = || elements(&document["tags"]);
    let schemas = members(&document["components"]["schemas"]);
    view! {
        <leptos_meta::Title text="API · Tenantry" />
        <main class="main api-docs">
            <PageHead title="Tenantry API" lead=move || version.clone()>
                <ButtonLink href=paths::API_DOCUMENT kind=ButtonKind::Secondary>
                    "OpenAPI document"
                </ButtonLink>
            </PageHead>
            <Prose text=text(&document["info"]["description"]) />
            <nav aria-label="Operations" class="api-index">
                {tags().map(|tag| view! { <TagIndex document tag /> }).collect_view()}
            </nav>
            {tags().map(|tag| view! { <TagSection document tag /> }).collect_view()}
            <section class="api-section">
                <h2>"Schemas"</h2>
                <div class="card section">
                    {schemas.map(|(name, schema)| view! { <SchemaDetails name schema /> }).collect_view()}
                </div>
            </section>
        </main>
    }
}

/// An operation with its path and method.
type Described = (&'static str, &'static str, &'static Value);

/// The operations of a tag, by path.
fn operations(document: &'static Value, tag: &'static Value) -> impl Iterator<Item = Described> {
    let paths = members(&document["paths"]);
    let all = paths
        .flat_map(|(path, item)| members(item).map(move |(method, operation)| (path, method, operation)));
    all.filter(|(_, _, operation)| elements(&operation["tags"]).any(|name| *name == tag["name"]))
}

/// The links to the operations of a tag.
#[component]
fn TagIndex(document: &'static Value, tag: &'static Value) -> impl IntoView {
    let link = |(_, _, operation): Described| {
        let href = format!("#{}", text(&operation["operationId"]));
        view! {
            <li>
                <a href=href>{text(&operation["summary"])}</a>
            </li>
        }
    };
    view! {
        <div>
            <h2>{text(&tag["name"])}</h2>
            <ul>{operations(document, tag).map(link).collect_view()}</ul>
        </div>
    }
}

/// The operations of a tag.
#[component]
fn TagSection(document: &'static Value, tag: &'static Value) -> impl IntoView {
    let card = |(path, method, operation): Described| view! { <Operation path method operation /> };
    view! {
        <section class="api-section">
            <h2>{text(&tag["name"])}</h2>
            <Prose text=text(&tag["description"]) />
            {operations(document, tag).map(card).collect_view()}
        </section>
    }
}
