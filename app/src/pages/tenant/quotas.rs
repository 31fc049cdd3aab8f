use domain::{
    paths,
    registry::TenantRecord,
    tenant_form::TenantForm,
    usage::{BYTES_PER_GB, Metric, Usage},
};
use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    page_context::PageContext,
    part::{Loaded, Part},
    ui::{ButtonLink, Card, Meter, Section, Tone, number_text},
};

/// The share of a limit, in percent, from which its bar warns.
pub(in crate::pages) const WARNING_PERCENT: u64 = 80;

/// The part that contains the code of this module.
pub(in crate::pages) static QUOTAS: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// The limits of the tenant, with their use.
#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(in crate::pages) fn quotas(record: TenantRecord) -> Loaded<AnyView> {
    Ok(view! { <Quotas record /> }.into_any())
}

#[component]
fn Quotas(record: TenantRecord) -> impl IntoView {
    let TenantRecord { code, status, plan, quota_overrides: overrides, usage, .. } = record;
    let context = expect_context::<PageContext>();
    let (plan, may_edit) = (context.plan_label(&plan), context.may_provision);
    let change = move || {
        (may_edit && TenantForm::Terms.is_allowed(status)).then(|| {
            view! {
                <ButtonLink
                    href=paths::tenant_form(&code, TenantForm::Terms)
                    keep_scroll=true
                    small=true
                >
                    "Change"
                    <span class="visually-hidden">" quotas"</span>
                </ButtonLink>
            }
        })
    };
    let quotas = usage
        .into_iter()
        .map(|usage| {
            let is_overridden = match usage.metric {
                Metric::Users => overrides.max_users.is_some(),
                Metric::Quotes => overrides.max_monthly_quotes.is_some(),
                Metric::StorageBytes => overrides.max_storage_gb.is_some(),
            };
            let source = match is_overridden {
                false => format!("From the {plan} plan"),
                true => "Changed for this tenant".to_owned(),
            };
            quota(&usage, source)
        })
        .collect_view();
    view! {
        <Card>
            <Section title="Quotas" aside=change>
                <div class="quotas">{quotas}</div>
            </Section>
        </Card>
    }
}

/// One limit with its use.
pub(in crate::pages) fn quota(usage: &Usage, source: String) -> AnyView {
    let (label, unit) = match usage.metric {
        Metric::Users => ("Users", ""),
        Metric::Quotes => ("Quotes this month", ""),
        Metric::StorageBytes => ("Storage", " GB"),
    };
    let limit = usage.limit.map_or_else(|| "no limit".to_owned(), |limit| amount(usage.metric, limit) + unit);
    let meter = usage.limit.map(|limit| {
        let (used, limit) = (usage.used.unsigned_abs(), limit.unsigned_abs());
        let tone = match used.saturating_mul(100) {
            percent if percent >= limit.saturating_mul(100) => Tone::Bad,
            percent if percent >= limit.saturating_mul(WARNING_PERCENT) => Tone::Warn,
            _ => Tone::Neutral,
        };
        view! { <Meter label used limit tone /> }.into_any()
    });
    view! {
        <div>
            <h3>{label}</h3>
            <p class="quota-figure">{amount(usage.metric, usage.used)} " " <small>"of " {limit}</small></p>
            {meter}
            <p class="sub">{source}</p>
        </div>
    }
    .into_any()
}

/// The number of an amount, of storage in GB with at most one decimal.
fn amount(metric: Metric, amount: i64) -> String {
    match metric {
        Metric::StorageBytes if amount % BYTES_PER_GB == 0 => {
            number_text((amount / BYTES_PER_GB).unsigned_abs())
        }
        Metric::StorageBytes => {
            let tenths = amount / (BYTES_PER_GB / 10);
            format!("{}.{}", tenths / 10, tenths % 10)
        }
        Metric::Users | Metric::Quotes => number_text(amount.unsigned_abs()),
    }
}
