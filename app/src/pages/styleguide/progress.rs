use leptos::prelude::*;

use super::guide_section::GuideSection;
use crate::ui::*;

#[component]
pub(super) fn Progress() -> impl IntoView {
    let stage = |(title, time): (&'static str, f64)| {
        view! { <TimelineItem state=DotState::Done title time=duration_text(time) /> }
    };
    let stages = [
        ("Received", 0.0),
        ("Authorised", 0.2),
        ("Validated", 0.5),
        ("Reserved", 0.9),
        ("Owner created", 1.3),
        ("Tenant created", 1.9),
        ("Defaults created", 3.1),
        ("Verified", 3.6),
        ("Queued", 3.9),
        ("Completed", 4.4),
    ];
    view! {
        <GuideSection title="Progress">
            <div class="columns">
                <Card>
                    <Section
                        title="Tenant"
                        aside=|| {
                            view! {
                                <Badge tone=Tone::Ok icon=IconName::Check>
                                    "Committed in 4 ms"
                                </Badge>
                            }
                        }
                    >
                        <Timeline two_columns=true>{stages.map(stage).into_iter().collect_view()}</Timeline>
                    </Section>
                    <Section
                        title="External systems"
                        aside=|| {
                            view! {
                                <span class="muted small">"about "<b class="num">"0.8 s"</b>" left"</span>
                            }
                        }
                    >
                        <Timeline>
                            <TimelineItem
                                state=DotState::Done
                                title="Copy database"
                                time=duration_text(1_840.0)
                            >
                                <code>"ten-00000042"</code>
                                " from template "
                                <code>"erp-18"</code>
                            </TimelineItem>
                            <TimelineItem
                                state=DotState::Done
                                title="Sign in to Odoo 18"
                                time=duration_text(210.0)
                            >
                                "uid 2"
                            </TimelineItem>
                            <TimelineItem
                                state=DotState::Running
                                title="Create or update the tenant in Odoo 19"
                                time=duration_text(600.0)
                            >
                                <p>"Attempt 2"</p>
                                <Disclosure summary="2 attempts" open=true>
                                    <ol class="attempts">
                                        <li>
                                            <p>
                                                <span class="num">"#2 "</span>
                                                <b>"running"</b>
                                            </p>
                                        </li>
                                        <li>
                                            <p>
                                                <span class="num">"#1 "</span>
                                                <b>"failed"</b>
                                                " "
                                                <code>"CONNECTOR_TIMEOUT"</code>
                                                <span class="muted">" · 30.0 s"</span>
                                            </p>
                                            <p class="muted">"the call took longer than 30 s"</p>
                                        </li>
                                    </ol>
                                </Disclosure>
                            </TimelineItem>
                            <TimelineItem
                                state=DotState::Failed
                                title="Create or update the tenant's user in Odoo 19"
                                time=duration_text(62_000.0)
                            >
                                <code>"CONNECTOR_TIMEOUT"</code>
                                " after 5 attempts"
                            </TimelineItem>
                            <TimelineItem state=DotState::Waiting title="Update the metadata bridge">
                                "usually 0.1 s"
                            </TimelineItem>
                            <TimelineItem state=DotState::Skipped title="Sign in to Odoo 18">
                                "Odoo 18 is not configured"
                            </TimelineItem>
                            <TimelineItem state=DotState::Undone title="Set the admin user in Odoo 18" />
                            <TimelineItem state=DotState::Waiting title="Activate the tenant" />
                        </Timeline>
                    </Section>
                </Card>
                <aside aria-label="While you wait">
                    <Card>
                        <Section
                            title="You can leave this page, but keep the tab open"
                            sentence="Provisioning continues, and the history shows its outcome."
                        >
                            <Note tone=Tone::Info>
                                "If a step fails permanently, you can retry it, skip it, or roll back."
                            </Note>
                        </Section>
                    </Card>
                </aside>
            </div>
        </GuideSection>
    }
}

#[component]
pub(super) fn Messages() -> impl IntoView {
    view! {
        <GuideSection title="Outcomes and notes">
            <div class="columns">
                <div class="guide-section">
                    <PageHead
                        title="Golden Spoon is ready"
                        dot=DotState::Done
                        lead=|| {
                            view! {
                                <code>"TEN-00000042"</code>
                                " · "
                                <code>"golden-spoon-2"</code>
                                " · 3.92 s"
                            }
                        }
                    />
                    <Card>
                        <Section
                            title="Secret key"
                            sentence="The secret key is shown only once. Copy it now. A lost key can only be replaced."
                        >
                            <KeyBox
                                value="sk_live_golden-spoon-2_7fK2mQv9Zr4TyB8nXc1LpW6s_pQ9x"
                                copy_label="Copy secret key"
                                secret=true
                            />
                            <KeyBox
                                value="pk_live_golden-spoon-2_b81c"
                                label="public"
                                copy_label="Copy public key"
                            />
                        </Section>
                    </Card>
                    <PageHead
                        title="Northwind Atelier was not created"
                        dot=DotState::Failed
                        lead=|| "Nothing was left behind. Your draft is saved."
                    />
                    <Note tone=Tone::Bad title="The slug was taken while you were typing.">
                        <p>
                            <code>"northwind"</code>
                            " belongs to Northwind Traders ("
                            <a href="/tenants/TEN-00000007">
                                <code>"TEN-00000007"</code>
                            </a>
                            "), created 40 seconds ago by Jon Reyes. "
                            <span class="muted">
                                <code>"DUPLICATE_SLUG"</code>
                            </span>
                        </p>
                    </Note>
                    <Note tone=Tone::Bad title="“Copy database” failed after 5 attempts">
                        <p>"The template database does not exist. " <code>"CONNECTOR_FAILED"</code></p>
                        <div class="cluster">
                            <Button kind=ButtonKind::Primary>"Retry from here"</Button>
                            <Button>"Skip this step"</Button>
                            <Button>"Roll back…"</Button>
                        </div>
                    </Note>
                    <Note tone=Tone::Warn title="The database was unavailable for a moment.">
                        "Your draft is saved. It's safe to submit again: one draft creates one tenant."
                    </Note>
                    <Note tone=Tone::Ok>"Invitation sent to mara@goldenspoon.io, valid for 7 days."</Note>
                    <Note>"A neutral note."</Note>
                </div>
            </div>
        </GuideSection>
    }
}
