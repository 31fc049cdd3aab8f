use serde::{Deserialize, Serialize};

use super::Step;

/// A kind of tenant: which steps it takes and what it is copied from. From the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// Its name in drafts and the database.
    pub name: String,
    /// The words for people.
    pub label: String,
    /// The template database for the copy.
    #[serde(default)]
    pub template: Option<String>,
    /// Its steps; the pipeline's order holds whatever the order here. [`Step::Finalize`] is always one.
    #[serde(default = "all_steps")]
    pub steps: Vec<Step>,
    /// Those that an admin may skip when they are dead.
    #[serde(default)]
    pub skippable: Vec<Step>,
}

/// What is wrong with a blueprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlueprintProblem {
    #[error(
        "a blueprint's name is 1 to 40 small letters, digits and hyphens, and begins with a letter: {0:?}"
    )]
    Name(String),
    #[error("the blueprint {0} stands there twice")]
    Twice(String),
    #[error("the blueprint {0} copies a database and names no template")]
    NoTemplate(String),
    #[error("the blueprint {0} lets a step be skipped that it does not have, or the last one")]
    Skippable(String),
}

fn all_steps() -> Vec<Step> {
    Step::ALL.to_vec()
}

impl Blueprint {
    /// The one that is there when none is configured.
    pub fn standard() -> Self {
        Self {
            name: "standard".into(),
            label: "Standard".into(),
            template: None,
            steps: all_steps(),
            skippable: vec![Step::UpsertBridgeMetadata],
        }
    }

    /// Whether tenants of this kind take the step.
    pub fn takes(&self, step: Step) -> bool {
        step == Step::Finalize || self.steps.contains(&step)
    }

    pub fn may_skip(&self, step: Step) -> bool {
        self.skippable.contains(&step)
    }

    /// Checks a configured list.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(blueprints: &[Self], copies: bool) -> Result<(), Vec<BlueprintProblem>> {
        let mut problems = Vec::new();
        for (place, blueprint) in blueprints.iter().enumerate() {
            let name = &blueprint.name;
            if !Self::is_name(name) {
                problems.push(BlueprintProblem::Name(name.clone()));
            }
            if blueprints.iter().take(place).any(|earlier| earlier.name == *name) {
                problems.push(BlueprintProblem::Twice(name.clone()));
            }
            if copies && blueprint.takes(Step::CopyDatabase) && blueprint.template.is_none() {
                problems.push(BlueprintProblem::NoTemplate(name.clone()));
            }
            if blueprint.skippable.iter().any(|step| *step == Step::Finalize || !blueprint.takes(*step)) {
                problems.push(BlueprintProblem::Skippable(name.clone()));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Whether a text can be a blueprint's name.
    pub fn is_name(text: &str) -> bool {
        (1..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    }
}
