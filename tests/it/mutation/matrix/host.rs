//! A host of one generation with a gateway over it, and what of its world the mutations are about.

use super::answer::Schema;
use crate::support::{Kit, kit_of};
use accounts_graph::{entity::kind::Kind, upstream::marketplace::membership::MembershipRoutes};
use accounts_graph_sandbox::{Generation, Quirks, Recorded};
use serde_json::{Map, Value, json};

/// A row of the world: references are ids.
pub(super) type Row = Map<String, Value>;

/// The showcase account, a client, with its default group and another group.
pub(super) const ACCOUNT: &str = "ACC-1671-0642";
pub(super) const GROUP: &str = "UGR-5116-6265";
pub(super) const OTHER_GROUP: &str = "UGR-1293-6523";
/// An active member of it, and of another account.
pub(super) const WILL: &str = "USR-1671-0642";

/// A gateway over a host.
pub(super) struct Host {
    pub(super) kit: Kit,
    pub(super) generation: Generation,
    http: reqwest::Client,
    schema: Schema,
}

pub(super) fn text<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The id of a membership in the graph.
pub(super) fn member(user: &str) -> Value {
    json!({ "accountUserId": format!("MEM-{}.{}", &ACCOUNT[4..], &user[4..]) })
}

/// The same value with the lists in it in one order: that of a collection means nothing.
pub(super) fn sorted(mut value: Value) -> Value {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(sort);
                items.sort_by_key(ToString::to_string);
            }
            Value::Object(members) => members.values_mut().for_each(sort),
            _ => {}
        }
    }
    sort(&mut value);
    value
}

pub(super) fn address() -> Value {
    json!({ "addressLine1": "Pier 1", "postCode": "1000", "city": "Riga", "state": "Riga", "country": "LV" })
}

impl Host {
    /// One whose gateway knows its routes, also for writes.
    pub(super) async fn start(mode: (Generation, MembershipRoutes)) -> Host {
        let kit = kit_of(mode, Quirks::default()).await;
        let host = Host { kit, generation: mode.0, http: reqwest::Client::new(), schema: Schema::default() };
        let writes = "mutation($member: MemberInput!) {
            resendInvitation(input: { member: $member }) { userErrors { code } }
            setAccountUserFavorite(input: { member: $member, favorite: true }) { userErrors { code } } }";
        host.query(writes, &json!({ "member": member("USR-9999-9999") }), None).await;
        host
    }

    /// Whether the host knows currencies by their codes alone.
    pub(super) fn takes_codes(&self) -> bool {
        matches!(self.generation, Generation::September2025 | Generation::February2025)
    }

    /// The answer to a document, and the requests that were sent for it.
    pub(super) async fn query(&self, query: &str, variables: &Value, by: Option<&str>) -> (Value, Vec<String>) {
        self.kit.sandbox.clear_requests();
        let answer = self.kit.send(&json!({ "query": query, "variables": variables }), by).await;
        (answer, self.kit.sandbox.requests().iter().map(Recorded::line).collect())
    }

    pub(super) async fn send(&self, document: &str, input: &Value, by: Option<&str>) -> (Value, Vec<String>) {
        self.query(document, &json!({ "input": input }), by).await
    }

    /// What the host answers to a request of Operations.
    pub(super) async fn rest(&self, call: &str, body: Value) -> Value {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let url = format!("{}/v1/accounts/{path}", self.kit.sandbox.base_url());
        let mut request = self.http.request(method.parse().expect("a method"), url);
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let (status, text) = (response.status(), response.text().await.expect("a body"));
        assert!(status.is_success(), "{call} on {:?}: {text}", self.generation);
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// The id of something new.
    pub(super) async fn create(&self, collection: &str, body: Value) -> String {
        let created = self.rest(&format!("POST {collection}"), body).await;
        created["id"].as_str().expect("an id").to_owned()
    }

    pub(super) async fn act(&self, path: &str) {
        self.rest(&format!("POST {path}"), Value::Null).await;
    }

    pub(super) fn rows(&self, collection: &str) -> Vec<Row> {
        self.kit.sandbox.world().rows(collection)
    }

    pub(super) fn row(&self, collection: &str, fits: impl Fn(&Row) -> bool) -> Row {
        self.rows(collection).into_iter().find(fits).unwrap_or_else(|| panic!("no row of {collection} fits"))
    }

    /// The id of the first row in a status.
    pub(super) fn in_status(&self, collection: &str, status: &str) -> String {
        text(&self.row(collection, |row| text(row, "status") == status), "id").to_owned()
    }

    /// Somebody new who is invited into the showcase account, in these groups.
    pub(super) async fn invited(&self, name: &str, groups: &[&str]) -> String {
        let groups: Vec<Value> = groups.iter().map(|id| json!({ "id": id })).collect();
        let user = json!({ "email": format!("{name}@example.com"), "firstName": name, "lastName": "Ahlberg" });
        let body = json!({ "user": user, "account": { "id": ACCOUNT }, "groups": groups });
        let call = match self.generation {
            Generation::V5 | Generation::All => format!("POST accounts/{ACCOUNT}/users"),
            Generation::September2025 => "POST account-users".to_owned(),
            Generation::February2025 => format!("POST {ACCOUNT}/users"),
        };
        let answer = self.rest(&call, body).await;
        answer["user"]["id"].as_str().or(answer["id"].as_str()).expect("an id").to_owned()
    }

    /// What the host tells of an entity where it is answered alone, as it is in the answer to a write.
    pub(super) async fn told(&self, name: &str, kind: Kind, id: &str) -> Value {
        if kind != Kind::AccountUser {
            return self.rest(&format!("GET {}/{id}", kind.collection()), Value::Null).await;
        }
        let (account, user) = accounts_graph::entity::member::pair(id).expect("a membership");
        match (name, self.generation) {
            // Nothing is answered: the ids are known from the input.
            ("removeUserFromGroup", _) => json!({ "user": { "id": user }, "account": { "id": account } }),
            ("setAccountUserFavorite", _) => {
                let listed = self.rest(&format!("GET users/{user}/accounts?eq(id,%22{account}%22)"), Value::Null).await;
                super::answer::below_user(&listed["data"][0], &user)
            }
            (_, Generation::September2025) => {
                let row = self.row("account-users", |row| text(row, "user") == user && text(row, "account") == account);
                self.rest(&format!("GET account-users/{}", text(&row, "id")), Value::Null).await
            }
            (_, Generation::February2025) => self.rest(&format!("GET {account}/users/{user}"), Value::Null).await,
            _ => {
                let told = self.rest(&format!("GET accounts/{account}/users/{user}"), Value::Null).await;
                super::answer::below_account(&told)
            }
        }
    }

    /// All that can be selected of what an answer tells.
    pub(super) fn selection(&self, ty: &str, told: &Value) -> String {
        let selection = self.schema.selection(ty, told);
        if told.get("id").is_some() { selection } else { format!("id {selection}") }
    }

    /// How the rule that is named for current hosts is refused here.
    pub(super) fn refusal(
        &self,
        name: &str,
        (code, path): (&'static str, &'static [&'static str]),
    ) -> (&'static str, &'static [&'static str]) {
        match name {
            // Currencies are codes there, so that no object is one.
            "createSeller" if self.takes_codes() => ("BAD_USER_INPUT", &["input", "currencies"]),
            _ => (code, path),
        }
    }

    /// How something that is not there is answered here.
    pub(super) fn missing(
        &self,
        name: &str,
        (code, path): (&'static str, &'static [&'static str]),
    ) -> (&'static str, &'static [&'static str]) {
        match name {
            // The flat collection is told the account in the body.
            "inviteAccountUser" if self.generation == Generation::September2025 => {
                ("MPTACC00-0001", &["input", "accountId"])
            }
            _ => (code, path),
        }
    }
}
