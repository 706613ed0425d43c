//! The command line: what it offers, and which command it asks for.
//!
//! Nothing is done here. The options come from [`config::options()`], so that the help, the environment and the file
//! cannot disagree; the caller runs the [`Command`], or reports the [`Exit`].

use std::{
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgMatches, builder::StyledStr, error::ErrorKind};

#[cfg(feature = "sandbox")]
use crate::config::SandboxConfig;
use crate::config::{self, Config, ConfigError, Environment, Flags, OptionInfo, Program, ReadFile, Topic};
#[cfg(not(feature = "sandbox"))]
use crate::config::{Origin, Place};

/// The exit code for a command line, an environment or a file that asks for something impossible.
const USAGE: u8 = 2;

/// Whether this build has the sandbox; the names of its options are known in every build.
const SANDBOX: bool = cfg!(feature = "sandbox");

/// What the user asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Run the gateway.
    Serve(Config),
    /// Run only the sandbox.
    #[cfg(feature = "sandbox")]
    Sandbox(SandboxConfig),
    /// Print the schema.
    Schema(SchemaForm),
    /// Run an operation and print what it cost.
    Explain(Config, Explained),
}

/// Which form of the schema to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaForm {
    /// As clients see it.
    Plain,
    /// As routers compose it.
    Federation {
        /// Whether it says what needs a token.
        authenticated: bool,
    },
}

/// The operation that `explain` is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The file with the document; `-` is the standard input.
    pub document: PathBuf,
    /// The variables, as a JSON object.
    pub variables: Option<String>,
    /// Which operation of the document.
    pub operation: Option<String>,
    /// The file with the caller's token.
    pub token_file: Option<PathBuf>,
    /// Whether nothing is asked of the upstream.
    pub plan: bool,
}

/// Why there is nothing to run, and what to tell the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// What to print, without the line break at the end.
    pub message: String,
    /// The exit code of the process.
    pub code: u8,
    /// Whether the message is what the user asked for and belongs on stdout; otherwise it belongs on stderr.
    pub stdout: bool,
}

impl Exit {
    /// Prints the message where it belongs.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        // Whoever closed the stream, as `| head` does, has read enough; there is nobody left to tell.
        let _ = if self.stdout {
            writeln!(io::stdout(), "{}", self.message)
        } else {
            writeln!(io::stderr(), "{}", self.message)
        };
        ExitCode::from(self.code)
    }
}

impl From<ConfigError> for Exit {
    fn from(error: ConfigError) -> Self {
        Self { message: format!("error: {error}"), code: USAGE, stdout: false }
    }
}

impl From<clap::Error> for Exit {
    fn from(error: clap::Error) -> Self {
        let text = error.render().to_string();
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            return Self { message: text.trim_end().to_owned(), code: 0, stdout: true };
        }
        Self { message: in_two_lines(&text), code: USAGE, stdout: false }
    }
}

/// The library adds the usage, which with this many options buries the message.
fn in_two_lines(text: &str) -> String {
    let told = text.split("\nUsage:").next().unwrap_or(text);
    let advice = "For more information, try '--help'.";
    let lines = told.lines().filter(|line| !line.trim().is_empty() && *line != advice);
    lines.chain([advice]).take(2).collect::<Vec<_>>().join("\n")
}

/// Finds out what the user asked for; `args` starts with the name of the program.
///
/// # Errors
///
/// When the user asked for help or the version, or for something that cannot be.
pub fn parse(
    args: impl IntoIterator<Item = OsString>,
    env: &Environment,
    read_file: ReadFile<'_>,
) -> Result<Command, Exit> {
    let matches = command().try_get_matches_from(args)?;
    match matches.subcommand() {
        #[cfg(feature = "sandbox")]
        Some(("sandbox", matches)) => {
            Ok(Command::Sandbox(SandboxConfig::load(&flags(matches, Program::Sandbox), env, read_file)?))
        }
        #[cfg(not(feature = "sandbox"))]
        Some(("sandbox", _)) => {
            let command = Place { name: "sandbox".to_owned(), origin: Origin::CommandLine };
            Err(ConfigError::NoSandbox { wanted_by: Some(command), empty: false }.into())
        }
        Some(("schema", matches)) => Ok(Command::Schema(if matches.get_flag("federation") {
            SchemaForm::Federation { authenticated: matches.get_flag("authenticated") }
        } else {
            SchemaForm::Plain
        })),
        Some(("explain", matches)) => {
            let text = |name: &str| matches.get_one::<String>(name).cloned();
            let explained = Explained {
                document: text("QUERY_FILE").unwrap_or_default().into(),
                variables: text("variables"),
                operation: text("operation"),
                token_file: text("token-file").map(PathBuf::from),
                plan: matches.get_flag("plan"),
            };
            Ok(Command::Explain(Config::load(&flags(matches, Program::Serve), env, read_file)?, explained))
        }
        serve => {
            let matches = serve.map_or(&matches, |(_, matches)| matches);
            Ok(Command::Serve(Config::load(&flags(matches, Program::Serve), env, read_file)?))
        }
    }
}

fn command() -> clap::Command {
    let serve = clap::Command::new("serve").about("Run the gateway (the default)");
    let sandbox = clap::Command::new("sandbox")
        .about("Run only the sandbox: an embedded Accounts REST API with made-up data, for trying out and for tests")
        .hide(!SANDBOX);
    let schema = clap::Command::new("schema")
        .about("Print the GraphQL schema (SDL)")
        .arg(switch("federation", "Print it as a subgraph: with the keys and directives that routers compose it by"))
        .arg(
            switch("authenticated", "Say of everything that it needs a token: for routers that know who calls")
                .requires("federation"),
        );
    let explain = clap::Command::new("explain")
        .about(
            "Run an operation without a server and print what it cost: bounds, requests to the upstream, a waterfall",
        )
        .arg(Arg::new("QUERY_FILE").required(true).help("File with the document; - reads the standard input"))
        .arg(value("variables", "JSON").help("Variables of the operation, as a JSON object"))
        .arg(value("operation", "NAME").help("Which operation of the document to run, if it has several"))
        .arg(value("token-file", "PATH").help("File with the token that goes to the upstream as `Bearer`"))
        .arg(switch("plan", "Ask nothing: print bounds and plan alone"));
    with_options(clap::Command::new("accounts-graph"), Program::Serve)
        .version(env!("CARGO_PKG_VERSION"))
        .about(if SANDBOX {
            "A GraphQL gateway over the users / accounts / groups REST API of the SoftwareOne Marketplace.\n\n\
             Without a command it serves. Without --upstream it serves made-up data from its sandbox, so it can be \
             tried with no account and no token."
        } else {
            "A GraphQL gateway over the users / accounts / groups REST API of the SoftwareOne Marketplace.\n\n\
             Without a command it serves. It needs --upstream; this build has no sandbox."
        })
        .args_conflicts_with_subcommands(true)
        .subcommand(with_options(serve, Program::Serve))
        .subcommand(with_options(sandbox, Program::Sandbox))
        .subcommand(schema)
        .subcommand(with_options(explain, Program::Serve))
}

fn value(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).action(ArgAction::Set)
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn with_options(command: clap::Command, program: Program) -> clap::Command {
    let offered = config::options().iter().filter_map(|option| {
        let (flag, default) = option.spelling(program)?;
        Some(arg(option, flag, default))
    });
    command.args(offered).next_line_help(true).after_help(
        "An option is looked up on the command line, then in the environment, then in the file, then its default \
         applies. An empty environment variable counts as not set. A DURATION is a number with a unit, such as 500ms, \
         10s or 1m 30s; a SIZE is a number of bytes, or of KiB or MiB with that unit, such as 100KiB.",
    )
}

fn arg(option: &'static OptionInfo, flag: &'static str, default: Option<&'static str>) -> Arg {
    let arg = Arg::new(option.flag)
        .long(flag.trim_start_matches('-'))
        .value_name(option.value)
        .help(help(option, default))
        .action(ArgAction::Set)
        // The names of the last release work, and the help does not have them.
        .aliases(option.former().map(|former| if flag == option.flag { &former.flag[2..] } else { &former.alone[2..] }))
        // `-1` is then a value to refuse with the accepted form, instead of a flag that does not exist.
        .allow_negative_numbers(true);
    let arg = match option.topic {
        Topic::General => arg,
        Topic::Http => arg.help_heading("HTTP"),
        Topic::Upstream => arg.help_heading("Upstream"),
        Topic::Limits => arg.help_heading("Limits"),
        Topic::Playground => arg.help_heading("Playground"),
        Topic::Sandbox => arg.help_heading("Sandbox").hide(!SANDBOX),
    };
    if option.value == "BOOL" {
        return arg.num_args(0..=1).require_equals(true).default_missing_value("true");
    }
    arg
}

fn help(option: &OptionInfo, default: Option<&str>) -> StyledStr {
    let default = default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
    let key = option.key.map(|key| format!(" [file: {key}]")).unwrap_or_default();
    format!("{}{default}\n[env: {}]{key}", option.help, option.env).into()
}

fn flags(matches: &ArgMatches, program: Program) -> Flags {
    let mut flags = Flags::default();
    for option in config::options().iter().filter(|option| option.spelling(program).is_some()) {
        if let Some(text) = matches.get_one::<String>(option.flag) {
            flags.set(option, text.clone());
        }
    }
    flags
}

#[cfg(all(test, feature = "sandbox"))]
mod tests {
    use super::*;
    use accounts_graph_sandbox::Generation;

    fn run(args: &[&str]) -> Result<Command, Exit> {
        let args = std::iter::once("accounts-graph").chain(args.iter().copied()).map(OsString::from);
        parse(args, &Environment::default(), &|_| Err(io::ErrorKind::NotFound.into()))
    }

    fn refusal(args: &[&str]) -> String {
        let exit = run(args).expect_err("refused");
        assert_eq!((exit.code, exit.stdout), (2, false), "{args:?}");
        exit.message
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn serve_is_the_default_and_its_options_need_no_name() {
        assert_eq!(run(&[]), run(&["serve"]));
        let bare = run(&["--listen", "127.0.0.1:4001"]);
        assert_eq!(bare, run(&["serve", "--listen=127.0.0.1:4001"]));
        let Ok(Command::Serve(config)) = bare else { panic!("{bare:?}") };
        assert_eq!(config.trust.listen.port(), 4001);
    }

    #[test]
    fn a_switch_needs_no_value_and_takes_one() {
        for (args, expected) in [
            (&["--sandbox-require-token"][..], true),
            (&["--sandbox-require-token=true"], true),
            (&["--sandbox-require-token=false"], false),
            (&["--sandbox-require-token", "--max-depth", "3"], true),
            (&[], false),
        ] {
            let Ok(Command::Serve(config)) = run(args) else { panic!("{args:?}") };
            assert_eq!(config.sandbox.require_token, expected, "{args:?}");
        }
    }

    #[test]
    fn the_sandbox_alone_has_short_flags_and_a_fixed_port() {
        let Ok(Command::Sandbox(config)) = run(&["sandbox", "--scale", "0.5", "--require-token"]) else {
            panic!("not the sandbox")
        };
        assert_eq!(config.sandbox.listen.to_string(), "127.0.0.1:4010");
        assert_eq!((config.sandbox.scale.to_string(), config.sandbox.require_token), ("0.5".to_owned(), true));
    }

    #[test]
    fn the_former_flag_of_the_generation_works_and_is_not_in_the_help() {
        for (letter, generation) in [
            ("a", Generation::February2025),
            ("b", Generation::September2025),
            ("c", Generation::V5),
            ("all", Generation::All),
        ] {
            let Ok(Command::Serve(config)) = run(&["--sandbox-membership-routes", letter]) else { panic!("{letter}") };
            assert_eq!(config.sandbox.generation, generation);
            let Ok(Command::Sandbox(config)) = run(&["sandbox", "--membership-routes", letter]) else {
                panic!("{letter}")
            };
            assert_eq!(config.sandbox.generation, generation);
        }
        for args in [&["--help"][..], &["sandbox", "--help"]] {
            let help = run(args).expect_err("help").message;
            assert!(help.contains("generation <GENERATION>"), "{help}");
            assert!(!help.contains("--sandbox-membership-routes"), "{help}");
        }
        assert!(!run(&["sandbox", "--help"]).expect_err("help").message.contains("--membership-routes"));
    }

    #[test]
    fn explain_takes_a_file_and_the_options_of_the_gateway() {
        let Ok(Command::Explain(config, explained)) =
            run(&["explain", "q.graphql", "--plan", "--variables", "{}", "--max-depth", "3"])
        else {
            panic!("not explain")
        };
        let expected = Explained {
            document: "q.graphql".into(),
            variables: Some("{}".to_owned()),
            operation: None,
            token_file: None,
            plan: true,
        };
        assert_eq!((config.limits.document.depth, explained), (3, expected));
        assert!(refusal(&["explain"]).starts_with("error: the following required arguments were not provided:"));
    }

    #[test]
    fn the_schema_has_forms_and_takes_no_options() {
        assert_eq!(run(&["schema"]), Ok(Command::Schema(SchemaForm::Plain)));
        for (args, authenticated) in
            [(&["schema", "--federation"][..], false), (&["schema", "--federation", "--authenticated"], true)]
        {
            assert_eq!(run(args), Ok(Command::Schema(SchemaForm::Federation { authenticated })));
        }
        assert!(refusal(&["schema", "--authenticated"]).contains("--federation"));
        assert_eq!(
            refusal(&["schema", "--listen", "127.0.0.1:1"]),
            "error: unexpected argument '--listen' found\nFor more information, try '--help'."
        );
    }

    #[test]
    fn a_wrong_command_line_is_refused_in_two_lines() {
        for (args, message) in [
            (
                &["--lisen", "127.0.0.1:1"][..],
                "error: unexpected argument '--lisen' found\n  tip: a similar argument exists: '--listen'",
            ),
            (&["sandbx"], "error: unrecognized subcommand 'sandbx'\n  tip: a similar subcommand exists: 'sandbox'"),
            (
                &["--listen"],
                "error: a value is required for '--listen <ADDR>' but none was supplied\n\
                 For more information, try '--help'.",
            ),
            (
                &["--log", "info", "--log", "warn"],
                "error: the argument '--log <FILTER>' cannot be used multiple times\n\
                 For more information, try '--help'.",
            ),
            (
                &["--log", "info", "sandbox"],
                "error: the subcommand 'sandbox' cannot be used with '--log <FILTER>'\n\
                 For more information, try '--help'.",
            ),
            (
                &["--max-depth", "-1"],
                "error: --max-depth (command line): expected a whole number from 1 to 100, got \"-1\"",
            ),
            (
                &["sandbox", "--scale", "11"],
                "error: --scale (command line): expected a number from 0.01 to 10, got \"11\"",
            ),
        ] {
            assert_eq!(refusal(args), message, "{args:?}");
        }
    }

    #[test]
    fn help_and_version_are_no_errors() {
        let help = run(&["--help"]).expect_err("help");
        assert_eq!((help.code, help.stdout), (0, true));
        let version = run(&["--version"]).expect_err("version");
        assert_eq!(version.message, concat!("accounts-graph ", env!("CARGO_PKG_VERSION")));
        assert_eq!((version.code, version.stdout), (0, true));
    }
}
