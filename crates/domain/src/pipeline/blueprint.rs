use serde::{Deserialize, Serialize};

use super::Step;
use crate::text_form::is_configured_name;

/// A kind of tenant from the configuration: the steps that it runs and the template of its database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// The identifier in drafts, the API and the database.
    pub name: String,
    /// The name on screen.
    pub label: String,
    /// The database that the tenant's database is copied from.
    #[serde(default)]
    pub template: Option<String>,
    /// The steps, which run in the order of [`Step::ALL`]. [`Step::Finalize`] is always included.
    #[serde(default = "all_steps")]
    pub steps: Vec<Step>,
    /// The steps that an admin may skip when they are dead.
    #[serde(default)]
    pub skippable: Vec<Step>,
}

/// A problem in the configured blueprints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlueprintProblem {
    /// The name is not valid.
    #[error(
        "a blueprint's name must be 1 to 40 lowercase letters, digits or hyphens and start with a letter: {0:?}"
    )]
    Name(String),
    /// Two blueprints have the same name.
    #[error("the blueprint {0} is defined twice")]
    Duplicate(String),
    /// A blueprint that copies a database has no template.
    #[error("the blueprint {0} copies a database but has no template")]
    NoTemplate(String),
    /// A skippable step is not a step of the blueprint, or is the last one.
    #[error("the blueprint {0} may only list its own steps as skippable, except the last one")]
    Skippable(String),
}

fn all_steps() -> Vec<Step> {
    Step::ALL.to_vec()
}

impl Blueprint {
    /// The blueprint that applies if none is configured.
    pub fn standard() -> Self {
        Self {
            name: "standard".into(),
            label: "Standard".into(),
            template: None,
            steps: all_steps(),
            skippable: vec![Step::UpsertBridgeMetadata],
        }
    }

    /// Whether tenants of this kind run the step.
    pub fn includes(&self, step: Step) -> bool {
        step == Step::Finalize || self.steps.contains(&step)
    }

    /// Whether an admin may skip the step when it is dead.
    pub fn may_skip(&self, step: Step) -> bool {
        self.skippable.contains(&step)
    }

    /// Checks the configured blueprints. `needs_template` says whether databases are copied.
    ///
    /// # Errors
    /// Every problem.
    pub fn check(blueprints: &[Self], needs_template: bool) -> Result<(), Vec<BlueprintProblem>> {
        let mut problems = Vec::new();
        for (index, blueprint) in blueprints.iter().enumerate() {
            let name = &blueprint.name;
            if !Self::is_name(name) {
                problems.push(BlueprintProblem::Name(name.clone()));
            }
            if blueprints.iter().take(index).any(|earlier| earlier.name == *name) {
                problems.push(BlueprintProblem::Duplicate(name.clone()));
            }
            if needs_template && blueprint.includes(Step::CopyDatabase) && blueprint.template.is_none() {
                problems.push(BlueprintProblem::NoTemplate(name.clone()));
            }
            if blueprint.skippable.iter().any(|step| *step == Step::Finalize || !blueprint.includes(*step)) {
                problems.push(BlueprintProblem::Skippable(name.clone()));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Whether a text is a valid blueprint name.
    pub fn is_name(text: &str) -> bool {
        is_configured_name(text)
    }
}
