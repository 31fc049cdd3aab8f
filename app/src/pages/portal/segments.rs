use domain::{
    catalog::{CatalogKind, Segment, VISIBLE},
    portal::PortalPage,
    tenant_form::FormValues,
};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    catalog::{
        CatalogState, EntryField, EntryForm, EntryList, FieldKind, ListTexts, NEW, RowActions, Visibility,
    },
    frame::{portal_data, portal_page, use_slug},
};
use crate::{
    pages::tenant::action_state::ActionState,
    part::{Loaded, Part},
    server_fns::{CatalogContent, PortalTenant, open_segments},
    ui::{Column, IconName},
};

const COLUMNS: &[Column] =
    &[Column::text("Segment"), Column::text("Title"), Column::text("Customers"), Column::actions()];

const LIST: ListTexts = ListTexts {
    title: "All segments",
    label: "Segments",
    create: "New segment",
    empty: (
        IconName::Layers,
        "No segments",
        "A segment addresses one group of customers, such as families or companies.",
    ),
};

/// The page with the segments of a tenant.
#[component]
pub(crate) fn PortalSegmentsPage() -> impl IntoView {
    let slug = use_slug();
    let data = portal_data(move || slug.get(), open_segments);
    let actions = ActionState::new(data);
    let state = CatalogState::new(CatalogKind::Segment, slug, actions);
    let view = move |content: CatalogContent, tenant: PortalTenant| {
        let may_change = tenant.may_change();
        let posted = state.show_posted(&content.posted);
        let of_form = content.clone();
        let form = move || {
            let (of_form, posted) = (of_form.clone(), posted.clone());
            (may_change && state.has_form(posted.as_ref())).then(|| {
                SEGMENT_FORM.view(move || Box::pin(segment_form(state, of_form.clone(), posted.clone())))
            })
        };
        view! {
            <div class="stack">
                {form}
                <List state segments=content.segments may_change />
            </div>
        }
        .into_any()
    };
    let sentence = "The groups of customers that your booking page addresses.";
    portal_page(PortalPage::Segments, sentence, slug, data, Some(actions), view)
}

/// The part with the form.
pub(super) static SEGMENT_FORM: Part = Part { name: "portal_catalog", load: || Box::pin(load()) };

#[wasm_split(portal_catalog, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn segment_form(state: CatalogState, content: CatalogContent, posted: Option<FormValues>) -> Loaded<AnyView> {
    Ok(form(state, &content, posted.as_ref()).into_any())
}

/// The form of the segment in the URL, or of the one that was posted.
fn form(state: CatalogState, content: &CatalogContent, posted: Option<&FormValues>) -> Option<AnyView> {
    let edited = posted.and_then(|posted| posted.get("slug")).map(str::to_owned);
    let edited = match edited {
        Some(slug) if slug.is_empty() => NEW.to_owned(),
        Some(slug) => slug,
        None => state.edited.get(),
    };
    let segment = content.segments.iter().find(|segment| segment.slug == edited);
    if segment.is_none() && edited != NEW {
        return None;
    }
    let value = |name: &str, of: fn(&Segment) -> &String| {
        let typed = posted.and_then(|posted| posted.get(name)).map(str::to_owned);
        typed.unwrap_or_else(|| segment.map(of).cloned().unwrap_or_default())
    };
    let is_visible = match posted {
        Some(posted) => posted.get("active") == Some(VISIBLE),
        None => segment.is_none_or(|segment| segment.active),
    };
    let [name, hero_title, description] = [
        value("name", |segment| &segment.name),
        value("heroTitle", |segment| &segment.hero_title),
        value("description", |segment| &segment.description),
    ];
    let view = view! {
        <EntryForm
            state
            entry=segment.map(|segment| segment.slug.clone()).unwrap_or_default()
            version=content.version(&edited, posted)
            name=segment.map(|segment| segment.name.clone()).unwrap_or_default()
            currency=String::new()
            is_visible
        >
            <EntryField
                state
                name="name"
                label="Name"
                help="In the navigation of your booking page."
                value=name
                kind=FieldKind::Line
            />
            <EntryField
                state
                name="heroTitle"
                label="Title"
                help="The headline of the segment's page."
                value=hero_title
                kind=FieldKind::Line
            />
            <EntryField
                state
                name="description"
                label="Description"
                help="The text under the headline."
                value=description
                kind=FieldKind::Text
            />
        </EntryForm>
    };
    Some(view.into_any())
}

#[component]
fn List(state: CatalogState, segments: Vec<Segment>, may_change: bool) -> impl IntoView {
    let last = segments.len().saturating_sub(1);
    let row = |(at, segment): (usize, Segment)| {
        let actions = may_change.then(|| {
            view! {
                <RowActions
                    state
                    entry=segment.slug.clone()
                    name=segment.name.clone()
                    is_visible=segment.active
                    is_first=at == 0
                    is_last=at == last
                />
            }
            .into_any()
        });
        view! {
            <tr data-testid="catalog-row" data-muted=(!segment.active).then_some("")>
                <td class="cause">
                    <b>
                        <bdi>{segment.name}</bdi>
                    </b>
                    <code class="sub">{segment.slug}</code>
                </td>
                <td data-label="Title">
                    <bdi>{segment.hero_title}</bdi>
                </td>
                <td data-label="Customers">
                    <Visibility active=segment.active />
                </td>
                <td class="end">{actions}</td>
            </tr>
        }
        .into_any()
    };
    let rows = segments.into_iter().enumerate().map(row).collect::<Vec<_>>();
    view! { <EntryList state may_change texts=LIST columns=COLUMNS rows /> }
}
