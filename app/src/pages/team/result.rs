use domain::{access::TeamAction, paths::TEAM};
use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    Failure,
    codec::from_json,
    issued_secret::IssuedSecret,
    pages::{
        leave_dialog::{LeaveDialog, LeaveTexts},
        plain_form::RefusedForm,
    },
    part::{Loaded, Part},
    server_fns::TeamResult,
    ui::{KeyBox, Note, Time, Tone},
};

/// For a secret that is not copied.
const UNCOPIED: LeaveTexts = LeaveTexts {
    title: "Leave without copying?",
    sentence: "This page shows the secret only once. After you leave, it can only be replaced.",
    leave: "Leave without copying",
};

/// The part that contains [`action_result`].
pub(super) static ACTION_RESULT: Part = Part { name: "team_forms", load: || Box::pin(load()) };

/// [`ActionResult`] as a part. `result` is a [`TeamResult`] as JSON, or empty.
#[wasm_split(team_forms, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn action_result(result: String, done: String) -> Loaded<AnyView> {
    Ok(view! { <ActionResult result=from_json(&result).ok() done /> }.into_any())
}

/// The form of an action, if `result` says that it was refused.
pub(super) fn refused_form(result: &str, action: TeamAction) -> Option<RefusedForm> {
    match from_json(result).ok()? {
        TeamResult::Refused { values, failure } => {
            Some(RefusedForm { values, failure }).filter(|refused| refused.action() == action.as_str())
        }
        TeamResult::Issued(_) => None,
    }
}

/// What the last form did, why it was refused, or the secret that it created.
#[component]
fn ActionResult(result: Option<TeamResult>, done: String) -> impl IntoView {
    match result {
        Some(TeamResult::Issued(secret)) => view! { <Issued secret /> }.into_any(),
        // These forms show their own refusal.
        Some(TeamResult::Refused { values, .. })
            if [TeamAction::Invite, TeamAction::CreateToken]
                .iter()
                .any(|action| values.get("action") == Some(action.as_str())) =>
        {
            ().into_any()
        }
        Some(TeamResult::Refused { failure, .. }) => view! { <Refused failure /> }.into_any(),
        None => match TeamAction::from_text(&done) {
            Some(action) => view! {
                <div role="status" data-testid="team-done">
                    <Note tone=Tone::Ok title="Done">
                        <p>{action.done()}</p>
                    </Note>
                </div>
            }
            .into_any(),
            None => ().into_any(),
        },
    }
}

#[component]
fn Refused(failure: Failure) -> impl IntoView {
    let title = failure.title();
    let explanation = match &failure {
        // The problem says what to do.
        Failure::Problem(problem) if !problem.errors.is_empty() => problem.detail(),
        failure => failure.explanation(),
    };
    view! {
        <div role="alert" data-testid="team-refusal">
            <Note tone=Tone::Bad title>
                <p>{explanation}</p>
            </Note>
        </div>
    }
}

/// A token or a setup link that was just created.
#[component]
fn Issued(secret: IssuedSecret) -> impl IntoView {
    let IssuedSecret { action, name, secret, expires_at } = secret;
    let is_token = action == TeamAction::CreateToken;
    let Some(secret) = secret else {
        let (title, sentence) = match is_token {
            true => (
                "No second token was created",
                "This form was already sent. The token was shown then, and can't be shown again. If you have not copied it, revoke it and create another one.",
            ),
            false => (
                "No second invitation was created",
                "This form was already sent. The link was shown then, and can't be shown again. To get a new one, choose Manage, then Send again.",
            ),
        };
        return view! {
            <div role="status" data-testid="team-secret">
                <Note tone=Tone::Info title>
                    <p>{sentence}</p>
                </Note>
            </div>
        }
        .into_any();
    };
    let (title, sentence, label) = match is_token {
        true => {
            (format!("The token “{name}” is created"), "Copy it now. It is shown only once.", "Copy token")
        }
        false => (
            format!("{name} is invited"),
            "No mail server is configured, so the mail is only a file. Give this link to the person. It works once, and is shown only once.",
            "Copy link",
        ),
    };
    let is_uncopied = RwSignal::new(true);
    let is_guarded = Callback::new(move |()| is_uncopied.try_get_untracked().unwrap_or_default());
    let copied = Callback::new(move |()| is_uncopied.set(false));
    let expiry = expires_at.map(|at| view! { <p class="muted">"It expires " <Time ms=at.0 /> "."</p> });
    view! {
        <div role="status" data-testid="team-secret">
            <Note tone=Tone::Ok title>
                <p>{sentence}</p>
                <KeyBox value=secret copy_label=label secret=true on_copied=copied />
                {expiry}
            </Note>
            <LeaveDialog id="leave" path=TEAM.to_owned() is_guarded texts=UNCOPIED />
        </div>
    }
    .into_any()
}
