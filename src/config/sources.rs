//! The places that a value may come from, and which of them wins.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    error::{ConfigError, Origin, Place},
    file::{File, Found},
    form::Refused,
    nearest::nearest,
    option::{OptionInfo, PREFIX, Program, Setting},
};

/// Reads a text file; the real one in `main`, a table in tests.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<String>;

/// Read by the build script, which may run in the same environment.
const NOT_OPTIONS: [&str; 1] = ["ACCOUNTS_GRAPH_PLAYGROUND"];

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

    fn refuse_unknown(&self, options: &[OptionInfo]) -> Result<(), ConfigError> {
        let known = |name: &str| {
            NOT_OPTIONS.contains(&name)
                || options.iter().any(|option| option.env == name)
                || options.iter().filter_map(|option| option.former).any(|former| former.env == name)
        };
        let unknown = self.0.iter().find(|(name, value)| !known(name) && !is_service_link(name, value));
        match unknown {
            None => Ok(()),
            Some((name, _)) => Err(ConfigError::UnknownVariable {
                name: name.clone(),
                nearest: nearest(name, options.iter().map(|option| option.env)),
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
    options: &'static [OptionInfo],
    flags: &'a Flags,
    env: &'a Environment,
    file: Option<File>,
}

impl<'a> Sources<'a> {
    /// Checks the names in the environment.
    pub(super) fn open(
        program: Program,
        options: &'static [OptionInfo],
        flags: &'a Flags,
        env: &'a Environment,
    ) -> Result<Self, ConfigError> {
        env.refuse_unknown(options)?;
        Ok(Self { program, options, flags, env, file: None })
    }

    /// Finds, reads and checks the file that `setting` names, if it names one.
    pub(super) fn with_file(
        mut self,
        setting: &Setting<PathBuf>,
        read_file: ReadFile<'_>,
    ) -> Result<Self, ConfigError> {
        if let Some((place, path)) = self.find_and_parse(setting)? {
            let text =
                read_file(&path).map_err(|source| ConfigError::Unreadable { place, path: path.clone(), source })?;
            self.file = Some(File::parse(path, &text, self.options)?);
        }
        Ok(self)
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

    /// Refuses an option that is set without what it needs.
    pub(super) fn needs<T>(&self, setting: &Setting<T>, met: bool, needs: &'static str) -> Result<(), ConfigError> {
        match self.find(&setting.info) {
            Some(Raw { place, .. }) if !met && place.origin != Origin::Default => {
                Err(ConfigError::Alone { place, needs })
            }
            _ => Ok(()),
        }
    }

    /// Whether the option's variable is set, but empty.
    pub(super) fn is_empty_variable(&self, option: &OptionInfo) -> bool {
        self.env.0.get(option.env).is_some_and(|value| value.is_empty())
    }

    /// The value of an option that has a default, and where it was found.
    pub(super) fn read_with_place<T>(&self, setting: &Setting<T>) -> Result<(Place, T), ConfigError> {
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
        let former = option.former;
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
