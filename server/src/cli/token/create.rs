use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::{Role, field::parse_line, provisioning::MAX_NAME};
use engine::{Engine, access::create_token};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Failure, admin::parse_role, output};

/// Manage the API tokens of scripts and services
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    Create(Create),
}

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
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Token {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        match self {
            Self::Create(create) => create.run(engine).await,
        }
    }
}

impl Create {
    async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let name = parse_line("name", "the name", &self.name, MAX_NAME)
            .map_err(|problem| Failure::new(format!("--name: {}", problem.message)))?;
        let issued = create_token(engine, &name, self.role, self.days).await?;
        let token = issued.token.expose_secret();
        if self.json {
            output::print_json(&json!({
                "id": issued.id,
                "name": name,
                "role": self.role,
                "token": token,
                "expiresAt": issued.expires_at,
            }))?;
        } else {
            output::print(token)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
