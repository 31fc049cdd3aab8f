use domain::catalog::CatalogAction;
use leptos::{ev, prelude::*};

use super::CatalogState;
use crate::ui::{ButtonLink, Icon, IconName};

/// The actions of an entry in the list: move, show or hide, and edit.
#[component]
pub(in super::super) fn RowActions(
    state: CatalogState,
    entry: String,
    name: String,
    is_visible: bool,
    is_first: bool,
    is_last: bool,
) -> impl IntoView {
    let visibility = match is_visible {
        true => (CatalogAction::Hide, IconName::Pause, "Hide"),
        false => (CatalogAction::Show, IconName::Check, "Show"),
    };
    let actions = [
        ((CatalogAction::Up, IconName::ArrowUp, "Move up"), is_first, true),
        ((CatalogAction::Down, IconName::ArrowDown, "Move down"), is_last, true),
        (visibility, false, false),
    ];
    let buttons = actions.map(|((action, icon, label), disabled, is_icon)| {
        view! {
            <ActionButton
                state
                entry=entry.clone()
                name=name.clone()
                action
                icon
                label
                disabled
                is_icon
            />
        }
        .into_any()
    });
    view! {
        <div class="cluster row-actions">
            {buttons.into_iter().collect::<Vec<_>>()}
            <ButtonLink
                href=state.form_path(&entry)
                small=true
                keep_scroll=true
                attr:id=format!("edit-{entry}")
                attr:data-testid="catalog-edit"
            >
                "Edit"
                <span class="visually-hidden">" " {name}</span>
            </ButtonLink>
        </div>
    }
}

/// A form with one button, which a script submits without leaving the page.
#[component]
fn ActionButton(
    state: CatalogState,
    entry: String,
    name: String,
    action: CatalogAction,
    icon: IconName,
    label: &'static str,
    disabled: bool,
    is_icon: bool,
) -> impl IntoView {
    let id = format!("{action}-{entry}");
    // A button that was disabled by the move cannot have the focus.
    let focus = format!("#{id}:not(:disabled), #edit-{entry}");
    let values: Vec<(String, String)> =
        vec![("action".to_owned(), action.to_string()), ("slug".to_owned(), entry.clone())];
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // Showing and hiding swap their buttons, so the focus goes to a button that stays.
        let focus = if is_icon { focus.clone() } else { focus.rsplit(' ').next().unwrap_or_default().into() };
        state.call(values.clone().into(), focus);
    };
    view! {
        <form method="post" action=state.path() on:submit=submit>
            <input type="hidden" name="action" value=action.as_str() />
            <input type="hidden" name="slug" value=entry />
            <button
                type="submit"
                id=id
                class="btn"
                data-kind=is_icon.then_some("ghost")
                data-size="small"
                // The page loads again after an action, which would discard the values of an open form.
                disabled=move || disabled || state.has_form(None)
                title=is_icon.then_some(label)
                data-testid=format!("catalog-{action}")
            >
                {is_icon.then(|| view! { <Icon name=icon /> })}
                <span class=is_icon.then_some("visually-hidden")>{label}</span>
                <span class="visually-hidden">" " {name}</span>
            </button>
        </form>
    }
}
