use serde_json::{Map, Value};

use crate::{
    FieldProblem, Timestamp,
    defaults::Commission,
    field::parse_line,
    plan::Plan,
    provisioning::{MAX_NAME, MAX_SHORT_NAME, NewTenant},
    slug::Slug,
};

const FIELDS: [&str; 6] = ["name", "shortName", "slug", "plan", "commission", "trialEndsAt"];

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
        let list = FIELDS.join(", ");
        let required = || {
            let message = format!("Send a JSON object with at least one of: {list}.");
            vec![FieldProblem::new("", "required", &message)]
        };
        let fields = body.as_object().ok_or_else(required)?;
        let unknown = fields.keys().filter(|name| !FIELDS.contains(&name.as_str()));
        let message = format!("Unknown field. The fields are: {list}.");
        let unknown = unknown.map(|name| FieldProblem::new(name, "unknown_field", &message));
        let mut reader = Reader { fields, problems: unknown.take(MAX_UNKNOWN).collect() };
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
}

impl TenantChanges {
    /// The problem of a plan that is not configured.
    pub fn unknown_plan() -> FieldProblem {
        FieldProblem::new("plan", "unknown", "This plan does not exist. Choose one of the configured plans.")
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The maximum number of unknown fields that are reported.
const MAX_UNKNOWN: usize = 20;

struct Reader<'a> {
    fields: &'a Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Reader<'_> {
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

    fn refuse_type<T>(&mut self, name: &str, message: &str) -> Option<T> {
        self.problems.push(FieldProblem::new(name, "type", message));
        None
    }
}
