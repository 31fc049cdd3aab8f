//! Demo data: tenants in every status, with half a year of history (`docs/specification.md`, section 2).
//!
//! The functions of the engine create everything, on behalf of employees without a known password. The
//! external systems exist in memory, and mails are written to a temporary directory. The events of the
//! [`schedule`] happen within seconds, and the [`clock`] then moves their times into the past.

mod activity;
mod clock;
mod external;
mod organisations;
mod perform;
mod schedule;
mod wait;

use connectors::mail::MailSettings;
use sqlx::{Connection, PgConnection};
use tokio::sync::watch;
use uuid::Uuid;

use self::{
    clock::Clock,
    external::ExternalSystems,
    organisations::COLLEAGUES,
    perform::{Performer, random_password},
    schedule::schedule,
};
use crate::{
    Engine, Error,
    access::{Employee, NewEmployee, create_employee, parse_email},
    audit::lock_audit_chain,
};

/// Why the demo data could not be created.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The installation has tenants that are not demo data.
    #[error(
        "this installation has {0} tenants, so the demo data were not created; use an installation without \
         tenants, or repeat the command with --force"
    )]
    HasTenants(i64),
    /// Workers of other processes would run the steps of the demo data.
    #[error(
        "workers are running, so the demo data were not created; stop `tenantry serve` and `tenantry worker`, \
         repeat the command, and start them again"
    )]
    HasWorkers,
    /// An earlier run was interrupted.
    #[error("an earlier run was interrupted, and its tenants remain; use another data directory or database")]
    Interrupted,
    /// A file or directory could not be created.
    #[error("the directory for the mails could not be created")]
    Directory(#[from] std::io::Error),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl From<sqlx::Error> for DemoError {
    fn from(error: sqlx::Error) -> Self {
        Self::Engine(error.into())
    }
}

/// Creates the demo data, and returns the slugs of the tenants. Does nothing if they exist. With `force`, also
/// in an installation that has tenants.
///
/// # Errors
/// See [`DemoError`].
pub async fn create_demo(engine: &Engine, force: bool) -> Result<Vec<String>, DemoError> {
    let emails: Vec<_> = COLLEAGUES.iter().map(|colleague| colleague.email.to_owned()).collect();
    let state = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE r.is_demo) AS "ours!", count(*) FILTER (WHERE NOT r.is_demo) AS "others!",
             (SELECT count(*) FROM users WHERE email_canonical = ANY ($1)) AS "colleagues!",
             EXISTS (SELECT FROM audit_log WHERE action = 'demo.created') AS "is_complete!",
             EXISTS (SELECT FROM workers WHERE last_seen_at > now() - interval '45 seconds') AS "has_workers!"
           FROM tenants t, LATERAL (SELECT EXISTS (
               SELECT FROM employees e JOIN users u ON u.id = e.user_id
               WHERE e.id = t.created_by AND u.email_canonical = ANY ($1)) AS is_demo) r
           WHERE t.purged_at IS NULL"#,
        &emails
    )
    .fetch_one(&engine.pool())
    .await?;
    if state.is_complete {
        return Ok(Vec::new());
    }
    if state.colleagues > 0 || state.ours > 0 {
        return Err(DemoError::Interrupted);
    }
    if state.others > 0 && !force {
        return Err(DemoError::HasTenants(state.others));
    }
    if state.has_workers {
        return Err(DemoError::HasWorkers);
    }
    let mails = std::env::temp_dir().join(format!("tenantry-demo-{}", Uuid::now_v7().simple()));
    std::fs::create_dir_all(&mails)?;
    let systems = ExternalSystems::default();
    let demo = systems.attach(engine)?.with_mail(MailSettings::to_directory(mails.clone()));
    let (stop, stopped) = watch::channel(false);
    let workers = [demo.worker(), demo.worker(), demo.mail_worker()];
    let workers = workers.map(|worker| tokio::spawn(worker.run(stopped.clone())));
    // The times of the new entries are still to be moved.
    let mut connection = engine.connect().await?;
    let mut chain = connection.begin().await?;
    lock_audit_chain(&mut chain).await?;
    let created = perform_all(&demo, &systems, &mut chain).await;
    match created.is_ok() {
        true => chain.commit().await?,
        false => chain.rollback().await?,
    }
    connection.close().await?;
    let _ = stop.send(true);
    for worker in workers {
        let _ = worker.await;
    }
    std::fs::remove_dir_all(&mails)?;
    Ok(created?)
}

/// Performs all events, and moves their times into the past in the transaction that holds the lock of the chain.
async fn perform_all(
    engine: &Engine,
    systems: &ExternalSystems,
    chain: &mut PgConnection,
) -> Result<Vec<String>, Error> {
    let mut clock = Clock::default();
    let start = clock::now(engine).await?;
    let events = schedule();
    let shown = |age: i64| start - age * 60_000_000;
    let first = events.first().map_or(0, |first| first.age);
    clock.set(engine, shown(first + 24 * 60)).await?;
    let employees = create_employees(engine).await?;
    let ids: Vec<_> = employees.iter().map(|employee| employee.id).collect();
    let admins = employees.into_iter().filter(|employee| employee.role.may_provision()).collect();
    let mut performer = Performer::new(engine, systems, &mut clock, admins);
    for scheduled in &events {
        performer.clock.set(engine, shown(scheduled.age)).await?;
        performer.perform(scheduled).await?;
    }
    let slugs = performer.slugs();
    record(engine, slugs.len()).await?;
    clock.move_times(chain, &ids).await?;
    Ok(slugs)
}

async fn create_employees(engine: &Engine) -> Result<Vec<Employee>, Error> {
    let mut employees = Vec::new();
    for colleague in COLLEAGUES {
        let email = parse_email(colleague.email).map_err(|problem| Error::unexpected("address", problem))?;
        let password = random_password()?;
        let new =
            NewEmployee { name: colleague.name, email: &email, password: &password, role: colleague.role };
        let id = create_employee(engine, new).await?;
        employees.push(Employee { id, name: colleague.name.to_owned(), role: colleague.role });
    }
    Ok(employees)
}

/// Records that the demo data are complete.
async fn record(engine: &Engine, tenants: usize) -> Result<(), Error> {
    let mut transaction = engine.pool().begin().await?;
    let change = crate::access::AuditedChange {
        action: "demo.created",
        subject_kind: "demo",
        subject_id: None,
        request_id: None,
        before: None,
        after: Some(serde_json::json!({ "tenants": tenants })),
    };
    change.record(&mut transaction, &crate::access::Actor::Operator).await?;
    Ok(transaction.commit().await?)
}
