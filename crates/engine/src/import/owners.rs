//! The file with the owners: CSV with the columns `tenant_id`, `email`, `name` and `role`.

use std::collections::HashMap;

use domain::{
    import::{ImportProblem, Severity},
    member::{MemberRole, NewMember},
};

use super::{problems::Problems, source::SourceFile};
use crate::access::idn_to_ascii;

const COLUMNS: [&str; 4] = ["tenant_id", "email", "name", "role"];

/// The people of one tenant.
#[derive(Debug, Default)]
pub(super) struct TenantPeople {
    /// The owner, with the number of the line.
    pub owner: Option<(NewMember, u32)>,
    pub members: Vec<NewMember>,
    pub problems: Problems,
    /// The number of the first line.
    pub line: u32,
}

/// The people of all tenants, by the names of their folders.
#[derive(Debug, Default)]
pub(super) struct Owners {
    pub people: HashMap<String, TenantPeople>,
    pub problems: Problems,
    pub path: String,
}

impl Owners {
    /// Reads the file. A problem in a row belongs to the tenant of the row.
    pub(super) fn read(file: &SourceFile) -> Self {
        let mut owners = Self { path: file.path.clone(), ..Self::default() };
        let text = match &file.content {
            Ok(text) => text,
            Err(problem) => {
                let line = problem.line.and_then(|line| u32::try_from(line).ok());
                owners.problems.push(owners.problem(line, "", problem.rule, &problem.message));
                return owners;
            }
        };
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let column = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
        let positions = COLUMNS.map(column);
        if positions.iter().any(Option::is_none) {
            let message = format!("The first line must name the columns {}.", COLUMNS.join(","));
            owners.problems.push(owners.problem(Some(1), "", "header", &message));
            return owners;
        }
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let line = u32::try_from(line).unwrap_or(u32::MAX);
                    let [tenant, email, name, role] = positions.map(|position| {
                        position.and_then(|position| record.get(position)).unwrap_or_default()
                    });
                    owners.add(line, tenant, (email, name, role));
                }
                Err(error) => {
                    let line = error.position().and_then(|position| u32::try_from(position.line()).ok());
                    let problem =
                        owners.problem(line, "", "csv", "This line is not valid CSV. Correct its quotes.");
                    owners.problems.push(problem);
                }
            }
        }
        owners.require_owners();
        owners
    }

    fn add(&mut self, line: u32, tenant: &str, (email, name, role): (&str, &str, &str)) {
        if tenant.is_empty() {
            let message = "The tenant_id is missing. Enter the name of the tenant's folder.";
            let problem = self.problem(Some(line), "tenant_id", "required", message);
            return self.problems.push(problem);
        }
        let role = if role.is_empty() { MemberRole::Owner.as_str() } else { role };
        let parsed = NewMember::parse(name, email, &role.to_ascii_lowercase(), idn_to_ascii);
        let path = self.path.clone();
        let people = self.people.entry(tenant.to_owned()).or_default();
        if people.line == 0 {
            people.line = line;
        }
        let mut report = |field: &str, rule: &str, message: &str| {
            people.problems.push(problem(&path, Some(line), field, rule, message));
        };
        let member = match parsed {
            Ok(member) => member,
            Err(problems) => {
                return problems.iter().for_each(|found| report(&found.field, &found.rule, &found.message));
            }
        };
        let is_same = |other: &NewMember| other.email.canonical() == member.email.canonical();
        if people.owner.iter().map(|(owner, _)| owner).chain(&people.members).any(is_same) {
            report(
                "email",
                "repeated",
                "This person appears twice for the same tenant. Remove one of the lines.",
            );
        } else if member.role != MemberRole::Owner {
            people.members.push(member);
        } else if people.owner.is_some() {
            let message = "The tenant has a second owner. Give this person the role admin or member.";
            report("role", "second_owner", message);
        } else {
            people.owner = Some((member, line));
        }
    }

    /// Members without an owner are a problem.
    fn require_owners(&mut self) {
        for people in self.people.values_mut() {
            if people.owner.is_none() && people.problems.is_empty() {
                let message = "The tenant has members, but no owner. Give one person the role owner.";
                let found = problem(&self.path, Some(people.line), "role", "no_owner", message);
                people.problems.push(found);
            }
        }
    }

    /// A problem of the file that belongs to no tenant.
    pub(super) fn problem(&self, line: Option<u32>, field: &str, rule: &str, message: &str) -> ImportProblem {
        problem(&self.path, line, field, rule, message)
    }
}

fn problem(path: &str, line: Option<u32>, field: &str, rule: &str, message: &str) -> ImportProblem {
    ImportProblem {
        severity: Severity::Error,
        file: path.to_owned(),
        line,
        column: None,
        field: field.to_owned(),
        rule: rule.to_owned(),
        message: message.to_owned(),
        excerpt: Vec::new(),
    }
}
