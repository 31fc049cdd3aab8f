use leptos::{ev, prelude::*};

use super::action_state::{ActionState, TenantAction};
use crate::{
    Failure,
    ui::{
        Button, ButtonKind, Dialog, DialogActions, Field, FieldStatus, IconName, close_dialog, described_by,
        open_dialog,
    },
};

/// The button that opens the dialog of an action.
#[component]
pub(in crate::pages) fn OpenDialogButton(
    action: TenantAction,
    label: &'static str,
    icon: IconName,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    view! {
        <Button
            on:click=move |_| open_dialog(action.id())
            icon
            small
            attr:data-testid=action.id()
            attr:aria-haspopup="dialog"
        >
            {label}
        </Button>
    }
}

/// The texts of a dialog's buttons.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages) struct ButtonTexts {
    pub cancel: &'static str,
    pub confirm: &'static str,
    pub pending: &'static str,
}

/// Asks before an action, and shows why it was refused. `submit` starts the action.
#[component]
pub(in crate::pages) fn ActionDialog(
    state: ActionState,
    action: TenantAction,
    #[prop(into)] title: String,
    buttons: ButtonTexts,
    /// Whether the action takes something away.
    #[prop(optional)]
    danger: bool,
    /// Disables the button that confirms.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    submit: Callback<()>,
    children: Children,
) -> impl IntoView {
    let id = action.id();
    let kind = if danger { ButtonKind::Danger } else { ButtonKind::Primary };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        submit.run(());
    };
    view! {
        <Dialog id title attr:data-testid=format!("{id}-dialog")>
            <form class="stack" novalidate on:submit=on_submit>
                {children()} <ActionFailure state action /> <DialogActions>
                    <Button on:click=move |_| close_dialog(id)>{buttons.cancel}</Button>
                    <Button
                        kind
                        submit=true
                        disabled
                        pending=state.is_running(action)
                        pending_text=buttons.pending
                        attr:data-testid=format!("{id}-confirm")
                    >
                        {buttons.confirm}
                    </Button>
                </DialogActions>
            </form>
        </Dialog>
    }
}

/// A text field in the dialog of an action.
#[component]
pub(in crate::pages) fn ActionField(
    state: ActionState,
    action: TenantAction,
    /// The ID of the control.
    id: &'static str,
    /// The name of the field in a refusal.
    field: &'static str,
    label: &'static str,
    #[prop(optional, into)] help: String,
    #[prop(default = "text")] kind: &'static str,
    value: RwSignal<String>,
) -> impl IntoView {
    let status = state.field_status(action, field);
    view! {
        <Field id label help status>
            <input
                class="input"
                id=id
                type=kind
                autocomplete="off"
                spellcheck="false"
                prop:value=move || value.get()
                on:input=move |event| {
                    state.clear_failure();
                    value.set(event_target_value(&event));
                }
                aria-describedby=described_by(id)
                aria-invalid=move || status.with(FieldStatus::aria_invalid)
                data-testid=id
            />
        </Field>
    }
}

/// Why an action was refused, announced when it appears. Lists the problems if there are several.
#[component]
pub(in crate::pages) fn ActionFailure(state: ActionState, action: TenantAction) -> impl IntoView {
    let id = action.id();
    let failure =
        move || state.failure_of(action).map(|failure| view! { <FailureText failure id /> }.into_any());
    view! { <div role="alert">{failure}</div> }
}

#[component]
fn FailureText(failure: Failure, id: &'static str) -> impl IntoView {
    let problems = match &failure {
        Failure::Problem(problem) if problem.errors.len() > 1 => problem.errors.clone(),
        _ => Vec::new(),
    };
    let explanation = match problems.is_empty() {
        true => failure.explanation(),
        false => failure.next_step().to_owned(),
    };
    let items = problems.into_iter().map(|problem| view! { <li>{problem.message}</li> }.into_any());
    let items = items.collect::<Vec<_>>();
    let list = (!items.is_empty()).then(|| view! { <ul class="effects">{items}</ul> }.into_any());
    view! {
        <div data-testid=format!("{id}-failure")>
            <p>
                <b>{failure.title()}</b>
                " "
                {explanation}
                " "
                <code>{failure.code_text()}</code>
            </p>
            {list}
        </div>
    }
}
