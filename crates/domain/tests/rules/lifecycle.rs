use domain::{
    TenantStatus::{self, *},
    Timestamp,
    lifecycle::{TenantChanges, check_typed_slug, parse_suspension_reason},
};
use serde_json::{Value, json};

#[test]
fn a_tenant_changes_its_status_only_as_the_specification_lists() {
    let allowed = [
        (Provisioning, Active),
        (PendingActivation, Active),
        (PendingActivation, Deleted),
        (SetupIncomplete, Active),
        (SetupIncomplete, Deleted),
        (Active, Suspended),
        (Active, Deleted),
        (Suspended, Active),
        (Suspended, Deleted),
        (Deleted, PendingActivation),
        (Deleted, SetupIncomplete),
        (Deleted, Active),
        (Deleted, Suspended),
    ];
    for &from in TenantStatus::ALL {
        for &to in TenantStatus::ALL {
            assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} to {to}");
        }
    }
}

#[test]
fn a_suspension_has_a_reason_of_one_line() {
    assert_eq!(parse_suspension_reason(" Unpaid "), Ok("Unpaid".to_owned()));
    for (text, rule) in [(" ", "required"), ("a\nb", "control_characters"), (&"x".repeat(501), "too_long")] {
        assert_eq!(parse_suspension_reason(text).unwrap_err().rule, rule);
    }
}

#[test]
fn a_deletion_is_confirmed_with_the_slug() {
    assert_eq!(check_typed_slug(" golden-spoon ", "golden-spoon"), Ok(()));
    for (typed, rule) in [("", "required"), ("golden", "mismatch"), ("Golden-Spoon", "mismatch")] {
        assert_eq!(check_typed_slug(typed, "golden-spoon").unwrap_err().rule, rule, "{typed}");
    }
}

#[test]
fn changes_name_the_fields_that_change() {
    let changes = TenantChanges::from_json(&json!({
        "name": " Silver Spoon ", "shortName": null, "slug": "silver-spoon", "plan": "enterprise",
        "commission": 7.25, "trialEndsAt": "2027-01-31T00:00:00Z",
    }))
    .unwrap();
    assert_eq!(changes.name.as_deref(), Some("Silver Spoon"));
    assert_eq!((changes.short_name, changes.commission.unwrap().basis_points()), (Some(None), 725));
    assert_eq!(changes.trial_ends_at, Some(Some(Timestamp(1_801_353_600_000))));
    let changes = TenantChanges::from_json(&json!({ "plan": "lite" })).unwrap();
    assert_eq!((changes.name, changes.short_name, changes.trial_ends_at), (None, None, None));
}

#[test]
fn every_invalid_change_is_named() {
    let problems = |body: Value| {
        let problems = TenantChanges::from_json(&body).unwrap_err();
        let text = |problem: &domain::FieldProblem| format!("{} {}", problem.field, problem.rule);
        problems.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(problems(json!({})), " required");
    assert_eq!(problems(json!([])), " required");
    assert_eq!(problems(json!({ "name": null, "commission": null })), " required");
    assert_eq!(problems(json!({ "status": "active", "plan": "Gold" })), "status unknown_field, plan unknown");
    let body = json!({
        "name": 7, "shortName": 1, "slug": "-", "commission": 101, "trialEndsAt": "tomorrow",
    });
    let expected =
        "name type, shortName type, slug no_letter_first, commission out_of_range, trialEndsAt format";
    assert_eq!(problems(body), expected);
}

#[test]
fn quotas_and_features_are_objects_of_known_values() {
    for (body, field) in [
        (json!({ "quotas": { "maxUser": 1 } }), "quotas"),
        (json!({ "quotas": { "maxUsers": -1 } }), "quotas"),
        (json!({ "quotas": 7 }), "quotas"),
        (json!({ "features": { "reports": "on" } }), "features"),
        (json!({ "features": { "No name": true } }), "features"),
    ] {
        let problems = TenantChanges::from_json(&body).unwrap_err();
        assert_eq!(
            problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(),
            [field],
            "{body}"
        );
    }
}
