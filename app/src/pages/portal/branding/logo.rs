use domain::settings::WebUrl;
use leptos::prelude::*;

use super::shown::{Shown, field_text};
use crate::{
    browser,
    pages::{
        portal::mark::TenantMark,
        tenant::{
            edit_state::EditState,
            form::{control_id, set_value},
        },
    },
    ui::{Field, FieldStatus, Section, described_by},
};

/// The lowest height of a logo that looks sharp, in pixels.
const MIN_HEIGHT: u32 = 96;

/// The address of the logo, with its state: the browser loads the image.
#[component]
pub(super) fn LogoField(
    edit: EditState,
    /// Gets the address when the image was loaded.
    loaded_logo: RwSignal<String>,
    mark: String,
    shown: Shown,
) -> impl IntoView {
    const NAME: &str = "logoUrl";
    let id = control_id(NAME);
    let text = field_text(edit, NAME);
    let found = RwSignal::new(FieldStatus::Empty);
    Effect::new(move |_| check(text.get(), found, loaded_logo));
    let status = Signal::derive(move || {
        let refused = edit.problems.with(|problems| problems.iter().find(|p| p.field == NAME).cloned());
        refused.map_or_else(|| found.get(), |problem| FieldStatus::Invalid(problem.message))
    });
    let color = Signal::derive(move || shown.colors.get()[0].clone());
    let thumbnail = move || match loaded_logo.get() {
        url if url.is_empty() => view! { <TenantMark color mark=mark.clone() /> }.into_any(),
        url => view! { <img src=url alt="" /> }.into_any(),
    };
    view! {
        <Section title="Logo" sentence="An SVG or PNG over HTTPS, at least 96 pixels high.">
            <Field id=id.clone() label="Address" optional=true status status_testid=Some("logo-status")>
                <div class="logo-field">
                    <span class="logo-thumb">{thumbnail}</span>
                    <input
                        class="input"
                        id=id.clone()
                        name=NAME
                        type="text"
                        inputmode="url"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        value=text.get_untracked()
                        prop:value=move || text.get()
                        on:input=move |event| set_value(edit, NAME, event_target_value(&event))
                        aria-describedby=described_by(&id)
                        aria-invalid=move || status.with(FieldStatus::aria_invalid)
                    />
                </div>
            </Field>
        </Section>
    }
}

/// Loads the image at an address that can be one. Ignores the image if the address was changed meanwhile.
fn check(text: String, found: RwSignal<FieldStatus>, loaded_logo: RwSignal<String>) {
    loaded_logo.set(String::new());
    let Ok(url) = WebUrl::parse(&text) else { return found.set(FieldStatus::Empty) };
    let url = String::from(url);
    if !url.starts_with("https:") {
        let advice = "Browsers show the logo on your pages only over HTTPS.";
        return found.set(FieldStatus::Unknown(advice.to_owned()));
    }
    found.set(FieldStatus::Checking);
    let expected = StoredValue::new(url.clone());
    browser::load_image(&url, move |size| {
        // The effect that started this check has run again, or the page was left.
        let Some(url) = expected.try_get_value() else { return };
        match size {
            Some((width, height)) => {
                found.set(loaded_text(width, height));
                loaded_logo.set(url);
            }
            None => found.set(FieldStatus::Unknown(
                "The image could not be loaded. You can save the address and check it later.".to_owned(),
            )),
        }
    });
}

/// The state of an image that was loaded. An SVG may have no size of its own.
fn loaded_text(width: u32, height: u32) -> FieldStatus {
    match height {
        0 => FieldStatus::Checked("Loaded".to_owned()),
        1..MIN_HEIGHT => FieldStatus::Unknown(format!(
            "Loaded, {width} × {height}. At least {MIN_HEIGHT} pixels in height look sharper."
        )),
        _ => FieldStatus::Checked(format!("Loaded, {width} × {height}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_image_is_loaded_but_looks_blurred() {
        assert_eq!(loaded_text(96, 96), FieldStatus::Checked("Loaded, 96 × 96".into()));
        assert_eq!(loaded_text(0, 0), FieldStatus::Checked("Loaded".into()));
        assert!(matches!(loaded_text(40, 40), FieldStatus::Unknown(_)));
    }
}
