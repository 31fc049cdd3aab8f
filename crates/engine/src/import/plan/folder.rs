//! Decides what an import does with one folder.

use std::collections::HashSet;

use domain::{
    TenantStatus,
    field::FieldProblem,
    import::{ImportAction, Severity},
    provisioning::{DraftField, NewTenant},
    slug::Slug,
};

use super::{PlannedFolder, wanted};
use crate::{
    Engine, Error,
    access::idn_to_ascii,
    import::{
        client::path_of,
        compare::{differences, limit_differences},
        owners::Owners,
        problems::MORE_PROBLEMS,
        slugs::Slugs,
    },
};

impl PlannedFolder {
    /// An employee can be neither an owner nor a member.
    pub(super) fn refuse_employees(&mut self, employees: &HashSet<String>, owners: &Owners) {
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
    pub(super) async fn decide(&mut self, engine: &Engine, slugs: &mut Slugs) -> Result<(), Error> {
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
        let people_problems = self.people.as_mut().map(|people| people.problems.take());
        self.row.problems = self.client.problems.take();
        self.row.problems.extend(people_problems.unwrap_or_default());
        self.row.problems.sort_by_key(|problem| (problem.rule == MORE_PROBLEMS, problem.line));
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
                if let Some(problem) = limit_differences(&self.row.file, &mut self.row.differences) {
                    self.row.problems.push(problem);
                }
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
    pub(in crate::import) async fn assign_slug(
        &mut self,
        engine: &Engine,
        slugs: &mut Slugs,
        wanted: &Slug,
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
                        && problem.severity == Severity::Error
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
            self.row.problems.extend(self.client.problems.take());
        }
    }
}
