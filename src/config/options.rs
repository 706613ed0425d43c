//! The table of everything that can be set: each option is declared once, in the file of its topic.
//!
//! A declaration is the field of a struct, with the form of its values, its names, its default and its help. From it
//! come the command line and its help, the known names of the environment and of the file, and how the field is read.

mod general;
mod http;
mod limits;
mod playground;
mod sandbox;
mod trust;
mod upstream;

use std::{path::PathBuf, sync::LazyLock};

use super::{
    form::Form,
    sources::{PREFIX, Program},
};
use crate::graph::document::limits::DocumentLimits;

pub use general::Config;
pub(super) use general::LOG;
pub use http::Http;
pub(super) use http::{CORS_ORIGINS, TRUSTED_DOCUMENTS_ONLY};
pub use limits::Limits;
pub(super) use limits::OPERATION_TIMEOUT;
pub use playground::Playground;
pub use sandbox::Sandbox;
pub(super) use sandbox::{Day, Generation};
pub(super) use trust::LISTEN;
pub use trust::Trust;
#[cfg(test)]
pub(super) use upstream::UPSTREAM;
pub(super) use upstream::UPSTREAM_TIMEOUT;
pub use upstream::{Upstream, Wavefront};

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
}

/// How the sandbox without the gateway offers an option: the variable and the key are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alone {
    /// The flag, dashes included.
    pub flag: &'static str,
    /// The default.
    pub default: Option<&'static str>,
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

/// Every option, in the order of the help.
#[must_use]
pub fn options() -> &'static [OptionInfo] {
    static OPTIONS: LazyLock<Vec<OptionInfo>> = LazyLock::new(|| {
        let groups: [&[OptionInfo]; 11] = [
            Trust::OPTIONS,
            Config::OPTIONS,
            &[CONFIG.info],
            Http::OPTIONS,
            Upstream::OPTIONS,
            Wavefront::OPTIONS,
            Limits::OPTIONS,
            DocumentLimits::OPTIONS,
            Playground::OPTIONS,
            &[SANDBOX.info],
            Sandbox::OPTIONS,
        ];
        let mut options = groups.concat();
        options.sort_by_key(|option| option.topic);
        options
    });
    &OPTIONS
}

/// The names that an option had in the last release. They work, and neither the help nor the README has them.
pub(crate) struct Former {
    /// The flag of `serve`.
    pub(crate) flag: &'static str,
    /// The flag of `sandbox`.
    pub(crate) alone: &'static str,
    pub(super) env: &'static str,
    pub(super) key: &'static str,
}

const FORMER: &[(&str, Former)] = &[(
    "--sandbox-generation",
    Former {
        flag: "--sandbox-membership-routes",
        alone: "--membership-routes",
        env: "ACCOUNTS_GRAPH_SANDBOX_MEMBERSHIP_ROUTES",
        key: "sandbox.membership-routes",
    },
)];

/// All former names.
pub(super) fn former() -> impl Iterator<Item = &'static Former> {
    FORMER.iter().map(|(_, former)| former)
}

impl OptionInfo {
    /// The former names of the option, if it has any.
    pub(crate) fn former(&self) -> Option<&'static Former> {
        FORMER.iter().find(|(flag, _)| *flag == self.flag).map(|(_, former)| former)
    }
}

/// An option and the form of its values.
pub(super) struct Setting<T> {
    pub(super) info: OptionInfo,
    pub(super) form: Form<T>,
}

/// What a declaration leaves out.
const UNSET: OptionInfo =
    OptionInfo { topic: Topic::General, flag: "", value: "", env: "", key: None, default: None, help: "", alone: None };

/// The environment variable of a flag: `ACCOUNTS_GRAPH_MAX_DEPTH` of `--max-depth`.
const fn variable<const LENGTH: usize>(flag: &str) -> [u8; LENGTH] {
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
        $crate::config::options::Setting {
            info: $crate::config::options::OptionInfo {
                flag: $flag,
                env: {
                    const NAME: [u8; $crate::config::sources::PREFIX.len() + $flag.len() - "--".len()] =
                        $crate::config::options::variable($flag);
                    match std::str::from_utf8(&NAME) {
                        Ok(name) => name,
                        Err(_) => panic!("a flag is ASCII"),
                    }
                },
                $($info)*
                ..$crate::config::options::UNSET
            },
            form: $crate::config::form::$form,
        }
    };
}

/// Options and the struct that they are read into: `field: Type = how(NAME: Value, FORM) { … }`, where `how` is the method of
/// [`Sources`](super::sources::Sources) that reads the field from the [`Setting`] `NAME`. A struct that is not of the
/// configuration is filled in: `for Type { field = … }`. `with` lists the fields that have options of their own.
macro_rules! declare {
    (
        $(#[$meta:meta])*
        pub struct $group:ident {
            $(
                $(#[$doc:meta])*
                $field:ident: $type:ty =
                    $how:ident($name:ident: $value:ty, $form:ident $(, $more:expr)?) { $($info:tt)* },
            )*
        }
        $(with { $( $(#[$inner_doc:meta])* $inner:ident: $inner_type:ty, )* })?
    ) => {
        $(#[$meta])*
        pub struct $group {
            $( $(#[$doc])* pub $field: $type, )*
            $($( $(#[$inner_doc])* pub $inner: $inner_type, )*)?
        }

        declare! {
            for $group {
                $( $field = $how($name: $value, $form $(, $more)?) { $($info)* }, )*
            }
            $(with { $( $inner: $inner_type, )* })?
        }
    };
    (
        for $group:ident {
            $( $field:ident = $how:ident($name:ident: $value:ty, $form:ident $(, $more:expr)?) { $($info:tt)* }, )*
        }
        $(with { $( $inner:ident: $inner_type:ty, )* })?
    ) => {
        $(
            #[allow(clippy::needless_update, reason = "few options set every field")]
            pub(in crate::config) const $name: $crate::config::options::Setting<$value> =
                $crate::config::options::setting!($form { $($info)* });
        )*

        impl $group {
            /// The options of the fields, without those of the structs inside.
            pub(in crate::config) const OPTIONS: &'static [$crate::config::options::OptionInfo] = &[$($name.info),*];

            /// Reads every field.
            pub(in crate::config) fn find(
                from: &$crate::config::sources::Sources<'_>,
            ) -> Result<Self, $crate::config::error::ConfigError> {
                Ok(Self {
                    $( $field: from.$how(&$name $(, $more)?)?, )*
                    $($( $inner: <$inner_type>::find(from)?, )*)?
                })
            }
        }
    };
}

use {declare, setting};

/// Names the file; it is no field.
pub(super) const CONFIG: Setting<PathBuf> = setting!(FILE {
    flag: "--config",
    topic: Topic::General,
    value: "PATH",
    help: "TOML file to read options from",
    alone: Some(Alone { flag: "--config", default: None }),
});

/// Decides with `--upstream` what is behind the gateway; it is no field.
pub(super) const SANDBOX: Setting<bool> = setting!(SWITCH {
    flag: "--sandbox",
    topic: Topic::Sandbox,
    value: "BOOL",
    key: Some("sandbox.enabled"),
    help: "Whether the sandbox is started in place of an upstream; unless set, only without --upstream and where \
           --listen is a loopback address; the flag alone means true",
});
