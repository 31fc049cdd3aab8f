//! The documentation of all settings.

use super::reader::Setting;

const INTRODUCTION: &str = include_str!("introduction.md");

/// The content of `docs/CONFIGURATION.md`.
pub(super) fn markdown(settings: &[Setting]) -> String {
    let rows: String = settings.iter().map(row).collect();
    format!(
        "{INTRODUCTION}\n| variable | key in the file | default | meaning |\n| --- | --- | --- | --- |\n{rows}"
    )
}

fn row(setting: &Setting) -> String {
    let Setting { key, about, expected, default, is_secret } = setting;
    let variable = setting.variable();
    let default = default.map(|value| format!("`{value}`")).unwrap_or_default();
    let mut notes = String::new();
    if *is_secret {
        notes.push_str(&format!(" `{variable}_FILE` or `{key}_file` names a file that contains it."));
    }
    if let Some(shared) = setting.shared_variable() {
        notes.push_str(&format!(" `{shared}` is used when `{variable}` is not set."));
    }
    format!("| `{variable}` | `{key}` | {default} | {about}. Value: {expected}.{notes} |\n")
}
