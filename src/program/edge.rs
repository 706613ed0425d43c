//! The way in and the way out, as they are configured: the files that options name are read here, once.

use super::Failure;
use crate::{
    config::{Config, TokenSource},
    http::{Access, CallerTokens, Callers, Documents, Settings, UpstreamIdentity, bearer},
    upstream::client::Certificate,
};
use reqwest::header::HeaderValue;
use std::{fs, path::Path};

/// Who may ask, and how much.
///
/// # Errors
///
/// When a file cannot be read or is not what it must be; the message names the option and the file, never a token.
pub fn settings(config: &Config) -> Result<Settings, Failure> {
    let (http, limits) = (&config.http, &config.limits);
    let manifest = http.trusted_documents.as_deref().map(|path| read(path, "--trusted-documents")).transpose()?;
    let documents = Documents::new(
        manifest.as_deref(),
        http.trusted_documents_only,
        http.persisted_query_bytes,
        limits.document.bytes,
    );
    let documents = documents.map_err(|why| wrong(http.trusted_documents.as_deref(), "--trusted-documents", &why))?;
    let origin = |origin: &String| origin.parse();
    Ok(Settings {
        access: access(config)?,
        documents,
        cors_origins: http.cors_origins.iter().map(origin).collect::<Result<_, _>>()?,
        page: config.playground.enabled.then(|| config.playground.path.clone()),
        icons: http.icons,
        batch: http.batch,
        body_bytes: limits.body_bytes,
        body_timeout: limits.body_timeout,
        header_bytes: limits.header_bytes,
        header_timeout: limits.header_timeout,
        idle_timeout: limits.idle_timeout,
        connections: limits.connections,
        operations: limits.operations,
    })
}

/// Whose certificates the upstreams may have, beside those that the system trusts.
///
/// # Errors
///
/// When the file cannot be read or is not what it must be; the message names the option and the file.
pub(super) fn authorities(config: &Config) -> Result<Vec<Certificate>, Failure> {
    let option = "--upstream-ca";
    let Some(path) = config.upstream.ca.as_deref() else { return Ok(vec![]) };
    let certificates = Certificate::from_pem_bundle(read(path, option)?.as_bytes()).unwrap_or_default();
    // What stands between the lines of a certificate is looked at only when it is to be trusted.
    let usable = reqwest::Client::builder().tls_certs_only(certificates.iter().cloned()).build().is_ok();
    if certificates.is_empty() || !usable {
        return Err(wrong(Some(path), option, "has to hold certificates in PEM form"));
    }
    Ok(certificates)
}

fn access(config: &Config) -> Result<Access, Failure> {
    let (http, trust) = (&config.http, &config.trust);
    let identity = with_token(&trust.accounts, "--service-token")?;
    let callers = match &trust.callers {
        Callers::OwnTokens => Callers::OwnTokens,
        Callers::LoopbackOnly => Callers::LoopbackOnly,
        Callers::Trusted(file) => {
            let option = "--caller-token-file";
            let tokens = CallerTokens::parse(&read(file, option)?);
            Callers::Trusted(tokens.map_err(|why| wrong(Some(file), option, why))?)
        }
    };
    Ok(Access::new(identity, callers, http.forward_headers.clone(), http.allowed_hosts.clone()))
}

/// With whose token an upstream is asked, the gateway's as a header has it.
///
/// # Errors
///
/// When there is no token where the option says, or it cannot be sent in a header.
pub(super) fn with_token(
    identity: &UpstreamIdentity<TokenSource>,
    option: &str,
) -> Result<UpstreamIdentity<HeaderValue>, Failure> {
    identity.try_map(|source| {
        let token = source.read().map_err(|why| format!("{option}: {why}"))?;
        bearer(&token).map_err(|_| format!("{option}: {source} has characters that no header may have").into())
    })
}

fn read(path: &Path, option: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{option}: cannot read {}: {error}", path.display()).into())
}

fn wrong(path: Option<&Path>, option: &str, why: &str) -> Failure {
    format!("{option}: {}: {why}", path.unwrap_or(Path::new("")).display()).into()
}
