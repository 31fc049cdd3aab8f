//! The fields of a provisioning draft, in one table. The form with and without JavaScript, the JSON
//! body, the browser's storage, the payload and the history record all read this table.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::defaults::{Commission, Currency, ThemePreset};

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
    plan        Plan       "plan"        "plan"       "Plan"          "pro";
    time_zone   TimeZone   "timeZone"    "timeZone"   "Time zone"     "UTC";
    currency    Currency   "currency"    "currency"   "Currency"      Currency::default().as_str();
    owner_name  OwnerName  "owner.name"  "ownerName"  "Owner's name"  "";
    owner_email OwnerEmail "owner.email" "ownerEmail" "E-mail"        "";
    blueprint   Blueprint  "blueprint"   "blueprint"  "Blueprint"     "standard";
    theme       Theme      "theme"       "theme"      "Brand theme"   ThemePreset::default().as_str();
    commission  Commission "commission"  "commission" "Commission, %" "10";
    // The optional fields: the section "More details".
    short_name         ShortName        "shortName"                 "shortName"        "Short name"      "";
    industry           Industry         "industry"                  "industry"         "Industry"        "";
    external_id        ExternalId       "externalId"                "externalId"       "External ID"     "";
    company_name       CompanyName      "settings.companyName"      "companyName"      "Company name"    "";
    support_email      SupportEmail     "settings.supportEmail"     "supportEmail"     "Support e-mail"  "";
    support_phone      SupportPhone     "settings.supportPhone"     "supportPhone"     "Support phone"   "";
    website_url        WebsiteUrl       "settings.websiteUrl"       "websiteUrl"       "Website"         "";
    locale             Locale           "settings.locale"           "locale"           "Locale"          "";
    email_from_name    EmailFromName    "settings.emailFromName"    "emailFromName"    "Mail sender"     "";
    email_from_address EmailFromAddress "settings.emailFromAddress" "emailFromAddress" "Sender's e-mail" "";
    logo_url           LogoUrl          "branding.logoUrl"          "logoUrl"          "Logo"            "";
    color_primary      ColorPrimary     "branding.colorPrimary"     "colorPrimary"     "Primary colour"  "";
    color_secondary    ColorSecondary   "branding.colorSecondary"   "colorSecondary"   "Secondary colour" "";
    color_accent       ColorAccent      "branding.colorAccent"      "colorAccent"      "Accent colour"   "";
}

impl DraftField {
    /// The further paths of fields that can also be sent with the settings or the branding, where the API
    /// returns them.
    pub(crate) const ALIASES: [(&'static str, Self); 3] = [
        ("settings.timeZone", Self::TimeZone),
        ("settings.currency", Self::Currency),
        ("branding.theme", Self::Theme),
    ];

    /// The field with this [`path`](Self::path) or alias.
    pub fn from_path(path: &str) -> Option<Self> {
        let paths = Self::ALL.iter().map(|field| (field.path(), *field));
        paths.chain(Self::ALIASES).find(|(other, _)| *other == path).map(|(_, field)| field)
    }

    /// Whether the field may be empty. An empty optional field is neither stored nor a part of the
    /// fingerprint, so that requests of versions without the field can be replayed.
    pub const fn is_optional(self) -> bool {
        self as u8 > Self::Commission as u8
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

/// JSON with the value of every field, nested by [`DraftField::path`], without empty optional fields.
pub(super) fn to_json(value: impl Fn(DraftField) -> Value) -> Value {
    nest(DraftField::path, value)
}

/// Like [`to_json`], but with the member names that the atomic core expects, and without null values.
pub(super) fn to_payload(value: impl Fn(DraftField) -> Value) -> Value {
    nest(DraftField::payload_path, value)
}

fn nest(path: fn(DraftField) -> &'static str, value: impl Fn(DraftField) -> Value) -> Value {
    let mut root = Map::new();
    for field in DraftField::ALL {
        let value = value(*field);
        if value.is_null() || field.is_optional() && value == "" {
            continue;
        }
        let path = path(*field);
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
    use crate::{FieldProblem, defaults::TimeZone, provisioning::NewTenant};

    fn parse(draft: &Draft) -> Result<NewTenant, Vec<FieldProblem>> {
        NewTenant::parse(draft, true, |domain| Some(domain.to_owned()))
    }

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
        assert_eq!(json["settings"]["supportEmail"], "Support e-mail");
    }

    #[test]
    fn the_fields_of_more_details_are_optional() {
        let optional: Vec<_> = DraftField::ALL.iter().filter(|field| field.is_optional()).collect();
        assert_eq!((optional.len(), *optional[0]), (14, DraftField::ShortName));
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
            support_email: "Help@bakery.example".into(),
            color_primary: "#075985".into(),
            ..Draft::default()
        };
        // The core received the first draft. The second one was refused before the core ran, so its fields
        // may be invalid.
        let core_payload = parse(&draft).unwrap().to_payload();
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
