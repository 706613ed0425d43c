//! The command line of `accounts-graph`.

use accounts_graph::{
    cli::{self, Exit},
    program,
};
use std::{env, fs, process::ExitCode};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command = cli::parse(env::args_os(), &env::vars_os().collect(), &|path| fs::read_to_string(path));
    match command.map(program::run) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => Exit { message: format!("error: {error}"), code: 1, stdout: false }.report(),
        Err(exit) => exit.report(),
    }
}
