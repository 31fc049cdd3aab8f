//! Decides what an import does with each folder.

mod folder;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use domain::{
    defaults::ThemePreset,
    field::FieldProblem,
    import::{ImportAction, ImportProblem, ImportRow},
    provisioning::{DraftField, NewTenant},
};

use super::{
    ImportSettings, ImportSource,
    client::{ClientFile, path_of},
    existing::{ExistingTenant, find_existing},
    owners::{Owners, TenantPeople},
    problems::ProblemBudget,
    slugs::{Slugs, wanted_slug},
    source::ClientSource,
};
use crate::{Engine, Error};

/// The longest name of a tenant in a report, in characters. A longer one is refused.
const MAX_NAME: usize = 200;

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
    let (mut folders, mut owners) = read_files(source.clone(), settings.encrypt_secrets).await?;
    let ids: Vec<String> = folders.iter().map(|folder| folder.row.external_id.clone()).collect();
    let mut existing = find_existing(engine, &ids).await?;
    let wanted: Vec<String> =
        folders.iter().filter_map(|folder| wanted(folder).map(|slug| slug.to_string())).collect();
    let mut slugs = Slugs::load(engine, &wanted).await?;
    let employees = employees_among(engine, &folders).await?;
    let mut budget = ProblemBudget::default();
    for folder in &mut folders {
        folder.existing = existing.remove(&folder.row.external_id);
        folder.refuse_employees(&employees, &owners);
        folder.decide(engine, &mut slugs).await?;
        tokio::task::yield_now().await;
        budget.limit(&mut folder.row.problems);
    }
    let unknown = unknown_tenants(&owners, source);
    owners.problems.extend(unknown);
    let mut problems = owners.problems.take();
    problems.extend(budget.problem());
    Ok(Plan { folders, problems, not_imported: source.not_imported.clone(), slugs })
}

/// Parses all files on a thread of its own, because large files take seconds.
async fn read_files(
    source: ImportSource,
    encrypt_secrets: bool,
) -> Result<(Vec<PlannedFolder>, Owners), Error> {
    let read = tokio::task::spawn_blocking(move || {
        let mut owners = source.owners.as_deref().map(Owners::read).unwrap_or_default();
        let read = |client: &Arc<ClientSource>| read_folder(client, &mut owners, encrypt_secrets);
        let mut folders: Vec<PlannedFolder> = source.clients.iter().map(read).collect();
        refuse_repeated_ids(&mut folders);
        (folders, owners)
    });
    read.await.map_err(|panic| Error::UnexpectedResponse(panic.to_string()))
}

fn read_folder(source: &ClientSource, owners: &mut Owners, encrypt_secrets: bool) -> PlannedFolder {
    let mut client = ClientFile::read(&source.file, encrypt_secrets);
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
        name: client.draft.name.trim().chars().take(MAX_NAME).collect(),
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
