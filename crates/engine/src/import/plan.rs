//! Decides what an import does with each folder.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    TenantStatus,
    defaults::ThemePreset,
    field::FieldProblem,
    import::{ImportAction, ImportProblem, ImportRow},
    provisioning::{DraftField, NewTenant},
};

use super::{
    ImportSettings, ImportSource,
    client::{ClientFile, path_of},
    compare::differences,
    existing::{ExistingTenant, find_existing},
    owners::{Owners, TenantPeople},
    slugs::{Slugs, wanted_slug},
    source::ClientSource,
};
use crate::{Engine, Error, access::idn_to_ascii};

/// What an import does with each folder, and the problems that concern no folder.
#[derive(Debug)]
pub(super) struct Plan {
    pub folders: Vec<PlannedFolder>,
    pub problems: Vec<ImportProblem>,
    pub not_imported: Vec<String>,
    pub slugs: Slugs,
}

/// What an import does with a folder.
#[derive(Debug)]
pub(super) struct PlannedFolder {
    pub client: ClientFile,
    pub people: Option<TenantPeople>,
    pub existing: Option<ExistingTenant>,
    pub row: ImportRow,
}

/// Parses all files, and compares them with the tenants that exist. Changes nothing.
pub(super) async fn prepare(
    engine: &Engine,
    source: &ImportSource,
    settings: &ImportSettings,
) -> Result<Plan, Error> {
    let mut owners = source.owners.as_ref().map(Owners::read).unwrap_or_default();
    let mut folders: Vec<PlannedFolder> =
        source.clients.iter().map(|client| read_folder(client, &mut owners, settings)).collect();
    refuse_repeated_ids(&mut folders);
    let ids: Vec<String> = folders.iter().map(|folder| folder.row.external_id.clone()).collect();
    let mut existing = find_existing(engine, &ids).await?;
    let wanted: Vec<String> =
        folders.iter().filter_map(|folder| wanted(folder).map(|slug| slug.to_string())).collect();
    let mut slugs = Slugs::load(engine, &wanted).await?;
    let employees = employees_among(engine, &folders).await?;
    for folder in &mut folders {
        folder.existing = existing.remove(&folder.row.external_id);
        folder.refuse_employees(&employees, &owners);
        folder.decide(engine, &mut slugs).await?;
    }
    let mut problems = std::mem::take(&mut owners.problems);
    problems.extend(unknown_tenants(&owners, source));
    Ok(Plan { folders, problems, not_imported: source.not_imported.clone(), slugs })
}

fn read_folder(source: &ClientSource, owners: &mut Owners, settings: &ImportSettings) -> PlannedFolder {
    let mut client = ClientFile::read(&source.file, settings.encrypt_secrets);
    let external_id = match client.draft.external_id.trim() {
        "" => source.folder.clone(),
        id => id.to_owned(),
    };
    client.draft.external_id.clone_from(&external_id);
    keep_unknown_theme(&mut client);
    let by_folder = owners.people.remove(&source.folder);
    let people = by_folder.or_else(|| owners.people.remove(&external_id));
    let row = ImportRow {
        file: client.path.clone(),
        external_id,
        name: client.draft.name.trim().to_owned(),
        action: ImportAction::Refused,
        code: None,
        slug: None,
        has_owner: false,
        problems: Vec::new(),
        differences: Vec::new(),
    };
    PlannedFolder { client, people, existing: None, row }
}

/// A theme of another system is kept for the export. The tenant gets the default theme.
fn keep_unknown_theme(client: &mut ClientFile) {
    let theme = client.draft.theme.clone();
    if !client.given.contains(&DraftField::Theme) || ThemePreset::parse(&theme).is_ok() {
        return;
    }
    client.given.retain(|field| *field != DraftField::Theme);
    client.draft.theme = ThemePreset::default().to_string();
    client.keep(path_of(DraftField::Theme), &theme);
    let names: Vec<&str> = ThemePreset::ALL.iter().map(|theme| theme.as_str()).collect();
    let message = format!(
        "This theme does not exist here. The tenant gets the theme {}, and the colours of the file. Themes: {}.",
        ThemePreset::default(),
        names.join(", ")
    );
    client.warn(path_of(DraftField::Theme), "unknown_theme", &message);
}

/// Two folders cannot have the same external ID.
fn refuse_repeated_ids(folders: &mut [PlannedFolder]) {
    let mut first: HashMap<String, String> = HashMap::new();
    for folder in folders {
        match first.get(&folder.row.external_id) {
            Some(other) => {
                let message = format!("The external ID is already that of {other}. Change one of them.");
                folder.client.report_field(&FieldProblem::new(
                    DraftField::ExternalId.path(),
                    "repeated",
                    &message,
                ));
            }
            None => {
                first.insert(folder.row.external_id.clone(), folder.row.file.clone());
            }
        }
    }
}

fn wanted(folder: &PlannedFolder) -> Option<domain::slug::Slug> {
    let draft = &folder.client.draft;
    match draft.slug.is_empty() {
        true => wanted_slug(&draft.name, &folder.row.external_id).ok(),
        false => NewTenant::parse_slug(&draft.slug).ok(),
    }
}

/// The canonical addresses of owners and members that belong to employees.
async fn employees_among(engine: &Engine, folders: &[PlannedFolder]) -> Result<HashSet<String>, Error> {
    let people = folders.iter().filter_map(|folder| folder.people.as_ref());
    let addresses: Vec<String> = people
        .flat_map(|people| people.owner.iter().map(|(owner, _)| owner).chain(&people.members))
        .map(|member| member.email.canonical().to_owned())
        .collect();
    let employees = sqlx::query_scalar!(
        "SELECT u.email_canonical FROM users u WHERE u.email_canonical = ANY($1)
             AND EXISTS (SELECT FROM employees e WHERE e.user_id = u.id)",
        &addresses
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(employees.into_iter().collect())
}

/// Warnings about lines of the owners file whose tenant has no folder.
fn unknown_tenants(owners: &Owners, source: &ImportSource) -> Vec<ImportProblem> {
    if source.owners.is_none() {
        return Vec::new();
    }
    let unknown: BTreeMap<u32, &String> =
        owners.people.iter().map(|(tenant, people)| (people.line, tenant)).collect();
    unknown
        .into_iter()
        .map(|(line, tenant)| {
            let shown = super::yaml::short(tenant);
            let message = format!("No folder is called {shown}, so this line is not used.");
            let problem = owners.problem(Some(line), "tenant_id", "unknown_tenant", &message);
            ImportProblem { severity: domain::import::Severity::Warning, ..problem }
        })
        .collect()
}

impl PlannedFolder {
    /// An employee can be neither an owner nor a member.
    fn refuse_employees(&mut self, employees: &HashSet<String>, owners: &Owners) {
        let Some(people) = &mut self.people else { return };
        let line = people.line;
        let all = people.owner.iter().map(|(owner, _)| owner).chain(&people.members);
        let found: Vec<String> = all
            .filter(|member| employees.contains(member.email.canonical()))
            .map(|member| member.email.address().to_owned())
            .collect();
        for address in found {
            let message = format!("{address} belongs to an employee of the platform. Use another address.");
            people.problems.push(owners.problem(Some(line), "email", "is_employee", &message));
        }
    }

    /// Decides what happens with the folder.
    async fn decide(&mut self, engine: &Engine, slugs: &mut Slugs) -> Result<(), Error> {
        if let Some((owner, _)) = self.people.as_ref().and_then(|people| people.owner.as_ref()) {
            self.client.draft.owner_name.clone_from(&owner.name);
            self.client.draft.owner_email = owner.email.address().to_owned();
        }
        let has_owner_row = !self.client.draft.owner_email.is_empty();
        // The format of a slug is checked with the other fields; another tenant may have it.
        match (&self.existing, wanted(self)) {
            (Some(existing), _) if !self.client.given.contains(&DraftField::Slug) => {
                self.client.draft.slug.clone_from(&existing.slug);
            }
            (None, Some(slug)) if !self.client.has_error() => self.assign_slug(engine, slugs, &slug).await?,
            (_, Some(slug)) => self.client.draft.slug = slug.to_string(),
            (_, None) if self.client.draft.slug.is_empty() && !self.client.draft.name.trim().is_empty() => {
                let message = "No slug can be derived from the name or from the folder: it is too short, reserved, or \
                               not in Latin, Greek or Cyrillic letters. Add tenantry.slug to the file.";
                self.client.report_field(&FieldProblem::new(DraftField::Slug.path(), "slug", message));
            }
            _ => {}
        }
        let tenant = self.parse(engine, has_owner_row);
        let people_problems = self.people.as_mut().map(|people| std::mem::take(&mut people.problems));
        self.row.problems = std::mem::take(&mut self.client.problems);
        self.row.problems.extend(people_problems.unwrap_or_default());
        self.row.problems.sort_by_key(|problem| problem.line);
        let existing_owner = self.existing.as_ref().is_some_and(|existing| existing.owner.is_some());
        self.row.has_owner = existing_owner || has_owner_row;
        if let Some(existing) = &self.existing {
            self.row.code = Some(existing.code.clone());
        }
        let Some(tenant) = tenant.filter(|_| !self.row.has_error()) else {
            self.row.action = ImportAction::Refused;
            return Ok(());
        };
        self.row.slug = Some(tenant.slug.to_string());
        self.row.action = match &self.existing {
            None => ImportAction::Create,
            Some(existing) => {
                self.row.slug = Some(existing.slug.clone());
                self.row.differences = differences(&self.client, &tenant, self.people.as_ref(), existing);
                let waits = matches!(
                    existing.status,
                    TenantStatus::SetupIncomplete | TenantStatus::PendingActivation
                );
                match self.row.differences.is_empty() {
                    _ if waits && existing.owner.is_none() && has_owner_row => ImportAction::Activate,
                    true => ImportAction::Unchanged,
                    false => ImportAction::Differs,
                }
            }
        };
        self.warn_deleted();
        Ok(())
    }

    /// Assigns a slug, and says so if it is not the one that was wanted.
    pub(super) async fn assign_slug(
        &mut self,
        engine: &Engine,
        slugs: &mut Slugs,
        wanted: &domain::slug::Slug,
    ) -> Result<(), Error> {
        let slug = slugs.assign(engine, wanted, &self.client.draft.name).await?;
        if slug != *wanted {
            let message = format!("The slug {wanted} is already in use, so the tenant gets the slug {slug}.");
            let is_given = self.client.given.contains(&DraftField::Slug);
            let field = if is_given { DraftField::Slug } else { DraftField::Name };
            self.client.warn(path_of(field), "slug_taken", &message);
        }
        self.client.draft.slug = slug.to_string();
        Ok(())
    }

    /// Checks all fields, and adds their problems.
    fn parse(&mut self, engine: &Engine, has_owner: bool) -> Option<NewTenant> {
        let mut draft = self.client.draft.clone();
        // The same problem as that of an empty field.
        if engine.plan(&draft.plan).is_none() {
            draft.plan.clear();
        }
        if engine.pipeline().blueprint(&draft.blueprint).is_none() {
            draft.blueprint.clear();
        }
        match NewTenant::parse(&draft, has_owner, idn_to_ascii) {
            Ok(tenant) => Some(tenant),
            Err(problems) => {
                // A file that cannot be read has no fields.
                let is_readable = !self.client.problems.iter().any(|problem| {
                    problem.field.is_empty()
                        && problem.severity == domain::import::Severity::Error
                        && problem.rule != "duplicate_key"
                        && problem.rule != "tag"
                });
                let reported: Vec<String> =
                    self.client.problems.iter().map(|problem| problem.field.clone()).collect();
                for problem in problems.iter().filter(|_| is_readable) {
                    let field = DraftField::ALL.iter().find(|field| field.path() == problem.field);
                    let path = field.map_or("", |field| path_of(*field));
                    let is_known = reported.iter().any(|reported| reported == path);
                    let is_missing_slug = problem.field == DraftField::Slug.path() && draft.slug.is_empty();
                    if !is_known && !is_missing_slug {
                        self.client.report_field(problem);
                    }
                }
                None
            }
        }
    }

    fn warn_deleted(&mut self) {
        let is_deleted =
            self.existing.as_ref().is_some_and(|existing| existing.status == TenantStatus::Deleted);
        if is_deleted {
            self.client.problems.clear();
            self.client.warn("client.name", "deleted", "The tenant is deleted. Restore it to use it again.");
            self.row.problems.append(&mut self.client.problems);
        }
    }
}
