//! The forms that change a tenant on its page: which fields they have, and the rules of their texts. The
//! browser and the server run the same rules.

mod changes;

use serde::{Deserialize, Serialize};

use crate::{
    FieldProblem, TenantStatus, branding::TenantBranding, lifecycle::TenantChanges, settings::TenantSettings,
    text_form::text_enum,
};

text_enum! {
    /// A form that changes a tenant.
    TenantForm {
        /// The settings.
        Settings = "settings",
        /// The branding.
        Branding = "branding",
        /// The name, the plan, the limits, the features, the commission and the trial.
        Terms = "terms",
    }
}

/// The texts of a form by the names of its fields, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FormValues {
    fields: Vec<(String, String)>,
}

impl FormValues {
    /// The text of a field. `None` if the form has no such field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, text)| text.as_str())
    }

    /// Sets the text of a field, also of a field that the form did not have.
    pub fn set(&mut self, name: &str, text: String) {
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, value)) => *value = text,
            None => self.fields.push((name.to_owned(), text)),
        }
    }

    /// Removes a field, and returns its text. Empty if the form has no such field.
    pub fn take(&mut self, name: &str) -> String {
        match self.fields.iter().position(|(field, _)| field == name) {
            Some(index) => self.fields.remove(index).1,
            None => String::new(),
        }
    }

    /// The fields with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

impl From<Vec<(String, String)>> for FormValues {
    fn from(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }
}

impl TenantForm {
    /// Whether the form can change a tenant with this status.
    pub const fn is_allowed(self, status: TenantStatus) -> bool {
        match (status, self) {
            (TenantStatus::Deleted, _) => false,
            // The steps read these values.
            (TenantStatus::Provisioning, Self::Terms) => false,
            _ => true,
        }
    }

    /// Returns the problems of all fields. `loaded` has the texts before the edits. `to_ascii` converts the
    /// domain of an e-mail address (see [`Email::parse`](crate::email::Email::parse)).
    pub fn problems(
        self,
        values: &FormValues,
        loaded: &FormValues,
        to_ascii: impl Fn(&str) -> Option<String>,
    ) -> Vec<FieldProblem> {
        let text = |name: &str| values.get(name).map(str::to_owned);
        match self {
            Self::Settings => TenantSettings::parse(text, to_ascii).problems,
            Self::Branding => TenantBranding::parse(text).problems,
            Self::Terms => TenantChanges::from_form(values, loaded).err().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_each_field_once() {
        let mut values = FormValues::from(vec![("a".to_owned(), "1".to_owned())]);
        values.set("b", "2".into());
        values.set("a", "3".into());
        assert_eq!(values.iter().collect::<Vec<_>>(), [("a", "3"), ("b", "2")]);
        assert_eq!((values.take("a"), values.take("c")), ("3".into(), String::new()));
        assert_eq!((values.get("a"), values.get("b")), (None, Some("2")));
    }

    #[test]
    fn every_invalid_field_of_a_form_is_named() {
        let fields = |form: TenantForm, values: &[(&str, &str)]| {
            let pairs: Vec<_> = values.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            let problems = form.problems(&pairs.into(), &FormValues::default(), |_| None);
            problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        let settings = [("companyName", "A"), ("timeZone", "UTC"), ("currency", "EUR"), ("locale", "?")];
        assert_eq!(fields(TenantForm::Settings, &settings), ["locale"]);
        let branding = [("theme", "ocean"), ("colorPrimary", "#ffff00"), ("colorAccent", "#ffff00")];
        assert_eq!(fields(TenantForm::Branding, &branding), ["colorPrimary"]);
        let terms = [("name", " "), ("commission", "12,5"), ("quotas.maxUsers", "many")];
        assert_eq!(fields(TenantForm::Terms, &terms), ["name", "quotas.maxUsers"]);
    }
}
