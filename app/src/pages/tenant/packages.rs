use domain::{
    catalog::{Package, Segment},
    defaults::BookingType,
};
use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    part::{Loaded, Part},
    ui::{Card, Column, Section, Table},
};

const COLUMNS: &[Column] =
    &[Column::text("Package"), Column::text("Segment"), Column::text("Booking"), Column::number("Price")];

/// The part that contains the code of this module.
pub(super) static PACKAGES: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// What the tenant sells: its packages, by segment.
#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn packages(packages: Vec<Package>, segments: Vec<Segment>) -> Loaded<AnyView> {
    Ok(view! { <Packages packages segments /> }.into_any())
}

#[component]
fn Packages(packages: Vec<Package>, segments: Vec<Segment>) -> impl IntoView {
    let sentence =
        format!("{} in {}.", amount(packages.len(), "package"), amount(segments.len(), "segment"),);
    let row = move |package: Package| {
        let segment = segments.iter().find(|segment| segment.slug == package.segment);
        let segment = segment.map_or(package.segment.clone(), |segment| segment.name.clone());
        view! { <PackageRow package segment /> }.into_any()
    };
    view! {
        <Card>
            <Section title="Packages" sentence attr:id="packages">
                <Table label="Packages" columns=COLUMNS small=true>
                    {packages.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        </Card>
    }
}

#[component]
fn PackageRow(package: Package, segment: String) -> impl IntoView {
    let booking = match package.booking_type {
        BookingType::Date => "By day",
        BookingType::TimeSlot => "By time",
    };
    let is_hidden = !package.active;
    view! {
        <tr data-muted=is_hidden.then_some("")>
            <td class="cause">
                <b>{package.name}</b>
                {is_hidden.then_some(" (hidden)")}
                <span class="sub">{package.description}</span>
            </td>
            <td data-label="Segment">{segment}</td>
            <td data-label="Booking">{booking}</td>
            <td data-label="Price" class="end">
                {format!("{} {}", package.price, package.currency)}
            </td>
        </tr>
    }
}

fn amount(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
