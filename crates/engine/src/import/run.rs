//! Creates the tenants of an import, one after the other.

use std::time::Duration;

use async_trait::async_trait;
use domain::{
    ErrorCode, Problem,
    error::EmailReason,
    idempotency_key::IdempotencyKey,
    import::{ImportAction, ImportCounts, ImportReport, ImportRow, Severity},
    member::NewMember,
    slug::Slug,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    ImportSettings, ImportSource,
    existing::find_existing,
    plan::{Plan, Planned, prepare},
    slugs::Slugs,
};
use crate::{
    Engine, Error,
    access::{Actor, AuditedChange, Employee, find_built_in_employee, idn_to_ascii},
    provisioning::{ImportOptions, ProvisionOutcome, ProvisionRequest, members_to_json, provision},
    tenants::{NewOwner, TenantCaller, invite_member, set_owner},
};

/// How many keys a folder can use up: one more whenever its tenant was purged or rolled back.
const MAX_GENERATIONS: u32 = 100;
/// How often a folder is tried again while another import creates its tenant, or takes its slug.
const MAX_RETRIES: u32 = 5;
const RETRY_DELAY: Duration = Duration::from_millis(200);

/// Follows the progress of an import.
#[async_trait]
pub trait ImportProgress: Send + Sync {
    /// Gets the row of a folder that is done. An error ends the import.
    ///
    /// # Errors
    /// The reason why the import ends.
    async fn folder_done(&self, row: &ImportRow) -> Result<(), Error>;
}

/// Ignores the progress of an import.
#[derive(Debug, Clone, Copy)]
pub struct WithoutProgress;

#[async_trait]
impl ImportProgress for WithoutProgress {
    async fn folder_done(&self, _: &ImportRow) -> Result<(), Error> {
        Ok(())
    }
}

/// Returns the built-in employee on whose behalf the command line imports.
///
/// # Errors
/// The database's error.
pub async fn find_import_employee(engine: &Engine) -> Result<Employee, Error> {
    find_built_in_employee(engine, "import").await
}

/// Reports what [`run_import`] would do. Changes nothing.
///
/// # Errors
/// The database's error.
pub async fn preview_import(
    engine: &Engine,
    source: &ImportSource,
    settings: &ImportSettings,
) -> Result<ImportReport, Error> {
    let plan = prepare(engine, source, settings).await?;
    let rows = plan.folders.into_iter().map(|folder| folder.row).collect();
    Ok(report(true, rows, plan.problems, plan.not_imported))
}

/// Creates the tenants that do not exist, names the owners that were missing, and reports the differences of
/// the others. `progress` gets the row of each folder when it is done. Audited. An import that ends early, or
/// whose process is killed, can be repeated.
///
/// # Errors
/// `FORBIDDEN` or `UNAUTHENTICATED` if the employee may not provision tenants; the database's error. A refused
/// file is not an error; the report has it.
pub async fn run_import(
    engine: &Engine,
    by: &Employee,
    source: &ImportSource,
    settings: &ImportSettings,
    progress: &dyn ImportProgress,
) -> Result<ImportReport, Error> {
    by.require_provisioning()?;
    let Plan { folders, problems, not_imported, slugs } = prepare(engine, source, settings).await?;
    let mut run = Run { engine, by, settings, slugs };
    let mut rows = Vec::with_capacity(folders.len());
    for folder in folders {
        let row = run.import_folder(folder).await?;
        progress.folder_done(&row).await?;
        rows.push(row);
    }
    let report = report(false, rows, problems, not_imported);
    record(engine, by, &report).await?;
    Ok(report)
}

fn report(
    dry_run: bool,
    rows: Vec<ImportRow>,
    problems: Vec<domain::import::ImportProblem>,
    not_imported: Vec<String>,
) -> ImportReport {
    ImportReport { dry_run, counts: ImportCounts::of(&rows), problems, rows, not_imported }
}

/// Adds an import that changed something to the audit log.
async fn record(engine: &Engine, by: &Employee, report: &ImportReport) -> Result<(), Error> {
    if report.counts.create + report.counts.activate == 0 {
        return Ok(());
    }
    let change = AuditedChange {
        action: "import.completed",
        subject_kind: "import",
        subject_id: None,
        request_id: None,
        before: None,
        after: Some(serde_json::to_value(report.counts)?),
    };
    let mut transaction = engine.pool().begin().await?;
    change.record(&mut transaction, &Actor::from(by.clone())).await?;
    transaction.commit().await?;
    Ok(())
}

/// How one attempt to create the tenant of a folder ended.
enum Attempt {
    Created(Box<domain::outcome::Provisioned>),
    /// Another import created the tenant, or an earlier one whose response was lost.
    Exists,
    SlugTaken,
    /// The account of the owner exists, and becomes the owner after the tenant was created.
    AccountExists,
    Refused(Box<Problem>),
}

struct Run<'a> {
    engine: &'a Engine,
    by: &'a Employee,
    settings: &'a ImportSettings,
    slugs: Slugs,
}

impl Run<'_> {
    async fn import_folder(&mut self, mut folder: Planned) -> Result<ImportRow, Error> {
        let result = match folder.row.action {
            ImportAction::Create => self.create(&mut folder).await,
            ImportAction::Activate => self.name_owner(&mut folder).await,
            ImportAction::Unchanged | ImportAction::Differs => self.finish_members(&mut folder).await,
            ImportAction::Refused => Ok(()),
        };
        match result {
            Err(Error::Refused(problem)) if is_about_file(problem.code) => folder.refuse(&problem),
            result => result?,
        }
        let is_own = folder.existing.as_ref().is_some_and(|existing| {
            self.settings.continued_since.is_some_and(|since| existing.created_at >= since)
        });
        if is_own && folder.row.action == ImportAction::Unchanged {
            folder.row.action = ImportAction::Create;
        }
        Ok(folder.row)
    }

    async fn create(&mut self, folder: &mut Planned) -> Result<(), Error> {
        let mut with_owner = folder.people.as_ref().is_some_and(|people| people.owner.is_some());
        for _ in 0..=MAX_RETRIES {
            match self.attempt(folder, with_owner).await? {
                Attempt::Created(provisioned) => {
                    folder.row.code = Some(provisioned.tenant.code);
                    let id = provisioned.tenant.id;
                    if !with_owner {
                        self.set_owner(folder, id).await?;
                    }
                    return self.invite_members(folder, id, folder.members()).await;
                }
                Attempt::Exists => return self.report_existing(folder).await,
                Attempt::SlugTaken => {
                    let taken = folder.client.draft.slug.clone();
                    self.slugs.note_taken(&taken);
                    let wanted = Slug::parse(&taken).map_err(|problem| Error::unexpected("slug", problem))?;
                    folder.client.problems.clear();
                    folder.assign_slug(self.engine, &mut self.slugs, &wanted).await?;
                    folder.row.problems.append(&mut folder.client.problems);
                    folder.row.slug = Some(folder.client.draft.slug.clone());
                }
                Attempt::AccountExists => with_owner = false,
                Attempt::Refused(problem) => {
                    folder.refuse(&problem);
                    return Ok(());
                }
            }
        }
        folder.refuse(&ErrorCode::DuplicateSlug.into());
        Ok(())
    }

    /// Calls the core with the key of the folder. A key whose tenant was purged or rolled back is replaced by
    /// the next one.
    async fn attempt(&self, folder: &Planned, with_owner: bool) -> Result<Attempt, Error> {
        let mut draft = folder.client.draft.clone();
        if !with_owner {
            draft.owner_name.clear();
            draft.owner_email.clear();
        }
        let options = ImportOptions {
            values: folder.client.values.clone(),
            secrets: folder.client.secrets.clone(),
            pending_members: folder.members(),
        };
        let (mut generation, mut waits) = (0, 0);
        loop {
            let key = key_of(&folder.row.external_id, generation)?;
            let request = ProvisionRequest::from_import(key, draft.clone(), with_owner, options.clone());
            let problem = match provision(self.engine, self.by, request, &self.settings.origin).await {
                Ok(ProvisionOutcome::Created(provisioned)) => {
                    return Ok(Attempt::Created(Box::new(provisioned)));
                }
                Ok(ProvisionOutcome::Replayed(_)) => return Ok(Attempt::Exists),
                Err(Error::Refused(problem)) => problem,
                Err(error) => return Err(error),
            };
            let is_external_id = problem.constraint.as_deref() == Some("tenants_external_id_key");
            match problem.code {
                ErrorCode::DuplicateRequest if generation < MAX_GENERATIONS => generation += 1,
                ErrorCode::RequestInProgress if waits < MAX_RETRIES => {
                    waits += 1;
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                ErrorCode::IdempotencyKeyReused => return Ok(Attempt::Exists),
                ErrorCode::DuplicateKey if is_external_id => return Ok(Attempt::Exists),
                ErrorCode::DuplicateSlug => return Ok(Attempt::SlugTaken),
                ErrorCode::EmailUnavailable
                    if with_owner && problem.email_reason != Some(EmailReason::IsEmployee) =>
                {
                    return Ok(Attempt::AccountExists);
                }
                code if is_about_file(code) => return Ok(Attempt::Refused(problem)),
                _ => return Err(Error::Refused(problem)),
            }
        }
    }

    /// Reports a tenant that was created after the files were compared.
    async fn report_existing(&self, folder: &mut Planned) -> Result<(), Error> {
        let ids = [folder.row.external_id.clone()];
        if let Some(existing) = find_existing(self.engine, &ids).await?.remove(&ids[0]) {
            folder.row.code = Some(existing.code.clone());
            folder.row.slug = Some(existing.slug.clone());
            folder.row.has_owner = existing.owner.is_some();
            folder.existing = Some(existing);
        }
        folder.row.action = ImportAction::Unchanged;
        self.finish_members(folder).await
    }

    /// Names the owner of a tenant that exists without one.
    async fn name_owner(&self, folder: &mut Planned) -> Result<(), Error> {
        let Some(id) = folder.existing.as_ref().map(|existing| existing.id) else { return Ok(()) };
        let members = folder.members();
        // Stored first, so that an interrupted import can be continued.
        sqlx::query!(
            "INSERT INTO tenant_imported_values (tenant_id, file_values, pending_members) VALUES ($1, '{}', $2)
             ON CONFLICT (tenant_id) DO UPDATE SET pending_members = excluded.pending_members",
            id,
            members_to_json(&members)
        )
        .execute(&self.engine.pool())
        .await?;
        self.set_owner(folder, id).await?;
        self.invite_members(folder, id, members).await
    }

    async fn set_owner(&self, folder: &Planned, id: Uuid) -> Result<(), Error> {
        let Some((owner, _)) = folder.people.as_ref().and_then(|people| people.owner.as_ref()) else {
            return Ok(());
        };
        let owner =
            NewOwner { name: owner.name.clone(), email: owner.email.clone(), use_existing_account: true };
        let by = Actor::from(self.by.clone());
        set_owner(self.engine, &by, &id.to_string(), &owner, &self.settings.origin).await?;
        Ok(())
    }

    /// Invites the members whom an interrupted import has not invited.
    async fn finish_members(&self, folder: &mut Planned) -> Result<(), Error> {
        let Some(existing) = &folder.existing else { return Ok(()) };
        let (id, has_owner) = (existing.id, existing.owner.is_some());
        let text = |member: &Value, name: &str| member[name].as_str().unwrap_or_default().to_owned();
        let members: Vec<NewMember> = existing
            .pending_members
            .iter()
            .filter_map(|member| {
                let [name, email, role] = ["name", "email", "role"].map(|field| text(member, field));
                NewMember::parse(&name, &email, &role, idn_to_ascii).ok()
            })
            .collect();
        if members.is_empty() || !has_owner || !existing.status.allows_access() {
            return Ok(());
        }
        self.invite_members(folder, id, members).await
    }

    /// Invites members. One who cannot be invited is a warning, and is tried again by the next import.
    async fn invite_members(
        &self,
        folder: &mut Planned,
        id: Uuid,
        members: Vec<NewMember>,
    ) -> Result<(), Error> {
        if members.is_empty() {
            return Ok(());
        }
        let by = TenantCaller::actor(Actor::from(self.by.clone()), &id.to_string());
        let mut pending = Vec::new();
        for member in members {
            match invite_member(self.engine, &by, &member, None, &self.settings.origin).await {
                Ok(_) => {}
                Err(Error::Refused(problem)) if problem.code == ErrorCode::DuplicateKey => {}
                Err(Error::Refused(problem)) if is_about_file(problem.code) => {
                    let message = format!("{} was not invited. {}", member.email.address(), problem.detail());
                    folder.client.problems.clear();
                    folder.client.warn("", "member", &message);
                    folder.row.problems.append(&mut folder.client.problems);
                    pending.push(member);
                }
                Err(error) => return Err(error),
            }
        }
        sqlx::query!(
            "UPDATE tenant_imported_values SET pending_members = $2 WHERE tenant_id = $1",
            id,
            members_to_json(&pending)
        )
        .execute(&self.engine.pool())
        .await?;
        Ok(())
    }
}

impl Planned {
    /// The members of the owners file, without the owner. They are invited only together with an owner.
    fn members(&self) -> Vec<NewMember> {
        let people = self.people.as_ref().filter(|people| people.owner.is_some());
        people.map(|people| people.members.clone()).unwrap_or_default()
    }

    /// Refuses the file because of a problem that the core found.
    fn refuse(&mut self, problem: &Problem) {
        self.client.problems.clear();
        let fields = problem.field_problems();
        match fields.is_empty() {
            true => self.client.warn("client.name", problem.code.as_str(), &problem.detail()),
            false => fields.iter().for_each(|field| self.client.report_field(field)),
        }
        self.client.problems.iter_mut().for_each(|found| found.severity = Severity::Error);
        self.row.problems.append(&mut self.client.problems);
        self.row.action = ImportAction::Refused;
    }
}

/// Whether a refusal is about the content of a file, so that the other files can still be imported.
fn is_about_file(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ValidationError
            | ErrorCode::InvalidSlug
            | ErrorCode::EmailValidationFailed
            | ErrorCode::EmailUnavailable
            | ErrorCode::DuplicateKey
            | ErrorCode::DuplicateRequest
            | ErrorCode::ConstraintViolation
            | ErrorCode::ForeignKeyViolation
            | ErrorCode::QuotaExceeded
            | ErrorCode::InvalidTransition
            | ErrorCode::TenantNotFound
    )
}

/// The idempotency key of a folder. It depends only on the external ID, so that imports at the same time create
/// one tenant.
fn key_of(external_id: &str, generation: u32) -> Result<IdempotencyKey, Error> {
    let digest = Sha256::digest(format!("tenantry import\n{generation}\n{external_id}"));
    let bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
    IdempotencyKey::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
        .map_err(|problem| Error::unexpected("key", problem))
}
