//! Gathers what flags, environment and file say, before anything is parsed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    problems::{ConfigProblems, hint},
    table::{SETTINGS, Setting, is_section},
};

/// The key of the file's list of blueprints, which is no setting like the others.
const BLUEPRINTS: &str = "blueprints";

/// What the command line says: it wins over everything else.
#[derive(Debug, Default, Clone)]
pub struct Overrides {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    values: Vec<(&'static str, String)>,
}

impl Overrides {
    /// Sets the setting called `name` in the table, if the flag was given.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.values.extend(value.map(|value| (name, value.to_string())));
        self
    }
}

/// What was given for one setting, and by what name the person gave it.
struct Given {
    label: String,
    text: String,
    is_path: bool,
}

/// The values given, the ones with precedence on top, and the mistakes so far.
#[derive(Default)]
pub(super) struct Sources {
    given: BTreeMap<&'static str, Given>,
    /// What the file says under `blueprints`, by the name to call it.
    blueprints: Option<(String, toml::Value)>,
    pub(super) problems: ConfigProblems,
}

const CONFIG: &str = "TENANTRY_CONFIG";

impl Sources {
    pub(super) fn gather(overrides: Overrides, env: impl Iterator<Item = (String, String)>) -> Self {
        // An empty variable is one that is not set: compose files leave those.
        let env: Vec<_> = env.filter(|(_, value)| !value.is_empty()).collect();
        let named = env.iter().find(|(name, _)| name == CONFIG);
        let named = named.map(|(_, path)| PathBuf::from(path));
        let mut sources = Self::default();
        if let Some(path) = overrides.config.or(named) {
            sources.add_file(&path);
        }
        sources.add_standard_environment(&env);
        sources.add_environment(env);
        for (name, text) in overrides.values {
            let label = format!("--{}", name.replace('_', "-"));
            sources.add_layer([(name.to_owned(), label, text)].into(), |setting| setting.name);
        }
        sources
    }

    fn add_file(&mut self, path: &Path) {
        let parsed = fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.message().to_owned()));
        let table = match parsed {
            Ok(table) => table,
            Err(reason) => {
                let path = path.display();
                return self.problems.add(format!("the file {path} cannot be used: {reason}"));
            }
        };
        let mut entries = Vec::new();
        for (key, value) in table {
            match value {
                value if key == BLUEPRINTS => {
                    self.blueprints = Some((format!("{key} in {}", path.display()), value));
                }
                toml::Value::Table(section) if is_section(&key) => {
                    entries.extend(section.into_iter().map(|(name, value)| (format!("{key}.{name}"), value)))
                }
                value => entries.push((key, value)),
            }
        }
        let entries = entries.into_iter().filter_map(|(key, value)| self.entry(path, key, value)).collect();
        self.add_layer(entries, |setting| setting.name);
    }

    /// (name, label, text) of one key of the file.
    fn entry(&mut self, path: &Path, key: String, value: toml::Value) -> Option<(String, String, String)> {
        let label = format!("{key} in {}", path.display());
        match value {
            toml::Value::String(text) => Some((key, label, text)),
            toml::Value::Integer(number) => Some((key, label, number.to_string())),
            _ => {
                self.problems.add(format!("{label} must be a string or a whole number"));
                None
            }
        }
    }

    /// What others' variables say of settings, which ours win over.
    fn add_standard_environment(&mut self, env: &[(String, String)]) {
        for (setting, standard) in SETTINGS.iter().filter_map(|setting| Some((setting, setting.standard?))) {
            let found = env.iter().find(|(name, _)| name == standard);
            self.given.extend(found.map(|(label, text)| {
                (setting.name, Given { label: label.clone(), text: text.clone(), is_path: false })
            }));
        }
    }

    fn add_environment(&mut self, env: Vec<(String, String)>) {
        let known = |name: &str| {
            let base = name.strip_suffix("_FILE").unwrap_or(name);
            SETTINGS.iter().any(|setting| setting.env == base)
        };
        let entries = env
            .into_iter()
            .filter(|(name, _)| name != CONFIG && (name.starts_with("TENANTRY_") || known(name)))
            .map(|(name, value)| (name.clone(), name, value));
        self.add_layer(entries.collect(), |setting| setting.env);
    }

    /// Adds (name, label, text) entries of one source over those before it.
    fn add_layer(&mut self, entries: Vec<(String, String, String)>, name_of: fn(&Setting) -> &'static str) {
        let mut layer: BTreeMap<&'static str, Given> = BTreeMap::new();
        for (name, label, text) in entries {
            let Some((setting, is_path)) = find(&name, name_of) else {
                let hint = hint(&name, SETTINGS.iter().map(|setting| name_of(setting).to_owned()));
                self.problems.add(format!("{label} is not a setting{hint}"));
                continue;
            };
            if let Some(other) = layer.get(setting.name) {
                self.problems.add(format!("{label} and {} are both set; keep one", other.label));
                continue;
            }
            layer.insert(setting.name, Given { label, text, is_path });
        }
        self.given.extend(layer);
    }

    /// What the file says under `blueprints`, by the name to call it.
    pub(super) fn blueprints(&mut self) -> Option<(String, toml::Value)> {
        self.blueprints.take()
    }

    /// Whether any of these settings was given.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.given.contains_key(name))
    }

    /// Notes each of these settings that is missing while another is given.
    pub(super) fn require_together(&mut self, names: &[&'static str]) {
        if !self.has_any(names) {
            return;
        }
        let missing = SETTINGS.iter().filter(|setting| names.contains(&setting.name));
        for setting in missing.filter(|setting| !self.given.contains_key(setting.name)) {
            let others = names.join(", ");
            self.problems.add(format!("{} ({}) is missing: set all of {others}", setting.env, setting.name));
        }
    }

    /// The value of an optional setting, parsed; mistakes are noted.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let setting = SETTINGS.iter().find(|setting| setting.name == name)?;
        let given = self.given.remove(name);
        let (label, text) = match given {
            Some(given) if given.is_path => match fs::read_to_string(&given.text) {
                Ok(text) => (given.label, text.trim_end().to_owned()),
                Err(error) => {
                    let Given { label, text, .. } = given;
                    self.problems.add(format!("{label}: the file {text} cannot be read: {error}"));
                    return None;
                }
            },
            Some(given) => (given.label, given.text),
            None => (setting.env.to_owned(), setting.default?.to_owned()),
        };
        let value = parse(&text);
        if value.is_none() {
            let shown = if setting.secret { String::new() } else { format!(", not {text:?}") };
            self.problems.add(format!("{label} must be {}{shown}", setting.allowed));
        }
        value
    }
}

/// The setting of this name, and whether the name is that of its file.
fn find(name: &str, name_of: fn(&Setting) -> &'static str) -> Option<(&'static Setting, bool)> {
    SETTINGS.iter().find_map(|setting| match name.strip_prefix(name_of(setting))? {
        "" => Some((setting, false)),
        "_file" | "_FILE" if setting.secret => Some((setting, true)),
        _ => None,
    })
}
