use std::collections::BTreeMap;

use super::FormValues;
use crate::{
    FieldProblem, Timestamp,
    defaults::Commission,
    field::parse_line,
    lifecycle::TenantChanges,
    plan::{Plan, QuotaOverrides},
    provisioning::{MAX_NAME, MAX_SHORT_NAME},
    text_form::is_configured_name,
};

/// The field of a limit without a maximum.
const UNLIMITED: &str = "unlimited";
/// The value of a feature that the tenant has, unlike its plan.
const ON: &str = "on";
/// The value of a feature that the tenant lacks, unlike its plan.
const OFF: &str = "off";

impl TenantChanges {
    /// The names of the form's limits.
    pub const QUOTA_FIELDS: [&'static str; 3] =
        ["quotas.maxUsers", "quotas.maxMonthlyQuotes", "quotas.maxStorageGb"];
    /// The beginning of the names of the form's features.
    pub const FEATURE_PREFIX: &'static str = "features.";

    /// Reads the form on the page of a tenant. A field whose text is still the `loaded` one stays as it is.
    ///
    /// # Errors
    /// The problems of all fields.
    pub fn from_form(values: &FormValues, loaded: &FormValues) -> Result<Self, Vec<FieldProblem>> {
        let mut reader = Reader { values, loaded, problems: Vec::new() };
        let changes = Self {
            name: reader
                .changed("name", |text| parse_line("name", "the organisation's name", text, MAX_NAME)),
            short_name: reader.changed("shortName", |text| {
                let parse = |text: &str| parse_line("shortName", "the short name", text, MAX_SHORT_NAME);
                if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) }
            }),
            slug: None,
            plan: reader.changed("plan", |text| match Plan::is_name(text) {
                true => Ok(text.to_owned()),
                false => Err(Self::unknown_plan()),
            }),
            commission: reader.changed("commission", |text| {
                Commission::parse(text).map_err(|problem| problem.in_field("commission"))
            }),
            trial_ends_at: reader.changed("trialEndsAt", parse_trial_end),
            quotas: reader.quotas(),
            features: reader.features(),
        };
        if reader.problems.is_empty() { Ok(changes) } else { Err(reader.problems) }
    }

    /// The text of a limit in the form: empty for the limit of the plan.
    pub fn quota_text(limit: Option<Option<u32>>) -> String {
        match limit {
            None => String::new(),
            Some(None) => UNLIMITED.to_owned(),
            Some(Some(limit)) => limit.to_string(),
        }
    }

    /// The value of a feature in the form: empty for the feature of the plan.
    pub const fn feature_text(is_on: Option<bool>) -> &'static str {
        match is_on {
            None => "",
            Some(true) => ON,
            Some(false) => OFF,
        }
    }

    /// The text of the trial's end in the form: its day in UTC.
    pub fn trial_text(end: Option<Timestamp>) -> String {
        end.map(|end| end.to_string().chars().take("2026-11-21".len()).collect()).unwrap_or_default()
    }
}

/// Parses the last day of the trial. Empty for no end.
fn parse_trial_end(text: &str) -> Result<Option<Timestamp>, FieldProblem> {
    match text.trim() {
        "" => Ok(None),
        day => Timestamp::parse(&format!("{day}T23:59:59.999Z")).map(Some).map_err(|_| {
            let message = "This day does not exist. Enter a day such as 2026-12-31.";
            FieldProblem::new("trialEndsAt", "format", message)
        }),
    }
}

struct Reader<'a> {
    values: &'a FormValues,
    loaded: &'a FormValues,
    problems: Vec<FieldProblem>,
}

impl Reader<'_> {
    fn is_changed(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|text| self.loaded.get(name) != Some(text))
    }

    /// Parses a field whose text has changed.
    fn changed<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, FieldProblem>) -> Option<T> {
        let text = self.values.get(name).filter(|_| self.is_changed(name))?;
        parse(text).map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Reads all limits if one of them has changed.
    fn quotas(&mut self) -> Option<QuotaOverrides> {
        let names = TenantChanges::QUOTA_FIELDS;
        if !names.iter().any(|name| self.is_changed(name)) {
            return None;
        }
        let [max_users, max_monthly_quotes, max_storage_gb] = names.map(|name| self.quota(name));
        Some(QuotaOverrides { max_users, max_monthly_quotes, max_storage_gb })
    }

    fn quota(&mut self, name: &str) -> Option<Option<u32>> {
        let text = self.values.get(name).unwrap_or_default().trim();
        if text.is_empty() {
            return None;
        }
        if text.eq_ignore_ascii_case(UNLIMITED) {
            return Some(None);
        }
        let limit = text.parse::<u32>().ok();
        if limit.is_none() {
            let message = "Enter a whole number, or unlimited, or nothing for the limit of the plan.";
            self.problems.push(FieldProblem::new(name, "not_a_number", message));
        }
        limit.map(Some)
    }

    /// Reads all features if one of them has changed.
    fn features(&mut self) -> Option<BTreeMap<String, bool>> {
        let values = self.values;
        let is_feature = |name: &str| name.starts_with(TenantChanges::FEATURE_PREFIX);
        if !values.iter().any(|(name, _)| is_feature(name) && self.is_changed(name)) {
            return None;
        }
        let mut features = BTreeMap::new();
        for (name, text) in values.iter().filter(|(name, _)| is_feature(name)) {
            let feature = name.trim_start_matches(TenantChanges::FEATURE_PREFIX);
            match text {
                "" => {}
                ON | OFF if is_configured_name(feature) => {
                    features.insert(feature.to_owned(), text == ON);
                }
                _ => {
                    let problem = FieldProblem::new(name, "unknown", "Choose one of the options.");
                    self.problems.push(problem);
                }
            }
        }
        Some(features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)], loaded: &[(&str, &str)]) -> Result<TenantChanges, Vec<FieldProblem>> {
        let form = |pairs: &[(&str, &str)]| -> FormValues {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>().into()
        };
        TenantChanges::from_form(&form(values), &form(loaded))
    }

    #[test]
    fn a_text_that_has_not_changed_changes_nothing() {
        let loaded = [("name", "A"), ("plan", "No longer configured"), ("trialEndsAt", "2026-12-31")];
        assert_eq!(read(&loaded, &loaded), Ok(TenantChanges::default()));
    }

    #[test]
    fn an_empty_limit_is_that_of_the_plan_and_a_limit_can_be_unlimited() {
        let loaded = [("quotas.maxUsers", "5"), ("quotas.maxMonthlyQuotes", ""), ("quotas.maxStorageGb", "")];
        let values = [
            ("quotas.maxUsers", " "),
            ("quotas.maxMonthlyQuotes", "Unlimited"),
            ("quotas.maxStorageGb", "7"),
        ];
        let quotas = read(&values, &loaded).unwrap().quotas.unwrap();
        assert_eq!(quotas.max_users, None);
        assert_eq!(quotas.max_monthly_quotes, Some(None));
        assert_eq!(quotas.max_storage_gb, Some(Some(7)));
        assert_eq!(TenantChanges::quota_text(quotas.max_monthly_quotes), "unlimited");
        for text in ["-1", "1.5", "1,000", "99999999999"] {
            let problems = read(&[("quotas.maxUsers", text)], &loaded).unwrap_err();
            assert_eq!(problems[0].field, "quotas.maxUsers", "{text}");
        }
    }

    #[test]
    fn a_trial_ends_with_its_last_day() {
        let changes = read(&[("trialEndsAt", "2026-12-31")], &[]).unwrap();
        let end = changes.trial_ends_at.unwrap();
        assert_eq!(end.unwrap().to_string(), "2026-12-31T23:59:59.999Z");
        assert_eq!(TenantChanges::trial_text(end), "2026-12-31");
        assert_eq!(read(&[("trialEndsAt", "")], &[]).unwrap().trial_ends_at, Some(None));
        assert_eq!(read(&[("trialEndsAt", "2026-02-30")], &[]).unwrap_err()[0].field, "trialEndsAt");
    }

    #[test]
    fn the_features_are_read_together() {
        let loaded = [("features.sso", "on"), ("features.api", "")];
        let values = [("features.sso", "on"), ("features.api", "off")];
        let features = read(&values, &loaded).unwrap().features.unwrap();
        assert_eq!(features, BTreeMap::from([("sso".to_owned(), true), ("api".to_owned(), false)]));
        assert_eq!(read(&[("features.sso", "maybe")], &loaded).unwrap_err()[0].field, "features.sso");
    }
}
