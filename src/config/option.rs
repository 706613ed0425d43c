//! One option: its names, its default, its help and the form of its values.

use super::form::Form;

/// What every variable of ours starts with.
pub(super) const PREFIX: &str = "ACCOUNTS_GRAPH_";

/// Which of the servers is configured; an option may have another flag and default in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The gateway.
    Serve,
    /// The sandbox without the gateway.
    Sandbox,
}

/// What a person needs to know about one option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionInfo {
    /// Under which heading the help shows it.
    pub topic: Topic,
    /// The flag of `serve`, dashes included.
    pub flag: &'static str,
    /// What stands for the value in the help.
    pub value: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// The key in the file with its section; none for the option that names the file.
    pub key: Option<&'static str>,
    /// The default, written as a value would be; none for what stays unset.
    pub default: Option<&'static str>,
    /// What the option does, without a full stop.
    pub help: &'static str,
    /// How `sandbox` offers the option; none when it does not.
    pub alone: Option<Alone>,
    /// The names that the option had in the last release. They work, and neither the help nor the README has them.
    pub(crate) former: Option<Former>,
}

/// How the sandbox without the gateway offers an option: the variable and the key are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alone {
    /// The flag, dashes included.
    pub flag: &'static str,
    /// The default.
    pub default: Option<&'static str>,
}

/// The former names of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Former {
    /// The flag of `serve`.
    pub(crate) flag: &'static str,
    /// The flag of `sandbox`.
    pub(crate) alone: &'static str,
    pub(super) env: &'static str,
    pub(super) key: &'static str,
}

/// The headings of the help, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The program itself.
    General,
    /// Who may ask, and how.
    Http,
    /// The REST API behind the gateway.
    Upstream,
    /// What one operation may cost.
    Limits,
    /// The web page to try the graph in.
    Playground,
    /// The embedded upstream.
    Sandbox,
}

impl OptionInfo {
    /// The flag and the default that the option has in `program`, if it is offered there.
    #[must_use]
    pub fn spelling(&self, program: Program) -> Option<(&'static str, Option<&'static str>)> {
        match program {
            Program::Serve => Some((self.flag, self.default)),
            Program::Sandbox => self.alone.map(|alone| (alone.flag, alone.default)),
        }
    }
}

/// An option and the form of its values.
pub(super) struct Setting<T> {
    pub(super) info: OptionInfo,
    pub(super) form: Form<T>,
}

/// What a declaration leaves out.
pub(super) const UNSET: OptionInfo = OptionInfo {
    topic: Topic::General,
    flag: "",
    value: "",
    env: "",
    key: None,
    default: None,
    help: "",
    alone: None,
    former: None,
};

/// The environment variable of a flag: `ACCOUNTS_GRAPH_MAX_DEPTH` of `--max-depth`.
pub(super) const fn variable<const LENGTH: usize>(flag: &str) -> [u8; LENGTH] {
    let (prefix, flag) = (PREFIX.as_bytes(), flag.as_bytes());
    let mut name = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        name[at] = if at < prefix.len() {
            prefix[at]
        } else {
            match flag[at - prefix.len() + "--".len()] {
                b'-' => b'_',
                letter => letter.to_ascii_uppercase(),
            }
        };
        at += 1;
    }
    name
}

/// A [`Setting`]: the form of the values, the flag, and what else is known of the option.
macro_rules! setting {
    ($form:ident { flag: $flag:literal, $($info:tt)* }) => {
        $crate::config::option::Setting {
            info: $crate::config::option::OptionInfo {
                flag: $flag,
                env: {
                    const NAME: [u8; $crate::config::option::PREFIX.len() + $flag.len() - "--".len()] =
                        $crate::config::option::variable($flag);
                    match std::str::from_utf8(&NAME) {
                        Ok(name) => name,
                        Err(_) => panic!("a flag is ASCII"),
                    }
                },
                $($info)*
                ..$crate::config::option::UNSET
            },
            form: $crate::config::form::$form,
        }
    };
}

pub(super) use setting;
