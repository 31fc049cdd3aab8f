use serde_json::Value;

use super::{Draft, DraftField, MAX_NAME, draft_field};
use crate::{
    defaults::{Commission, Currency, ThemePreset, TimeZone},
    email::Email,
    field::{FieldProblem, parse_line},
    pipeline::Blueprint,
    plan::Plan,
    slug::Slug,
};

/// A valid draft: everything that is needed to provision a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// The name of the organisation.
    pub name: String,
    /// The slug.
    pub slug: Slug,
    /// The plan.
    pub plan: Plan,
    /// The time zone.
    pub time_zone: TimeZone,
    /// The currency.
    pub currency: Currency,
    /// The owner.
    pub owner: Owner,
    /// The name of the blueprint.
    pub blueprint: String,
    /// The theme preset.
    pub theme: ThemePreset,
    /// The commission.
    pub commission: Commission,
}

/// The owner of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Email,
}

/// Collects the problem of an invalid field, so that all fields are checked.
fn check<T>(result: Result<T, FieldProblem>, problems: &mut Vec<FieldProblem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

impl NewTenant {
    /// Validates a draft. `to_ascii` converts the domain of an e-mail address (see [`Email::parse`]).
    ///
    /// # Errors
    /// The problems of all fields, in the order of the form.
    pub fn parse(
        draft: &Draft,
        to_ascii: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let name = check(
            parse_line(DraftField::Name.path(), "the organisation's name", &draft.name, MAX_NAME),
            &mut problems,
        );
        let slug = check(Self::parse_slug(&draft.slug), &mut problems);
        let plan = Plan::parse(&draft.plan).map_err(|problem| problem.in_field(DraftField::Plan.path()));
        let plan = check(plan, &mut problems);
        let zone = TimeZone::parse(&draft.time_zone)
            .map_err(|problem| problem.in_field(DraftField::TimeZone.path()));
        let time_zone = check(zone, &mut problems);
        let currency =
            Currency::parse(&draft.currency).map_err(|problem| problem.in_field(DraftField::Currency.path()));
        let currency = check(currency, &mut problems);
        let owner_name = check(
            parse_line(DraftField::OwnerName.path(), "the owner's name", &draft.owner_name, MAX_NAME),
            &mut problems,
        );
        let email = check(Self::parse_email(&draft.owner_email, to_ascii), &mut problems);
        // Only the format is checked here. The configuration defines which blueprints exist.
        let blueprint = match Blueprint::is_name(&draft.blueprint) {
            true => Ok(draft.blueprint.clone()),
            false => Err(FieldProblem::new(
                DraftField::Blueprint.path(),
                "unknown",
                "Choose a blueprint from the list.",
            )),
        };
        let blueprint = check(blueprint, &mut problems);
        let theme =
            ThemePreset::parse(&draft.theme).map_err(|problem| problem.in_field(DraftField::Theme.path()));
        let theme = check(theme, &mut problems);
        let commission = Commission::parse(&draft.commission)
            .map_err(|problem| problem.in_field(DraftField::Commission.path()));
        let commission = check(commission, &mut problems);

        match (name, slug, plan, time_zone, currency, owner_name, email, blueprint, theme, commission) {
            (
                Some(name),
                Some(slug),
                Some(plan),
                Some(time_zone),
                Some(currency),
                Some(owner_name),
                Some(email),
                Some(blueprint),
                Some(theme),
                Some(commission),
            ) => Ok(Self {
                name,
                slug,
                plan,
                time_zone,
                currency,
                owner: Owner { name: owner_name, email },
                blueprint,
                theme,
                commission,
            }),
            _ => Err(problems),
        }
    }

    /// Validates the slug, for the check while the user types.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse_slug(text: &str) -> Result<Slug, FieldProblem> {
        match Slug::parse(text) {
            Err(_) if text.is_empty() => {
                Err(FieldProblem::new(DraftField::Slug.path(), "required", "Enter a slug."))
            }
            result => result.map_err(|problem| problem.in_field(DraftField::Slug.path())),
        }
    }

    /// Validates the owner's e-mail address, for the check while the user types.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse_email(text: &str, to_ascii: impl Fn(&str) -> Option<String>) -> Result<Email, FieldProblem> {
        match Email::parse(text, to_ascii) {
            Err(_) if text.trim().is_empty() => Err(FieldProblem::new(
                DraftField::OwnerEmail.path(),
                "required",
                "Enter the owner's e-mail address.",
            )),
            result => result.map_err(|problem| problem.in_field(DraftField::OwnerEmail.path())),
        }
    }

    /// The payload that the atomic core receives and the history stores. It contains no secret.
    pub fn to_payload(&self) -> Value {
        let mut payload = draft_field::to_payload(|field| match field {
            DraftField::Name => self.name.as_str().into(),
            DraftField::Slug => self.slug.as_str().into(),
            DraftField::Plan => self.plan.as_str().into(),
            DraftField::TimeZone => self.time_zone.as_str().into(),
            DraftField::Currency => self.currency.as_str().into(),
            DraftField::OwnerName => self.owner.name.as_str().into(),
            DraftField::OwnerEmail => self.owner.email.address().into(),
            DraftField::Blueprint => self.blueprint.as_str().into(),
            DraftField::Theme => self.theme.as_str().into(),
            DraftField::Commission => self.commission.basis_points().into(),
        });
        payload["owner"]["emailCanonical"] = self.owner.email.canonical().into();
        payload
    }
}
