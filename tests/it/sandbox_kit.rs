//! A sandbox and a client that speaks REST to it, as all tests of the sandbox use them.

use std::{collections::BTreeSet, time::Duration};

use accounts_graph_sandbox::{self as sandbox, Day, Generation, Options, Sandbox};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::{Client, Response, redirect::Policy};
use serde_json::{Map, Value, json};

/// A row of the world: references are ids.
pub type Row = Map<String, Value>;

/// The size of the world: about 100 users.
pub const SCALE: f64 = 0.05;
/// Will, an active member of the showcase account and of another.
pub const USER: &str = "USR-1671-0642";
/// A person who is invited to the showcase account, and to no other.
pub const INVITED: &str = "USR-6572-0240";
/// The showcase account, a client.
pub const ACCOUNT: &str = "ACC-1671-0642";
/// Its default group.
pub const GROUP: &str = "UGR-5116-6265";

/// What a client must not send raw in a query.
const ENCODED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'\'').add(b'<').add(b'>').add(b'#').add(b'+').add(b'|').add(b'\\');

/// A sandbox and a client that speaks to it.
pub struct Kit {
    pub sandbox: Sandbox,
    pub client: Client,
}

pub async fn kit() -> Kit {
    // All routes, in the shapes of v5.
    kit_with(Options { scale: SCALE, generation: Generation::All, ..Options::default() }).await
}

pub async fn kit_with(options: Options) -> Kit {
    // On another day, other dates would be expected.
    let options = Options { date: options.date.or(Some(Day::OF_DATA)), ..options };
    let sandbox = sandbox::start(options).await.expect("a free port");
    let client = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(20)).build().expect("a client");
    Kit { sandbox, client }
}

impl Kit {
    /// The answer to a write: status and body, null where there is none.
    pub async fn write(&self, call: &str, body: Value, token: Option<&str>) -> (u16, Value) {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let method = method.parse().expect("a method");
        let encoded = utf8_percent_encode(path, ENCODED);
        let mut request = self.client.request(method, format!("{}/v1/accounts/{encoded}", self.sandbox.base_url()));
        if !body.is_null() {
            request = request.json(&body);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("an answer");
        let (status, text) = (response.status().as_u16(), response.text().await.expect("a body"));
        if text.is_empty() {
            return (status, Value::Null);
        }
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{call}: not JSON: {text}")))
    }

    /// The body of a write by Operations that succeeds.
    pub async fn done(&self, call: &str, body: Value) -> Value {
        let (status, body) = self.write(call, body, None).await;
        assert!((200..300).contains(&status), "{call}: {status} {body}");
        body
    }

    /// What a write by Operations that fails is told: the status, and the code of the rule or the first wrong property.
    pub async fn refused(&self, call: &str, body: Value) -> (u16, String) {
        told(&self.write(call, body, None).await)
    }

    /// The first row of a collection that fits.
    pub fn row(&self, collection: &str, fits: impl Fn(&Row) -> bool) -> Row {
        self.rows(collection).into_iter().find(fits).unwrap_or_else(|| panic!("no row of {collection} fits"))
    }

    /// The first row of a collection in a status.
    pub fn in_status(&self, collection: &str, status: &str) -> String {
        text(&self.row(collection, |row| text(row, "status") == status), "id").to_owned()
    }

    pub async fn send(&self, path: &str, token: Option<&str>) -> reqwest::Result<Response> {
        let encoded = utf8_percent_encode(path, ENCODED);
        let mut request = self.client.get(format!("{}/v1/accounts/{encoded}", self.sandbox.base_url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await
    }

    pub async fn ask(&self, path: &str, token: Option<&str>) -> (u16, Value) {
        let response = self.send(path, token).await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: not JSON: {text}")))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The error text of a refused query.
    pub async fn mistake(&self, path: &str) -> String {
        let (status, body) = self.ask(path, None).await;
        assert_eq!(status, 400, "{path}: {body}");
        assert_eq!((&body["title"], &body["status"]), (&json!("Bad Request"), &json!(400)), "{path}");
        let errors = body["errors"].as_object().expect("the map shape");
        errors.values().next().and_then(|texts| texts[0].as_str()).expect("a text").to_owned()
    }

    pub async fn total(&self, collection: &str, filter: &str) -> usize {
        let body = self.get(&format!("{collection}?{filter}&limit=0")).await;
        assert_eq!(body["data"], json!([]));
        body["$meta"]["pagination"]["total"].as_u64().expect("a total").try_into().expect("small")
    }

    pub fn rows(&self, collection: &str) -> Vec<Map<String, Value>> {
        self.sandbox.world().rows(collection)
    }
}

pub fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

pub fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

pub fn texts(value: Option<&Value>) -> BTreeSet<String> {
    let items = value.and_then(Value::as_array).cloned().unwrap_or_default();
    items.iter().map(|item| item.as_str().expect("a text").to_owned()).collect()
}

pub fn text<'a>(row: &'a Map<String, Value>, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub fn set<const N: usize>(names: [&str; N]) -> BTreeSet<&str> {
    names.into_iter().collect()
}

/// The status of a failed write, with the code of the rule, or the first wrong property, or nothing.
pub fn told((status, body): &(u16, Value)) -> (u16, String) {
    assert!(*status >= 400, "{body}");
    assert_eq!(body["status"], *status, "{body}");
    let code = body["type"].as_str().and_then(|kind| kind.split_once('#')).map(|(_, code)| code);
    let property = body["errors"].as_object().and_then(|errors| errors.keys().next().map(String::as_str));
    let rule = code.filter(|code| code.starts_with("MPT"));
    (*status, rule.or(property).unwrap_or_default().to_owned())
}

/// What a refusal by a rule or by a property is told as.
pub fn refusal(status: u16, what: &str) -> (u16, String) {
    (status, what.to_owned())
}

/// A whole address.
pub fn address() -> Value {
    json!({ "addressLine1": "Pier 1", "postCode": "1000", "city": "Riga", "state": "Riga", "country": "LV" })
}

/// The status that an action without a body leaves behind.
pub async fn after(kit: &Kit, path: &str, action: &str) -> Value {
    kit.done(&format!("POST {path}/{action}"), Value::Null).await["status"].clone()
}

/// Operations that the callers may not call at all.
pub async fn forbids(kit: &Kit, calls: &[&str], tokens: &[&str]) {
    for call in calls {
        for token in tokens {
            assert_eq!(told(&kit.write(call, json!({}), Some(token)).await), refusal(403, ""), "{call}");
        }
    }
}
