//! The built-in employee `signup`.

use domain::{ErrorCode, Role, access::EmployeeStatus};
use engine::{
    access::{Actor, EmployeeUpdate, list_employees, update_employee},
    page::PageRequest,
};
use test_support::{requests::assert_error, test_database::TestDatabase};

#[tokio::test]
async fn the_built_in_employee_has_a_random_id_and_may_provision() {
    let db = TestDatabase::new().await;
    let facts = "SELECT concat_ws(' ', kind, name, role, status, user_id IS NULL, uuid_extract(id)) FROM (
        SELECT *, substr(id::text, 15, 1) AS version FROM employees) e, LATERAL (SELECT version) v";
    let facts = facts.replace("uuid_extract(id)", "v.version");
    assert_eq!(db.text(&facts).await, "service signup ADMIN active t 4");
}

#[tokio::test]
async fn nobody_can_change_or_delete_it_or_create_a_token_for_it() {
    let db = TestDatabase::new().await;
    let id: uuid::Uuid = db.text("SELECT id::text FROM employees").await.parse().unwrap();
    assert!(
        list_employees(&db.engine, &Actor::Operator, PageRequest::default()).await.unwrap().rows.is_empty()
    );
    for update in [
        EmployeeUpdate { status: Some(EmployeeStatus::Disabled), role: None },
        EmployeeUpdate { status: None, role: Some(Role::Viewer) },
    ] {
        let result = update_employee(&db.engine, &Actor::Operator, id, update).await;
        assert_error(result, ErrorCode::ResourceNotFound);
    }
    for (sql, constraint) in [
        ("UPDATE employees SET status = 'disabled'", "employees_built_in"),
        ("UPDATE employees SET built_in = NULL", "employees_built_in"),
        ("UPDATE employees SET role = 'SUPER_ADMIN'", "employees_built_in"),
        ("DELETE FROM employees", "employees_built_in"),
        (
            "INSERT INTO admin_tokens (id, token_hash, employee_id, expires_at)
             SELECT gen_random_uuid(), sha256('x'), id, now() + interval '1 day' FROM employees",
            "admin_tokens_built_in",
        ),
    ] {
        let error = db.try_run(sql).await.unwrap_err();
        let found = error.as_database_error().and_then(|error| error.constraint());
        assert_eq!(found, Some(constraint), "{sql}");
    }
}
