//! A base address below which there is no accounts API: every look-up and every change is an error that says so.

use super::host::{Echo, Host, Missing, Moments, Omitted, Switches, Total};
use serde_json::Value;

const USUAL: Switches = Switches {
    total: Total::Given,
    cap: 100,
    echo: Echo::True,
    omitted: Omitted::None,
    moments: Moments::Z,
    missing: Missing::Problem,
};

/// Root fields of queries with the arguments that they need, from the schema.
async fn root_fields(host: &Host) -> Vec<String> {
    let schema = host.query("{ __schema { queryType { fields { name args { name } type { kind name } } } } }").await;
    let fields = schema["data"]["__schema"]["queryType"]["fields"].as_array().expect("fields").clone();
    let mut documents = vec![];
    for field in fields {
        let name = field["name"].as_str().expect("a name");
        let takes = |name: &str| field["args"].as_array().expect("arguments").iter().any(|arg| arg["name"] == name);
        if name.starts_with("wavefront") || name == "_service" {
            continue;
        }
        documents.push(match name {
            "node" => r#"{ node(id: "USR-1") { id } }"#.to_owned(),
            "_entities" => {
                r#"{ _entities(representations: [{__typename: "User", id: "USR-1"}]) { ... on User { name } } }"#
                    .to_owned()
            }
            "nodes" => r#"{ nodes(ids: ["USR-1", "USR-2"]) { id } }"#.to_owned(),
            "viewer" => "{ viewer { apiToken { name } } }".to_owned(),
            "userByEmail" => r#"{ userByEmail(email: "a@example.com") { id name } }"#.to_owned(),
            "accountUser" => r#"{ accountUser(id: "MEM-1.2") { invitation { status } } }"#.to_owned(),
            "accountUsers" => r#"{ accountUsers(filter: {account: {id: {eq: "ACC-1"}}}) { nodes { id } } }"#.to_owned(),
            name if takes("id") => {
                let prefix = prefix(name);
                format!("{{ {name}(id: \"{prefix}-1\") {{ id audit {{ created {{ at }} }} }} }}")
            }
            name if takes("first") => format!("{{ {name} {{ nodes {{ id }} }} }}"),
            other => panic!("what does {other} take?"),
        });
        if takes("first") && name != "accountUsers" {
            documents.push(format!("{{ {name} {{ totalCount }} }}"));
        }
    }
    documents
}

fn prefix(field: &str) -> &'static str {
    match field {
        "user" => "USR",
        "account" => "ACC",
        "group" => "UGR",
        "module" => "MOD",
        "buyer" => "BUY",
        "seller" => "SEL",
        "licensee" => "LCE",
        "erpLink" => "ERP",
        "apiToken" => "TKN",
        "cloudTenant" => "CLT",
        "service" => "SVC",
        other => panic!("what are the ids of {other}?"),
    }
}

/// Changes of everything that can be changed by a name alone.
const CHANGES: [&str; 9] = [
    r#"mutation { updateUser(input: {id: "USR-1", firstName: "X"}) { userErrors { code } } }"#,
    r#"mutation { blockUser(input: {id: "USR-1"}) { userErrors { code } } }"#,
    r#"mutation { updateAccount(input: {id: "ACC-1", name: "X"}) { userErrors { code } } }"#,
    r#"mutation { updateBuyer(input: {id: "BUY-1", name: "X"}) { userErrors { code } } }"#,
    r#"mutation { updateGroup(input: {id: "UGR-1", name: "X"}) { userErrors { code } } }"#,
    r#"mutation { deleteGroup(input: {id: "UGR-1"}) { userErrors { code } } }"#,
    r#"mutation { disableApiToken(input: {id: "TKN-1"}) { userErrors { code } } }"#,
    r#"mutation { synchronizeBuyer(input: {id: "BUY-1"}) { userErrors { code } } }"#,
    r#"mutation { removeAccountUser(input: {member: {accountUserId: "MEM-1.2"}}) { userErrors { code } } }"#,
];

#[tokio::test]
async fn below_a_wrong_base_address_everything_is_an_error() {
    for missing in Missing::ALL {
        let switches = Switches { missing, ..USUAL };
        let host = Host::below(switches, "/public/v1").await;
        let reads = root_fields(&host).await;
        assert!(reads.len() > 25, "{reads:?}");
        for document in reads.iter().map(String::as_str).chain(CHANGES) {
            let answer = host.query(document).await;
            let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{missing:?}: {document}: {answer}"));
            assert!(!errors.is_empty(), "{missing:?}: {document}: {answer}");
            for error in errors {
                assert_eq!(error["extensions"]["code"], "UPSTREAM_ROUTE_MISSING", "{missing:?}: {document}: {answer}");
                let message = error["message"].as_str().expect("a message");
                assert!(message.starts_with("The accounts API has no route /"), "{missing:?}: {document}: {message}");
            }
            let data = answer["data"].as_object().expect("data");
            let empty =
                |value: &Value| value.is_null() || value.as_array().is_some_and(|all| all.iter().all(Value::is_null));
            assert!(data.values().all(empty), "{missing:?}: {document}: {answer}");
        }
        // It is said that the address may be wrong, whatever is looked for first.
        for document in [r#"{ user(id: "USR-1") { name } }"#, "{ accounts { nodes { id } } }", CHANGES[0]] {
            let answer = Host::below(switches, "/public/v1").await.query(document).await;
            let message = answer["errors"][0]["message"].as_str().expect("a message");
            assert!(message.ends_with("is the base address right?"), "{missing:?}: {document}: {message}");
        }
    }
}
