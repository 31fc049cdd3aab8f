use domain::{history::Estimate, tenant_code::TenantCode};

use crate::{Engine, Error};

/// Returns the values that the form shows before it is submitted: the last tenant code, and the median
/// duration of the last 200 completed requests. Both may change before the request runs.
///
/// # Errors
/// The database's error.
pub async fn estimate(engine: &Engine) -> Result<Estimate, Error> {
    let row = sqlx::query!(
        r#"SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tenant_number_seq) AS "last!", runs.count AS "runs!", runs.median_ms
           FROM (SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed_ms) AS median_ms
                 FROM (SELECT elapsed_ms FROM provisioning_requests WHERE status = 'completed'
                       ORDER BY created_at DESC, id DESC LIMIT 200) recent) runs"#
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(Estimate {
        last_code: u64::try_from(row.last)
            .ok()
            .and_then(|number| TenantCode::from_number(number).ok())
            .map(|code| code.to_string()),
        runs: u32::try_from(row.runs).unwrap_or(u32::MAX),
        median_ms: row.median_ms,
    })
}
