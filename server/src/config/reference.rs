//! The documentation of all settings.

use super::{Settings, reader::Setting};

const INTRODUCTION: &str = include_str!("introduction.md");

/// The content of `docs/CONFIGURATION.md`.
pub(crate) fn markdown() -> String {
    let rows: String = Settings::declared().iter().map(row).collect();
    format!(
        "{INTRODUCTION}\n| variable | key in the file | default | meaning |\n| --- | --- | --- | --- |\n{rows}"
    )
}

/// An example configuration file: every setting is documented and commented out.
pub(crate) fn example_config_file() -> String {
    let mut file = String::from("# Settings of Tenantry. Remove the # in front of a setting to change it.\n");
    let mut last_table = "";
    let mut settings = Settings::declared();
    // Top-level settings come first, because a key after the header of a table belongs to that table.
    settings.sort_by_key(|setting| setting.key.contains('.'));
    for Setting { key, about, expected, default, .. } in settings {
        let (table, name) = key.split_once('.').unwrap_or(("", key));
        if table != last_table {
            last_table = table;
            file.push_str(&format!("\n#[{table}]\n"));
        }
        let value = default.unwrap_or_default();
        file.push_str(&format!("\n# {about}.\n# Value: {expected}.\n#{name} = {value:?}\n"));
    }
    file
}

fn row(setting: &Setting) -> String {
    let Setting { key, about, expected, default, is_secret, .. } = setting;
    let variable = setting.variable();
    let default = default.map(|value| format!("`{value}`")).unwrap_or_default();
    let mut notes = String::new();
    if *is_secret {
        notes.push_str(&format!(" `{variable}_FILE` or `{key}_file` names a file that contains the value."));
    }
    if let Some(shared) = setting.shared_variable() {
        notes.push_str(&format!(" `{shared}` is used when `{variable}` is not set."));
    }
    format!("| `{variable}` | `{key}` | {default} | {about}. Value: {expected}.{notes} |\n")
}
