use domain::{
    audit::{
        AuditArea, AuditFilter, AuditRecord, SentencePart, audit_action_label, audit_actions, audit_sentence,
    },
    paths,
};
use engine::{
    audit::{StoredVerification, VerificationState, latest_verification, list_audit_entries},
    page::Limit,
    provisioning::list_employee_names,
};

use super::{
    difference::differences,
    types::{
        AuditContent, AuditDay, AuditLine, LinePart, VerificationResult, VerificationStatus, VerificationView,
    },
};
use crate::{
    Failure,
    server_context::{console, respond_with_error, signed_in_admin},
};

/// Reads one page of the audit log and the latest verification.
pub(super) async fn read(filter: &AuditFilter) -> Result<AuditContent, Failure> {
    let employee = signed_in_admin()?;
    let engine = &console()?.engine;
    let load = async {
        let page = list_audit_entries(engine, filter, Limit::default()).await?;
        let verification = latest_verification(engine).await?;
        Ok((page, verification, list_employee_names(engine).await?))
    };
    let (page, verification, employees) = load.await.map_err(respond_with_error)?;
    Ok(AuditContent {
        verification: verification.map(check),
        days: by_day(page.rows),
        next: page.next,
        employees,
        actions: actions(&filter.area),
        may_erase: employee.role.may_manage_access(),
    })
}

/// The actions of an area, or all actions, with their labels.
fn actions(area: &str) -> Vec<(String, String)> {
    let area = AuditArea::from_text(area);
    let is_shown = |action: &&str| area.is_none() || AuditArea::of_action(action) == area;
    let choice = |action: &str| (action.to_owned(), audit_action_label(action).to_owned());
    audit_actions().filter(is_shown).map(choice).collect()
}

fn check(stored: StoredVerification) -> VerificationView {
    let started = stored.started_at.0;
    let (at_ms, status) = match stored.state {
        VerificationState::Running => (started, VerificationStatus::Running),
        VerificationState::Interrupted => (started, VerificationStatus::Interrupted),
        VerificationState::Finished { at, result } => {
            let count = |number: i64| number.unsigned_abs();
            let result = VerificationResult {
                verified: count(result.verified),
                has_head: result.head_position.is_some(),
                pending: count(result.pending),
                erased: count(result.erased),
                took_ms: count(at.0 - started),
                hash: short(&result.chain_hash),
                findings: result
                    .findings
                    .iter()
                    .map(|finding| format!("{}.", capitalized(&finding.to_string())))
                    .collect(),
            };
            (at.0, VerificationStatus::Finished(result))
        }
    };
    VerificationView { at_ms, status }
}

fn by_day(records: Vec<AuditRecord>) -> Vec<AuditDay> {
    let mut days: Vec<AuditDay> = Vec::new();
    for record in records {
        let title = record.at.utc_date_text();
        match days.last_mut() {
            Some(day) if day.title == title => day.entries.push(line(record)),
            _ => days.push(AuditDay { title, entries: vec![line(record)] }),
        }
    }
    days
}

fn line(record: AuditRecord) -> AuditLine {
    let (before, after) = (record.before.as_ref(), record.after.as_ref());
    let sentence = audit_sentence(&record.action, before, after);
    AuditLine {
        id: record.id,
        at: record.at.to_string(),
        time: record.at.utc_time_text(),
        area: AuditArea::of_action(&record.action),
        sentence: sentence.into_iter().map(|part| words(part, &record)).collect(),
        context: context(&record),
        changes: differences(before, after),
        chained: record
            .position
            .map(|position| (position, short(record.chain_hash.as_deref().unwrap_or_default()))),
        actor: match record.actor_id {
            Some(_) => record.actor_name,
            // Tenantry itself or the operator.
            None => capitalized(&record.actor_name),
        },
    }
}

fn words(part: SentencePart, record: &AuditRecord) -> LinePart {
    let subject = &record.subject;
    match part {
        SentencePart::Text(text) => LinePart::Text(text),
        SentencePart::Name(name) => LinePart::Name(abbreviated(name)),
        SentencePart::Subject => match (&subject.name, &subject.code) {
            (Some(name), Some(code)) => LinePart::Link(name.clone(), paths::tenant(code)),
            (Some(name), None) => LinePart::Name(name.clone()),
            // A tenant that was rolled back or a person who no longer exists.
            (None, _) => LinePart::Name(recorded_name(record)),
        },
    }
}

/// The name of a subject that no longer exists, from the values of the entry.
fn recorded_name(record: &AuditRecord) -> String {
    let name = |values: Option<&serde_json::Value>| values?.get("name")?.as_str().map(str::to_owned);
    let name = name(record.after.as_ref()).or_else(|| name(record.before.as_ref()));
    name.unwrap_or_else(|| format!("a former {}", record.subject.kind))
}

/// The network address of the change, and the request that it belongs to.
fn context(record: &AuditRecord) -> String {
    let address = record.client_address.as_ref().map(|address| format!("From {address}"));
    let request = record.request_id.map(|id| format!("request {id}"));
    capitalized(&[address, request].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// A name that is too long for a sentence, such as a public key, by its beginning and its end.
fn abbreviated(name: String) -> String {
    let characters: Vec<char> = name.chars().collect();
    match &characters[..] {
        [start @ .., a, b, c, d] if start.len() > 40 => {
            let start: String = start.iter().take(24).collect();
            format!("{start}…{a}{b}{c}{d}")
        }
        _ => name,
    }
}

/// The beginning and the end of a hash.
fn short(hash: &str) -> String {
    match (hash.get(..4), hash.get(hash.len().saturating_sub(4)..)) {
        (Some(start), Some(end)) if hash.len() > 8 => format!("{start}…{end}"),
        _ => hash.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_hash_is_shortened() {
        assert_eq!(short("9f3c0000000000000000a71e"), "9f3c…a71e");
        assert_eq!(short(""), "");
    }
}
