use domain::portal::{NextStep, PortalPage};
use leptos::prelude::*;

use super::{
    activity::ActivityList,
    frame::{portal_data, portal_page, use_slug},
    usage::{is_near_limit, period},
};
use crate::{
    pages::tenant::quotas::quota,
    server_fns::{HomeContent, PortalTenant, open_portal_home},
    ui::{ButtonLink, Card, CopyButton, Fact, Facts, Icon, IconName, Section, StatusBadge, Time},
};

/// The home page of a tenant.
#[component]
pub(crate) fn PortalHomePage() -> impl IntoView {
    let slug = use_slug();
    let data = portal_data(move || slug.get(), open_portal_home);
    let view = |content: HomeContent, tenant: PortalTenant| {
        let HomeContent { usage, activity, next_steps, visible, trial_ends_at, domains } = content;
        let (page, may_change) = (tenant.slug.clone(), tenant.may_change());
        let near = usage.iter().filter(|usage| is_near_limit(usage)).count();
        let sentence = match near {
            0 => "Far from every limit.".to_owned(),
            1 => "1 limit is close.".to_owned(),
            count => format!("{count} limits are close."),
        };
        let bars = usage.iter().map(|usage| quota(usage, period(usage))).collect::<Vec<_>>();
        let (to_usage, to_activity) = (PortalPage::Usage.path(&page), PortalPage::Activity.path(&page));
        view! {
            <div class="columns" data-wide="">
                <div class="stack">
                    <NextSteps steps=next_steps slug=page may_change />
                    <Card>
                        <Section
                            title="Quotas"
                            sentence
                            aside=move || {
                                view! {
                                    <ButtonLink href=to_usage.clone() small=true>
                                        "Usage"
                                    </ButtonLink>
                                }
                            }
                        >
                            <div class="quotas">{bars}</div>
                        </Section>
                    </Card>
                    <Card>
                        <Section
                            title="Latest activity"
                            aside=move || {
                                view! {
                                    <ButtonLink href=to_activity.clone() small=true>
                                        "All activity"
                                    </ButtonLink>
                                }
                            }
                        >
                            <ActivityList entries=activity />
                        </Section>
                    </Card>
                </div>
                <aside class="stack">
                    <TenantFacts tenant visible trial_ends_at domains />
                </aside>
            </div>
        }
        .into_any()
    };
    let sentence = "What is left to do, and how the tenant is doing.";
    portal_page(PortalPage::Home, sentence, slug, data, None, view)
}

/// What is left to do. A member who may not change the tenant sees it without links.
#[component]
fn NextSteps(steps: Vec<NextStep>, slug: String, may_change: bool) -> impl IntoView {
    let row = |step: NextStep| {
        let label = match may_change {
            true => view! { <a href=step.page().path(&slug)>{step.label()}</a> }.into_any(),
            false => view! { <b>{step.label()}</b> }.into_any(),
        };
        view! {
            <li>
                <Icon name=IconName::Waiting />
                <div>{label} <span class="sub">{step.reason()}</span></div>
            </li>
        }
        .into_any()
    };
    let content = match steps.is_empty() {
        true => view! {
            <p class="cluster">
                <Icon name=IconName::Check />
                "Everything is set up. Customers can book."
            </p>
        }
        .into_any(),
        false => {
            let rows = steps.iter().copied().map(row).collect::<Vec<_>>();
            view! {
                <ul class="next-steps" data-testid="portal-next-steps">
                    {rows}
                </ul>
            }
            .into_any()
        }
    };
    let sentence = match steps.len() {
        0 => String::new(),
        1 => "1 step before you welcome customers.".to_owned(),
        count => format!("{count} steps before you welcome customers."),
    };
    view! {
        <Card>
            <Section title="Left to do" sentence>
                {content}
            </Section>
        </Card>
    }
}

#[component]
fn TenantFacts(
    tenant: PortalTenant,
    visible: (usize, usize),
    trial_ends_at: Option<i64>,
    domains: Vec<String>,
) -> impl IntoView {
    let PortalTenant { slug, code, plan, role, status, .. } = tenant;
    let (packages, segments) = visible;
    let trial = trial_ends_at.map(|ms| {
        view! {
            <Fact label="Trial">
                <Time ms event=("ends ", "has ended") />
            </Fact>
        }
        .into_any()
    });
    let domains =
        (!domains.is_empty()).then(|| view! { <Fact label="Domains">{domains.join(", ")}</Fact> }.into_any());
    view! {
        <Card>
            <Section title="Your tenant">
                <Facts>
                    <Fact label="Status">
                        <StatusBadge status=status.as_str() />
                    </Fact>
                    <Fact label="Plan">{plan}</Fact>
                    {trial}
                    <Fact label="Your role">{role.label()}</Fact>
                    <Fact label="Customers see">
                        {format!("{}, {}", count(packages, "package"), count(segments, "segment"))}
                    </Fact>
                    {domains}
                    <Fact label="Slug">
                        <code>{slug}</code>
                    </Fact>
                    <Fact label="Code">
                        <code>{code.clone()}</code>
                        <CopyButton text=code label="Copy code" icon_only=true />
                    </Fact>
                </Facts>
            </Section>
        </Card>
    }
}

fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
