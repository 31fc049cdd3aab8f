use std::process::ExitCode;

use clap::Args;
use domain::{audit::AuditFilter, list_filter::ListFilter};
use engine::{
    Engine,
    audit::{audit_filter_problems, list_audit_entries},
    page::Limit,
};

use crate::cli::{Failure, output};

/// Print audit entries, newest first, one JSON object per line
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry audit export --area keys --from 2026-11-01 | jq -r .actorName")]
pub(crate) struct ExportAuditLog {
    /// Only entries about these tenants and people: the start of a name or slug, a code, an address or an ID
    #[arg(long, value_name = "TEXT", default_value = "")]
    search: String,
    /// Only changes by this employee, account or API key
    #[arg(long, value_name = "ID", default_value = "")]
    actor: String,
    /// Only changes in this part: tenants, settings, members, keys, catalog, team or platform
    #[arg(long, default_value = "")]
    area: String,
    /// Only this action, such as tenant.suspended
    #[arg(long, default_value = "")]
    action: String,
    /// Only changes on this day or later, in UTC
    #[arg(long, value_name = "DAY", default_value = "")]
    from: String,
    /// Only changes on this day or earlier, in UTC
    #[arg(long, value_name = "DAY", default_value = "")]
    to: String,
}

impl ExportAuditLog {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let Self { search: q, actor, area, action, from, to } = self;
        let mut filter = AuditFilter { q, actor, area, action, from, to, after: String::new() };
        let problems = audit_filter_problems(&filter);
        if !problems.is_empty() {
            let texts: Vec<_> =
                problems.iter().map(|problem| format!("--{}: {}", problem.field, problem.message)).collect();
            return Err(Failure::new(texts.join("\n")));
        }
        loop {
            let page = list_audit_entries(engine, &filter, Limit::MAX).await?;
            for entry in &page.rows {
                output::print(serde_json::to_string(entry)?)?;
            }
            match page.next {
                Some(next) => filter = filter.at(next),
                None => return Ok(ExitCode::SUCCESS),
            }
        }
    }
}
