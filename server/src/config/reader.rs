//! Finds each setting in the sources, parses it, and collects every problem.

use std::{
    collections::BTreeMap,
    fmt::Display,
    fs,
    mem::take,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

use super::kind::Kind;

/// The variable that names the TOML file.
const CONFIG: &str = "TENANTRY_CONFIG";
/// The only variable of a setting that does not begin with `TENANTRY_`.
const DATABASE_URL: &str = "DATABASE_URL";
/// The key of a setting, and a variable that other programs read, too. That variable applies if the
/// setting's own variable is not set.
const SHARED_VARIABLE: (&str, &str) = ("otlp.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT");

/// The keys of the file whose values are arrays of tables. See [`Reader::list`].
const LISTS: [&str; 2] = ["blueprints", "plans"];

/// Reads the settings of a TOML table into a struct. The table `""` is the top level. A comment above a field
/// is the setting's documentation. After `..`, each field names the function that reads its value.
macro_rules! table {
    ($reader:ident, $table:literal, $($target:ident)::+ {
        $($(#[doc = $about:literal])+ $field:ident: $kind:expr,)+
        $(.. $($other:ident: $read:path,)+)?
    }) => {
        $reader.table($table, |reader| {
            $(let $field = reader.read(concat!($table, stringify!($field)), concat!($($about),+), $kind);)+
            $($(let $other = $read(reader);)+)?
            Some($($target)::+ { $($field: $field?,)+ $($($other),+)? })
        })
    };
}
pub(super) use table;

/// Declares a struct with the settings of a TOML table, and the function `read`, which reads them.
macro_rules! settings {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident in $table:literal {
        $($(#[doc = $about:literal])+ $field:ident: $type:ty = $kind:expr,)+
        $(.. $($other:ident: $other_type:ty = $read:path,)+)?
    }) => {
        $(#[$attribute])*
        $visibility struct $name {
            $($(#[doc = $about])+ pub $field: $type,)+
            $($(pub $other: $other_type,)+)?
        }

        impl $name {
            fn read(reader: &mut Reader) -> Option<Self> {
                table! { reader, $table, Self {
                    $($(#[doc = $about])+ $field: $kind,)+
                    $(.. $($other: $read,)+)?
                } }
            }
        }
    };
}
pub(super) use settings;

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

/// All problems in the configuration, one sentence each. No sentence contains a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the configuration has {} problem{}:\n  - {}",
    .0.len(), if .0.len() == 1 { "" } else { "s" }, .0.join("\n  - ")
)]
pub(crate) struct ConfigProblems(pub(super) Vec<String>);

/// The documentation of one setting, and whether it was given.
#[derive(Debug)]
pub(super) struct Setting {
    /// The key in the TOML file; `odoo18.url` is the key `url` of the table `[odoo18]`.
    pub key: &'static str,
    pub about: &'static str,
    pub expected: String,
    pub default: Option<&'static str>,
    pub is_secret: bool,
    is_given: bool,
    is_missing: bool,
}

impl Setting {
    pub(super) fn variable(&self) -> String {
        match self.key {
            "database_url" => DATABASE_URL.to_owned(),
            key => format!("TENANTRY_{}", key.replace('.', "_").to_ascii_uppercase()),
        }
    }

    pub(super) fn shared_variable(&self) -> Option<&'static str> {
        (self.key == SHARED_VARIABLE.0).then_some(SHARED_VARIABLE.1)
    }
}

/// The text of a value before it is parsed.
#[derive(Debug)]
struct RawValue {
    /// The source of the value in messages: a variable, a flag, or a key and its file.
    label: String,
    text: String,
}

/// The values of one source by name: a key or a variable.
type Source = BTreeMap<String, RawValue>;

/// The given values by key, the settings that were read, and the problems so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    given: BTreeMap<&'static str, Result<RawValue, String>>,
    /// The lists of the file by key, with the label to use in messages.
    lists: BTreeMap<String, (String, toml::Value)>,
    pub settings: Vec<Setting>,
    pub problems: Vec<String>,
}

impl Reader {
    /// Collects the values of `settings` from all sources.
    pub(super) fn new(
        settings: &[Setting],
        overrides: Overrides,
        env: impl Iterator<Item = (String, String)>,
    ) -> Self {
        let key = |setting: &Setting| setting.key.to_owned();
        let shared_variable = |setting: &Setting| setting.shared_variable().unwrap_or_default().to_owned();
        let mut reader = Self::default();
        let mut env: Source = env
            // An empty variable counts as not set, because compose files often pass empty variables.
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.clone(), RawValue { label: name, text }))
            .collect();
        let shared = env.remove_entry(SHARED_VARIABLE.1).into_iter().collect();
        let path = env.remove(CONFIG).map(|given| given.text.into());
        env.retain(|name, _| name.starts_with("TENANTRY_") || name.trim_end_matches("_FILE") == DATABASE_URL);
        let flags = overrides.values.into_iter().map(|(key, text)| {
            (key.to_owned(), RawValue { label: format!("--{}", key.replace('_', "-")), text })
        });
        let file = overrides.config.or(path).map(|path| reader.read_file(&path)).unwrap_or_default();
        reader.add_source(settings, key, "_file", file);
        reader.add_source(settings, shared_variable, "", shared);
        reader.add_source(settings, Setting::variable, "_FILE", env);
        reader.add_source(settings, key, "_file", flags.collect());
        reader
    }

    fn read_file(&mut self, path: &Path) -> Source {
        let mut values = Source::new();
        let table = fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.message().to_owned()));
        let path = path.display().to_string();
        match table {
            Ok(table) => self.flatten("", table, &path, &mut values),
            Err(reason) => self.problems.push(format!("the file {path} cannot be used: {reason}")),
        }
        values
    }

    /// Adds the entries of a table of the file to `values`, under keys such as `odoo18.url`.
    fn flatten(&mut self, prefix: &str, table: toml::Table, path: &str, values: &mut Source) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            let label = format!("{key} in {path}");
            match value {
                value if LISTS.contains(&key.as_str()) => drop(self.lists.insert(key, (label, value))),
                toml::Value::Table(table) => self.flatten(&format!("{key}."), table, path, values),
                toml::Value::String(text) => drop(values.insert(key, RawValue { label, text })),
                toml::Value::Integer(number) => {
                    values.insert(key, RawValue { label, text: number.to_string() });
                }
                _ => self.problems.push(format!("{label} must be a string or a whole number")),
            }
        }
    }

    /// Returns the entries of one of [`LISTS`], or `defaults` if the file does not have the list. `check`
    /// returns the problems of all entries together.
    pub(super) fn list<T: DeserializeOwned, P: Display>(
        &mut self,
        key: &str,
        defaults: Vec<T>,
        check: impl FnOnce(&[T]) -> Result<(), Vec<P>>,
    ) -> Vec<T> {
        let (label, entries) = match self.lists.remove(key) {
            None => (key.to_owned(), defaults),
            Some((label, toml::Value::Array(tables))) if !tables.is_empty() => {
                let entries = self.entries(&label, tables);
                (label, entries)
            }
            Some((label, _)) => {
                self.problems.push(format!("{label} must be tables that each begin with [[{key}]]"));
                return Vec::new();
            }
        };
        let problems = check(&entries).err().into_iter().flatten();
        self.problems.extend(problems.map(|problem| format!("{label}: {problem}")));
        entries
    }

    fn entries<T: DeserializeOwned>(&mut self, label: &str, tables: Vec<toml::Value>) -> Vec<T> {
        let parse = |(number, table): (usize, toml::Value)| {
            let report = |error: toml::de::Error| {
                let reason = error.message().trim();
                self.problems.push(format!("{label}: entry {number} cannot be used: {reason}"));
            };
            table.try_into().map_err(report).ok()
        };
        (1..).zip(tables).filter_map(parse).collect()
    }

    /// Adds the values of a source, which override those of earlier sources. `name` returns the name of a
    /// setting in this source. A name that ends with `file_suffix` gives the path of a file with a secret.
    fn add_source(
        &mut self,
        settings: &[Setting],
        name: fn(&Setting) -> String,
        file_suffix: &str,
        mut source: Source,
    ) {
        for setting in settings {
            let name = name(setting);
            let path = setting.is_secret.then(|| source.remove(&format!("{name}{file_suffix}"))).flatten();
            let value = match (source.remove(&name), path) {
                (None, None) => continue,
                (Some(value), None) => Ok(value),
                (Some(RawValue { label, .. }), Some(path)) => {
                    Err(format!("{label} and {} are both set; keep one", path.label))
                }
                (None, Some(RawValue { label, text: path })) => match fs::read_to_string(&path) {
                    Ok(text) => Ok(RawValue { label, text: text.trim_end().to_owned() }),
                    Err(error) => Err(format!("{label}: the file {path} cannot be read: {error}")),
                },
            };
            self.given.insert(setting.key, value);
        }
        for (unknown, RawValue { label, .. }) in source {
            let similar = settings
                .iter()
                .map(name)
                .map(|known| (strsim::levenshtein(&unknown, &known), known))
                .filter(|(distance, _)| *distance <= 3.max(unknown.len() / 4))
                .min()
                .map(|(_, known)| format!(" (did you mean {known}?)"));
            self.problems.push(format!("{label} is not a setting{}", similar.unwrap_or_default()));
        }
    }

    /// Reads one setting. Returns `None` if its value has a problem, or if it is required and not given.
    pub(super) fn read<T>(&mut self, key: &'static str, about: &'static str, kind: Kind<T>) -> Option<T> {
        let Kind { expected, is_secret, default, absent, parse } = kind;
        let given = self.given.remove(key);
        let is_given = given.is_some();
        let is_missing = !is_given && default.is_none() && absent.is_none();
        let value = match given {
            None => default.map_or(absent, parse),
            Some(given) => given
                .and_then(|RawValue { label, text }| {
                    let shown = if is_secret { String::new() } else { format!(", not {text:?}") };
                    parse(&text).ok_or_else(|| format!("{label} must be {expected}{shown}"))
                })
                .map_err(|problem| self.problems.push(problem))
                .ok(),
        };
        let about = about.trim();
        self.settings.push(Setting { key, about, expected, default, is_secret, is_given, is_missing });
        value
    }

    /// Reads the settings whose keys begin with `prefix`. If one of them is given, adds a problem for each
    /// required setting that is missing.
    pub(super) fn table<T>(&mut self, prefix: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let first = self.settings.len();
        let value = read(self);
        let (is_given, table) = (self.is_given(prefix), prefix.trim_end_matches('.'));
        for setting in &mut self.settings[first..] {
            if take(&mut setting.is_missing) && is_given {
                let (variable, key) = (setting.variable(), setting.key);
                let problem =
                    format!("{variable} ({key}) is missing, and the other settings of {table} need it");
                self.problems.push(problem);
            }
        }
        value
    }

    /// Whether a setting with a key that begins with `prefix` was given.
    pub(super) fn is_given(&self, prefix: &str) -> bool {
        self.settings.iter().any(|setting| setting.is_given && setting.key.starts_with(prefix))
    }
}
