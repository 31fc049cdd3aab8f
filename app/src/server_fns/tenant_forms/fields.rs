//! The fields of the forms, with the current values of a tenant.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ErrorCode,
    branding::TenantBranding,
    defaults::{CommonZone, Currency, ThemePreset},
    lifecycle::TenantChanges,
    provisioning::DraftField,
    registry::TenantRecord,
    settings::TenantSettings,
    tenant_form::{FormValues, TenantForm},
};
use engine::{
    Engine, Error,
    access::{Actor, Employee},
    tenants::{TenantCaller, find_branding, find_settings},
};
use leptos::prelude::use_context;

use super::{FieldInput, FormField, OpenedForm, PostedForm};
use crate::{FormResult, page_context::PlanView};

type Rows = Vec<Vec<FormField>>;

/// Opens a form of a tenant. `None` for a role that may not change tenants, and for a tenant whose status
/// does not allow the change.
///
/// # Errors
/// `TENANT_NOT_FOUND` if the tenant was deleted meanwhile; the database's error.
pub(in super::super) async fn open_form(
    engine: &Engine,
    employee: &Employee,
    form: TenantForm,
    record: &TenantRecord,
) -> Result<Option<OpenedForm>, Error> {
    if !employee.role.may_provision() || !form.is_allowed(record.status) {
        return Ok(None);
    }
    let actor = Actor::from(employee.clone());
    let caller = TenantCaller::Actor { actor, tenant: record.code.clone() };
    let (version, rows) = match form {
        TenantForm::Settings => settings_rows(engine, &caller).await?,
        TenantForm::Branding => branding_rows(engine, &caller).await?,
        TenantForm::Terms => (record.version.to_string(), terms(engine, record)),
    };
    opened(form, version, &rows).map(Some)
}

/// Opens the settings or the branding of a tenant in the portal. A member who may not change them sees the
/// values.
///
/// # Errors
/// See [`find_settings`]; `FORBIDDEN` for a form that only the console has.
pub(in super::super) async fn open_portal_form(
    engine: &Engine,
    caller: &TenantCaller,
    form: TenantForm,
) -> Result<OpenedForm, Error> {
    let (version, rows) = match form {
        TenantForm::Settings => settings_rows(engine, caller).await?,
        TenantForm::Branding => branding_rows(engine, caller).await?,
        TenantForm::Terms => return Err(ErrorCode::Forbidden.into()),
    };
    opened(form, version, &rows)
}

async fn settings_rows(engine: &Engine, caller: &TenantCaller) -> Result<(String, Rows), Error> {
    let found = find_settings(engine, caller).await?;
    Ok((found.etag, settings(found.value)))
}

async fn branding_rows(engine: &Engine, caller: &TenantCaller) -> Result<(String, Rows), Error> {
    let found = find_branding(engine, caller).await?;
    Ok((found.etag, branding(found.value)))
}

fn opened(form: TenantForm, version: String, rows: &Rows) -> Result<OpenedForm, Error> {
    let unexpected = |error: serde_json::Error| Error::UnexpectedResponse(error.to_string());
    let rows = serde_json::to_string(rows).map_err(unexpected)?;
    let posted = posted_form(form).map(|posted| serde_json::to_string(&posted)).transpose();
    Ok(OpenedForm { form, version, rows, posted: posted.map_err(unexpected)?.unwrap_or_default() })
}

/// The form that this request has posted, if it was refused.
fn posted_form(form: TenantForm) -> Option<PostedForm> {
    match use_context() {
        Some(FormResult::Tenant { form: posted, version, values, problem }) if posted == form => {
            Some(PostedForm { version, values, failure: problem.into() })
        }
        _ => None,
    }
}

/// The current values of a form.
pub(super) fn values_of(rows: &[Vec<FormField>]) -> FormValues {
    let pairs: Vec<_> = rows.iter().flatten().map(|f| (f.name.clone(), f.value.clone())).collect();
    pairs.into()
}

fn settings(settings: TenantSettings) -> Rows {
    let zones = CommonZone::ALL.iter().map(|zone| (zone.name.to_owned(), zone.name.replace('_', " ")));
    let currencies =
        Currency::ALL.iter().map(|c| (c.as_str().to_owned(), format!("{} · {}", c.as_str(), c.label())));
    vec![
        vec![field("companyName", DraftField::CompanyName, FieldInput::Name, settings.company_name)],
        vec![
            field("supportEmail", DraftField::SupportEmail, FieldInput::Email, settings.support_email),
            field("supportPhone", DraftField::SupportPhone, FieldInput::Phone, settings.support_phone),
        ],
        vec![
            field("websiteUrl", DraftField::WebsiteUrl, FieldInput::Url, settings.website_url)
                .with_help("Such as https://example.com."),
            field("locale", DraftField::Locale, FieldInput::Text, settings.locale)
                .with_help("A language such as en-GB."),
        ],
        vec![
            field("timeZone", DraftField::TimeZone, FieldInput::Choice, settings.time_zone)
                .with_choices(zones),
            field("currency", DraftField::Currency, FieldInput::Choice, settings.currency)
                .with_choices(currencies),
        ],
        vec![
            field("emailFromName", DraftField::EmailFromName, FieldInput::Name, settings.email_from_name)
                .with_help("The name that recipients see."),
            field(
                "emailFromAddress",
                DraftField::EmailFromAddress,
                FieldInput::Email,
                settings.email_from_address,
            ),
        ],
    ]
}

fn branding(branding: TenantBranding) -> Rows {
    let themes = ThemePreset::ALL.map(|theme| (theme.as_str().to_owned(), theme.label().to_owned()));
    // A colour of the theme changes with the theme.
    let theme = ThemePreset::parse(&branding.theme).ok();
    let color = |name, of, color: String, of_theme: fn(ThemePreset) -> &'static str| {
        let is_of_theme = theme.is_some_and(|theme| of_theme(theme) == color);
        let text = Some(color).filter(|_| !is_of_theme);
        field(name, of, FieldInput::Color, text).with_help("Such as #1d4ed8. If empty, from the theme.")
    };
    let (primary, secondary, accent) =
        (branding.color_primary, branding.color_secondary, branding.color_accent);
    vec![
        vec![
            field("theme", DraftField::Theme, FieldInput::Choice, branding.theme).with_choices(themes),
            field("logoUrl", DraftField::LogoUrl, FieldInput::Url, branding.logo_url)
                .with_help("The address of an image."),
        ],
        vec![
            color("colorPrimary", DraftField::ColorPrimary, primary, ThemePreset::primary),
            color("colorSecondary", DraftField::ColorSecondary, secondary, ThemePreset::secondary),
            color("colorAccent", DraftField::ColorAccent, accent, ThemePreset::accent),
        ],
    ]
}

pub(super) fn terms(engine: &Engine, record: &TenantRecord) -> Rows {
    let plans = engine.plans().iter().map(PlanView::new).map(|plan| {
        let label = format!("{} · {}", plan.label, plan.users);
        (plan.name, label)
    });
    let commission = record.commission_percent.to_string().trim_end_matches('%').to_owned();
    let overrides = record.quota_overrides;
    let [users, quotes, storage] = TenantChanges::QUOTA_FIELDS;
    let quota = |name, label: &str, limit| {
        FormField::new(name, label, FieldInput::Text, TenantChanges::quota_text(limit))
            .with_help("A number, or unlimited. If empty, from the plan.")
    };
    let mut rows = vec![
        vec![
            field("name", DraftField::Name, FieldInput::Name, record.name.clone()),
            field("shortName", DraftField::ShortName, FieldInput::Name, record.short_name.clone())
                .with_help("For places with little room."),
        ],
        vec![
            field("plan", DraftField::Plan, FieldInput::Choice, record.plan.clone()).with_choices(plans),
            field("commission", DraftField::Commission, FieldInput::Decimal, commission),
            FormField::new(
                "trialEndsAt",
                "Last day of the trial",
                FieldInput::Text,
                TenantChanges::trial_text(record.trial_ends_at),
            )
            .with_help("Such as 2026-12-31, in UTC. The tenant is suspended after it."),
        ],
        vec![
            quota(users, "Users", overrides.max_users),
            quota(quotes, "Quotes each month", overrides.max_monthly_quotes),
            quota(storage, "Storage in GB", overrides.max_storage_gb),
        ],
    ];
    let features = features(engine, record);
    rows.extend(features.chunks(FEATURES_IN_ROW).map(<[FormField]>::to_vec));
    rows
}

const FEATURES_IN_ROW: usize = 3;

/// A select for each feature that a plan or the tenant has.
fn features(engine: &Engine, record: &TenantRecord) -> Vec<FormField> {
    let overrides: &BTreeMap<String, bool> = &record.feature_overrides;
    let of_plans = engine.plans().iter().flat_map(|plan| &plan.features);
    let names: BTreeSet<&String> = of_plans.chain(overrides.keys()).collect();
    let choices = [(None, "As in the plan"), (Some(true), "On"), (Some(false), "Off")]
        .map(|(is_on, label)| (TenantChanges::feature_text(is_on).to_owned(), label.to_owned()));
    let select = |name: &String| {
        let value = TenantChanges::feature_text(overrides.get(name).copied());
        let field = format!("{}{name}", TenantChanges::FEATURE_PREFIX);
        FormField::new(&field, &format!("Feature {name}"), FieldInput::Choice, value.to_owned())
            .with_choices(choices.clone())
    };
    names.into_iter().map(select).collect()
}

/// A field with the label of the provisioning form.
fn field(name: &str, like: DraftField, input: FieldInput, value: impl Into<Option<String>>) -> FormField {
    FormField::new(name, like.label(), input, value.into().unwrap_or_default())
}

impl FormField {
    fn new(name: &str, label: &str, input: FieldInput, value: String) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: String::new(),
            value,
            input,
            choices: Vec::new(),
        }
    }

    fn with_help(self, help: &str) -> Self {
        Self { help: help.into(), ..self }
    }

    /// Sets the choices. A value that is no longer a choice remains one.
    fn with_choices(self, choices: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut choices: Vec<_> = choices.into_iter().collect();
        if choices.iter().all(|(value, _)| *value != self.value) {
            choices.insert(0, (self.value.clone(), self.value.clone()));
        }
        Self { choices, ..self }
    }
}
