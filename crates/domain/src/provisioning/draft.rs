use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path;
use crate::{
    defaults::{Commission, Currency, ThemePreset, TimeZone},
    field::FieldProblem,
    plan::Plan,
};

/// The form as it stands: every field the text that was typed, right or wrong. This is what the
/// browser keeps between visits, so it never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Draft {
    pub name: String,
    pub slug: String,
    pub plan: String,
    pub time_zone: String,
    pub currency: String,
    pub owner_name: String,
    pub owner_email: String,
    pub blueprint: String,
    pub theme: String,
    pub commission: String,
}

impl Default for Draft {
    /// An empty form with the usual choices made.
    fn default() -> Self {
        Self {
            name: String::new(),
            slug: String::new(),
            plan: Plan::Pro.as_str().into(),
            time_zone: TimeZone::default().to_string(),
            currency: Currency::default().as_str().into(),
            owner_name: String::new(),
            owner_email: String::new(),
            blueprint: "standard".into(),
            theme: ThemePreset::default().as_str().into(),
            commission: Commission::default().percent().to_string(),
        }
    }
}

impl Draft {
    /// This draft with what was changed in another: each field in which `edited` is no longer as
    /// in `before`.
    pub fn with_edits(self, before: &Draft, edited: Draft) -> Draft {
        let newer =
            |mine: String, before: &String, edited: String| if edited == *before { mine } else { edited };
        Draft {
            name: newer(self.name, &before.name, edited.name),
            slug: newer(self.slug, &before.slug, edited.slug),
            plan: newer(self.plan, &before.plan, edited.plan),
            time_zone: newer(self.time_zone, &before.time_zone, edited.time_zone),
            currency: newer(self.currency, &before.currency, edited.currency),
            owner_name: newer(self.owner_name, &before.owner_name, edited.owner_name),
            owner_email: newer(self.owner_email, &before.owner_email, edited.owner_email),
            blueprint: newer(self.blueprint, &before.blueprint, edited.blueprint),
            theme: newer(self.theme, &before.theme, edited.theme),
            commission: newer(self.commission, &before.commission, edited.commission),
        }
    }

    /// Reads the JSON body of the API. A field of a wrong type is a problem of that field, an
    /// unknown field too; a missing one keeps its default.
    pub fn from_json(body: &Value) -> (Self, Vec<FieldProblem>) {
        let mut draft = Self::default();
        let mut problems = Vec::new();
        match body.as_object() {
            Some(fields) => {
                for (key, value) in fields {
                    draft.read_field(key, value, &mut problems);
                }
                problems.truncate(Self::MOST_PROBLEMS);
            }
            None => problems.push(FieldProblem::new("", "type", "Send a JSON object.")),
        }
        (draft, problems)
    }

    /// A body may name thousands of fields that do not exist; the answer stays small.
    const MOST_PROBLEMS: usize = 50;

    fn read_field(&mut self, key: &str, value: &Value, problems: &mut Vec<FieldProblem>) {
        match (key, value) {
            ("owner", Value::Object(fields)) => {
                for (key, value) in fields {
                    self.read_text(&format!("owner.{key}"), value, problems);
                }
            }
            ("owner", _) => problems.push(FieldProblem::new(
                "owner",
                "type",
                "Send the owner as an object with name and email.",
            )),
            _ => self.read_text(key, value, problems),
        }
    }

    fn read_text(&mut self, path: &str, value: &Value, problems: &mut Vec<FieldProblem>) {
        let Some(field) = self.field_mut(path) else {
            // The name is the sender's text: quoted short, so that an answer stays small.
            let short: String = path.chars().filter(|c| !c.is_control()).take(60).collect();
            problems.push(FieldProblem::new(&short, "unknown_field", "There is no such field. Remove it."));
            return;
        };
        match value {
            Value::String(text) => *field = text.clone(),
            Value::Number(number) if path == path::COMMISSION => *field = number.to_string(),
            Value::Null => {}
            _ => problems.push(FieldProblem::new(path, "type", "Send this field as text.")),
        }
    }

    fn field_mut(&mut self, field: &str) -> Option<&mut String> {
        Some(match field {
            path::NAME => &mut self.name,
            path::SLUG => &mut self.slug,
            path::PLAN => &mut self.plan,
            path::TIME_ZONE => &mut self.time_zone,
            path::CURRENCY => &mut self.currency,
            path::OWNER_NAME => &mut self.owner_name,
            path::OWNER_EMAIL => &mut self.owner_email,
            path::BLUEPRINT => &mut self.blueprint,
            path::THEME => &mut self.theme,
            path::COMMISSION => &mut self.commission,
            _ => return None,
        })
    }

    /// The draft as the history keeps it when it was refused: every text cut to 200 characters,
    /// without the NUL that PostgreSQL cannot store.
    pub fn to_record(&self) -> Value {
        let short = |text: &str| text.chars().filter(|c| *c != '\0').take(200).collect::<String>();
        serde_json::json!({
            "name": short(&self.name),
            "slug": short(&self.slug),
            "plan": short(&self.plan),
            "timeZone": short(&self.time_zone),
            "currency": short(&self.currency),
            "owner": { "name": short(&self.owner_name), "email": short(&self.owner_email) },
            "blueprint": short(&self.blueprint),
            "theme": short(&self.theme),
            "commission": short(&self.commission),
        })
    }

    /// Whether nothing was typed yet.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
