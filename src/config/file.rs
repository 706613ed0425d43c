//! The configuration file: TOML, the options by topic.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml::de::{DeTable, DeValue};

use super::{
    error::{ConfigError, Origin, Place},
    nearest::nearest,
    option::OptionInfo,
};

/// The options that a file sets.
pub(super) struct File {
    path: PathBuf,
    options: &'static [OptionInfo],
    values: BTreeMap<&'static str, Found>,
}

/// A value and its line.
pub(super) struct Found {
    pub(super) line: usize,
    /// The value as one would write it on the command line, or what stands there instead of a plain value.
    pub(super) text: Result<String, &'static str>,
}

impl File {
    pub(super) fn parse(path: PathBuf, source: &str, options: &'static [OptionInfo]) -> Result<Self, ConfigError> {
        let mut file = Self { path, options, values: BTreeMap::new() };
        match DeTable::parse(source) {
            Ok(document) => file.collect(source, "", document.get_ref())?,
            Err(error) => {
                let line = line_of(source, error.span().map_or(0, |span| span.start));
                return Err(ConfigError::Syntax { path: file.path, line, message: error.message().to_owned() });
            }
        }
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn get(&self, key: &str) -> Option<&Found> {
        self.values.get(key)
    }

    fn collect(&mut self, source: &str, section: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (key, value) in table {
            let line = line_of(source, key.span().start);
            let name = if section.is_empty() { key.get_ref().to_string() } else { format!("{section}.{key}") };
            let former = self.options.iter().filter_map(|option| option.former).map(|former| former.key);
            if let Some(known) = self.keys().chain(former).find(|known| *known == name) {
                self.values.insert(known, Found { line, text: text(value.get_ref()) });
                continue;
            }
            match value.get_ref() {
                DeValue::Table(inner) if self.is_section(&name) => self.collect(source, &name, inner)?,
                _ => return Err(self.unknown(&name, line)),
            }
        }
        Ok(())
    }

    fn unknown(&self, name: &str, line: usize) -> ConfigError {
        let is_section = self.is_section(name);
        // A name may come from a quoted key with anything in it; the message stays on its line.
        let name = name.escape_debug().to_string();
        let origin = Origin::File { path: self.path.clone(), line };
        if is_section {
            return ConfigError::NotASection { place: Place { name, origin } };
        }
        let nearest = nearest(&name, self.keys().chain(self.sections()));
        ConfigError::UnknownKey { place: Place { name, origin }, nearest }
    }

    fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.options.iter().filter_map(|option| option.key)
    }

    fn sections(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys().filter_map(|key| Some(key.split_once('.')?.0))
    }

    fn is_section(&self, name: &str) -> bool {
        self.sections().any(|section| section == name)
    }
}

/// Numbers and booleans become text, so that one parser decides about a value wherever it was written.
fn text(value: &DeValue<'_>) -> Result<String, &'static str> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.to_string(), |number| number.to_string())),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        DeValue::Boolean(value) => Ok(value.to_string()),
        DeValue::Datetime(date) if date.time.is_none() => Ok(date.to_string()),
        DeValue::Datetime(_) => Err("a date"),
        DeValue::Array(_) => Err("an array"),
        DeValue::Table(_) => Err("a table"),
    }
}

fn line_of(source: &str, offset: usize) -> usize {
    source.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
