use std::{ops::RangeInclusive, process::ExitCode};

use clap::Args;
use domain::{
    Role,
    access::{ApiScope, DEFAULT_TOKEN_DAYS, TOKEN_DAYS},
    field::parse_line,
    provisioning::MAX_NAME,
};
use engine::{
    Engine,
    access::{Actor, NewToken, create_token},
};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::cli::{Failure, employee::parse_role, output};

/// Create an admin token for `Authorization: Bearer`; it is shown only once
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  TOKEN=$(tenantry token create --name ci --role ADMIN --json | jq -r .token)"
)]
pub(crate) struct Create {
    /// The name shown in the history
    #[arg(long)]
    name: String,
    /// SUPER_ADMIN, ADMIN or VIEWER
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// How many days the token is valid
    #[arg(long, default_value_t = DEFAULT_TOKEN_DAYS, value_parser = clap::value_parser!(u16).range(days()))]
    days: u16,
    /// What the token may do in the API, such as tenants:read; repeat it for several. Without scopes, only the role
    /// limits the token
    #[arg(long = "scope", value_parser = parse_scope)]
    scopes: Vec<ApiScope>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let name = parse_line("name", "the name", &self.name, MAX_NAME)
            .map_err(|problem| Failure::new(format!("--name: {}", problem.message)))?;
        let scopes = (!self.scopes.is_empty()).then_some(self.scopes.as_slice());
        let new = NewToken { name: &name, role: self.role, days: self.days, scopes };
        let issued = create_token(engine, &Actor::Operator, new).await?;
        let token = issued.token.expose_secret();
        if self.json {
            output::print_json(&json!({
                "id": issued.id,
                "name": name,
                "role": self.role,
                "scopes": scopes,
                "token": token,
                "expiresAt": issued.expires_at,
            }))?;
        } else {
            output::print(token)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The range of `--days`, in the type that clap expects.
fn days() -> RangeInclusive<i64> {
    i64::from(*TOKEN_DAYS.start())..=i64::from(*TOKEN_DAYS.end())
}

fn parse_scope(text: &str) -> Result<ApiScope, String> {
    let all = || ApiScope::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    ApiScope::from_text(text).ok_or_else(|| format!("the scopes are {}", all()))
}
