use domain::{
    branding::TenantBranding, provisioning::DraftField, registry::TenantRecord, tenant_form::TenantForm,
};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{edit_link::EditLink, edit_state::EditState};
use crate::{
    part::{Loaded, Part},
    ui::{Card, Fact, Facts, Section, Swatch},
};

/// The part that contains the facts of the section.
pub(super) static BRANDING: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// The branding of the tenant, or the `form` that changes it.
#[component]
pub(super) fn Branding(record: TenantRecord, edit: EditState, form: Option<AnyView>) -> impl IntoView {
    let is_edited = form.is_some();
    let branding = record.branding.clone();
    let content = form.unwrap_or_else(|| BRANDING.view(move || Box::pin(branding_facts(branding.clone()))));
    let edit_link = move || {
        (!is_edited).then(|| {
            view! {
                <EditLink
                    record=record.clone()
                    form=TenantForm::Branding
                    edit
                    subject="branding"
                    small=true
                />
            }
        })
    };
    view! {
        <Card>
            <Section title="Branding" aside=edit_link attr:id="branding">
                {content}
            </Section>
        </Card>
    }
}

#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn branding_facts(branding: TenantBranding) -> Loaded<AnyView> {
    let logo = branding.logo_url.map(|url| {
        view! {
            <Fact label=DraftField::LogoUrl.label()>
                <a href=url.clone() rel="external noopener noreferrer">
                    {url.clone()}
                </a>
            </Fact>
        }
        .into_any()
    });
    let colors = [
        (DraftField::ColorPrimary, branding.color_primary),
        (DraftField::ColorSecondary, branding.color_secondary),
        (DraftField::ColorAccent, branding.color_accent),
    ];
    let color = |(field, color): (DraftField, String)| {
        view! {
            <Fact label=field.label()>
                <Swatch color=color.clone() />
                " "
                <code>{color}</code>
            </Fact>
        }
        .into_any()
    };
    let view = view! {
        <Facts>
            <Fact label=DraftField::Theme.label()>{branding.theme}</Fact>
            {logo}
            {colors.map(color).into_iter().collect_view()}
        </Facts>
    };
    Ok(view.into_any())
}
