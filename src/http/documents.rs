//! Documents that are asked for without their text: trusted ones by an id, persisted ones by the digest of their text.

use super::request::{Asked, PersistedQuery};
use crate::{error::ErrorCode, graph::error::GraphError};
use quick_cache::{Weighter, sync::Cache};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

/// The documents that this server knows.
pub struct Documents {
    trusted: HashMap<Box<str>, Arc<str>>,
    /// The texts that may be sent as well, where no others may.
    only: Option<HashSet<Arc<str>>>,
    persisted: Cache<[u8; 32], Arc<str>, ByText>,
    /// The longest text that is kept.
    longest: usize,
}

#[derive(Clone)]
struct ByText;

impl Weighter<[u8; 32], Arc<str>> for ByText {
    fn weight(&self, _: &[u8; 32], text: &Arc<str>) -> u64 {
        // The key, the two counts beside the text, and the place in the table.
        text.len() as u64 + 128
    }
}

/// The two forms of a manifest.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// As `generate-persisted-query-manifest` writes it.
    Apollo { format: String, version: u32, operations: Vec<Operation> },
    /// As graphql-codegen and Relay write it: texts by id.
    Plain(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Documents {
    /// Knows the documents of a manifest, if there is one, and keeps persisted ones in `bytes`; texts longer than `longest`
    /// are not kept. With `only`, nothing but the manifest's documents is run.
    ///
    /// # Errors
    ///
    /// When the text is no manifest, in one sentence.
    pub fn new(manifest: Option<&str>, only: bool, bytes: usize, longest: usize) -> Result<Self, String> {
        let mut trusted = HashMap::new();
        for (id, text) in manifest.map(entries).transpose()?.unwrap_or_default() {
            if let Some(other) = trusted.insert(id.clone().into_boxed_str(), Arc::<str>::from(text.as_str()))
                && *other != *text
            {
                return Err(format!("it has two documents with the id {id:?}"));
            }
        }
        let only = only.then(|| trusted.values().cloned().collect());
        Ok(Documents { trusted, only, persisted: Cache::with_weighter(256, bytes as u64, ByText), longest })
    }

    /// The text that a request asks for.
    pub(super) fn text(&self, asked: &mut Asked) -> Result<Found, Missing> {
        let query = asked.query.take().filter(|query| !query.is_empty());
        let persisted = asked.extensions.take().and_then(|extensions| extensions.persisted_query);
        match (asked.document_id.take(), persisted, query) {
            (Some(id), None, None) => {
                let unknown = || refused(ErrorCode::DocumentNotTrusted, "No trusted document has this id.");
                self.trusted.get(&*id).map(|text| Found::known(text)).ok_or_else(unknown)
            }
            (Some(_), _, _) => Err(Missing::Ambiguous),
            (None, Some(persisted), query) => self.persisted(&persisted, query),
            (None, None, Some(query)) => self.admitted(query).map(Found::sent),
            (None, None, None) => Err(Missing::Nothing),
        }
    }

    fn persisted(&self, persisted: &PersistedQuery, query: Option<String>) -> Result<Found, Missing> {
        if persisted.version != 1 {
            return Err(refused(
                ErrorCode::PersistedQueryNotSupported,
                "Only version 1 of persisted queries is supported.",
            ));
        }
        let trusted = self.trusted.get(&*persisted.sha256_hash);
        if let (Some(text), None) = (trusted, &query) {
            return Ok(Found::known(text));
        }
        let mismatch = || {
            refused(ErrorCode::PersistedQueryHashMismatch, "The hash is not the SHA-256 of the query, in hexadecimal.")
        };
        let digest = digest(&persisted.sha256_hash).ok_or_else(mismatch)?;
        let known = self.persisted.get(&digest);
        match (query, known) {
            (None, _) if self.only.is_some() => {
                Err(refused(ErrorCode::DocumentNotTrusted, "No trusted document has this id."))
            }
            // The message is what clients look for; to some, the code means nothing.
            (None, None) => Err(refused(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")),
            (None, Some(text)) => Ok(Found::known(&text)),
            (Some(query), Some(text)) if *query == *text => self.admitted(query).map(Found::sent),
            (Some(query), _) if Sha256::digest(&query).as_slice() != digest => Err(mismatch()),
            (Some(query), _) => {
                let query = self.admitted(query)?;
                let new = (query.len() <= self.longest).then(|| New { digest, text: query.as_str().into() });
                Ok(Found { text: query, new })
            }
        }
    }

    /// Keeps a text. Whether it may be kept is known when it was run: see
    /// [`may_hold_secret`](crate::graph::prepared::PreparedDocument::may_hold_secret).
    pub(super) fn keep(&self, New { digest, text }: New) {
        self.persisted.insert(digest, text);
    }

    /// The text, if texts may be sent.
    fn admitted(&self, query: String) -> Result<String, Missing> {
        match &self.only {
            Some(texts) if !texts.contains(&*query) => Err(refused(
                ErrorCode::DocumentNotTrusted,
                "Only trusted documents are run on this server, and this is none of them.",
            )),
            _ => Ok(query),
        }
    }
}

/// A text that was asked for.
pub(super) struct Found {
    pub(super) text: String,
    /// The same with its digest, if it was sent to be kept and is not.
    pub(super) new: Option<New>,
}

impl Found {
    fn known(text: &str) -> Self {
        Found::sent(text.to_owned())
    }

    fn sent(text: String) -> Self {
        Found { text, new: None }
    }
}

/// A text to be kept.
pub(super) struct New {
    digest: [u8; 32],
    text: Arc<str>,
}

/// Why there is no text.
pub(super) enum Missing {
    /// Nothing says which.
    Nothing,
    /// Too much says which.
    Ambiguous,
    /// What was asked for is not here, or not allowed.
    Refused(GraphError),
}

fn refused(code: ErrorCode, message: &str) -> Missing {
    Missing::Refused(GraphError::request(code, message, None))
}

fn entries(manifest: &str) -> Result<Vec<(String, String)>, String> {
    match serde_json::from_str(manifest) {
        Ok(Manifest::Apollo { format, version: 1, operations }) if format == "apollo-persisted-query-manifest" => {
            Ok(operations.into_iter().map(|operation| (operation.id, operation.body)).collect())
        }
        Ok(Manifest::Plain(texts)) => Ok(texts.into_iter().collect()),
        Ok(Manifest::Apollo { .. }) => Err("it is not an apollo-persisted-query-manifest of version 1".to_owned()),
        Err(error) if error.is_data() => Err("it is neither Apollo's manifest nor an object of texts by id".to_owned()),
        Err(error) => Err(format!("it is not JSON at line {}, column {}", error.line(), error.column())),
    }
}

/// A SHA-256 digest from its hexadecimal digits.
fn digest(hexadecimal: &str) -> Option<[u8; 32]> {
    // A prefix `0x` would be passed over.
    const_hex::decode_to_array(hexadecimal).ok().filter(|_| hexadecimal.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn a_digest_has_sixty_four_digits_and_nothing_else() {
        assert_eq!(digest(&"0f".repeat(32)), Some([15; 32]));
        assert_eq!(digest(&"0F".repeat(32)), Some([15; 32]));
        for other in ["", "0f", &"0f".repeat(31), &"0f".repeat(33), &"+f".repeat(32), &"é".repeat(32)] {
            assert_eq!(digest(other), None, "{other}");
        }
        for digits in [31, 32] {
            assert_eq!(digest(&format!("0x{}", "0f".repeat(digits))), None, "a prefix and {digits} bytes");
        }
    }
}
