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

/// The settings as a configuration file in which every setting is a comment.
pub(super) fn toml(settings: &[Setting]) -> String {
    let mut text = String::from(TOML_INTRODUCTION);
    let section = |setting: &Setting| setting.key.split_once('.').map(|(section, _)| section);
    let mut sections: Vec<Option<&str>> = vec![None];
    for name in settings.iter().map(section) {
        if !sections.contains(&name) {
            sections.push(name);
        }
    }
    for name in sections {
        text.extend(name.map(|name| format!("\n[{name}]\n")));
        text.extend(settings.iter().filter(|setting| section(setting) == name).map(toml_entry));
    }
    text
}

const TOML_INTRODUCTION: &str = "\
# The configuration of Tenantry. Remove the # before a setting to change it. Environment variables override
# this file. `tenantry settings` prints the documentation of all settings.
";

fn toml_entry(setting: &Setting) -> String {
    let Setting { key, about, expected, default, is_secret } = setting;
    let name = key.rsplit('.').next().unwrap_or(key);
    let mut comment = format!("{about}. Value: {expected}.");
    if *is_secret {
        comment.push_str(&format!(" {name}_file names a file that contains it."));
    }
    let value = match default.unwrap_or_default() {
        number if number.parse::<u32>().is_ok() => number.to_owned(),
        text => format!("{text:?}"),
    };
    format!("\n{}#{name} = {value}\n", wrap(&comment))
}

/// Breaks a text into comment lines of at most 100 characters.
fn wrap(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        let is_full = lines.last().is_some_and(|line| line.chars().count() + 1 + word.chars().count() > 100);
        if is_full {
            lines.push(String::from("#"));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}
