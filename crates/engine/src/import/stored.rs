//! Reads uploaded imports and their reports.

use std::collections::HashMap;

use domain::{
    ErrorCode, FieldProblem, Problem, Timestamp,
    import::{ImportAction, ImportCounts, ImportDetail, ImportFilter, ImportRow, ImportState, ImportSummary},
};
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::Employee,
    page::{Cursor, Limit, Page, PageRequest, invalid_cursor, invalid_parameter},
    prefix_search::search_text,
};

/// How many days a report is kept. It contains names and addresses.
const REPORT_DAYS: i32 = 30;
/// How many hours the archive of a dry run is kept.
const ARCHIVE_HOURS: i32 = 24;

/// Returns a problem for each filter that is set to an invalid value.
pub fn import_filter_problems(filter: &ImportFilter) -> Vec<FieldProblem> {
    let names: Vec<&str> = ImportAction::ALL.iter().map(|action| action.as_str()).collect();
    let is_action_invalid = !filter.action.is_empty() && ImportAction::from_text(&filter.action).is_none();
    let is_cursor_invalid = !filter.after.is_empty() && parse_cursor(&filter.after).is_none();
    [
        is_action_invalid.then(|| invalid_parameter("action", &format!("one of {}", names.join(", ")))),
        is_cursor_invalid.then(invalid_cursor),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The rank and the file of the last row of a page.
fn parse_cursor(text: &str) -> Option<(i16, &str)> {
    let (rank, id) = text.split_once('.')?;
    Some((rank.parse().ok().filter(|rank| (0..=9).contains(rank))?, id))
}

/// Returns the latest imports of all employees, newest first.
///
/// # Errors
/// `FORBIDDEN` unless the employee may provision tenants; the database's error.
pub async fn list_imports(
    engine: &Engine,
    by: &Employee,
    request: PageRequest,
) -> Result<Page<ImportSummary>, Error> {
    by.require_provisioning()?;
    let rows = read_imports(engine, None, request).await?;
    let page = Page::new(rows, request.limit, |row| Cursor { created_us: row.created_us, id: row.id });
    let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
    let mut counts = read_counts(engine, &ids).await?;
    page.try_map(|row| {
        let counts = counts.remove(&row.id).unwrap_or_default();
        row.summary(counts)
    })
}

/// Returns an import with one page of its report: refused files first, then differences, then the rest.
///
/// # Errors
/// `VALIDATION_ERROR` for an invalid filter; `FORBIDDEN` unless the employee may provision tenants;
/// `RESOURCE_NOT_FOUND`; the database's error.
pub async fn find_import(
    engine: &Engine,
    by: &Employee,
    id: Uuid,
    filter: &ImportFilter,
    limit: Limit,
) -> Result<ImportDetail, Error> {
    let page = list_import_rows(engine, by, id, filter, limit).await?;
    let import = read_imports(engine, Some(id), PageRequest::default()).await?;
    let import = import.into_iter().next().ok_or(ErrorCode::ResourceNotFound)?;
    let counts = read_counts(engine, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(ImportDetail {
        problems: serde_json::from_value(import.problems.clone())?,
        not_imported: serde_json::from_value(import.not_imported.clone())?,
        summary: import.summary(counts)?,
        rows: page.rows,
        next: page.next,
    })
}

/// Returns one page of the report of an import: refused files first, then differences, then the rest. An unknown
/// import has no rows.
///
/// # Errors
/// `VALIDATION_ERROR` for an invalid filter; `FORBIDDEN` unless the employee may provision tenants; the
/// database's error.
pub async fn list_import_rows(
    engine: &Engine,
    by: &Employee,
    id: Uuid,
    filter: &ImportFilter,
    limit: Limit,
) -> Result<Page<ImportRow, String>, Error> {
    by.require_provisioning()?;
    let problems = import_filter_problems(filter);
    if !problems.is_empty() {
        return Err(Problem::from_fields(problems).into());
    }
    let after = parse_cursor(&filter.after);
    let rows = sqlx::query!(
        "SELECT file, rank, report FROM import_rows
         WHERE import_id = $1 AND ($2::smallint IS NULL OR (rank, file) > ($2::smallint, $3::text))
             AND ($4 = '' OR coalesce(action, report ->> 'action') = $4)
             AND ($5 = '' OR strpos(lower(concat_ws(E'\\n', file, report ->> 'name', report ->> 'slug',
                 report ->> 'code', jsonb_path_query_array(report, '$.problems[*].field'),
                 jsonb_path_query_array(report, '$.problems[*].message'))), $5) > 0)
         ORDER BY rank, file LIMIT $6",
        id,
        after.map(|(rank, _)| rank),
        after.map(|(_, file)| file),
        filter.action,
        search_text(filter.q.trim()).to_lowercase(),
        limit.rows_to_query()
    )
    .fetch_all(&engine.pool())
    .await?;
    let page: Page<_, String> = Page::new(rows, limit, |row| format!("{}.{}", row.rank, row.file));
    page.try_map(|row| Ok(serde_json::from_value(row.report)?))
}

/// Reads the imports of a page, newest first. With an `id`, at most this import.
async fn read_imports(
    engine: &Engine,
    id: Option<Uuid>,
    request: PageRequest,
) -> Result<Vec<StoredImport>, Error> {
    let rows = sqlx::query_as!(
        StoredImport,
        r#"SELECT i.id, i.file_name, i.dry_run, i.encrypt_secrets, i.state, i.total, e.name AS created_by, i.failure,
             i.ciphertext IS NOT NULL AS "has_archive!", i.problems, i.not_imported,
             (extract(epoch FROM i.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM i.started_at) * 1000000)::bigint AS started_us,
             (extract(epoch FROM i.finished_at) * 1000000)::bigint AS finished_us
           FROM imports i JOIN employees e ON e.id = i.employee_id
           WHERE ($1::uuid IS NULL OR i.id = $1) AND ($2::bigint IS NULL
              OR (i.created_at, i.id) < (to_timestamp($2::bigint / 1000000.0), $3::uuid))
           ORDER BY i.created_at DESC, i.id DESC LIMIT $4"#,
        id,
        request.after_us(),
        request.after_id(),
        request.limit.rows_to_query()
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(rows)
}

/// How many folders of imports are done, by outcome. An earlier version stores the values only in the reports.
async fn read_counts(engine: &Engine, ids: &[Uuid]) -> Result<HashMap<Uuid, ImportCounts>, Error> {
    let rows = sqlx::query!(
        r#"SELECT import_id, coalesce(action, report ->> 'action') AS "action!", count(*) AS "rows!",
             count(*) FILTER (WHERE NOT coalesce(has_owner, (report ->> 'hasOwner')::boolean)) AS "without_owner!"
           FROM import_rows WHERE import_id = ANY($1) GROUP BY 1, 2"#,
        ids
    )
    .fetch_all(&engine.pool())
    .await?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let mut counts: HashMap<Uuid, ImportCounts> = HashMap::new();
    for row in rows {
        let action =
            ImportAction::from_text(&row.action).ok_or_else(|| Error::unexpected("action", &row.action))?;
        let of_import = counts.entry(row.import_id).or_default();
        of_import.add(action, number(row.rows), number(row.without_owner));
    }
    Ok(counts)
}

/// Deletes old reports, and the archives of dry runs that nobody has imported.
///
/// # Errors
/// The database's error.
pub(crate) async fn delete_old_imports(engine: &Engine) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM imports WHERE created_at < now() - make_interval(days => $1) AND state IN ('completed', 'failed')",
        REPORT_DAYS
    )
    .execute(&engine.pool())
    .await?;
    sqlx::query!(
        "UPDATE imports SET wrapped_key = NULL, ciphertext = NULL
         WHERE ciphertext IS NOT NULL AND state IN ('completed', 'failed')
             AND finished_at < now() - make_interval(hours => $1)",
        ARCHIVE_HOURS
    )
    .execute(&engine.pool())
    .await?;
    Ok(())
}

struct StoredImport {
    id: Uuid,
    file_name: String,
    dry_run: bool,
    encrypt_secrets: bool,
    state: String,
    total: i32,
    created_by: String,
    failure: Option<String>,
    has_archive: bool,
    problems: serde_json::Value,
    not_imported: serde_json::Value,
    created_us: i64,
    started_us: Option<i64>,
    finished_us: Option<i64>,
}

impl StoredImport {
    fn summary(self, counts: ImportCounts) -> Result<ImportSummary, Error> {
        let state =
            ImportState::from_text(&self.state).ok_or_else(|| Error::unexpected("state", &self.state))?;
        Ok(ImportSummary {
            id: self.id,
            file_name: self.file_name,
            dry_run: self.dry_run,
            encrypt_secrets: self.encrypt_secrets,
            state,
            total: self.total.try_into().unwrap_or_default(),
            done: counts.total(),
            counts,
            created_by: self.created_by,
            created_at: Timestamp::from_microseconds(self.created_us),
            started_at: self.started_us.map(Timestamp::from_microseconds),
            finished_at: self.finished_us.map(Timestamp::from_microseconds),
            failure: self.failure.as_deref().and_then(ErrorCode::from_text),
            can_be_imported: self.dry_run && state == ImportState::Completed && self.has_archive,
        })
    }
}
