use domain::{
    StepState,
    history::StepDetail,
    pipeline::{Step, step_label},
};

use crate::server_fns::RequestRecord;

/// One effect of a rollback, with the identifier of the affected object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RollbackEffect {
    pub text: String,
    pub reference: Option<String>,
}

/// The effects of a rollback, in order: external systems first, then the tenant.
pub(super) fn rollback_effects(record: &RequestRecord) -> Vec<RollbackEffect> {
    let external = external_effects(&record.steps);
    let summary = &record.summary;
    let effect =
        |text: String, reference: &str| RollbackEffect { text, reference: Some(reference.to_owned()) };
    let internal = [
        effect(
            format!("Removes the tenant {}", summary.name),
            summary.tenant_code.as_deref().unwrap_or_default(),
        ),
        effect("Removes the owner's account, if this request created it:".to_owned(), &summary.owner_email),
        effect("Makes the owner's e-mail and the slug available again:".to_owned(), &summary.slug),
    ];
    external.chain(internal).collect()
}

/// The effects in external systems, in reverse order of the steps. The admin user of a copied database is not
/// restored, because the whole database is dropped.
fn external_effects(steps: &[StepDetail]) -> impl Iterator<Item = RollbackEffect> {
    let drops_database = steps.iter().any(|step| {
        step.state == StepState::Succeeded && Step::from_text(&step.name) == Some(Step::CopyDatabase)
    });
    steps.iter().rev().filter_map(move |step| step_effect(step, drops_database))
}

fn step_effect(step: &StepDetail, drops_database: bool) -> Option<RollbackEffect> {
    let text = match (step.state, Step::from_text(&step.name)) {
        // These steps have no effect to undo.
        (_, Some(Step::SignInToOdoo | Step::Finalize)) => return None,
        (_, Some(Step::SetAdminUser)) if drops_database => return None,
        (StepState::Dead, _) => format!("Removes partial results of “{}”", step_label(&step.name)),
        (StepState::Succeeded, Some(Step::CopyDatabase)) => "Drops the database".into(),
        (StepState::Succeeded, Some(Step::SetAdminUser)) => "Restores the admin user in Odoo 18:".into(),
        (StepState::Succeeded, Some(Step::UpsertTenant)) => "Removes the tenant from Odoo 19:".into(),
        (StepState::Succeeded, Some(Step::UpsertTenantUser)) => {
            "Removes the tenant's user from Odoo 19:".into()
        }
        (StepState::Succeeded, Some(Step::UpsertBridgeMetadata)) => {
            "Removes the entry from the metadata bridge:".into()
        }
        (StepState::Succeeded, _) => format!("Undoes “{}”", step_label(&step.name)),
        _ => return None,
    };
    Some(RollbackEffect { text, reference: step.reference.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: Step, state: StepState, reference: Option<&str>) -> StepDetail {
        StepDetail {
            name: step.as_str().to_owned(),
            state,
            attempt_count: 1,
            wait_code: None,
            due_at: None,
            reference: reference.map(str::to_owned),
            may_skip: false,
            attempts: Vec::new(),
        }
    }

    #[test]
    fn steps_with_effects_are_listed_in_reverse_order() {
        let steps = [
            step(Step::CopyDatabase, StepState::Succeeded, Some("ten-00000001")),
            step(Step::SignInToOdoo, StepState::Skipped, None),
            step(Step::UpsertTenant, StepState::Succeeded, Some("17")),
            step(Step::UpsertBridgeMetadata, StepState::Dead, None),
            step(Step::Finalize, StepState::Pending, None),
        ];
        let effects: Vec<_> = external_effects(&steps).collect();
        let references: Vec<_> = effects.iter().map(|effect| effect.reference.as_deref()).collect();
        assert_eq!(references, [None, Some("17"), Some("ten-00000001")]);
        assert!(effects[0].text.contains("Update the metadata bridge"));
    }

    #[test]
    fn the_admin_user_is_restored_only_in_a_database_that_is_not_dropped() {
        let admin = step(Step::SetAdminUser, StepState::Succeeded, Some("2"));
        let copied = [step(Step::CopyDatabase, StepState::Succeeded, Some("ten-00000001")), admin.clone()];
        let texts =
            |steps: &[StepDetail]| external_effects(steps).map(|effect| effect.text).collect::<Vec<_>>();
        assert_eq!(texts(&copied), ["Drops the database"]);
        assert_eq!(texts(&[admin]), ["Restores the admin user in Odoo 18:"]);
        let dead = step(Step::SetAdminUser, StepState::Dead, None);
        assert_eq!(texts(&[copied[0].clone(), dead]), ["Drops the database"]);
    }

    #[test]
    fn steps_without_effects_are_not_listed() {
        for name in [Step::SignInToOdoo, Step::Finalize] {
            for state in [StepState::Succeeded, StepState::Dead] {
                assert_eq!(external_effects(&[step(name, state, None)]).count(), 0);
            }
        }
    }
}
