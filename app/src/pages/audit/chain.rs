use domain::paths;
use leptos::prelude::*;

use crate::{
    server_fns::{VerificationResult, VerificationStatus, VerificationView},
    ui::{Badge, Button, Card, Icon, IconName, Time, Tone, duration_text, number_text},
};

/// How many findings are shown. `tenantry audit verify` lists more.
const MAX_FINDINGS: usize = 10;

/// Whether the log matches its hash chain, and the button that verifies it. The button is a plain form, so that it
/// works without scripts.
#[component]
pub(super) fn Chain(verification: Option<VerificationView>) -> impl IntoView {
    let is_running = verification.as_ref().is_some_and(|view| view.status == VerificationStatus::Running);
    let (tone, title, badge, text) = match &verification {
        None => (Tone::Info, "Not verified yet", None, "The server verifies the log every day.".into_any()),
        Some(VerificationView { at_ms, status }) => describe(*at_ms, status),
    };
    let icon = if tone == Tone::Bad { IconName::Alert } else { IconName::Shield };
    let findings = match verification.map(|view| view.status) {
        Some(VerificationStatus::Finished(result)) if !result.findings.is_empty() => {
            Some(view! { <Findings findings=result.findings /> }.into_any())
        }
        _ => None,
    };
    view! {
        <Card>
            <section class="chain" aria-labelledby="chain" data-testid="audit-chain" data-tone=tone.attr()>
                <span class="chain-seal">
                    <Icon name=icon />
                </span>
                <div>
                    <h2 id="chain">{title} " " {badge}</h2>
                    <p role="status">{text}</p>
                    {is_running.then(|| view! { <noscript>"Reload the page to see the result."</noscript> }.into_any())}
                </div>
                <form method="post" action=paths::AUDIT>
                    <Button submit=true small=true icon=IconName::Refresh disabled=is_running>
                        "Verify now"
                    </Button>
                </form>
                {findings}
            </section>
        </Card>
    }
}

type Description = (Tone, &'static str, Option<AnyView>, AnyView);

fn describe(at_ms: i64, status: &VerificationStatus) -> Description {
    match status {
        VerificationStatus::Running => (
            Tone::Info,
            "Verifying",
            None,
            view! { "Started " <Time ms=at_ms /> ". Each entry is compared with the chain." }.into_any(),
        ),
        VerificationStatus::Interrupted => (
            Tone::Warn,
            "Verification interrupted",
            None,
            view! { "It started " <Time ms=at_ms /> ", and its process ended first. Verify again." }
                .into_any(),
        ),
        VerificationStatus::Finished(result) => finished(at_ms, result),
    }
}

fn finished(at_ms: i64, result: &VerificationResult) -> Description {
    let took = duration_text(result.took_ms as f64);
    let erased = match result.erased {
        0 => String::new(),
        1 => " Personal data were erased from 1 entry.".to_owned(),
        count => format!(" Personal data were erased from {} entries.", number_text(count)),
    };
    let pending = match result.pending {
        0 => String::new(),
        1 => " 1 new entry is not in the chain yet.".to_owned(),
        count => format!(" {} new entries are not in the chain yet.", number_text(count)),
    };
    let head = match result.has_head {
        true => "",
        false => " There was no signed head, so a removed end of the log would not be found.",
    };
    let verified = number_text(result.verified);
    let total = number_text(result.verified + result.pending);
    let hash =
        (!result.hash.is_empty()).then(|| view! { " Latest hash " <code>{result.hash.clone()}</code> "." });
    match result.findings.len() {
        0 => (
            Tone::Ok,
            "Chain verified",
            Some(
                view! {
                    <Badge tone=Tone::Ok icon=IconName::Check>
                        {format!("{verified} of {total} entries")}
                    </Badge>
                }
                .into_any(),
            ),
            view! {
                "Each entry is part of a hash chain. Checked "
                <Time ms=at_ms />
                {format!(" in {took}: no entry was changed, removed or reordered.{head}{pending}{erased}")}
                {hash}
            }
            .into_any(),
        ),
        count => (
            Tone::Bad,
            "The log does not match its chain",
            Some(
                view! {
                    <Badge tone=Tone::Bad icon=IconName::Alert>
                        {if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }}
                    </Badge>
                }
                .into_any(),
            ),
            view! {
                "The log differs from what was recorded. This happens when somebody changes the database, or when an older backup is restored. Checked "
                <Time ms=at_ms />
                {format!(" in {took}. Compare the entries with a backup, then run ")}
                <code>"tenantry audit verify"</code>
                " on the server."
            }
            .into_any(),
        ),
    }
}

#[component]
fn Findings(findings: Vec<String>) -> impl IntoView {
    let more = findings.len().saturating_sub(MAX_FINDINGS);
    let shown = findings.into_iter().take(MAX_FINDINGS).map(|text| view! { <li>{text}</li> }.into_any());
    view! {
        <ul class="chain-findings" data-testid="audit-findings">
            {shown.collect_view()}
            {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> }.into_any())}
        </ul>
    }
}
