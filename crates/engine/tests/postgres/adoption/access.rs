use engine::adoption::{AdoptionError, AdoptionOptions, adopt, hidden_earlier_system};
use test_support::test_database::TestDatabase;

use super::{both, run};

/// A role of the cluster that may sign in and has no privileges in the test's database.
struct OtherRole(String);

impl OtherRole {
    async fn create(db: &TestDatabase) -> Self {
        let name = format!("reader_{}", uuid::Uuid::new_v4().simple());
        db.run(&format!("CREATE ROLE {name} LOGIN PASSWORD 'secret'; GRANT {name} TO CURRENT_USER; GRANT USAGE ON SCHEMA tenantry TO {name}; GRANT SELECT ON ALL TABLES IN SCHEMA tenantry TO {name}")).await;
        Self(name)
    }

    async fn drop(self, db: &TestDatabase) {
        db.run(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.0)).await;
    }
}

#[tokio::test]
async fn a_role_that_may_not_read_the_earlier_system_is_named_with_the_statements_that_help() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    let role = OtherRole::create(&db).await;
    let engine = db.engine_at(db.options().username(&role.0).password("secret"), 2).await;

    // The role of DATABASE_URL lacks the privileges. Tenantry works, but does not see the earlier system.
    let available: bool = {
        let mut connection = db.pool.acquire().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SET ROLE {}", role.0)))
            .execute(&mut *connection)
            .await
            .unwrap();
        let check = sqlx::query_scalar("SELECT available FROM check_slug_availability('golden-spoon', '{}')");
        let available = check.fetch_one(&mut *connection).await.unwrap();
        sqlx::raw_sql("RESET ROLE").execute(&mut *connection).await.unwrap();
        available
    };
    assert!(available);
    // A server says so when it starts.
    let hidden = hidden_earlier_system(&engine).await.unwrap();
    assert!(matches!(hidden, Some(AdoptionError::Unreadable { .. })), "{hidden:?}");
    assert!(hidden_earlier_system(&db.engine).await.unwrap().is_none());
    let error = adopt(&engine, &db.url(), &AdoptionOptions::default()).await.unwrap_err();
    let AdoptionError::Unreadable { role: named, columns, statements } = &error else { panic!("{error}") };
    assert_eq!(*named, role.0);
    assert!(columns.contains(&"auth.users.email".to_owned()), "{columns:?}");
    for statement in statements {
        earlier.run(statement).await;
    }
    assert!(hidden_earlier_system(&engine).await.unwrap().is_none());
    // The statements were sufficient. The built-in employee is hidden, so this role cannot adopt.
    let result =
        adopt(&engine, &db.url(), &AdoptionOptions { dry_run: true, ..AdoptionOptions::default() }).await;
    assert_eq!(result.unwrap().adopted.len(), 1);

    engine.close().await;
    role.drop(&db).await;
}

#[tokio::test]
async fn rows_that_row_level_security_hides_are_reported() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    let role = OtherRole::create(&db).await;
    earlier
        .run(&format!(
            "GRANT USAGE ON SCHEMA auth TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA public, auth TO {0};
             ALTER TABLE tenants ENABLE ROW LEVEL SECURITY",
            role.0
        ))
        .await;
    let engine = db.engine_at(db.options().username(&role.0).password("secret"), 2).await;
    let error = adopt(&engine, &db.url(), &AdoptionOptions::default()).await.unwrap_err();
    let AdoptionError::HiddenRows { tables, .. } = &error else { panic!("{error}") };
    assert_eq!(tables, &["public.tenants"]);
    engine.close().await;
    role.drop(&db).await;
    assert_eq!(run(&db, AdoptionOptions::default()).await.unwrap().adopted.len(), 1);
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_reported() {
    let db = TestDatabase::new().await;
    let adopt = async |url: &str| adopt(&db.engine, url, &AdoptionOptions::default()).await.unwrap_err();
    assert!(matches!(adopt("not a url").await, AdoptionError::InvalidUrl(_)));
    assert!(matches!(adopt("postgres://nobody@127.0.0.1:1/none").await, AdoptionError::Unreachable(_)));
}
