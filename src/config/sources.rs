//! The places that a value may come from, and which of them wins.

use std::{collections::BTreeMap, ffi::OsString, time::Duration};

use super::{
    ReadFile, Url,
    error::{ConfigError, Origin, Place},
    file::{File, Found},
    form::Refused,
    nearest,
    options::{self, OptionInfo, Setting, options},
};

/// What every variable of ours starts with.
pub(super) const PREFIX: &str = "ACCOUNTS_GRAPH_";

/// Read by the build script, which may run in the same environment.
const NOT_OPTIONS: [&str; 1] = ["ACCOUNTS_GRAPH_PLAYGROUND"];

/// Which of the servers is configured; an option may have another flag and default in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The gateway.
    Serve,
    /// The sandbox without the gateway.
    Sandbox,
}

/// The options that the command line sets, as text.
#[derive(Debug, Default)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// Notes that the command line sets `option` to `text`.
    pub fn set(&mut self, option: &OptionInfo, text: String) {
        self.0.insert(option.flag, text);
    }
}

/// The environment variables that have our prefix.
#[derive(Debug, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let name = |name: K| name.into().to_string_lossy().into_owned();
        let named = variables.into_iter().map(|(key, value)| (name(key), value.into()));
        Self(named.filter(|(name, _)| name.starts_with(PREFIX)).collect())
    }
}

impl Environment {
    /// An empty variable counts as not set: that is how compose files and shells pass on what they do not have.
    fn get(&self, name: &str) -> Option<&OsString> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    fn refuse_unknown(&self) -> Result<(), ConfigError> {
        let known = |name: &str| {
            NOT_OPTIONS.contains(&name)
                || options().iter().any(|option| option.env == name)
                || options::former().any(|former| former.env == name)
        };
        let unknown = self.0.iter().find(|(name, value)| !known(name) && !is_service_link(name, value));
        match unknown {
            None => Ok(()),
            Some((name, _)) => Err(ConfigError::UnknownVariable {
                name: name.clone(),
                nearest: nearest(name, options().iter().map(|option| option.env)),
            }),
        }
    }
}

/// Whether the variable describes a service of the cluster. Kubernetes gives every pod `<SERVICE>_SERVICE_HOST`,
/// `<SERVICE>_SERVICE_PORT[_<NAME>]`, `<SERVICE>_PORT=tcp://…` and `<SERVICE>_PORT_<NUMBER>_TCP[_…]`, and a service
/// for this program is most likely called `accounts-graph`.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
fn is_service_link(name: &str, value: &OsString) -> bool {
    let is_numbered = |(_, rest): (&str, &str)| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains('_');
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.split_once("_PORT_").is_some_and(is_numbered)
        || (name.ends_with("_PORT") && value.to_string_lossy().contains("://"))
}

/// A value before it is parsed, and where it was found.
struct Raw {
    place: Place,
    /// The text, or what was found in its place.
    text: Result<String, String>,
}

/// All places together, in the order in which they are asked.
pub(super) struct Sources<'a> {
    program: Program,
    flags: &'a Flags,
    env: &'a Environment,
    file: Option<File>,
}

impl<'a> Sources<'a> {
    /// Checks the names in the environment, then finds, reads and checks the file.
    pub(super) fn open(
        program: Program,
        flags: &'a Flags,
        env: &'a Environment,
        read_file: ReadFile<'_>,
    ) -> Result<Self, ConfigError> {
        env.refuse_unknown()?;
        let mut sources = Self { program, flags, env, file: None };
        if let Some((place, path)) = sources.find_and_parse(&options::CONFIG)? {
            let text =
                read_file(&path).map_err(|source| ConfigError::Unreadable { place, path: path.clone(), source })?;
            sources.file = Some(File::parse(path, &text)?);
        }
        Ok(sources)
    }

    /// The value of an option that has a default.
    pub(super) fn read<T>(&self, setting: &Setting<T>) -> Result<T, ConfigError> {
        self.read_with_place(setting).map(|(_, value)| value)
    }

    /// The value of an option that may stay unset.
    pub(super) fn read_optional<T>(&self, setting: &Setting<T>) -> Result<Option<T>, ConfigError> {
        Ok(self.find_and_parse(setting)?.map(|(_, value)| value))
    }

    /// The value of an option that may stay unset, or the value that stands for nothing.
    pub(super) fn read_or_default<T: Default>(&self, setting: &Setting<T>) -> Result<T, ConfigError> {
        Ok(self.read_optional(setting)?.unwrap_or_default())
    }

    /// The value of an option whose default depends on other options.
    pub(super) fn read_or<T>(
        &self,
        setting: &Setting<T>,
        default: impl FnOnce(&Self) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        self.read_optional(setting)?.map_or_else(|| default(self), Ok)
    }

    /// What an option says together with others.
    pub(super) fn read_by<T, U>(
        &self,
        setting: &Setting<T>,
        by: fn(&Self, &Setting<T>) -> Result<U, ConfigError>,
    ) -> Result<U, ConfigError> {
        by(self, setting)
    }

    /// Checks that one duration is longer than another; the message tells where both came from, since the one that
    /// nobody set is as often the one to change.
    pub(super) fn in_order(&self, shorter: &Setting<Duration>, longer: &Setting<Duration>) -> Result<(), ConfigError> {
        let shorter = self.read_with_place(shorter)?;
        let longer = self.read_with_place(longer)?;
        if longer.1 > shorter.1 {
            return Ok(());
        }
        Err(ConfigError::NotLonger { shorter: Box::new(shorter), longer: Box::new(longer) })
    }

    /// The base URL of the upstream; none where the sandbox is started in its place, if this build has it. Made-up data
    /// is served to strangers only where it was asked for: a secret that is missing must not look like an upstream.
    pub(super) fn upstream(&self, setting: &Setting<Url>, has_sandbox: bool) -> Result<Option<Url>, ConfigError> {
        let upstream = self.find_and_parse(setting)?;
        let sandbox = self.find_and_parse(&options::SANDBOX)?;
        let (at, listen) = self.read_with_place(&options::LISTEN)?;
        let empty = self.env.0.get(setting.info.env).is_some_and(|value| value.is_empty());
        let no_upstream = |place, because| Err(ConfigError::NoUpstream { place, because, empty });
        match (upstream, sandbox) {
            (_, Some((place, true))) if !has_sandbox => {
                Err(ConfigError::NoSandbox { wanted_by: Some(place), empty: false })
            }
            (None, _) if !has_sandbox => Err(ConfigError::NoSandbox { wanted_by: None, empty }),
            (Some((other, _)), Some((place, true))) => {
                Err(ConfigError::Excluded { places: Box::new((place, other)), advice: "leave out one of them" })
            }
            (Some((_, url)), _) => Ok(Some(url)),
            (None, Some((_, true))) => Ok(None),
            (None, Some((place, false))) => no_upstream(place, "it is switched off"),
            (None, None) if listen.ip().is_loopback() => Ok(None),
            (None, None) => no_upstream(at, "this is not a loopback address"),
        }
    }

    /// Refuses an option that is set without what it needs.
    pub(super) fn needs<T>(&self, setting: &Setting<T>, met: bool, needs: &'static str) -> Result<(), ConfigError> {
        match self.find(&setting.info) {
            Some(Raw { place, .. }) if !met && place.origin != Origin::Default => {
                Err(ConfigError::Alone { place, needs })
            }
            _ => Ok(()),
        }
    }

    fn read_with_place<T>(&self, setting: &Setting<T>) -> Result<(Place, T), ConfigError> {
        let unset = || ConfigError::Refused {
            place: Place { name: setting.info.flag.to_owned(), origin: Origin::Default },
            expected: setting.form.expected,
            got: "nothing".to_owned(),
        };
        self.find_and_parse(setting)?.ok_or_else(unset)
    }

    /// The value of an option that may stay unset, and where it was found.
    pub(super) fn find_and_parse<T>(&self, setting: &Setting<T>) -> Result<Option<(Place, T)>, ConfigError> {
        let Some(Raw { place, text }) = self.find(&setting.info) else { return Ok(None) };
        let parsed = text.and_then(|text| {
            (setting.form.parse)(&text).map_err(|refused| match refused {
                Refused::Shown => format!("{text:?}"),
                Refused::Hidden(what) => what.to_owned(),
            })
        });
        match parsed {
            Ok(value) => Ok(Some((place, value))),
            Err(got) => Err(ConfigError::Refused { place, expected: setting.form.expected, got }),
        }
    }

    fn find(&self, option: &OptionInfo) -> Option<Raw> {
        let raw = |name: &str, origin, text| Raw { place: Place { name: name.to_owned(), origin }, text };
        let (flag, default) = option.spelling(self.program)?;
        if let Some(text) = self.flags.0.get(option.flag) {
            return Some(raw(flag, Origin::CommandLine, Ok(text.clone())));
        }
        let former = option.former();
        for env in [option.env].into_iter().chain(former.map(|former| former.env)) {
            if let Some(value) = self.env.get(env) {
                let text = value.clone().into_string().map_err(|_| "bytes that are not UTF-8".to_owned());
                return Some(raw(env, Origin::Environment, text));
            }
        }
        for key in option.key.into_iter().chain(former.map(|former| former.key)) {
            if let Some(file) = &self.file
                && let Some(Found { line, text }) = file.get(key)
            {
                let origin = Origin::File { path: file.path().to_owned(), line: *line };
                return Some(raw(key, origin, text.clone().map_err(str::to_owned)));
            }
        }
        default.map(|text| raw(flag, Origin::Default, Ok(text.to_owned())))
    }
}
