//! What commands need before they run: settings, logging and the engine.

use std::process::ExitCode;

use engine::Engine;
use private_postgres::Attach;

use super::{failure::Failure, global_options::GlobalOptions};
use crate::{
    config::{self, Overrides, Settings},
    installation::Installation,
    logging,
    telemetry::Telemetry,
};

/// Loads the settings of a short command. Such a command logs only warnings and exports no telemetry.
fn load(overrides: Overrides) -> Result<Settings, Failure> {
    let settings = Settings::load(overrides, config::environment())?;
    logging::start(&settings, true, None);
    Ok(settings)
}

/// Loads the settings for a long-running command, with telemetry if a collector is configured.
pub(super) fn load_with_telemetry(overrides: Overrides) -> Result<(Settings, Option<Telemetry>), Failure> {
    let settings = Settings::load(overrides, config::environment())?;
    let telemetry = Telemetry::start(&settings)?;
    logging::start(&settings, false, telemetry.as_ref());
    Ok((settings, telemetry))
}

/// Migrates the database as `serve` does, then runs a command.
pub(super) async fn with_engine(
    global: GlobalOptions,
    command: impl AsyncFnOnce(&Engine) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    with_settings(global.overrides(), async |engine, _| command(engine).await).await
}

/// Like [`with_engine`], for a command that needs the settings.
pub(super) async fn with_settings(
    overrides: Overrides,
    command: impl AsyncFnOnce(&Engine, &Settings) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let settings = load(overrides)?;
    let installation = Installation::open(&settings, Attach::Command).await?;
    let result = match installation.engine.migrate().await {
        Ok(()) => command(&installation.engine, &settings).await,
        Err(error) => Err(error.into()),
    };
    installation.close().await?;
    result
}
