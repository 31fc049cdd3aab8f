use domain::{access::TeamAction, paths::TEAM};
use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    Failure,
    issued_secret::IssuedSecret,
    pages::leave_dialog::{LeaveDialog, LeaveTexts},
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

/// The part that contains [`issued_secret`].
pub(super) static ISSUED_SECRET: Part = Part { name: "team_forms", load: || Box::pin(load()) };

/// [`Issued`] as a part.
#[wasm_split(team_forms, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn issued_secret(secret: IssuedSecret) -> Loaded<AnyView> {
    Ok(view! { <Issued secret /> }.into_any())
}

/// What the last form did, why it was refused, or the secret that it created.
#[component]
pub(super) fn ActionResult(result: Option<TeamResult>, done: String) -> impl IntoView {
    match result {
        Some(TeamResult::Issued(secret)) => {
            ISSUED_SECRET.view(move || Box::pin(issued_secret(secret.clone())))
        }
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
        return view! {
            <div role="status" data-testid="team-secret">
                <Note tone=Tone::Info title="No second token was created">
                    <p>
                        "This form was already sent. The token was shown then, and can't be shown again. If you have not copied it, revoke it and create another one."
                    </p>
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
