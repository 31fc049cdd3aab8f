use serde_json::Value;

use super::{Draft, DraftField, draft_field};
use crate::{
    defaults::{Commission, TimeZone},
    field::FieldProblem,
    normalization::nfc,
};

/// The maximum number of problems in the response to one JSON body. A body can name thousands of unknown
/// fields.
const MAX_PROBLEMS: usize = 50;
/// The maximum length of a text in the history record, in characters.
const MAX_RECORD_TEXT: usize = 200;

impl Draft {
    /// Applies the difference between `before` and `edited` to this draft: each field that differs gets the
    /// text from `edited`.
    pub fn with_edits(mut self, before: &Draft, edited: Draft) -> Draft {
        for field in DraftField::ALL {
            if edited.get(*field) != before.get(*field) {
                *self.get_mut(*field) = edited.get(*field).to_owned();
            }
        }
        self
    }

    /// Reads the JSON body of the API. Each unknown field, each wrong type and each repeated field is a
    /// problem of its field. Missing fields keep their default.
    pub fn from_json(body: &Value) -> (Self, Vec<FieldProblem>) {
        let mut body_reader = BodyReader::default();
        match body.as_object() {
            Some(fields) => {
                fields.iter().for_each(|(key, value)| body_reader.read_member(key, value));
                body_reader.problems.truncate(MAX_PROBLEMS);
            }
            None => body_reader.add_problem("", "type", "Send a JSON object."),
        }
        (body_reader.draft, body_reader.problems)
    }

    /// The canonical form for the fingerprint of a request. A valid commission is in basis points, a valid
    /// time zone has its canonical spelling, and the domain of an e-mail address is in lower case. Every
    /// other text is in NFC, without the whitespace around it.
    pub fn to_canonical(&self) -> Value {
        draft_field::to_json(|field| {
            let text = self.get(field);
            let canonical = match field {
                DraftField::Commission => {
                    Commission::parse(text).ok().map(|share| share.basis_points().into())
                }
                DraftField::OwnerEmail | DraftField::SupportEmail | DraftField::EmailFromAddress => text
                    .trim()
                    .rsplit_once('@')
                    .map(|(local, domain)| format!("{}@{}", nfc(local), nfc(&domain.to_lowercase())).into()),
                DraftField::TimeZone => TimeZone::parse(text).ok().map(|zone| zone.as_str().into()),
                _ => None,
            };
            canonical.unwrap_or_else(|| nfc(text.trim()).into())
        })
    }

    /// The JSON that the history stores for a refused draft. Each text is normalised to NFC, like the names
    /// that the search finds, and truncated to 200 characters. It has no NUL characters, which PostgreSQL
    /// cannot store.
    pub fn to_record(&self) -> Value {
        draft_field::to_json(|field| {
            let text = nfc(self.get(field));
            text.chars().filter(|c| *c != '\0').take(MAX_RECORD_TEXT).collect::<String>().into()
        })
    }

    /// Restores the draft of a recorded request. The payload is either the record of a refused draft or the
    /// payload of the atomic core. A field that the payload does not contain has its initial value.
    pub fn from_payload(payload: &Value) -> Self {
        let mut draft = Self::default();
        for field in DraftField::ALL {
            if let Some(text) = field.in_payload(payload).and_then(Value::as_str) {
                *draft.get_mut(*field) = text.to_owned();
            }
        }
        if let Some(commission) = draft_field::commission_in_payload(payload) {
            draft.commission = commission.percent().to_string();
        }
        draft
    }

    /// Whether the draft still has its initial values.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads the members of a JSON body into a draft.
#[derive(Default)]
struct BodyReader {
    draft: Draft,
    read: Vec<DraftField>,
    problems: Vec<FieldProblem>,
}

impl BodyReader {
    fn read_member(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("owner" | "settings" | "branding", Value::Object(fields)) => {
                fields.iter().for_each(|(name, value)| self.read_text(&format!("{key}.{name}"), value));
            }
            ("owner" | "settings" | "branding", Value::Null) => {}
            ("owner", _) => {
                self.add_problem("owner", "type", "Send the owner as an object with name and email.")
            }
            ("settings" | "branding", _) => self.add_problem(key, "type", "Send this field as an object."),
            _ => self.read_text(key, value),
        }
    }

    fn read_text(&mut self, path: &str, value: &Value) {
        let Some(field) = DraftField::from_path(path) else {
            // Shortens the name, because the client chose it and the response must stay small.
            let short: String = path.chars().filter(|c| !c.is_control()).take(60).collect();
            return self.add_problem(&short, "unknown_field", "This field does not exist. Remove it.");
        };
        // Null means the same as a missing field.
        if value.is_null() {
            return;
        }
        if self.read.contains(&field) {
            let message = format!("This value is also sent as {}. Send it once.", field.path());
            return self.add_problem(path, "repeated", &message);
        }
        self.read.push(field);
        match value {
            Value::String(text) => *self.draft.get_mut(field) = text.clone(),
            Value::Number(number) if field == DraftField::Commission => {
                *self.draft.get_mut(field) = number.to_string();
            }
            _ => self.add_problem(path, "type", "Send this field as text."),
        }
    }

    fn add_problem(&mut self, field: &str, rule: &str, message: &str) {
        self.problems.push(FieldProblem::new(field, rule, message));
    }
}
