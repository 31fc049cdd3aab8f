use domain::paths;
use leptos::prelude::*;

use crate::{
    server_fns::{AuditCheck, CheckOutcome, CheckResult},
    ui::{Badge, Button, Card, Icon, IconName, Time, Tone, duration_text, number_text},
};

/// How many findings are shown. `tenantry audit verify` lists more.
const MAX_FINDINGS: usize = 10;

/// Whether the log matches its hash chain, and the button that verifies it. The button is a plain form, so that it
/// works without scripts.
#[component]
pub(super) fn Chain(check: Option<AuditCheck>) -> impl IntoView {
    let is_running = check.as_ref().is_some_and(|check| check.outcome == CheckOutcome::Running);
    let (tone, title, badge, text) = match &check {
        None => (Tone::Info, "Not verified yet", None, "The server verifies the log every day.".into_any()),
        Some(AuditCheck { at_ms, outcome }) => describe(*at_ms, outcome),
    };
    let icon = if tone == Tone::Bad { IconName::Alert } else { IconName::Shield };
    let findings = match check.map(|check| check.outcome) {
        Some(CheckOutcome::Finished(result)) if !result.findings.is_empty() => {
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
                    <p>{text}</p>
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

fn describe(at_ms: i64, outcome: &CheckOutcome) -> Description {
    match outcome {
        CheckOutcome::Running => (
            Tone::Info,
            "Verifying",
            None,
            view! { "Started " <Time ms=at_ms /> ". Each entry is compared with the chain." }.into_any(),
        ),
        CheckOutcome::Interrupted => (
            Tone::Warn,
            "Verification interrupted",
            None,
            view! { "It started " <Time ms=at_ms /> ", and its process ended first. Verify again." }
                .into_any(),
        ),
        CheckOutcome::Finished(result) => finished(at_ms, result),
    }
}

fn finished(at_ms: i64, result: &CheckResult) -> Description {
    let took = duration_text(result.took_ms as f64);
    let erased = match result.erased {
        0 => String::new(),
        1 => " Personal data were erased from 1 entry.".to_owned(),
        count => format!(" Personal data were erased from {} entries.", number_text(count)),
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
                {format!(" in {took}: no entry was changed, removed or reordered.{erased}")}
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
                "Somebody changed the database directly. Checked "
                <Time ms=at_ms />
                {format!(" in {took}. Compare the entries with a backup, and verify again with ")}
                <code>"tenantry audit verify"</code>
                "."
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
