//! The page with the branding of a tenant: theme, colours and logo beside a live preview, and the contrast of
//! each pair of colours in use. The rules are those of [`domain::branding`], which the server runs, too.

mod colors;
mod contrast;
mod logo;
mod preview;
mod shown;
mod themes;

use std::sync::Arc;

use domain::portal::PortalPage;
use leptos::{prelude::*, wasm_split::wasm_split};

use self::{
    colors::ColorFields,
    contrast::Contrast,
    logo::LogoField,
    preview::Preview,
    shown::{COLOR_FIELDS, PREVIEW, Shown},
    themes::Themes,
};
use super::{
    frame::{portal_data, portal_page, use_slug},
    settings::close_for_another_tenant,
};
use crate::{
    browser,
    pages::tenant::{
        action_state::ActionState,
        edit_state::EditState,
        form::{FORM, FORM_AROUND, FormPlace, form_around, shown_color, tenant_form},
    },
    part::{Loaded, Part},
    server_fns::{BrandingContent, PortalTenant, PreviewTexts, open_portal_branding},
    ui::Card,
};

/// The page with the branding of a tenant.
#[component]
pub(crate) fn PortalBrandingPage() -> impl IntoView {
    let slug = use_slug();
    let data = portal_data(move || slug.get(), open_portal_branding);
    let actions = ActionState::new(data);
    let edit = EditState::new(actions);
    close_for_another_tenant(slug, edit);
    let view = move |content: BrandingContent, tenant: PortalTenant| match tenant.may_change() {
        true => editor(content, tenant.slug, edit),
        false => read_only(content, tenant.slug, edit),
    };
    let sentence = "Colours and logo of your booking page and e-mails.";
    portal_page(PortalPage::Branding, sentence, slug, data, Some(actions), view)
}

fn editor(content: BrandingContent, slug: String, edit: EditState) -> AnyView {
    let BrandingContent { form, preview } = content;
    let place = FormPlace::Portal { slug: slug.clone() };
    let content: Arc<dyn Fn() -> AnyView + Send + Sync> = Arc::new(move || {
        let (texts, slug) = (preview.clone(), slug.clone());
        CONTROLS.view(move || Box::pin(controls(texts.clone(), slug.clone(), edit)))
    });
    FORM_AROUND.view(move || Box::pin(form_around(place.clone(), form.clone(), edit, content.clone())))
}

/// The saved branding, for members who may not change it.
fn read_only(content: BrandingContent, slug: String, edit: EditState) -> AnyView {
    let BrandingContent { form, preview } = content;
    let place = FormPlace::Portal { slug: slug.clone() };
    let values = FORM.view(move || Box::pin(tenant_form(place.clone(), form.clone(), edit, false)));
    let saved = SAVED.view(move || Box::pin(saved(preview.clone(), slug.clone())));
    view! { <div class="branding">{values} {saved}</div> }.into_any()
}

/// The part with the controls and the preview.
static CONTROLS: Part = Part { name: "portal_controls", load: || Box::pin(load()) };
/// The same part for [`saved`].
static SAVED: Part = Part { name: "portal_controls", load: || Box::pin(load_saved()) };

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&Part] = &[&FORM, &FORM_AROUND, &CONTROLS, &SAVED];

/// The controls beside the preview.
#[wasm_split(portal_controls, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn controls(texts: PreviewTexts, slug: String, edit: EditState) -> Loaded<AnyView> {
    let colors = Memo::new(move |_| COLOR_FIELDS.map(|field| shown_color(edit, field)));
    let logo = RwSignal::new(String::new());
    let shown = Shown { colors, logo: logo.into() };
    show_colors(colors);
    let mark = texts.mark.clone();
    let view = view! {
        <div class="branding">
            <Card>
                <Themes edit />
                <ColorFields edit />
                <LogoField edit loaded_logo=logo mark shown />
            </Card>
            <div class="stack">
                <Preview texts slug shown is_edited=true />
                <Contrast colors edit=Some(edit) />
            </div>
        </div>
    };
    Ok(view.into_any())
}

/// The preview of the saved branding.
#[wasm_split(portal_controls, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_saved))]
fn saved(texts: PreviewTexts, slug: String) -> Loaded<AnyView> {
    let saved = texts.colors.clone();
    let colors = Memo::new(move |_| saved.clone());
    let shown = Shown { colors, logo: Signal::stored(String::new()) };
    let view = view! {
        <div class="stack">
            <Preview texts slug shown is_edited=false />
            <Contrast colors edit=None />
        </div>
    };
    Ok(view.into_any())
}

/// Colours the preview while the form is edited. Before that, a style sheet has the saved colours.
fn show_colors(colors: Memo<[String; 3]>) {
    Effect::new(move |_| {
        let [primary, secondary, accent] = colors.get();
        browser::set_custom_properties(
            PREVIEW,
            &[
                ("--tenant-primary", &primary),
                ("--tenant-secondary", &secondary),
                ("--tenant-accent", &accent),
            ],
        );
    });
}
