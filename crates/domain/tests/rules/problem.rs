use domain::{
    ErrorCode, FieldProblem, Problem, Timestamp,
    error::{Conflict, EmailReason},
};

/// The field and the message of each refused field.
fn refused(problem: Problem) -> Vec<(String, String)> {
    problem.field_problems().into_iter().map(|problem| (problem.field, problem.message)).collect()
}

#[test]
fn a_taken_value_is_reported_as_a_problem_of_its_field() {
    let taken = |code: ErrorCode, subject: &str| Problem { subject: Some(subject.into()), ..code.into() };
    let tenant =
        Conflict { code: "TEN-00000012".into(), name: "Golden Spoon".into(), restorable_until: None };
    let deleted = Conflict { restorable_until: Some(Timestamp(0)), ..tenant.clone() };
    let conflict = Some(tenant);
    let slug = Problem { conflict: conflict.clone(), ..taken(ErrorCode::DuplicateSlug, "golden-spoon") };
    let text = "The slug golden-spoon is already used by Golden Spoon (TEN-00000012).";
    assert_eq!(refused(slug.clone()), [("slug".into(), text.into())]);
    let text = "The slug golden-spoon belongs to the deleted tenant Golden Spoon (TEN-00000012), which can be \
        restored until 1970-01-01 00:00 UTC.";
    assert_eq!(refused(Problem { conflict: Some(deleted), ..slug }), [("slug".into(), text.into())]);

    let email = taken(ErrorCode::EmailUnavailable, "mira@bakery.example");
    for (reason, conflict, text) in [
        (Some(EmailReason::OwnsTenant), conflict, "already owns Golden Spoon (TEN-00000012)."),
        (Some(EmailReason::HasAccount), None, "already has an account."),
        (Some(EmailReason::IsEmployee), None, "belongs to an employee."),
        (None, None, "is already in use."),
    ] {
        let problem = Problem { email_reason: reason, conflict, ..email.clone() };
        assert_eq!(refused(problem), [("owner.email".into(), format!("mira@bakery.example {text}"))]);
    }
}

#[test]
fn only_problems_of_fields_report_refused_fields() {
    let error = FieldProblem::new("plan", "unknown", "Choose a plan from the list.");
    let invalid = Problem::from_fields(vec![error.clone()]);
    assert_eq!(refused(invalid), [(error.field, error.message)]);
    for code in [ErrorCode::Timeout, ErrorCode::Unauthenticated, ErrorCode::IdempotencyKeyReused] {
        assert_eq!(refused(code.into()), [], "{code}");
    }
}
