use domain::registry::TenantRecord;
use leptos::prelude::*;

use crate::{
    page_context::PageContext,
    ui::{Card, Meter, Section, Tone},
};

/// The share of a limit, in percent, from which its bar warns.
const WARNING_PERCENT: u64 = 80;

/// The limits of the tenant, with their use as far as it is measured.
#[component]
pub(super) fn Quotas(record: TenantRecord) -> impl IntoView {
    let TenantRecord { plan, quotas, quota_overrides: overrides, member_count, .. } = record;
    let plan = expect_context::<PageContext>().plan_label(&plan);
    let source = move |is_overridden: bool| match is_overridden {
        false => format!("From the {plan} plan"),
        true => "Changed for this tenant".to_owned(),
    };
    let users = quota(
        "Users",
        "",
        Some(member_count.into()),
        quotas.max_users,
        source(overrides.max_users.is_some()),
    );
    let quotes = quota(
        "Quotes this month",
        "",
        None,
        quotas.max_monthly_quotes,
        source(overrides.max_monthly_quotes.is_some()),
    );
    let storage =
        quota("Storage", " GB", None, quotas.max_storage_gb, source(overrides.max_storage_gb.is_some()));
    view! {
        <Card>
            <Section title="Quotas">
                <div class="quotas">{users} {quotes} {storage}</div>
            </Section>
        </Card>
    }
}

/// One limit. `used` is `None` if the use is not measured.
fn quota(
    label: &'static str,
    unit: &'static str,
    used: Option<u64>,
    limit: Option<u32>,
    source: String,
) -> AnyView {
    let limit_text = limit.map_or_else(|| "no limit".to_owned(), |limit| format!("{limit}{unit}"));
    let figure = match used {
        Some(used) => {
            view! { <p class="quota-figure">{used} " " <small>"of " {limit_text}</small></p> }.into_any()
        }
        None => view! { <p class="quota-figure">{limit_text}</p> }.into_any(),
    };
    let meter = used.zip(limit).map(|(used, limit)| {
        let limit = u64::from(limit);
        let tone = match used * 100 {
            percent if percent >= limit * 100 => Tone::Bad,
            percent if percent >= limit * WARNING_PERCENT => Tone::Warn,
            _ => Tone::Neutral,
        };
        view! { <Meter label used limit tone /> }.into_any()
    });
    let note = match used {
        Some(_) => source,
        None => format!("{source}. Not measured yet."),
    };
    view! {
        <div>
            <h3>{label}</h3>
            {figure}
            {meter}
            <p class="sub">{note}</p>
        </div>
    }
    .into_any()
}
