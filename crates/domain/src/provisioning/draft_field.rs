//! The fields of a provisioning draft, in one table. The form with and without JavaScript, the JSON
//! body, the browser's storage, the payload and the history record all read this table.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    defaults::{Commission, Currency, ThemePreset},
    plan::Plan,
};

/// Declares [`DraftField`], [`Draft`] and [`DraftSubmission`] from one table. Each row has the member of
/// the draft, the variant, the path in JSON, the name of the form control, the label on screen, and the
/// initial value.
macro_rules! draft_fields {
    ($($member:ident $variant:ident $path:literal $form_name:literal $label:literal $initial:expr;)+) => {
        /// A field of a [`Draft`], in the order of the form.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum DraftField { $(#[doc = $label] $variant),+ }

        impl DraftField {
            /// Every field, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The path in the JSON body and in [`FieldProblem::field`](crate::FieldProblem::field), such
            /// as `owner.email`.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$variant => $path),+ }
            }

            /// The name of the form control, such as `ownerEmail`.
            pub const fn form_name(self) -> &'static str {
                match self { $(Self::$variant => $form_name),+ }
            }

            /// The label on screen.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        /// The provisioning form as typed: every field is text, valid or not. The browser stores the
        /// draft between visits, so a draft never contains a secret.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Draft { $(#[doc = $label] #[serde(rename = $form_name)] pub $member: String),+ }

        impl Default for Draft {
            /// An empty form with the default choices selected.
            fn default() -> Self {
                Self { $($member: String::from($initial)),+ }
            }
        }

        impl Draft {
            /// The text of a field.
            pub fn get(&self, field: DraftField) -> &str {
                match field { $(DraftField::$variant => &self.$member),+ }
            }

            /// The text of a field, to change it.
            pub fn get_mut(&mut self, field: DraftField) -> &mut String {
                match field { $(DraftField::$variant => &mut self.$member),+ }
            }
        }

        /// A [`Draft`] that was posted without JavaScript, with its idempotency key. A missing field is
        /// empty.
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub struct DraftSubmission {
            $(#[serde(rename = $form_name)] $member: String,)+
            #[serde(rename = "idempotencyKey")]
            idempotency_key: String,
        }

        impl DraftSubmission {
            /// The draft and its idempotency key.
            pub fn into_parts(self) -> (Draft, String) {
                (Draft { $($member: self.$member),+ }, self.idempotency_key)
            }
        }
    };
}

draft_fields! {
    name        Name       "name"        "name"       "Name"          "";
    slug        Slug       "slug"        "slug"       "Slug"          "";
    plan        Plan       "plan"        "plan"       "Plan"          Plan::Pro.as_str();
    time_zone   TimeZone   "timeZone"    "timeZone"   "Time zone"     "UTC";
    currency    Currency   "currency"    "currency"   "Currency"      Currency::default().as_str();
    owner_name  OwnerName  "owner.name"  "ownerName"  "Owner's name"  "";
    owner_email OwnerEmail "owner.email" "ownerEmail" "E-mail"        "";
    blueprint   Blueprint  "blueprint"   "blueprint"  "Blueprint"     "standard";
    theme       Theme      "theme"       "theme"      "Brand theme"   ThemePreset::default().as_str();
    commission  Commission "commission"  "commission" "Commission, %" "0";
}

impl DraftField {
    /// The field with this [`path`](Self::path).
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.path() == path)
    }

    /// The value of this field in a payload whose members are nested by [`path`](Self::path).
    pub(super) fn in_payload(self, payload: &Value) -> Option<&Value> {
        self.path().split('.').try_fold(payload, |object, name| object.get(name))
    }

    /// The path in the payload of the atomic core. Only the commission differs: the core expects basis
    /// points.
    const fn payload_path(self) -> &'static str {
        match self {
            Self::Commission => "commissionBasisPoints",
            field => field.path(),
        }
    }
}

/// The commission in the payload of the atomic core, in basis points.
pub(super) fn commission_in_payload(payload: &Value) -> Option<Commission> {
    let basis_points = payload.get(DraftField::Commission.payload_path())?.as_u64()?;
    Commission::from_basis_points(u16::try_from(basis_points).ok()?).ok()
}

/// JSON with a value for every field, nested by [`DraftField::path`].
pub(super) fn to_json(value: impl Fn(DraftField) -> Value) -> Value {
    nest(DraftField::ALL.iter().map(|field| (field.path(), value(*field))))
}

/// Like [`to_json`], but with the member names that the atomic core expects.
pub(super) fn to_payload(value: impl Fn(DraftField) -> Value) -> Value {
    nest(DraftField::ALL.iter().map(|field| (field.payload_path(), value(*field))))
}

fn nest<'a>(members: impl Iterator<Item = (&'a str, Value)>) -> Value {
    let mut root = Map::new();
    for (path, value) in members {
        match path.split_once('.') {
            Some((parent, name)) => {
                if let Value::Object(object) = root.entry(parent).or_insert_with(|| Value::Object(Map::new()))
                {
                    object.insert(name.to_owned(), value);
                }
            }
            None => {
                root.insert(path.to_owned(), value);
            }
        }
    }
    Value::Object(root)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{defaults::TimeZone, provisioning::NewTenant};

    #[test]
    fn each_field_reads_and_writes_its_own_member() {
        let mut draft = Draft::default();
        for field in DraftField::ALL {
            *draft.get_mut(*field) = field.path().to_owned();
        }
        for field in DraftField::ALL {
            assert_eq!(draft.get(*field), field.path());
            assert_eq!(DraftField::from_path(field.path()), Some(*field));
        }
        let stored = serde_json::to_value(&draft).unwrap();
        for field in DraftField::ALL {
            assert_eq!(stored[field.form_name()], field.path());
        }
    }

    #[test]
    fn the_initial_time_zone_and_commission_are_the_defaults_of_their_types() {
        let draft = Draft::default();
        assert_eq!(TimeZone::parse(&draft.time_zone), Ok(TimeZone::default()));
        assert_eq!(Commission::parse(&draft.commission), Ok(Commission::default()));
    }

    #[test]
    fn a_dotted_path_becomes_a_nested_object() {
        let json = to_json(|field| field.label().into());
        assert_eq!(json["owner"], json!({ "name": "Owner's name", "email": "E-mail" }));
        assert_eq!(json["timeZone"], "Time zone");
    }

    #[test]
    fn the_draft_of_a_recorded_request_has_the_submitted_values() {
        let draft = Draft {
            name: "Golden Spoon".into(),
            slug: "golden-spoon".into(),
            plan: "lite".into(),
            owner_name: "Mira Lind".into(),
            owner_email: "Mira@bakery.example".into(),
            commission: "12.5".into(),
            ..Draft::default()
        };
        // The core received the first draft. The second one was refused before the core ran, so its fields
        // may be invalid.
        let core_payload = NewTenant::parse(&draft, |domain| Some(domain.to_owned())).unwrap().to_payload();
        assert_eq!(Draft::from_payload(&core_payload), draft);
        let invalid = Draft { slug: "a-".into(), commission: "one".into(), ..draft };
        assert_eq!(Draft::from_payload(&invalid.to_record()), invalid);
        assert_eq!(Draft::from_payload(&json!({ "owner": null })), Draft::default());
    }

    #[test]
    fn a_submission_leaves_missing_fields_empty() {
        let submission: DraftSubmission =
            serde_json::from_value(json!({ "name": "Golden Spoon", "idempotencyKey": "key" })).unwrap();
        let (draft, key) = submission.into_parts();
        assert_eq!((draft.name.as_str(), draft.plan.as_str(), key.as_str()), ("Golden Spoon", "", "key"));
    }
}
