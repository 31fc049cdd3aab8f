//! A person who appears everywhere, before and after the erasure.

use std::fs;

use domain::paths::RequestKind;
use domain::{
    Role,
    erasure::ErasureOutcome,
    idempotency_key::IdempotencyKey,
    sign_up::{SignUpInput, SignUpMode},
};
use engine::{
    access::{
        Actor, NewToken, authenticate_token, create_token, find_session, request_password_reset, sign_in,
        with_client_address,
    },
    audit::{HeadFile, append_new_entries, sign_head, verify_audit_log},
    page::PageRequest,
    sign_up::{SignUpLimits, SignUpSettings, request_sign_up},
    tenants::{TenantCaller, delete_tenant, list_members, suspend_tenant},
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{
    scan::{find_texts, tables_of},
    *,
};

const PHONE: &str = "+48 600 700 801";

/// A database in which Anna appears in every table that can contain a person who is not an employee. Half of the
/// audit entries are in the chain.
async fn database_with_anna() -> TestDatabase {
    let mut db = TestDatabase::new().await;
    db.engine = db
        .engine
        .clone()
        .with_sign_up(SignUpSettings { mode: SignUpMode::On, limits: SignUpLimits::unlimited() });
    let admin = db.admin().await;
    let actor = Actor::from(admin.clone());
    // The owner of a deleted tenant, whose requests have the name and the telephone number.
    let mut owned = draft("green-leaf");
    owned.owner_name = NAME.into();
    owned.owner_email = ANNA.into();
    owned.support_email = ANNA.to_lowercase();
    owned.support_phone = PHONE.into();
    let created = assert_created(db.provision(&admin, &provision_request(owned.clone())).await);
    join(&db, &created.owner.unwrap().invitation_url.unwrap()).await;
    delete_tenant(&db.engine, &actor, "green-leaf", "green-leaf").await.unwrap();
    // Refused and failed requests.
    let mut refused = owned.clone();
    refused.slug = "Not A Slug".into();
    db.provision(&admin, &provision_request(refused)).await.unwrap_err();
    owned.slug = "red-leaf".into();
    db.provision(&admin, &provision_request(owned)).await.unwrap_err();
    // A member of two tenants, and invited to a third one under another name.
    for slug in ["golden-spoon", "silver-spoon", "copper-spoon"] {
        tenant(&db, slug, ("Olive Owner", &format!("olive@{slug}.example.com")), true).await;
    }
    member(&db, "golden-spoon", (NAME, ANNA, "admin"), false).await;
    member(&db, "silver-spoon", ("A. Nowak-Z.", ANNA, "member"), false).await;
    append_new_entries(&db.engine).await.unwrap();
    suspend_tenant(&db.engine, &actor, "copper-spoon", &format!("Asked for by {NAME} <{ANNA}>."))
        .await
        .unwrap();
    // Sign-ups, links, sessions and failed sign-ins.
    let input =
        SignUpInput { company: "Nowak".into(), slug: String::new(), name: NAME.into(), email: ANNA.into() };
    request_sign_up(&db.engine, &input.parse(idn_to_ascii).unwrap(), ORIGIN, CLIENT).await.unwrap();
    request_password_reset(&db.engine, &email(ANNA), ORIGIN, CLIENT).await.unwrap();
    sign_in(&db.engine, ANNA, "a wrong password of Anna", CLIENT).await.unwrap_err();
    let token = session(&db, ANNA).await;
    with_client_address(CLIENT, async {
        let account = find_session(&db.engine, &token, RequestKind::User).await.unwrap();
        assert!(account.is_some());
    })
    .await;
    add_rows_with_anna(&db).await;
    db
}

/// Adds the rows that only other processes write.
async fn add_rows_with_anna(db: &TestDatabase) {
    let id = Uuid::now_v7();
    db.run(&format!(
        r#"UPDATE sessions SET device = 'Firefox of {NAME}', address = '{CLIENT}'
        WHERE user_id = (SELECT id FROM users WHERE email_canonical = lower('{ANNA}'));
        UPDATE provisioning_attempts SET message = 'cannot create {ANNA} ({NAME}, {PHONE})' WHERE status = 'failed';
        UPDATE jobs SET rollback_error = 'the user {NAME} exists' WHERE id IN (SELECT id FROM jobs LIMIT 1);
        UPDATE job_steps SET external_reference = '{ANNA}' WHERE (job_id, position) IN (
            SELECT job_id, position FROM job_steps LIMIT 1);
        INSERT INTO step_attempts (job_id, position, number, worker, started_at, message)
        SELECT job_id, position, 99, 'w', now(), 'mailbox of {ANNA} is full: {NAME}' FROM job_steps LIMIT 1;
        INSERT INTO breakers (connector, message) VALUES ('odoo18', 'no user <{ANNA}>');
        UPDATE api_keys SET name = 'Key of {NAME}' WHERE id IN (SELECT id FROM api_keys LIMIT 1);
        INSERT INTO tenant_resources (tenant_id, kind, external_reference)
        SELECT id, 'odoo18_user', '{ANNA}' FROM tenants WHERE slug = 'green-leaf';
        INSERT INTO tenant_imported_values (tenant_id, file_values, pending_members)
        SELECT id, '{{"email": {{"primary": "{ANNA}"}}}}',
            '[{{"name": "{NAME}", "email": "{ANNA}", "role": "member"}}, {{"name": "Ida", "email": "ida@x.example"}}]'
        FROM tenants WHERE slug = 'golden-spoon';
        INSERT INTO tenant_calls (tenant_id, idempotency_key, fingerprint, response)
        SELECT id, gen_random_uuid(), sha256('x'), '{{"email": "{ANNA}", "name": "{NAME}"}}' FROM tenants LIMIT 1;
        INSERT INTO address_changes (user_id, new_email, new_email_canonical, new_token_hash, current_token_hash,
            expires_at)
        SELECT id, 'Anna.New@mail.example', 'anna.new@mail.example', sha256('a'), sha256('b'), now() + '1 hour'
        FROM users WHERE email_canonical = lower('{ANNA}');
        INSERT INTO imports (id, idempotency_key, fingerprint, employee_id, file_name, dry_run, encrypt_secrets, origin,
            state, wrapped_key, ciphertext, total, problems)
        SELECT '{id}', gen_random_uuid(), sha256('x'), id, '{NAME}.zip', true, false, '', 'completed', 'x', '{ANNA}', 1,
            '[{{"message": "owner {ANNA} is an employee"}}]'
        FROM employees LIMIT 1;
        INSERT INTO import_rows (import_id, file, rank, report)
        VALUES ('{id}', 'a/client.yaml', 0, '{{"email": "{ANNA}", "ownerName": "{NAME}", "action": "create"}}');
        UPDATE outbox_messages SET error = 'no mailbox for {NAME}' WHERE kind = 'invitation';"#
    ))
    .await;
}

fn needles() -> [&'static str; 5] {
    [ANNA, "anna.new@mail.example", NAME, "A. Nowak-Z.", PHONE]
}

#[tokio::test]
async fn nothing_of_a_person_remains_in_any_column() {
    let db = database_with_anna().await;
    let before = find_texts(&db, &needles()).await;
    let tables = tables_of(&before);
    for table in [
        "address_changes",
        "api_keys",
        "audit_log",
        "breakers",
        "import_rows",
        "imports",
        "job_steps",
        "jobs",
        "memberships",
        "outbox_messages",
        "provisioning_attempts",
        "provisioning_requests",
        "sessions",
        "sign_ups",
        "step_attempts",
        "tenant_calls",
        "tenant_imported_values",
        "tenant_resources",
        "tenant_settings",
        "tenants",
        "users",
    ] {
        assert!(tables.contains(&table), "{table} is not tested: {tables:?}");
    }
    // A table that a later version adds.
    db.run(&format!(
        "CREATE TABLE tenantry.future_notes (id int PRIMARY KEY, note text, data jsonb, tags text[], address inet);
         INSERT INTO tenantry.future_notes VALUES
             (1, 'Call {ANNA}, {NAME}', '{{\"deep\": [{{\"{ANNA}\": \"{NAME}\"}}]}}', ARRAY['x', '{ANNA}'], NULL),
             (2, 'Call xanna.nowak@mail.example', '{{}}', ARRAY['anna.nowak@mail.example.org'], NULL)"
    ))
    .await;
    let counts =
        "SELECT string_agg(n::text, ' ') FROM (SELECT (SELECT count(*) FROM provisioning_requests) AS n
        UNION ALL SELECT count(*) FROM provisioning_attempts UNION ALL SELECT count(*) FROM users
        UNION ALL SELECT count(*) FROM tenants) counts";
    let (former_counts, requests) = (db.text(counts).await, "SELECT count(*) FROM provisioning_requests
        WHERE owner_email LIKE 'erased-______@erased.invalid' AND payload #>> '{owner,name}' = 'Erased person'");

    let report = erase(&db, ANNA).await;
    let pseudonym = assert_erased(&report).to_owned();
    assert_eq!(db.text(counts).await, former_counts);
    assert_eq!(db.number(requests).await, 3);
    let note = |id| format!("SELECT concat_ws('|', note, data, tags) FROM future_notes WHERE id = {id}");
    assert_eq!(
        db.text(&note(1)).await,
        format!(
            "Call {pseudonym}@erased.invalid, Erased person|\
             {{\"deep\": [{{\"{pseudonym}@erased.invalid\": \"Erased person\"}}]}}|{{x,{pseudonym}@erased.invalid}}"
        )
    );
    // Addresses that only contain the address belong to others.
    assert_eq!(db.text(&note(2)).await, "Call xanna.nowak@mail.example|{}|{anna.nowak@mail.example.org}");
    db.run("DELETE FROM future_notes WHERE id = 2").await;
    assert_eq!(find_texts(&db, &needles()).await, Vec::<String>::new());
    // The members of other people stay, and their pending members.
    let pending = "SELECT pending_members #>> '{0,name}' FROM tenant_imported_values";
    assert_eq!(db.text(pending).await, "Ida");
    let by = TenantCaller::actor(db.admin().await, "golden-spoon");
    assert_eq!(list_members(&db.engine, &by, PageRequest::default()).await.unwrap().rows.len(), 1);
    db.assert_invariants().await;

    append_new_entries(&db.engine).await.unwrap();
    let head = sign_head(&db.engine).await.unwrap();
    let verified = verify_audit_log(&db.engine, head.as_ref()).await.unwrap();
    assert_eq!(verified.findings, []);
    assert!(verified.erased >= 3, "{verified:?}");
    let recorded: (String, String) = sqlx::query_as(
        "SELECT after ->> 'reference', after ->> 'pseudonym' FROM audit_log WHERE action = 'person.erased'",
    )
    .fetch_one(&db.pool)
    .await
    .unwrap();
    assert_eq!(recorded, ("DSR-14".to_owned(), pseudonym));
}

#[tokio::test]
async fn a_preview_changes_nothing_and_counts_what_the_erasure_changes() {
    let db = database_with_anna().await;
    let before = find_texts(&db, &needles()).await;
    let counted = preview(&db, ANNA).await;
    assert_eq!((counted.outcome, counted.dry_run, &counted.pseudonym), (ErasureOutcome::Erased, true, &None));
    assert_eq!(find_texts(&db, &needles()).await, before);
    assert_eq!(db.number("SELECT count(*) FROM person_erasures").await, 0);
    let erased = erase(&db, ANNA).await;
    assert_eq!(erased.places, counted.places);

    for again in [preview(&db, ANNA).await, erase(&db, ANNA).await] {
        assert_eq!((again.outcome, again.places), (ErasureOutcome::Nothing, vec![]));
    }
    assert_eq!(db.number("SELECT count(*) FROM audit_log WHERE action = 'person.erased'").await, 1);
}

#[tokio::test]
async fn the_access_of_a_person_ends_and_cannot_be_restored() {
    let db = database_with_anna().await;
    let token = session(&db, ANNA).await;
    let link = db.token_of_message("password_reset").await;
    let pseudonym = assert_erased(&erase(&db, ANNA).await).to_owned();
    assert_eq!(find_session(&db.engine, &token, RequestKind::User).await.unwrap(), None);
    sign_in(&db.engine, ANNA, PASSWORD, CLIENT).await.unwrap_err();
    engine::access::find_password_reset(&db.engine, &link).await.unwrap_err();
    let refused =
        db.try_run("UPDATE users SET password_hash = 'x' WHERE name = 'Erased person'").await.unwrap_err();
    assert!(refused.to_string().contains("users_erased_check"), "{refused}");
    let open = format!(
        "SELECT count(*) FROM outbox_messages WHERE recipient_address LIKE '{pseudonym}%' AND status IN ('held', 'pending')"
    );
    assert_eq!(db.number(&open).await, 0);
    // The address is free for a new person.
    tenant(&db, "blue-leaf", (NAME, ANNA), true).await;
}

#[tokio::test]
async fn an_employee_is_replaced_in_the_history_and_the_tokens_end() {
    let db = TestDatabase::new().await;
    let root = Actor::from(employee(&db, "Root Person", "root@example.com", Role::SuperAdmin).await);
    let ada = employee(&db, "Ada Lovelace", "ada@example.com", Role::SuperAdmin).await;
    let by = Actor::from(ada.clone());
    tenant(&db, "golden-spoon", ("Olive Owner", "olive@example.com"), true).await;
    let issued = with_client_address(CLIENT, async {
        let new = NewToken { name: "Script of Ada Lovelace", role: Role::Admin, days: 30, scopes: None };
        let issued = create_token(&db.engine, &by, new).await.unwrap();
        suspend_tenant(&db.engine, &by, "golden-spoon", "Ada Lovelace decided it").await.unwrap();
        append_new_entries(&db.engine).await.unwrap();
        engine::tenants::resume_tenant(&db.engine, &by, "golden-spoon").await.unwrap();
        issued
    })
    .await;
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let request = engine::provisioning::ProvisionRequest::new(key, draft("silver-spoon"));
    assert_created(engine::provisioning::provision(&db.engine, &ada, request, ORIGIN).await);
    let token = session(&db, "ada@example.com").await;

    let report = try_erase(&db, &root, "ada@example.com", false).await.unwrap();
    let pseudonym = assert_erased(&report).to_owned();
    assert_eq!(find_texts(&db, &["ada@example.com", "Ada Lovelace", CLIENT]).await, Vec::<String>::new());
    assert_eq!(find_session(&db.engine, &token, RequestKind::User).await.unwrap(), None);
    assert!(authenticate_token(&db.engine, issued.token.expose_secret()).await.unwrap().is_none());
    let name = format!("SELECT count(*) FROM audit_log WHERE actor_name = '{pseudonym}'");
    assert!(db.number(&name).await >= 4);
    let employee = "SELECT concat_ws(' ', name, status, role) FROM employees WHERE name = 'Erased person'";
    assert_eq!(db.text(employee).await, "Erased person disabled SUPER_ADMIN");
    db.assert_invariants().await;
    append_new_entries(&db.engine).await.unwrap();
    assert_eq!(verify_audit_log(&db.engine, None).await.unwrap().findings, []);
}

#[tokio::test]
async fn the_data_of_another_person_with_the_same_name_remain() {
    let db = TestDatabase::new().await;
    tenant(&db, "golden-spoon", (NAME, "other@example.com"), true).await;
    tenant(&db, "silver-spoon", ("Olive Owner", "olive@example.com"), true).await;
    member(&db, "silver-spoon", (NAME, ANNA, "member"), true).await;
    let of_other = "SELECT concat_ws('|', u.name, u.email, r.payload #>> '{owner,name}', m.recipient_name)
        FROM users u JOIN provisioning_requests r ON r.owner_email = u.email_canonical
        JOIN outbox_messages m ON m.user_id = u.id WHERE u.email = 'other@example.com'";
    let before = db.text(of_other).await;
    assert_erased(&erase(&db, ANNA).await);
    assert_eq!(db.text(of_other).await, before);
    assert_eq!(find_texts(&db, &[ANNA]).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_signed_head_has_no_data_of_a_person() {
    let db = database_with_anna().await;
    append_new_entries(&db.engine).await.unwrap();
    let file = HeadFile::new(std::env::temp_dir().join(format!("tenantry-head-{}.json", Uuid::new_v4())));
    fs::write(file.path(), serde_json::to_string(&sign_head(&db.engine).await.unwrap()).unwrap()).unwrap();
    let text = fs::read_to_string(file.path()).unwrap().to_lowercase();
    fs::remove_file(file.path()).unwrap();
    for needle in needles() {
        assert!(!text.contains(&needle.to_lowercase()), "{text}");
    }
}
