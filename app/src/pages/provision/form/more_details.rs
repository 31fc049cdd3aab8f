use domain::provisioning::DraftField;
use leptos::{ev, prelude::*, web_sys};

use super::super::{fields::TextField, state::FormState};
use crate::ui::{Icon, IconName};

/// A field with the `inputmode` of its control, and its help.
type Detail = (DraftField, Option<&'static str>, &'static str);

const ROWS: &[&[Detail]] = &[
    &[(DraftField::ShortName, None, "For places with little room."), (DraftField::Industry, None, "")],
    &[
        (DraftField::CompanyName, None, "If empty, the name above."),
        (DraftField::ExternalId, None, "The tenant's ID in another system."),
    ],
    &[(DraftField::SupportEmail, Some("email"), ""), (DraftField::SupportPhone, Some("tel"), "")],
    &[
        (DraftField::WebsiteUrl, Some("url"), "Such as https://example.com."),
        (DraftField::Locale, None, "A language such as en-GB. If empty, en."),
    ],
    &[
        (DraftField::EmailFromName, None, "The name that recipients see."),
        (DraftField::EmailFromAddress, Some("email"), ""),
    ],
    &[(DraftField::LogoUrl, Some("url"), "The address of an image.")],
    &[
        (DraftField::ColorPrimary, None, COLOR_HELP),
        (DraftField::ColorSecondary, None, COLOR_HELP),
        (DraftField::ColorAccent, None, COLOR_HELP),
    ],
];

const COLOR_HELP: &str = "Such as #1d4ed8. If empty, from the theme.";

/// The optional fields. They are folded away until one of them has a value or a problem.
#[component]
pub(super) fn MoreDetails(state: FormState) -> impl IntoView {
    let content = Memo::new(move |_| {
        let is_filled = |field: &&DraftField| {
            field.is_optional() && state.draft.with(|draft| !draft.get(**field).is_empty())
        };
        let is_refused = |path: &str| DraftField::from_path(path).is_some_and(DraftField::is_optional);
        let has_value = DraftField::ALL.iter().any(|field| is_filled(&field));
        let has_problem =
            state.problems.with(|problems| problems.iter().any(|problem| is_refused(&problem.field)));
        (has_value, has_problem)
    });
    let must_be_open = move |(has_value, has_problem): (bool, bool)| has_value || has_problem;
    let is_open = RwSignal::new(must_be_open(content.get_untracked()));
    Effect::new(move |_| {
        if must_be_open(content.get()) {
            is_open.set(true);
        }
    });
    let follow_user = move |event: ev::Event| {
        is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    let row = move |details: &&[Detail]| {
        let fields = details.iter().map(|detail| detail_field(state, *detail)).collect_view();
        view! {
            <div class="field-row" data-columns=details.len().to_string()>
                {fields}
            </div>
        }
        .into_any()
    };
    view! {
        <details
            class="section disclosure"
            open=is_open.get_untracked()
            prop:open=is_open
            on:toggle=follow_user
            data-testid="prov-more-details"
        >
            <summary>
                <Icon name=IconName::ChevronRight />
                "More details (optional)"
            </summary>
            <div class="disclosure-body fields">{ROWS.iter().map(row).collect_view()}</div>
        </details>
    }
}

fn detail_field(state: FormState, (field, inputmode, help): Detail) -> AnyView {
    // Names are the only texts that a browser may capitalise.
    let verbatim = !matches!(
        field,
        DraftField::ShortName | DraftField::Industry | DraftField::CompanyName | DraftField::EmailFromName
    );
    view! { <TextField state field inputmode help verbatim /> }.into_any()
}
