//! Finds each setting in the sources, parses it, and collects every mistake.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use super::kind::Kind;

/// The variable that names the TOML file.
const CONFIG: &str = "TENANTRY_CONFIG";
/// Variables that several programs read. One applies if the setting's own variable is not set.
const SHARED_VARIABLES: [(&str, &str); 1] = [("otlp.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT")];

/// Reads every listed setting, then builds the struct from their values. A comment above a setting is
/// its documentation. Other fields follow after `..`. Expands to an `Option`, which is `None` when a
/// required setting has no valid value.
macro_rules! read {
    ($reader:ident, $section:literal, $($target:ident)::+ {
        $($(#[doc = $about:literal])+ $field:ident: $kind:expr,)+
        $(.. $($other:ident: $value:expr,)+)?
    }) => {{
        $(let $field = $reader.read(concat!($section, stringify!($field)), concat!($($about),+), $kind);)+
        $($(let $other = $value;)+)?
        Some($($target)::+ { $($field: $field?,)+ $($($other),+)? })
    }};
}
pub(super) use read;

/// The values from the command line, which override every other source.
#[derive(Debug, Default, Clone)]
pub(crate) struct Overrides {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    values: Vec<(&'static str, String)>,
}

impl Overrides {
    /// Sets the setting with this key, if the flag was given.
    #[must_use]
    pub(crate) fn set(mut self, key: &'static str, value: Option<impl ToString>) -> Self {
        self.values.extend(value.map(|value| (key, value.to_string())));
        self
    }
}

/// All mistakes that were found, one sentence each. None contains a secret.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ConfigProblems(Vec<String>);

impl ConfigProblems {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(f, "the configuration has 1 mistake:")?,
            count => write!(f, "the configuration has {count} mistakes:")?,
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for ConfigProblems {}

/// The documentation of one setting.
#[derive(Debug)]
pub(super) struct Setting {
    /// The key in the TOML file; `odoo18.url` is the key `url` of the table `[odoo18]`.
    pub key: &'static str,
    pub about: &'static str,
    pub expected: String,
    pub default: Option<&'static str>,
    pub is_secret: bool,
}

impl Setting {
    pub(super) fn variable(&self) -> String {
        match self.key {
            "database_url" => "DATABASE_URL".to_owned(),
            key => format!("TENANTRY_{}", key.replace('.', "_").to_ascii_uppercase()),
        }
    }

    pub(super) fn shared_variable(&self) -> Option<&'static str> {
        SHARED_VARIABLES.iter().find(|(key, _)| *key == self.key).map(|(_, variable)| *variable)
    }
}

/// The text of a value before it is parsed.
#[derive(Debug)]
struct RawValue {
    /// The source of the value in messages: a variable, a flag, or a key and its file.
    label: String,
    text: String,
}

/// One source of values, by name.
type Source = BTreeMap<String, RawValue>;

/// The sources, what was read from them, and the mistakes so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    flags: Source,
    env: Source,
    file: Source,
    blueprints: Option<(String, toml::Value)>,
    settings: Vec<Setting>,
    problems: ConfigProblems,
    /// Whether a setting of the current section was given.
    is_section_given: bool,
    /// The required settings of the current section that were not given.
    missing: Vec<String>,
}

impl Reader {
    pub(super) fn new(overrides: Overrides, env: impl Iterator<Item = (String, String)>) -> Self {
        let mut reader = Self::default();
        for (key, text) in overrides.values {
            let label = format!("--{}", key.replace('_', "-"));
            reader.flags.insert(key.to_owned(), RawValue { label, text });
        }
        // An empty variable counts as not set, because compose files often pass empty variables.
        for (name, text) in env.filter(|(_, text)| !text.is_empty()) {
            reader.env.insert(name.clone(), RawValue { label: name, text });
        }
        let named = reader.env.remove(CONFIG).map(|given| PathBuf::from(given.text));
        if let Some(path) = overrides.config.or(named) {
            reader.load_file(&path);
        }
        reader
    }

    fn load_file(&mut self, path: &Path) {
        let table = fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.message().to_owned()));
        let path = path.display();
        let table = match table {
            Ok(table) => table,
            Err(reason) => return self.add_problem(format!("the file {path} cannot be used: {reason}")),
        };
        let mut entries = Vec::new();
        for (key, value) in table {
            match value {
                value if key == "blueprints" => self.blueprints = Some((format!("{key} in {path}"), value)),
                toml::Value::Table(section) => {
                    entries.extend(section.into_iter().map(|(name, value)| (format!("{key}.{name}"), value)));
                }
                value => entries.push((key, value)),
            }
        }
        for (key, value) in entries {
            let label = format!("{key} in {path}");
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                _ => {
                    self.add_problem(format!("{label} must be a string or a whole number"));
                    continue;
                }
            };
            self.file.insert(key, RawValue { label, text });
        }
    }

    pub(super) fn add_problem(&mut self, problem: impl Into<String>) {
        self.problems.0.push(problem.into());
    }

    /// Reads one setting. Returns `None` after a mistake, and for a required setting that is not given.
    pub(super) fn read<T>(&mut self, key: &'static str, about: &'static str, kind: Kind<T>) -> Option<T> {
        let Kind { expected, is_secret, default, absent, parse } = kind;
        let setting = Setting { key, about: about.trim(), expected, default, is_secret };
        let given = self.find(&setting);
        let value = match (given, default) {
            (Some(Err(())), _) => None,
            (Some(Ok(RawValue { label, text })), _) => {
                let value = parse(&text);
                if value.is_none() {
                    let shown = if is_secret { String::new() } else { format!(", not {text:?}") };
                    self.add_problem(format!("{label} must be {}{shown}", setting.expected));
                }
                value
            }
            (None, Some(default)) => parse(default),
            (None, None) => {
                if absent.is_none() {
                    self.missing.push(format!("{} ({key})", setting.variable()));
                }
                absent
            }
        };
        self.settings.push(setting);
        value
    }

    /// Reads the settings of one TOML table. If any of them is given, every required one must be given.
    pub(super) fn section<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.is_section_given = false;
        let value = read(self);
        for setting in std::mem::take(&mut self.missing) {
            if self.is_section_given {
                self.add_problem(format!("{setting} is missing, and the other settings of {name} need it"));
            }
        }
        value
    }

    /// Whether any setting of the last section was given.
    pub(super) fn is_section_given(&self) -> bool {
        self.is_section_given
    }

    /// The blueprints of the file, with the label to use in messages.
    pub(super) fn take_blueprints(&mut self) -> Option<(String, toml::Value)> {
        self.blueprints.take()
    }

    /// Returns the settings and the mistakes. Every value that was not read is a mistake: its name is
    /// unknown.
    pub(super) fn finish(mut self) -> (Vec<Setting>, ConfigProblems) {
        let variables: Vec<String> = self.settings.iter().map(Setting::variable).collect();
        let keys: Vec<String> = self.settings.iter().map(|setting| setting.key.to_owned()).collect();
        let env = std::mem::take(&mut self.env).into_iter().filter(|(name, _)| name.starts_with("TENANTRY_"));
        let env: Vec<_> = env.map(|(name, given)| (name, given, &variables)).collect();
        let rest = [std::mem::take(&mut self.flags), std::mem::take(&mut self.file)];
        let rest = rest.into_iter().flatten().map(|(name, given)| (name, given, &keys));
        for (name, RawValue { label, .. }, known) in env.into_iter().chain(rest) {
            self.add_problem(format!("{label} is not a setting{}", suggestion(&name, known)));
        }
        (self.settings, self.problems)
    }

    /// Takes a setting's values out of every source and returns the one with the highest precedence.
    fn find(&mut self, setting: &Setting) -> Option<Result<RawValue, ()>> {
        let variable = setting.variable();
        let shared = setting.shared_variable().and_then(|name| self.env.remove(name));
        let found = [
            self.take_from(|reader| &mut reader.flags, setting, setting.key, "_file"),
            self.take_from(|reader| &mut reader.env, setting, &variable, "_FILE"),
            shared.map(Ok),
            self.take_from(|reader| &mut reader.file, setting, setting.key, "_file"),
        ];
        let found = found.into_iter().flatten().next();
        self.is_section_given |= found.is_some();
        found
    }

    fn take_from(
        &mut self,
        source: fn(&mut Self) -> &mut Source,
        setting: &Setting,
        name: &str,
        suffix: &str,
    ) -> Option<Result<RawValue, ()>> {
        let value = source(self).remove(name);
        let file = if setting.is_secret { source(self).remove(&format!("{name}{suffix}")) } else { None };
        match (value, file) {
            (Some(value), Some(file)) => {
                self.add_problem(format!("{} and {} are both set; keep one", value.label, file.label));
                Some(Err(()))
            }
            (None, Some(RawValue { label, text: path })) => Some(match fs::read_to_string(&path) {
                Ok(text) => Ok(RawValue { label, text: text.trim_end().to_owned() }),
                Err(error) => {
                    self.add_problem(format!("{label}: the file {path} cannot be read: {error}"));
                    Err(())
                }
            }),
            (value, None) => value.map(Ok),
        }
    }
}

/// ` (did you mean x?)` for the most similar known name, if there is one.
fn suggestion(name: &str, known: &[String]) -> String {
    known
        .iter()
        .map(|known| (strsim::levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= 3.max(name.len() / 4))
        .min()
        .map(|(_, known)| format!(" (did you mean {known}?)"))
        .unwrap_or_default()
}
