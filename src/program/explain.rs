//! `accounts-graph explain`: one operation, run without a server.

use super::{Failure, engine, limits};
use crate::{
    cli::Explained,
    config::Config,
    graph::{
        engine::{GraphRequest, Limits},
        explain::{self, Mode},
    },
    upstream::credentials::Credentials,
};
use async_graphql::{Name, Value, Variables};
use reqwest::header::HeaderValue;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};

/// What `explain` tells.
pub(super) struct Told {
    /// The explanation; empty when there is none.
    pub(super) text: String,
    /// The errors of the operation; empty when there are none.
    pub(super) errors: String,
}

/// Runs the operation, or plans it, and tells what it cost.
pub(super) async fn explain(config: &Config, explained: Explained) -> Result<Told, Failure> {
    let request = GraphRequest {
        query: document(&explained.document)?,
        operation_name: explained.operation,
        variables: variables(explained.variables.as_deref())?,
        read_only: false,
        explain: Mode::Run,
        traced: false,
    };
    let credentials = credentials(explained.token_file.as_deref())?;
    let (engine, _, sandbox) = engine(config, Limits { explain: true, ..limits(config) }).await?;
    let answer = if explained.plan {
        engine.plan(request, credentials).await
    } else {
        engine.execute(request, credentials).await
    };
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    let errors = answer.errors.iter().map(|error| format!("{} ({})", error.message, error.code));
    let errors = errors.collect::<Vec<_>>().join("\n");
    Ok(Told { text: answer.explanation.as_deref().map(explain::print).unwrap_or_default(), errors })
}

fn document(path: &Path) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

fn variables(json: Option<&str>) -> Result<BTreeMap<Name, Value>, Failure> {
    let Some(json) = json else { return Ok(BTreeMap::new()) };
    let Ok(object @ serde_json::Value::Object(_)) = serde_json::from_str(json) else {
        return Err("--variables: expected a JSON object, such as {\"id\":\"USR-1671-0642\"}".into());
    };
    let members = Variables::from_json(object).into_value();
    Ok(if let Value::Object(members) = members { members.into_iter().collect() } else { BTreeMap::new() })
}

/// The token comes from a file: on the command line, everyone on the machine could read it.
fn credentials(path: Option<&Path>) -> Result<Credentials, Failure> {
    let Some(path) = path else { return Ok(Credentials::default()) };
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let header = HeaderValue::try_from(format!("Bearer {}", text.trim()));
    header.map(Credentials::new).map_err(|_| format!("{} does not hold a token", path.display()).into())
}
