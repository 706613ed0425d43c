//! The command line of `accounts-graph`.

use std::{env, error::Error, fs, process::ExitCode};

use accounts_graph::{
    cli::{self, Command, Exit},
    telemetry,
};

fn main() -> ExitCode {
    let command = cli::parse(env::args_os(), &env::vars_os().collect(), &|path| fs::read_to_string(path));
    match command.map(run) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => Exit { message: format!("error: {error}"), code: 1, stdout: false }.report(),
        Err(exit) => exit.report(),
    }
}

fn run(command: Command) -> Result<(), Box<dyn Error + Send + Sync>> {
    match command {
        Command::Serve(config) => {
            telemetry::init(&config.log)?;
            tracing::info!(listen = %config.listen, "configuration of the gateway accepted");
        }
        Command::Sandbox(config) => {
            telemetry::init(&config.log)?;
            tracing::info!(listen = %config.sandbox.listen, "configuration of the sandbox accepted");
        }
        Command::Schema => {}
    }
    Ok(())
}
