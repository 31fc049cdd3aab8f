use serde::{Deserialize, Serialize};

/// A blueprint, as the form shows it. Computed on the server, which keeps the browser's download small.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlueprintView {
    pub name: String,
    pub label: String,
    /// The number of steps that run, as a phrase.
    pub summary: String,
    /// Whether at least one step runs.
    pub has_steps: bool,
    pub steps: Vec<PlannedStep>,
}

/// An item in the list of planned steps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlannedStep {
    /// The step, or the successive steps that are skipped for the same reason, with the reason.
    pub text: String,
    /// The template database. Empty if the step does not copy a database.
    pub template: String,
    pub is_skipped: bool,
}

#[cfg(feature = "ssr")]
mod from_settings {
    use domain::pipeline::{Blueprint, Connector, Step};
    use engine::PipelineSettings;

    use super::{BlueprintView, PlannedStep};

    impl BlueprintView {
        pub fn new(blueprint: &Blueprint, settings: &PipelineSettings) -> Self {
            let skip_reason = |step: Step| match step {
                _ if settings.includes(blueprint, step) => String::new(),
                Step::Finalize => "No other step runs.".to_owned(),
                _ if !blueprint.includes(step) => "Not part of this blueprint.".to_owned(),
                _ => format!("{} is not configured.", step.connector().label()),
            };
            let reasons = Step::ALL.map(skip_reason);
            let count = reasons.iter().filter(|reason| reason.is_empty()).count();
            let summary = match count {
                0 if !settings.has(Connector::Core) => {
                    "No external systems configured: active immediately".to_owned()
                }
                0 => "No steps in external systems: active immediately".to_owned(),
                1 => "1 step, then the tenant is active:".to_owned(),
                count => format!("{count} steps, then the tenant is active:"),
            };
            Self {
                name: blueprint.name.clone(),
                label: blueprint.label.clone(),
                summary,
                has_steps: count > 0,
                steps: planned_steps(reasons, blueprint.template.as_deref().unwrap_or_default()),
            }
        }
    }

    /// The items for all steps. `reasons` has one text for each of [`Step::ALL`]: why the step is skipped, or
    /// an empty string if the step runs.
    fn planned_steps(reasons: [String; Step::ALL.len()], template: &str) -> Vec<PlannedStep> {
        let mut groups: Vec<(Vec<Step>, String)> = Vec::new();
        for (step, reason) in Step::ALL.into_iter().zip(reasons) {
            match groups.last_mut() {
                Some((steps, last)) if !reason.is_empty() && *last == reason => steps.push(step),
                _ => groups.push((vec![step], reason)),
            }
        }
        let item = |(steps, reason): (Vec<Step>, String)| {
            let labels = steps.iter().map(|step| step.label()).collect::<Vec<_>>().join(", ");
            let is_skipped = !reason.is_empty();
            let copies_template = !is_skipped && steps == [Step::CopyDatabase];
            PlannedStep {
                text: if is_skipped { format!("{labels}: skipped. {reason}") } else { labels },
                template: if copies_template { template.to_owned() } else { String::new() },
                is_skipped,
            }
        };
        groups.into_iter().map(item).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn steps_that_are_skipped_for_the_same_reason_are_one_item() {
            let reasons = ["", "No Odoo.", "No Odoo.", "", "No bridge.", "", ""].map(str::to_owned);
            let planned = planned_steps(reasons, "erp-18");
            let texts: Vec<_> = planned.iter().map(|step| (step.text.as_str(), step.is_skipped)).collect();
            assert_eq!(
                texts,
                [
                    ("Copy database", false),
                    ("Sign in to Odoo 18, Set the admin user in Odoo 18: skipped. No Odoo.", true),
                    ("Create or update the tenant in Odoo 19", false),
                    ("Create or update the tenant's user in Odoo 19: skipped. No bridge.", true),
                    ("Update the metadata bridge", false),
                    ("Activate the tenant", false),
                ]
            );
            assert_eq!(planned[0].template, "erp-18");
            assert!(planned[1..].iter().all(|step| step.template.is_empty()));
        }

        #[test]
        fn without_external_systems_one_line_replaces_the_steps() {
            let settings = PipelineSettings::default();
            let view = BlueprintView::new(&settings.blueprints[0], &settings);
            assert_eq!(view.summary, "No external systems configured: active immediately");
            assert!(!view.has_steps);
            assert!(view.steps.iter().all(|step| step.is_skipped));
        }
    }
}
