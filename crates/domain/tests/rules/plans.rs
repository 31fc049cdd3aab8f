use std::collections::{BTreeMap, BTreeSet};

use domain::plan::{Plan, PlanProblem, QuotaOverrides, Quotas};
use serde_json::json;

fn plan(name: &str) -> Plan {
    let table =
        json!({ "name": name, "label": "Gold", "max_users": 7, "features": ["custom-domain", "export"] });
    serde_json::from_value(table).unwrap()
}

#[test]
fn the_default_plans_have_the_quotas_of_the_specification() {
    let quotas: Vec<_> = Plan::defaults()
        .into_iter()
        .map(|plan| {
            let Quotas { max_users, max_monthly_quotes, max_storage_gb } = plan.quotas;
            (plan.name, max_users, max_monthly_quotes, max_storage_gb)
        })
        .collect();
    assert_eq!(
        quotas,
        [
            ("lite".into(), Some(5), Some(100), Some(1)),
            ("pro".into(), Some(25), Some(1_000), Some(10)),
            ("enterprise".into(), None, None, Some(100)),
        ]
    );
    assert_eq!(Plan::check(&Plan::defaults()), Ok(()));
}

#[test]
fn a_missing_quota_of_a_configured_plan_means_unlimited() {
    let quotas = Quotas { max_users: Some(7), max_monthly_quotes: None, max_storage_gb: None };
    assert_eq!(plan("gold").quotas, quotas);
}

#[test]
fn every_problem_of_the_configured_plans_is_reported() {
    let mut unnamed = plan("Gold");
    unnamed.label.clear();
    unnamed.features.insert("No spaces".into());
    assert_eq!(
        Plan::check(&[plan("gold"), plan("gold"), unnamed]),
        Err(vec![
            PlanProblem::Duplicate("gold".into()),
            PlanProblem::Name("Gold".into()),
            PlanProblem::Label("Gold".into()),
            PlanProblem::Feature("Gold".into(), "No spaces".into()),
        ])
    );
}

#[test]
fn overrides_replace_only_the_quotas_that_they_name_and_null_means_unlimited() {
    let overrides: QuotaOverrides =
        serde_json::from_value(json!({ "maxUsers": null, "maxStorageGb": 5 })).unwrap();
    let quotas = Quotas { max_users: Some(25), max_monthly_quotes: Some(1_000), max_storage_gb: Some(10) };
    let expected = Quotas { max_users: None, max_monthly_quotes: Some(1_000), max_storage_gb: Some(5) };
    assert_eq!(quotas.with(&overrides), expected);
    assert_eq!(serde_json::to_value(overrides).unwrap(), json!({ "maxUsers": null, "maxStorageGb": 5 }));
    assert!(serde_json::from_value::<QuotaOverrides>(json!({ "maxUser": 1 })).is_err());
}

#[test]
fn a_tenant_has_the_features_of_its_plan_with_its_overrides() {
    let overrides = BTreeMap::from([("export".to_owned(), false), ("beta".to_owned(), true)]);
    let expected: BTreeSet<_> = ["beta", "custom-domain"].map(str::to_owned).into();
    assert_eq!(Plan::features_with(plan("gold").features, &overrides), expected);
}
