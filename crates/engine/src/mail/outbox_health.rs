use connectors::mail::MailTransport;
use domain::{
    Timestamp,
    jobs::BreakerState,
    mail::{MailKind, MailProblem, MailRecord, MailStatus, MailTenant, OutboxHealth},
};
use uuid::Uuid;

use super::CONNECTOR;
use crate::{Engine, Error};

/// Returns the state of the outbox.
///
/// # Errors
/// If the database cannot be read.
pub(crate) async fn outbox_health(engine: &Engine) -> Result<OutboxHealth, Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE status = 'pending') AS "pending!",
             count(*) FILTER (WHERE status = 'held') AS "held!",
             count(*) FILTER (WHERE status = 'failed' AND finished_at > now() - interval '7 days') AS "failed!",
             count(*) FILTER (WHERE status = 'unconfirmed' AND finished_at > now() - interval '7 days')
                 AS "unconfirmed!",
             (extract(epoch FROM min(created_at) FILTER (WHERE status = 'pending')) * 1000)::bigint AS oldest_ms,
             (SELECT (extract(epoch FROM max(sent_at)) * 1000)::bigint FROM outbox_messages) AS sent_ms,
             (SELECT state FROM breakers WHERE connector = $1) AS breaker
           FROM outbox_messages WHERE status NOT IN ('sent', 'cancelled')"#,
        CONNECTOR
    )
    .fetch_one(&engine.pool())
    .await?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let (destination, is_folder) = match &engine.mailer().settings().transport {
        MailTransport::Smtp(server) => (format!("{}:{}", server.host, server.port), false),
        MailTransport::Directory(path) => (path.display().to_string(), true),
    };
    Ok(OutboxHealth {
        destination,
        is_folder,
        breaker: row.breaker.as_deref().and_then(BreakerState::from_text).unwrap_or(BreakerState::Closed),
        pending: count(row.pending),
        oldest_pending: row.oldest_ms.map(Timestamp),
        held: count(row.held),
        failed: count(row.failed),
        unconfirmed: count(row.unconfirmed),
        last_sent: row.sent_ms.map(Timestamp),
        problems: read_problems(engine).await?,
    })
}

/// The latest messages that failed or became unconfirmed.
async fn read_problems(engine: &Engine) -> Result<Vec<MailProblem>, Error> {
    let rows = sqlx::query_as!(
        StoredMessage,
        r#"SELECT m.id, m.kind, m.recipient_address, m.status, m.error,
             (extract(epoch FROM m.created_at) * 1000)::bigint AS "created_ms!",
             (extract(epoch FROM m.sent_at) * 1000)::bigint AS sent_ms,
             t.name AS "tenant_name?", t.code AS "tenant_code?"
           FROM outbox_messages m LEFT JOIN tenants t ON t.id = m.tenant_id
           WHERE m.status IN ('failed', 'unconfirmed') AND m.finished_at > now() - interval '7 days'
           ORDER BY m.created_at DESC LIMIT 20"#
    )
    .fetch_all(&engine.pool())
    .await?;
    rows.into_iter()
        .map(|row| {
            let tenant = row.tenant_name.clone().zip(row.tenant_code.clone());
            let tenant = tenant.map(|(name, code)| MailTenant { name, code });
            Ok(MailProblem { message: row.try_into()?, tenant })
        })
        .collect()
}

/// A row of the outbox without its content.
struct StoredMessage {
    id: Uuid,
    kind: String,
    recipient_address: String,
    status: String,
    error: Option<String>,
    created_ms: i64,
    sent_ms: Option<i64>,
    tenant_name: Option<String>,
    tenant_code: Option<String>,
}

impl TryFrom<StoredMessage> for MailRecord {
    type Error = Error;

    fn try_from(row: StoredMessage) -> Result<Self, Error> {
        let unexpected = |text: &str| Error::unexpected("message", text);
        Ok(Self {
            id: row.id,
            kind: MailKind::from_text(&row.kind).ok_or_else(|| unexpected(&row.kind))?,
            to: row.recipient_address,
            status: MailStatus::from_text(&row.status).ok_or_else(|| unexpected(&row.status))?,
            created_at: Timestamp(row.created_ms),
            sent_at: row.sent_ms.map(Timestamp),
            error: row.error,
        })
    }
}
