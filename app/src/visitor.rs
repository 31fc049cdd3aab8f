#[cfg(feature = "ssr")]
use domain::pipeline::{Blueprint, Step};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::PersonView;

/// Who looks at the pages, and where: made by the server, the same in the browser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageContext {
    /// The employee, once signed in.
    pub person: Option<PersonView>,
    /// Their id; empty for nobody.
    pub employee_id: String,
    pub may_provision: bool,
    pub environment: String,
    /// The host that tenants' addresses start with.
    pub host: String,
    /// The kinds of tenants that can be made, the usual one first. For those who may make them.
    pub blueprints: Vec<BlueprintView>,
}

/// A blueprint, as the form shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlueprintView {
    pub name: String,
    pub label: String,
    /// The database that is copied; empty where none is.
    pub template: String,
    /// For each of [`Step::ALL`] why it is skipped; empty for one that runs.
    pub skips: Vec<String>,
}

#[cfg(feature = "ssr")]
impl BlueprintView {
    fn of(blueprint: &Blueprint, settings: &engine::pipeline::PipelineSettings) -> Self {
        let copies = settings.includes(blueprint, Step::CopyDatabase);
        let why = |step: Step| match step {
            _ if settings.includes(blueprint, step) => String::new(),
            Step::Finalize => "there is nothing to wait for".to_owned(),
            _ if !blueprint.includes(step) => "not part of this blueprint".to_owned(),
            _ => format!("{} is not configured", step.connector().label()),
        };
        Self {
            name: blueprint.name.clone(),
            label: blueprint.label.clone(),
            template: blueprint.template.clone().filter(|_| copies).unwrap_or_default(),
            skips: Step::ALL.map(why).to_vec(),
        }
    }
}

impl PageContext {
    /// Reads them from the request on the server, and from the page in the browser.
    pub fn share() -> Self {
        SharedValue::new(Self::of_request).into_inner()
    }

    #[cfg(feature = "ssr")]
    fn of_request() -> Self {
        let (console, visitor) = (use_context::<crate::Console>(), use_context::<crate::Visitor>());
        let principal = visitor.and_then(|visitor| visitor.0);
        let origin = console.as_ref().map(|c| c.origin.to_string()).unwrap_or_default();
        let may_provision = principal.as_ref().is_some_and(|p| p.role.may_provision());
        let pipeline = console.as_ref().filter(|_| may_provision).map(|c| c.engine.pipeline());
        let blueprints = pipeline
            .map(|pipeline| pipeline.blueprints.iter().map(|b| BlueprintView::of(b, pipeline)).collect())
            .unwrap_or_default();
        Self {
            blueprints,
            employee_id: principal.as_ref().map(|p| p.employee_id.to_string()).unwrap_or_default(),
            may_provision,
            person: principal.map(|p| PersonView {
                initials: initials(&p.name),
                name: p.name,
                role: p.role.label().to_owned(),
            }),
            environment: console.map(|c| c.environment.to_string()).unwrap_or_default(),
            host: origin.split_once("://").map_or_else(String::new, |(_, host)| host.to_owned()),
        }
    }

    #[cfg(not(feature = "ssr"))]
    fn of_request() -> Self {
        Self::default()
    }

    /// The blueprint of this name; the usual one where there is none.
    pub fn blueprint(&self, name: &str) -> Option<&BlueprintView> {
        self.blueprints.iter().find(|blueprint| blueprint.name == name).or(self.blueprints.first())
    }

    /// The person as the sidebar shows them.
    pub fn person_view(&self) -> PersonView {
        self.person.clone().unwrap_or_default()
    }
}

/// The first letters of the first two words. Made here: capitals of all the world's letters would
/// be tables in the browser's download.
#[cfg(feature = "ssr")]
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect::<String>().to_uppercase()
}
