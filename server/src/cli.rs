//! The command line (`docs/specification.md`, section 2). All commands use the same configuration, and work
//! with or without a running server.

mod admin;
mod adopt;
mod audit;
mod cleanup;
mod demo;
mod employee;
mod failure;
mod global_options;
mod import;
mod invitation;
mod key;
mod listing;
mod migrate;
mod openapi;
mod output;
mod person;
mod serve;
mod session;
mod settings;
mod startup;
mod tenant;
mod token;
mod verify;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::{
    failure::Failure,
    global_options::GlobalOptions,
    startup::{with_engine, with_settings},
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

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Worker(worker::RunWorkers),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    Admin(admin::Admin),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Person(person::Person),
    #[command(subcommand)]
    Session(session::Session),
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    #[command(subcommand)]
    Key(key::Key),
    #[command(subcommand)]
    Invitation(invitation::Invitation),
    #[command(subcommand)]
    Import(import::Import),
    #[command(subcommand)]
    Export(import::Export),
    Verify(verify::Verify),
    #[command(subcommand)]
    Audit(audit::Audit),
    Cleanup(cleanup::Cleanup),
    Adopt(adopt::Adopt),
    Demo(demo::Demo),
    Settings(settings::PrintSettings),
    Openapi(openapi::PrintDocument),
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
        Command::Person(person) => with_engine(global, async |engine| person.run(engine).await).await,
        Command::Session(session) => with_engine(global, async |engine| session.run(engine).await).await,
        Command::Tenant(tenant) => {
            with_settings(global.overrides(), async |engine, settings| tenant.run(engine, settings).await)
                .await
        }
        Command::Key(key) => with_engine(global, async |engine| key.run(engine).await).await,
        Command::Invitation(invitation) => {
            with_settings(global.overrides(), async |engine, settings| invitation.run(engine, settings).await)
                .await
        }
        Command::Audit(audit) => {
            with_settings(global.overrides(), async |engine, settings| audit.run(engine, settings).await)
                .await
        }
        Command::Import(import) => {
            with_settings(global.overrides(), async |engine, settings| import.run(engine, settings).await)
                .await
        }
        Command::Export(export) => with_engine(global, async |engine| export.run(engine).await).await,
        Command::Verify(verify) => with_engine(global, async |engine| verify.run(engine).await).await,
        Command::Cleanup(cleanup) => cleanup.run(global).await,
        Command::Adopt(adopt) => {
            with_settings(global.overrides(), async |engine, settings| adopt.run(engine, settings).await)
                .await
        }
        Command::Settings(settings) => settings.run(),
        Command::Openapi(document) => document.run(),
        Command::Demo(demo) => {
            // The demo data contain failures, which nobody needs to be warned about.
            let overrides = global.overrides().set("log", Some("error"));
            with_settings(overrides, async |engine, _| demo.run(engine).await).await
        }
    };
    result.unwrap_or_else(|failure| {
        output::print_error(&failure);
        ExitCode::FAILURE
    })
}
