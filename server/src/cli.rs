//! The command line (`docs/specification.md`, section 2). All commands use the same configuration, and work
//! with or without a running server.

mod admin;
mod cleanup;
mod demo;
mod failure;
mod migrate;
mod output;
mod serve;
mod settings;
mod token;
mod verify;
mod worker;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use engine::Engine;
use private_postgres::Attach;

use self::failure::Failure;
use crate::{
    config::{self, Overrides, Settings},
    installation::Installation,
    logging,
    telemetry::Telemetry,
};

/// Provisions tenants: atomically, exactly once, with a record of every attempt
#[derive(Debug, Parser)]
#[command(name = "tenantry", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

/// The options of every command.
#[derive(Debug, Args)]
struct GlobalOptions {
    /// The TOML file with the settings; environment variables override it
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory of the private PostgreSQL and the master key [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Worker(worker::RunWorkers),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    Admin(admin::Admin),
    #[command(subcommand)]
    Token(token::Token),
    Verify(verify::Verify),
    Cleanup(cleanup::Cleanup),
    Demo(demo::Demo),
    Settings(settings::PrintSettings),
}

/// Runs the command of this process.
pub(crate) async fn run() -> ExitCode {
    let Cli { global, command } = Cli::parse();
    let result = match command {
        Command::Serve(serve) => serve.run(global).await,
        Command::Worker(worker) => worker.run(global).await,
        Command::Migrate(migrate) => with_engine(global, async |engine| migrate.run(engine).await).await,
        Command::Admin(admin) => with_engine(global, async |engine| admin.run(engine).await).await,
        Command::Token(token) => with_engine(global, async |engine| token.run(engine).await).await,
        Command::Verify(verify) => with_engine(global, async |engine| verify.run(engine).await).await,
        Command::Cleanup(cleanup) => with_engine(global, async |engine| cleanup.run(engine).await).await,
        Command::Settings(settings) => settings.run(),
        Command::Demo(demo) => with_engine(global, async |engine| demo.run(engine).await).await,
    };
    result.unwrap_or_else(|failure| {
        output::print_error(&failure);
        ExitCode::FAILURE
    })
}

impl GlobalOptions {
    fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        overrides.config.clone_from(&self.config);
        overrides.set("data_dir", self.data_dir.as_ref().map(|path| path.display()))
    }
}

/// Loads the settings for a short command: it logs warnings only and exports no telemetry.
fn load(overrides: Overrides) -> Result<Settings, Failure> {
    let settings = Settings::load(overrides, config::environment())?;
    logging::start(&settings, true, None);
    Ok(settings)
}

/// Loads the settings for a long-running command, with telemetry if a collector is configured.
fn load_with_telemetry(overrides: Overrides) -> Result<(Settings, Option<Telemetry>), Failure> {
    let settings = Settings::load(overrides, config::environment())?;
    let telemetry = Telemetry::start(&settings)?;
    logging::start(&settings, false, telemetry.as_ref());
    Ok((settings, telemetry))
}

/// Runs a command after migrating the database, like `serve`.
async fn with_engine(
    global: GlobalOptions,
    command: impl AsyncFnOnce(&Engine) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let settings = load(global.overrides())?;
    let installation = Installation::open(&settings, Attach::Command).await?;
    let result = match installation.engine.migrate().await {
        Ok(()) => command(&installation.engine).await,
        Err(error) => Err(error.into()),
    };
    installation.close().await?;
    result
}
