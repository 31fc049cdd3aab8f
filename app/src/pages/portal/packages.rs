use domain::{
    catalog::{CatalogKind, Package, VISIBLE},
    defaults::BookingType,
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
    server_fns::{CatalogContent, PortalTenant, open_packages},
    ui::{Column, IconName},
};

const COLUMNS: &[Column] = &[
    Column::text("Package"),
    Column::text("Segment"),
    Column::number("Price"),
    Column::text("Customers"),
    Column::actions(),
];

const LIST: ListTexts = ListTexts {
    title: "All packages",
    label: "Packages",
    create: "New package",
    empty: (
        IconName::Package,
        "No packages",
        "A package is what customers book, with a price and a segment.",
    ),
};

/// The page with the packages of a tenant.
#[component]
pub(crate) fn PortalPackagesPage() -> impl IntoView {
    let slug = use_slug();
    let data = portal_data(move || slug.get(), open_packages);
    let actions = ActionState::new(data);
    let state = CatalogState::new(CatalogKind::Package, slug, actions);
    let view = move |content: CatalogContent, tenant: PortalTenant| {
        let may_change = tenant.may_change();
        let posted = state.show_posted(&content.posted);
        let of_form = content.clone();
        let form = move || {
            let (of_form, posted) = (of_form.clone(), posted.clone());
            (may_change && state.has_form(posted.as_ref())).then(|| {
                PACKAGE_FORM.view(move || Box::pin(package_form(state, of_form.clone(), posted.clone())))
            })
        };
        view! {
            <div class="stack">
                {form}
                <List state content may_change />
            </div>
        }
        .into_any()
    };
    let sentence = "What customers can book, and what it costs.";
    portal_page(PortalPage::Packages, sentence, slug, data, Some(actions), view)
}

/// The part with the form.
pub(super) static PACKAGE_FORM: Part = Part { name: "portal_catalog", load: || Box::pin(load()) };

#[wasm_split(portal_catalog, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn package_form(state: CatalogState, content: CatalogContent, posted: Option<FormValues>) -> Loaded<AnyView> {
    Ok(form(state, &content, posted.as_ref()).into_any())
}

/// The form of the package in the URL, or of the one that was posted.
fn form(state: CatalogState, content: &CatalogContent, posted: Option<&FormValues>) -> Option<AnyView> {
    let edited = posted.and_then(|posted| posted.get("slug")).map(str::to_owned);
    let edited = match edited {
        Some(slug) if slug.is_empty() => NEW.to_owned(),
        Some(slug) => slug,
        None => state.edited.get(),
    };
    let package = content.packages.iter().find(|package| package.slug == edited);
    if package.is_none() && edited != NEW {
        return None;
    }
    let value = |name: &str, of: fn(&Package) -> String| {
        let typed = posted.and_then(|posted| posted.get(name)).map(str::to_owned);
        typed.unwrap_or_else(|| package.map(of).unwrap_or_default())
    };
    let is_visible = match posted {
        Some(posted) => posted.get("active") == Some(VISIBLE),
        None => package.is_none_or(|package| package.active),
    };
    let segments: Vec<_> =
        content.segments.iter().map(|segment| (segment.slug.clone(), segment.name.clone())).collect();
    let bookings: Vec<_> =
        BookingType::ALL.iter().map(|kind| (kind.to_string(), booking_label(*kind).to_owned())).collect();
    let [name, description, price] = [
        value("name", |package| package.name.clone()),
        value("description", |package| package.description.clone()),
        value("price", |package| package.price.clone()),
    ];
    let booking = value("bookingType", |package| package.booking_type.to_string());
    let segment = value("segment", |package| package.segment.clone());
    let currency = content.currency.clone();
    let view = view! {
        <EntryForm
            state
            entry=package.map(|package| package.slug.clone()).unwrap_or_default()
            version=content.version(&edited, posted)
            name=package.map(|package| package.name.clone()).unwrap_or_default()
            currency=content.currency.clone()
            is_visible
        >
            <EntryField
                state
                name="name"
                label="Name"
                value=name
                kind=FieldKind::Line
            />
            <EntryField
                state
                name="description"
                label="Description"
                help="What the package includes."
                value=description
                kind=FieldKind::Text
            />
            <div class="field-row" data-columns="3">
                <EntryField
                    state
                    name="price"
                    label="Price"
                    value=price
                    kind=FieldKind::Price(currency)
                />
                <EntryField
                    state
                    name="bookingType"
                    label="Booking"
                    value=booking
                    kind=FieldKind::Choice(bookings)
                />
                <EntryField
                    state
                    name="segment"
                    label="Segment"
                    value=segment
                    kind=FieldKind::Choice(segments)
                />
            </div>
        </EntryForm>
    };
    Some(view.into_any())
}

const fn booking_label(kind: BookingType) -> &'static str {
    match kind {
        BookingType::Date => "By day",
        BookingType::TimeSlot => "By time",
    }
}

#[component]
fn List(state: CatalogState, content: CatalogContent, may_change: bool) -> impl IntoView {
    let CatalogContent { segments, packages, .. } = content;
    let last = packages.len().saturating_sub(1);
    let row = |(at, package): (usize, Package)| {
        let segment = segments.iter().find(|segment| segment.slug == package.segment);
        let segment = segment.map_or(package.segment.clone(), |segment| segment.name.clone());
        let actions = may_change.then(|| {
            view! {
                <RowActions
                    state
                    entry=package.slug.clone()
                    name=package.name.clone()
                    is_visible=package.active
                    is_first=at == 0
                    is_last=at == last
                />
            }
            .into_any()
        });
        view! {
            <tr data-testid="catalog-row" data-muted=(!package.active).then_some("")>
                <td class="cause">
                    <b>
                        <bdi>{package.name}</bdi>
                    </b>
                    <bdi class="sub">{package.description}</bdi>
                </td>
                <td data-label="Segment">
                    <div>
                        <bdi>{segment}</bdi>
                        <span class="sub">{booking_label(package.booking_type)}</span>
                    </div>
                </td>
                <td data-label="Price" class="end nowrap">
                    {format!("{} {}", package.price, package.currency)}
                </td>
                <td data-label="Customers">
                    <Visibility active=package.active />
                </td>
                <td class="end">{actions}</td>
            </tr>
        }
        .into_any()
    };
    let rows = packages.into_iter().enumerate().map(row).collect::<Vec<_>>();
    view! { <EntryList state may_change texts=LIST columns=COLUMNS rows /> }
}
