use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    FieldProblem, Timestamp,
    defaults::Commission,
    field::parse_line,
    plan::{Plan, QuotaOverrides},
    provisioning::{MAX_NAME, MAX_SHORT_NAME, NewTenant},
    slug::Slug,
    text_form::is_configured_name,
};

const FIELDS: [&str; 8] =
    ["name", "shortName", "slug", "plan", "quotas", "features", "commission", "trialEndsAt"];
/// The maximum number of unknown fields that are reported.
const MAX_UNKNOWN: usize = 20;

/// The changes of a tenant that an admin sends. A field that is `None` stays as it is. In a field with two
/// options, `Some(None)` removes the value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantChanges {
    /// The name of the organisation.
    pub name: Option<String>,
    /// The name for places with little room.
    pub short_name: Option<Option<String>>,
    /// The slug. The former slug still finds the tenant.
    pub slug: Option<Slug>,
    /// The name of a configured plan.
    pub plan: Option<String>,
    /// All limits that the tenant has instead of those of its plan.
    pub quotas: Option<QuotaOverrides>,
    /// All features that the tenant has, or lacks, unlike its plan.
    pub features: Option<BTreeMap<String, bool>>,
    /// The commission.
    pub commission: Option<Commission>,
    /// When the trial ends.
    pub trial_ends_at: Option<Option<Timestamp>>,
}

impl TenantChanges {
    /// Reads the JSON body of the API.
    ///
    /// # Errors
    /// The problems of all fields. At least one field is required.
    pub fn from_json(body: &Value) -> Result<Self, Vec<FieldProblem>> {
        let required = || {
            let message = format!("Send a JSON object with at least one of: {}.", FIELDS.join(", "));
            vec![FieldProblem::new("", "required", &message)]
        };
        let mut reader = Reader::new(body.as_object().ok_or_else(required)?);
        let changes = Self {
            name: reader
                .required("name", |text| parse_line("name", "the organisation's name", text, MAX_NAME)),
            short_name: reader.optional("shortName", |text| {
                parse_line("shortName", "the short name", text, MAX_SHORT_NAME)
            }),
            slug: reader.required("slug", NewTenant::parse_slug),
            plan: reader.required("plan", |text| match Plan::is_name(text) {
                true => Ok(text.to_owned()),
                false => Err(Self::unknown_plan()),
            }),
            quotas: reader.object(
                "quotas",
                "Send an object with maxUsers, maxMonthlyQuotes and maxStorageGb, each a whole number, or null \
                 for no limit.",
            ),
            features: reader.features(),
            commission: reader.commission(),
            trial_ends_at: reader.optional("trialEndsAt", |text| {
                Timestamp::parse(text)
                    .map_err(|problem| FieldProblem::new("trialEndsAt", "format", &format!("{problem}.")))
            }),
        };
        match reader.problems.is_empty() {
            true if changes.is_empty() => Err(required()),
            true => Ok(changes),
            false => Err(reader.problems),
        }
    }

    /// The problem of a plan that is not configured.
    pub fn unknown_plan() -> FieldProblem {
        FieldProblem::new("plan", "unknown", "This plan does not exist. Choose one of the configured plans.")
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads the fields of a body, and collects their problems.
struct Reader<'a> {
    fields: &'a Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl<'a> Reader<'a> {
    fn new(fields: &'a Map<String, Value>) -> Self {
        let unknown = fields.keys().filter(|name| !FIELDS.contains(&name.as_str()));
        let message = format!("Unknown field. The fields are: {}.", FIELDS.join(", "));
        let problems = unknown.map(|name| FieldProblem::new(name, "unknown_field", &message));
        Self { fields, problems: problems.take(MAX_UNKNOWN).collect() }
    }

    /// Reads a text that may be replaced, but not removed. Null has no effect.
    fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, FieldProblem>) -> Option<T> {
        match self.fields.get(name)? {
            Value::Null => None,
            Value::String(text) => parse(text).map_err(|problem| self.problems.push(problem)).ok(),
            _ => self.refuse_type(name, "Send this field as a string."),
        }
    }

    /// Reads a text that null removes.
    fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<Option<T>> {
        match self.fields.get(name)? {
            Value::Null => Some(None),
            Value::String(text) => parse(text).map_err(|problem| self.problems.push(problem)).ok().map(Some),
            _ => self.refuse_type(name, "Send this field as a string, or null to remove its value."),
        }
    }

    /// Reads the commission in percent: a number, or a number as text.
    fn commission(&mut self) -> Option<Commission> {
        let text = match self.fields.get("commission")? {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return self.refuse_type("commission", "Send the commission as a number of percent."),
        };
        Commission::parse(&text).map_err(|problem| self.problems.push(problem.in_field("commission"))).ok()
    }

    /// Reads an object that is replaced as a whole. Null has no effect.
    fn object<T: DeserializeOwned>(&mut self, name: &str, message: &str) -> Option<T> {
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        let object = value.is_object().then(|| serde_json::from_value(value.clone()).ok()).flatten();
        object.or_else(|| self.refuse_type(name, message))
    }

    /// Reads the features that differ from those of the plan.
    fn features(&mut self) -> Option<BTreeMap<String, bool>> {
        let message = "Send an object with the name of each feature, and true or false.";
        let features: BTreeMap<String, bool> = self.object("features", message)?;
        match features.keys().find(|name| !is_configured_name(name)) {
            None => Some(features),
            Some(_) => {
                let message = "A feature's name has 1 to 40 lowercase letters, digits or hyphens and starts with a letter.";
                self.problems.push(FieldProblem::new("features", "name", message));
                None
            }
        }
    }

    fn refuse_type<T>(&mut self, name: &str, message: &str) -> Option<T> {
        self.problems.push(FieldProblem::new(name, "type", message));
        None
    }
}
