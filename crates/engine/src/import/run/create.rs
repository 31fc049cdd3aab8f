//! Creates the tenant of a folder.

use std::time::Duration;

use domain::{
    ErrorCode, Problem, error::EmailReason, idempotency_key::IdempotencyKey, import::ImportAction, slug::Slug,
};
use sha2::{Digest, Sha256};

use super::{Run, is_about_file};
use crate::{
    Error,
    import::{existing::find_existing, plan::PlannedFolder},
    provisioning::{ImportOptions, ProvisionOutcome, ProvisionRequest, provision},
};

/// How many keys a folder can use up: one more whenever its tenant was purged or rolled back.
const MAX_GENERATIONS: u32 = 100;
/// How often a folder is tried again while another import creates its tenant, or takes its slug.
const MAX_RETRIES: u32 = 5;
const RETRY_DELAY: Duration = Duration::from_millis(200);

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

impl Run<'_> {
    /// Creates the tenant with its owner and members. Chooses another slug if another tenant takes it meanwhile.
    pub(super) async fn create(&mut self, folder: &mut PlannedFolder) -> Result<(), Error> {
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
                    folder.row.problems.extend(folder.client.problems.take());
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
    async fn attempt(&self, folder: &PlannedFolder, with_owner: bool) -> Result<Attempt, Error> {
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
    async fn report_existing(&self, folder: &mut PlannedFolder) -> Result<(), Error> {
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
}

/// The idempotency key of a folder. It depends only on the external ID, so that imports at the same time create
/// one tenant.
fn key_of(external_id: &str, generation: u32) -> Result<IdempotencyKey, Error> {
    let digest = Sha256::digest(format!("tenantry import\n{generation}\n{external_id}"));
    let bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
    IdempotencyKey::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
        .map_err(|problem| Error::unexpected("key", problem))
}
