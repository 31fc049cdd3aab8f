//! Reads a `client.yaml`: the draft of its tenant, the values that Tenantry keeps without using them, and the
//! problems of the file with their places.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    field::FieldProblem,
    import::{ImportProblem, Severity},
    provisioning::{Draft, DraftField},
};
use secrecy::SecretString;
use serde_json::{Map, Value as Json};

use super::{
    credential::{has_reference, is_credential_name, is_reference, is_secret_text},
    excerpt::MaskedLines,
    source::SourceFile,
    yaml::{self, Entry, Node, Place, Value, YamlProblem, short},
};

/// The fields of a `client.yaml` that a tenant has, by their paths. The section `tenantry` is an extension, with
/// which an export keeps what the other fields do not say.
pub(super) const FIELDS: [(&str, DraftField); 20] = [
    ("client.name", DraftField::Name),
    ("client.short_name", DraftField::ShortName),
    ("client.currency", DraftField::Currency),
    ("client.timezone", DraftField::TimeZone),
    ("branding.company_name", DraftField::CompanyName),
    ("branding.theme_id", DraftField::Theme),
    ("branding.logo_url", DraftField::LogoUrl),
    ("branding.primary_color", DraftField::ColorPrimary),
    ("branding.secondary_color", DraftField::ColorSecondary),
    ("branding.accent_color", DraftField::ColorAccent),
    ("email.primary", DraftField::SupportEmail),
    ("email.sendgrid.from_name", DraftField::EmailFromName),
    ("email.sendgrid.from_email", DraftField::EmailFromAddress),
    ("tenantry.slug", DraftField::Slug),
    ("tenantry.plan", DraftField::Plan),
    ("tenantry.blueprint", DraftField::Blueprint),
    ("tenantry.industry", DraftField::Industry),
    ("tenantry.support_phone", DraftField::SupportPhone),
    ("tenantry.website_url", DraftField::WebsiteUrl),
    ("tenantry.locale", DraftField::Locale),
];
/// The path of the commission in percent, which is not a text of the payload.
pub(super) const COMMISSION: &str = "tenantry.commission";
/// The path of an external ID that cannot be the name of a folder.
pub(super) const EXTERNAL_ID: &str = "tenantry.external_id";
/// The section whose values are kept as they are.
const INFRASTRUCTURE: &str = "infrastructure";
/// The fields whose value may be a reference, because they are free text.
const FREE_TEXTS: [DraftField; 5] = [
    DraftField::Name,
    DraftField::ShortName,
    DraftField::CompanyName,
    DraftField::EmailFromName,
    DraftField::Industry,
];
/// How many warnings about unknown fields a file has at most.
const MAX_UNKNOWN: usize = 20;
/// The longest name of a reference that is derived from a path.
const MAX_REFERENCE: usize = 120;

/// The path of a field in a `client.yaml`.
pub(super) fn path_of(field: DraftField) -> &'static str {
    match field {
        DraftField::Commission => COMMISSION,
        DraftField::ExternalId => EXTERNAL_ID,
        field => FIELDS.iter().find(|(_, other)| *other == field).map_or("client.name", |(path, _)| path),
    }
}

fn field_at(path: &str) -> Option<DraftField> {
    match path {
        COMMISSION => Some(DraftField::Commission),
        EXTERNAL_ID => Some(DraftField::ExternalId),
        path => FIELDS.iter().find(|(other, _)| *other == path).map(|(_, field)| *field),
    }
}

fn is_section(path: &str) -> bool {
    let is_above = |field: &str| field.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    FIELDS.iter().any(|(field, _)| is_above(field))
}

/// A parsed `client.yaml`.
#[derive(Debug)]
pub(super) struct ClientFile {
    pub path: String,
    /// The fields of the tenant, without a slug unless the file has one.
    pub draft: Draft,
    /// The fields that the file has.
    pub given: Vec<DraftField>,
    /// The values that are kept: the infrastructure, references in fields that do not allow them, and
    /// credentials as references. Nested as in the file.
    pub values: Map<String, Json>,
    /// The literal secrets to encrypt, by their paths.
    pub secrets: BTreeMap<String, SecretString>,
    pub problems: Vec<ImportProblem>,
    places: HashMap<String, Place>,
    lines: MaskedLines,
}

impl ClientFile {
    /// Reads a file. With `encrypt_secrets`, literal secrets are collected; otherwise they are problems.
    pub(super) fn read(file: &SourceFile, encrypt_secrets: bool) -> Self {
        let text = file.content.as_deref().unwrap_or_default();
        let mut client = Self {
            path: file.path.clone(),
            draft: Draft::default(),
            given: Vec::new(),
            values: Map::new(),
            secrets: BTreeMap::new(),
            problems: Vec::new(),
            places: HashMap::new(),
            lines: MaskedLines::of_unreadable(text),
        };
        if let Err(problem) = &file.content {
            let place = problem.line.map(|line| Place { line, column: 1, end_line: line, end_column: 1 });
            client.report(Severity::Error, place, "", problem.rule, &problem.message);
            return client;
        }
        match yaml::parse(text) {
            Ok(document) => {
                let mut secrets = Secrets::default();
                if let Some(root) = &document.root {
                    secrets.find(root, "", false);
                }
                client.lines = MaskedLines::new(text, &secrets.places);
                document.problems.iter().for_each(|problem| client.report_yaml(problem));
                client.read_root(document.root.as_ref(), &secrets, encrypt_secrets);
            }
            Err(problem) => client.report_yaml(&problem),
        }
        client
    }

    /// Whether a problem stops the import of the file.
    pub(super) fn has_error(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Adds the problem of a field of the draft at the place of this field.
    pub(super) fn report_field(&mut self, problem: &FieldProblem) {
        let field = DraftField::ALL.iter().copied().find(|field| field.path() == problem.field);
        let path = field.map_or("client.name", path_of);
        let place = self.place_of(path);
        self.report(Severity::Error, place, path, &problem.rule, &problem.message);
    }

    /// Keeps a text for the export.
    pub(super) fn keep(&mut self, path: &str, text: &str) {
        insert_at(&mut self.values, path, text.into());
    }

    /// Adds a warning about a field.
    pub(super) fn warn(&mut self, path: &str, rule: &str, message: &str) {
        let place = self.place_of(path);
        self.report(Severity::Warning, place, path, rule, message);
    }

    /// The place of a field, or of the nearest section above it.
    fn place_of(&self, path: &str) -> Option<Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(*place);
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    fn report_yaml(&mut self, problem: &YamlProblem) {
        self.report(Severity::Error, Some(problem.place), "", problem.rule, &problem.message);
    }

    fn report(&mut self, severity: Severity, place: Option<Place>, field: &str, rule: &str, message: &str) {
        let number = |number: usize| u32::try_from(number).ok();
        self.problems.push(ImportProblem {
            severity,
            file: self.path.clone(),
            line: place.and_then(|place| number(place.line)),
            column: place.and_then(|place| number(place.column)),
            field: field.to_owned(),
            rule: rule.to_owned(),
            message: message.to_owned(),
            excerpt: place.map(|place| self.lines.around(place)).unwrap_or_default(),
        });
    }

    fn read_root(&mut self, root: Option<&Node>, secrets: &Secrets, encrypt_secrets: bool) {
        match root.map(|root| &root.value) {
            Some(Value::Mapping(entries)) => {
                Walk { client: self, secrets, encrypt_secrets, unknown: 0 }.section("", entries)
            }
            Some(_) if root.is_some_and(|root| !root.is_null()) => {
                let place = root.map(|root| root.place);
                let message =
                    "The file must contain the sections client, branding, email and infrastructure.";
                self.report(Severity::Error, place, "", "type", message);
            }
            _ => {
                let message = "The file is empty. Enter at least client.name.";
                self.report(Severity::Error, Some(Place::START), "", "empty", message);
            }
        }
    }
}

/// The secrets of a file, also those in repeated keys, in unknown fields and below a credential.
#[derive(Debug, Default)]
struct Secrets {
    places: Vec<Place>,
    /// The anchors of secrets. Their aliases are secrets under any name.
    anchors: HashSet<usize>,
}

impl Secrets {
    fn find(&mut self, node: &Node, name: &str, is_below: bool) {
        let is_secret = is_below || is_credential_name(name);
        let is_literal = match &node.value {
            Value::Scalar { text, .. } => {
                !text.is_empty() && (is_secret && !is_reference(text) || is_secret_text(text))
            }
            Value::Sequence(items) => {
                items.iter().for_each(|item| self.find(item, "", is_secret));
                is_secret
            }
            Value::Mapping(entries) => {
                for Entry { key, key_place, value } in entries {
                    if is_secret_text(key) {
                        self.places.push(*key_place);
                    }
                    self.find(value, key, is_secret);
                }
                is_secret
            }
        };
        if is_literal && matches!(node.value, Value::Scalar { .. }) {
            self.places.push(node.place);
        }
        if is_literal && node.anchor != 0 {
            self.anchors.insert(node.anchor);
        }
    }

    /// Whether a value is the alias or the anchor of a secret.
    fn has_anchor(&self, node: &Node) -> bool {
        self.anchors.contains(&node.anchor)
    }
}

/// One pass over the tree of a file.
struct Walk<'a> {
    client: &'a mut ClientFile,
    secrets: &'a Secrets,
    encrypt_secrets: bool,
    unknown: usize,
}

impl Walk<'_> {
    fn section(&mut self, path: &str, entries: &[Entry]) {
        let mut seen: Vec<&str> = Vec::new();
        for Entry { key, key_place, value } in entries {
            // A repeated key is already a problem; its first value counts.
            if seen.contains(&key.as_str()) {
                continue;
            }
            seen.push(key);
            if is_secret_text(key) {
                self.refuse_secret_key(path, *key_place);
                continue;
            }
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let place = if matches!(value.value, Value::Scalar { .. }) && !value.is_null() {
                value.place
            } else {
                *key_place
            };
            self.client.places.insert(path.clone(), place);
            match (field_at(&path), &value.value) {
                (Some(field), _) => self.field(field, &path, value),
                (None, _) if path == INFRASTRUCTURE => {
                    if let Some(kept) = self.keep(&path, key, value, false) {
                        self.client.values.insert(path, kept);
                    }
                }
                (None, _) if is_section(&path) && value.is_null() => {}
                (None, Value::Mapping(entries)) if is_section(&path) => self.section(&path, entries),
                (None, _) if is_section(&path) => {
                    let message =
                        format!("{path} must contain fields, such as a line that ends with a colon.");
                    self.error(&path, "type", &message);
                }
                (None, _) => self.unknown(&path, key, value),
            }
        }
    }

    fn error(&mut self, path: &str, rule: &str, message: &str) {
        let place = self.client.place_of(path);
        self.client.report(Severity::Error, place, path, rule, message);
    }

    /// Reads the text of a field.
    fn field(&mut self, field: DraftField, path: &str, node: &Node) {
        let text = match &node.value {
            _ if node.is_null() => return,
            Value::Scalar { text, .. } => text,
            Value::Sequence(_) => {
                return self.error(path, "type", "This field needs a text, and has a list. Write one value.");
            }
            Value::Mapping(_) => {
                return self.error(
                    path,
                    "type",
                    "This field needs a text, and has fields of its own. Write one value.",
                );
            }
        };
        if is_secret_text(text) || self.secrets.has_anchor(node) {
            return self.refuse_secret(path);
        }
        if has_reference(text) && !FREE_TEXTS.contains(&field) {
            insert_at(&mut self.client.values, path, text.as_str().into());
            let message =
                "The reference is kept for the export. The tenant has the default until you set a value.";
            return self.client.warn(path, "reference", message);
        }
        self.client.given.push(field);
        text.clone_into(self.client.draft.get_mut(field));
    }

    /// Keeps the credentials of a field that Tenantry does not know, and reports the rest.
    fn unknown(&mut self, path: &str, name: &str, node: &Node) {
        match &node.value {
            Value::Mapping(entries) if !is_credential_name(name) => {
                for Entry { key, key_place, value } in entries {
                    if is_secret_text(key) {
                        self.refuse_secret_key(path, *key_place);
                        continue;
                    }
                    let path = format!("{path}.{key}");
                    self.client.places.entry(path.clone()).or_insert(*key_place);
                    self.unknown(&path, key, value);
                }
            }
            Value::Scalar { text, .. }
                if is_credential_name(name) || is_secret_text(text) || self.secrets.has_anchor(node) =>
            {
                if let Some(kept) = self.keep(path, name, node, false) {
                    insert_at(&mut self.client.values, path, kept);
                }
            }
            Value::Mapping(_) | Value::Sequence(_) => {
                let mut secrets = Secrets::default();
                secrets.find(node, name, self.secrets.has_anchor(node));
                match secrets.places.is_empty() {
                    true => self.warn_unknown(path),
                    false => {
                        if let Some(kept) = self.keep(path, name, node, false) {
                            insert_at(&mut self.client.values, path, kept);
                        }
                    }
                }
            }
            Value::Scalar { .. } => self.warn_unknown(path),
        }
    }

    fn warn_unknown(&mut self, path: &str) {
        self.unknown += 1;
        if self.unknown <= MAX_UNKNOWN {
            let message = format!("The field {} is not known and is not imported.", short(path));
            self.client.warn(path, "unknown_field", &message);
        }
    }

    /// Converts a value that is kept. A literal secret is replaced by a reference, or refused.
    fn keep(&mut self, path: &str, name: &str, node: &Node, is_below: bool) -> Option<Json> {
        let is_secret = is_below || is_credential_name(name) || self.secrets.has_anchor(node);
        match &node.value {
            _ if node.is_null() => Some(Json::Null),
            Value::Scalar { text, .. } => {
                if !(is_secret && !is_reference(text) || is_secret_text(text)) || text.is_empty() {
                    return Some(text.as_str().into());
                }
                self.client.places.insert(path.to_owned(), node.place);
                match self.encrypt_secrets {
                    true => {
                        self.client.secrets.insert(path.to_owned(), text.clone().into());
                        Some(reference_of(path).into())
                    }
                    false => {
                        self.refuse_secret(path);
                        None
                    }
                }
            }
            Value::Sequence(items) => {
                let keep = |(index, item)| self.keep(&format!("{path}.{index}"), "", item, is_secret);
                Some(Json::Array(items.iter().enumerate().filter_map(keep).collect()))
            }
            Value::Mapping(entries) => {
                let mut kept = Map::new();
                for Entry { key, key_place, value } in entries {
                    if is_secret_text(key) {
                        self.refuse_secret_key(path, *key_place);
                        continue;
                    }
                    let path = format!("{path}.{key}");
                    if !kept.contains_key(key)
                        && let Some(value) = self.keep(&path, key, value, is_secret)
                    {
                        kept.insert(key.clone(), value);
                    }
                }
                Some(Json::Object(kept))
            }
        }
    }

    /// Refuses a key that is a secret. Neither the place nor the message contains it.
    fn refuse_secret_key(&mut self, path: &str, place: Place) {
        let message = "A key is a secret in plain text. Remove it. It is neither stored nor shown.";
        self.client.report(Severity::Error, Some(place), path, "literal_secret", message);
    }

    fn refuse_secret(&mut self, path: &str) {
        let message = format!(
            "{} is a secret in plain text. Replace it with a reference such as {}, or import with encrypted secrets. \
             The value is neither stored nor shown.",
            short(path),
            reference_of(path)
        );
        self.error(path, "literal_secret", &message);
    }
}

/// The reference that stands for an encrypted secret: `infrastructure.smtp.password` becomes
/// `${INFRASTRUCTURE_SMTP_PASSWORD}`.
fn reference_of(path: &str) -> String {
    let name: String = path
        .chars()
        .take(MAX_REFERENCE)
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    format!("${{{name}}}")
}

/// Sets the value at a path of nested objects.
fn insert_at(values: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            values.insert(path.to_owned(), value);
        }
        Some((section, rest)) => {
            let nested = values.entry(section).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(nested) = nested {
                insert_at(nested, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn read(text: &str, encrypt_secrets: bool) -> ClientFile {
        ClientFile::read(&SourceFile::new("acme/client.yaml", text.as_bytes()), encrypt_secrets)
    }

    fn rules(client: &ClientFile) -> Vec<(&str, &str, Option<u32>)> {
        client.problems.iter().map(|found| (found.field.as_str(), found.rule.as_str(), found.line)).collect()
    }

    #[test]
    fn the_fields_of_a_file_become_a_draft() {
        let client = read(
            "client:\n  name: NO\n  short_name: 0123\n  currency: NOK\n  timezone: Europe/Oslo\n\
             branding:\n  theme_id: ocean\nemail:\n  primary: post@no.example\n  sendgrid:\n    from_name: 2024-01-02\n",
            false,
        );
        assert_eq!(client.problems, []);
        let Draft { name, short_name, support_email, email_from_name, theme, .. } = &client.draft;
        assert_eq!(
            [name.as_str(), short_name, support_email, email_from_name, theme],
            ["NO", "0123", "post@no.example", "2024-01-02", "ocean"]
        );
    }

    #[test]
    fn wrong_shapes_and_unknown_fields_have_their_places() {
        let client = read("client:\n  name: [a, b]\n  colour: red\nbranding: blue\nother:\n  x: 1\n", false);
        let expected = [
            ("client.name", "type", Some(2)),
            ("client.colour", "unknown_field", Some(3)),
            ("branding", "type", Some(4)),
            ("other.x", "unknown_field", Some(6)),
        ];
        assert_eq!(rules(&client), expected);
        assert_eq!(client.problems[0].excerpt[1].text, "  name: [a, b]");
        assert!(client.problems[0].excerpt[1].is_marked);
    }

    #[test]
    fn a_literal_secret_is_refused_and_never_shown() {
        let text = "client:\n  name: Acme\n  api_key: hunter2a\ninfrastructure:\n  smtp:\n    password: hunter2b\n    \
                    url: smtp://me:hunter2c@mail\n  secrets: [hunter2d, \"${OK}\"]\nemail:\n  sendgrid:\n    api_key: hunter2e\n  bad: [x]\n";
        let client = read(text, false);
        let secrets = client.problems.iter().filter(|problem| problem.rule == "literal_secret").count();
        assert_eq!(secrets, 5, "{:?}", rules(&client));
        assert!(!format!("{:?}", client.problems).contains("hunter2"));
        assert!(!format!("{:?}", client.values).contains("hunter2"));
    }

    #[test]
    fn a_secret_is_not_shown_near_other_problems_or_in_broken_files() {
        for text in [
            "client:\n  name: Acme\n  name: Acme\n  password: hunter2\n",
            "client:\n  password: hunter2\n  name: 'Acme\n",
            "infrastructure:\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    hunter2\n    x\nclient: 1\n",
            "infrastructure:\n  private_key: |\n    abc\n    hunter2\nclient: 1\n",
            "infrastructure:\n  password: *hunter2\n",
            "infrastructure:\n  password: hunter1\n  password: hunter2\n",
            "infrastructure:\n  x: [\"SG.hunter2hunter2hunter2\": 1]\nclient: 1\n",
            "SG.hunter2hunter2hunter2: 1\nSG.hunter2hunter2hunter2: 1\nclient: 1\n",
            "# smtp_password: hunter2\nclient: 1 # token=hunter2\n",
            "infrastructure:\n  password: &p hunter2\n  note: *p\nclient:\n  name: *p\n",
            "hunter2: [\n",
        ] {
            let client = read(text, false);
            assert!(client.has_error(), "{text}");
            let shown = format!("{:?}", client.problems);
            assert!(!shown.contains("hunter2") || text.starts_with("hunter2"), "{shown}");
        }
    }

    #[test]
    fn with_the_flag_a_secret_is_collected_and_a_reference_stands_for_it() {
        let client = read(
            "client:\n  name: Acme\ninfrastructure:\n  region: eu\n  smtp_password: hunter2\n  token: ${TOKEN}\n",
            true,
        );
        assert_eq!(client.problems, []);
        let expected = json!({
            "region": "eu", "smtp_password": "${INFRASTRUCTURE_SMTP_PASSWORD}", "token": "${TOKEN}"
        });
        assert_eq!(client.values["infrastructure"], expected);
        assert_eq!(client.secrets["infrastructure.smtp_password"].expose_secret(), "hunter2");
    }

    #[test]
    fn the_alias_of_a_secret_is_a_secret() {
        let client =
            read("client:\n  name: Acme\ninfrastructure:\n  password: &p hunter2\n  note: *p\n", true);
        assert_eq!(client.problems, []);
        assert_eq!(client.secrets.len(), 2);
        assert!(!format!("{:?}", client.values).contains("hunter2"));
        let list = "client:\n  name: Acme\ninfrastructure:\n  tokens: &t [hunter2]\n  others: *t\n";
        assert!(!format!("{:?}", read(list, true).values).contains("hunter2"));
    }

    #[test]
    fn a_reference_in_a_checked_field_is_kept_and_the_field_stays_empty() {
        let client = read("client:\n  name: ${NAME}\nbranding:\n  logo_url: https://${CDN}/a.png\n", false);
        assert_eq!(rules(&client), [("branding.logo_url", "reference", Some(4))]);
        assert_eq!((client.draft.name.as_str(), client.draft.logo_url.as_str()), ("${NAME}", ""));
        assert_eq!(client.values["branding"]["logo_url"], "https://${CDN}/a.png");
    }
}
