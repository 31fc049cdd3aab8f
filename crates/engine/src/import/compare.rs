//! The differences between a file and its tenant.

use std::collections::BTreeMap;

use domain::{
    import::{ImportDifference, ImportProblem, Severity},
    provisioning::{DraftField, NewTenant},
};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::{
    client::{COMMISSION, ClientFile, path_of},
    excerpt::MASK,
    existing::ExistingTenant,
    owners::TenantPeople,
    problems::summary,
};

/// How many differences of a file a report lists.
const MAX_DIFFERENCES: usize = 50;
/// The longest value and path in a difference, in characters.
const MAX_VALUE: usize = 200;

/// The fields of the file, its kept values, its secrets and its owner that differ from those of the tenant.
pub(super) fn differences(
    client: &ClientFile,
    tenant: &NewTenant,
    people: Option<&TenantPeople>,
    existing: &ExistingTenant,
) -> Vec<ImportDifference> {
    let payload = tenant.to_payload();
    let mut found = Vec::new();
    for field in &client.given {
        match field {
            DraftField::ExternalId => {}
            DraftField::Commission => {
                let in_file = i32::from(tenant.commission.basis_points());
                if in_file != existing.commission {
                    let percent = |points: i32| Some((f64::from(points) / 100.0).to_string());
                    found.push(difference(COMMISSION, percent(in_file), percent(existing.commission)));
                }
            }
            field => {
                let pointer = format!("/{}", field.path().replace('.', "/"));
                let in_file = payload.pointer(&pointer).and_then(Value::as_str).map(str::to_owned);
                let in_tenant = existing.fields.get(field).cloned().flatten();
                // A blank field means the default, so it does not differ.
                if in_file.is_some() && in_file != in_tenant {
                    found.push(difference(path_of(*field), in_file, in_tenant));
                }
            }
        }
    }
    let (in_file, in_tenant) = (leaves(&client.values), leaves(&existing.values));
    let paths = in_file.keys().chain(in_tenant.keys().filter(|path| !in_file.contains_key(*path)));
    for path in paths {
        if in_file.get(path) != in_tenant.get(path) {
            found.push(difference(path, in_file.get(path).cloned(), in_tenant.get(path).cloned()));
        }
    }
    for (path, secret) in &client.secrets {
        let stored = existing.secrets.get(path).map(ExposeSecret::expose_secret);
        if stored != Some(secret.expose_secret()) {
            found.push(difference(path, Some(MASK.to_owned()), stored.map(|_| MASK.to_owned())));
        }
    }
    if let (Some((owner, _)), Some((canonical, address))) =
        (people.and_then(|people| people.owner.as_ref()), &existing.owner)
        && owner.email.canonical() != canonical
    {
        found.push(difference("owner", Some(owner.email.address().to_owned()), Some(address.clone())));
    }
    found
}

/// Removes the differences that a report does not list, and returns a warning that counts them.
pub(super) fn limit_differences(
    file: &str,
    differences: &mut Vec<ImportDifference>,
) -> Option<ImportProblem> {
    let omitted = differences.len().checked_sub(MAX_DIFFERENCES).filter(|omitted| *omitted > 0)?;
    differences.truncate(MAX_DIFFERENCES);
    let message = format!("There are {omitted} more differences, which are not listed.");
    Some(summary(file, Severity::Warning, "more_differences", &message))
}

fn difference(field: &str, in_file: Option<String>, in_tenant: Option<String>) -> ImportDifference {
    let shown = |value: Option<String>| value.map(|value| shorten(&value));
    ImportDifference { field: shorten(field), in_file: shown(in_file), in_tenant: shown(in_tenant) }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The texts in nested values, by their paths.
fn leaves(values: &Map<String, Value>) -> BTreeMap<String, String> {
    fn collect(path: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                entries.iter().for_each(|(key, value)| collect(&below(key), value, leaves));
            }
            Value::Array(items) if !items.is_empty() => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| collect(&below(&index.to_string()), item, leaves));
            }
            Value::String(text) => {
                leaves.insert(path.to_owned(), text.clone());
            }
            other => {
                leaves.insert(path.to_owned(), other.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    values.iter().for_each(|(key, value)| collect(key, value, &mut found));
    found
}
