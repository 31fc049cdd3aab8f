use domain::{Problem, paths, sign_up::LINK_HOURS};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    pages::plain_form::FormProblems,
    ui::{AuthLayout, Button, Note, Tone},
};

/// What happens after the form was sent: the same for every address.
#[component]
pub(super) fn Sent(email: String, is_again: bool, problem: Option<Problem>) -> impl IntoView {
    let again = is_again.then(|| {
        view! {
            <div role="status">
                <Note tone=Tone::Ok title="The mail is on its way again">
                    <p>"If this address has a sign-up, a new link replaces the former one."</p>
                </Note>
            </div>
        }
        .into_any()
    });
    let text = format!("Open the link in it within {LINK_HOURS} hours, in any browser.");
    view! {
        <Title text="Check your mail" />
        <AuthLayout title="Check your mail">
            <p data-testid="signup-sent">
                "We have sent a mail to " <b class="breakable">{email.clone()}</b> ". " {text}
            </p>
            {again}
            <FormProblems problem />
            <form method="post" action=paths::SIGN_UP data-testid="signup-resend-form">
                <input type="hidden" name="resend" value="true" />
                <input type="hidden" name="email" value=email />
                <p class="muted small">
                    "No mail after a few minutes? Look in the folder for unwanted mail, or let us send it again."
                </p>
                <Button submit=true attr:data-testid="signup-resend">
                    "Send again"
                </Button>
            </form>
            <p class="muted small">
                "Another address? " <a href=paths::SIGN_UP rel="external">
                    "Start over"
                </a>
            </p>
        </AuthLayout>
    }
}
