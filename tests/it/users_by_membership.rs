//! Users by their groups and accounts, which no list of users takes: found out from memberships, on every kind of host.

use crate::{
    fake::{flat, list},
    support::{Kit, MODES, kit, kit_of},
};
use accounts_graph_sandbox::{Fault, Generation, Quirks};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Row = Map<String, Value>;

/// Who is where, as the rows of the world say.
struct World {
    users: Vec<Row>,
    groups: BTreeMap<String, Row>,
    accounts: BTreeMap<String, Row>,
    memberships: Vec<Row>,
}

impl World {
    fn of(kit: &Kit) -> World {
        let by_id = |collection: &str| {
            let rows = kit.listed(collection).into_iter();
            rows.map(|row| (text(&row, "id").to_owned(), row)).collect()
        };
        World {
            users: kit.listed("users"),
            groups: by_id("user-groups"),
            accounts: by_id("accounts"),
            memberships: kit.listed("account-users"),
        }
    }

    fn in_groups(&self, holds: impl Fn(&Row) -> bool) -> BTreeSet<&str> {
        let in_one = |row: &&Row| {
            row["groups"]
                .as_array()
                .is_some_and(|all| all.iter().any(|id| holds(&self.groups[id.as_str().expect("an id")])))
        };
        self.memberships.iter().filter(in_one).map(|row| text(row, "user")).collect()
    }

    fn in_accounts(&self, holds: impl Fn(&Row) -> bool) -> BTreeSet<&str> {
        let rows = self.memberships.iter().filter(|row| holds(&self.accounts[text(row, "account")]));
        rows.map(|row| text(row, "user")).collect()
    }

    fn ids(&self, holds: impl Fn(&Row) -> bool) -> BTreeSet<&str> {
        self.users.iter().filter(|row| holds(row)).map(|row| text(row, "id")).collect()
    }
}

fn both<'a>(one: &BTreeSet<&'a str>, other: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    one.intersection(other).copied().collect()
}

fn either<'a>(one: &BTreeSet<&'a str>, other: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    one.union(other).copied().collect()
}

fn text<'a>(row: &'a Row, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test]
async fn users_are_found_by_their_groups_and_accounts_on_every_kind_of_host() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let world = World::of(&kit);
        let one = world.groups.keys().nth(3).expect("a group").clone();
        let more: Vec<String> = world.groups.keys().skip(5).take(3).cloned().collect();
        let account = "ACC-1671-0642";
        let name = |row: &Row| text(row, "name").to_lowercase().contains("admin");
        let active = |row: &Row| text(row, "status") == "Active";
        let all: BTreeSet<&str> = world.ids(|_| true);
        let without = |left_out: &BTreeSet<&str>| all.iter().copied().filter(|id| !left_out.contains(id)).collect();
        let in_one = world.in_groups(|row| text(row, "id") == one);
        let in_more = world.in_groups(|row| more.iter().any(|id| text(row, "id") == id));
        let admins = world.in_groups(|row| name(row) && text(row, "account") == account);
        let members = world.in_accounts(|row| text(row, "id") == account);
        let vendors = world.in_accounts(|row| text(row, "type") == "Vendor" && text(row, "name").contains('a'));
        let groups = json!(more).to_string();
        let cases: Vec<(String, BTreeSet<&str>)> = vec![
            (format!(r#"groups: {{ any: {{ id: {{ eq: "{one}" }} }} }}"#), in_one.clone()),
            (format!("groups: {{ any: {{ id: {{ in: {groups} }} }} }}"), in_more.clone()),
            (format!(r#"groups: {{ none: {{ id: {{ eq: "{one}" }} }} }}"#), without(&in_one)),
            (format!(r#"groups: {{ all: {{ id: {{ ne: "{one}" }} }} }}"#), without(&in_one)),
            (
                format!(
                    r#"groups: {{ any: {{ name: {{ contains: "admin" }}, account: {{ id: {{ eq: "{account}" }} }} }} }}"#
                ),
                admins.clone(),
            ),
            (format!(r#"accounts: {{ any: {{ id: {{ eq: "{account}" }} }} }}"#), members.clone()),
            (r#"accounts: { any: { type: { eq: VENDOR }, name: { contains: "a" } } }"#.to_owned(), vendors.clone()),
            (
                format!(r#"accounts: {{ any: {{ id: {{ eq: "{account}" }} }} }}, status: {{ eq: ACTIVE }}"#),
                both(&members, &world.ids(active)),
            ),
            (
                format!(
                    r#"or: [{{ accounts: {{ any: {{ id: {{ eq: "{account}" }} }} }} }}, {{ groups: {{ any: {{ id: {{ eq: "{one}" }} }} }} }}]"#
                ),
                either(&members, &in_one),
            ),
            (
                format!(
                    r#"not: {{ or: [{{ accounts: {{ any: {{ id: {{ eq: "{account}" }} }} }} }}, {{ status: {{ ne: ACTIVE }} }}] }}"#
                ),
                both(&without(&members), &world.ids(active)),
            ),
            (r#"groups: { any: { id: { eq: "UGR-0000-0001" } } }"#.to_owned(), BTreeSet::new()),
            (r#"groups: { any: { name: { eq: "No such group" } } }"#.to_owned(), BTreeSet::new()),
            (r#"groups: { none: { name: { eq: "No such group" } } }"#.to_owned(), all.clone()),
            ("groups: { any: { id: { in: [] } } }".to_owned(), BTreeSet::new()),
            ("groups: { any: null }, accounts: null".to_owned(), all.clone()),
        ];
        for (filter, expected) in cases {
            let expected: Vec<&str> = expected.into_iter().filter(|id| all.contains(id)).collect();
            let page = "edges { cursor } nodes { id } totalCount pageInfo { hasNextPage }";
            let (mut found, mut after) = (vec![], String::new());
            loop {
                let query = format!("{{ users(first: 40, filter: {{ {filter} }}{after}) {{ {page} }} }}");
                let data = kit.data(&query).await;
                let users = &data["users"];
                assert_eq!(users["totalCount"], expected.len(), "{mode:?} {filter}");
                let nodes = users["nodes"].as_array().expect("nodes").iter();
                found.extend(nodes.map(|node| node["id"].as_str().expect("an id").to_owned()));
                if users["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                let cursor =
                    users["edges"].as_array().and_then(|edges| edges.last()).expect("an edge")["cursor"].clone();
                after = format!(", after: {cursor}");
            }
            assert_eq!(found, expected, "{mode:?} {filter}");
        }
    }
}

#[tokio::test]
async fn members_are_asked_for_first_and_users_by_their_ids() {
    let query = r#"{ users(first: 5, filter: { accounts: { any: { id: { eq: "ACC-1671-0642" } } }, status: { eq: ACTIVE } }) {
        nodes { id } } }"#;
    for (mode, path) in [
        (MODES[0], "GET /accounts/accounts/ACC-1671-0642/users?select=-*,id,account.id&order=id&limit=100"),
        (
            (Generation::September2025, MODES[1].1),
            r#"GET /accounts/account-users?in(account.id,("ACC-1671-0642"))&select=-*,id,user.id,account.id&order=account.id,user.id&limit=100"#,
        ),
    ] {
        let kit = kit_of(mode, Quirks::default()).await;
        kit.data(query).await;
        let requests = kit.requests();
        assert_eq!(requests.len(), 2, "{requests:#?}");
        assert!(requests.contains(&path.to_owned()), "{requests:#?}");
        let users = requests.iter().find(|line| line.starts_with("GET /accounts/users?")).expect("users");
        assert!(users.contains(",in(id,(\"USR-"), "{users}");
        assert!(users.ends_with("&select=-*,id,status&order=id&limit=5"), "{users}");
    }
    // A name tells no ids: the groups are asked for first. Of nobody nothing is asked.
    let kit = kit().await;
    kit.data(r#"{ users(filter: { groups: { any: { name: { eq: "No such group" } } } }) { nodes { id } } }"#).await;
    let asked = r#"GET /accounts/user-groups?eq(name,"No such group")&select=-*,id,name,account.id&order=id&limit=51"#;
    assert_eq!(kit.requests(), [asked]);
}

#[tokio::test]
async fn a_condition_that_cannot_be_answered_is_refused_and_never_a_shorter_list() {
    let kit = kit().await;
    let refused = async |query: &str, words: &str| {
        let answer = kit.query(query).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query}: {answer}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(words)), "{query}: {error}");
        answer
    };
    let only = "is only supported in the filter of the root field users";
    let by_id = r#"groups: { any: { id: { eq: "UGR-5116-6265" } } }"#;
    for query in [
        format!(r#"{{ account(id: "ACC-1671-0642") {{ users(filter: {{ {by_id} }}) {{ totalCount }} }} }}"#),
        format!(
            r#"{{ accountUsers(filter: {{ account: {{ id: {{ eq: "ACC-1671-0642" }} }}, user: {{ {by_id} }} }}) {{ totalCount }} }}"#
        ),
        format!("{{ groups(filter: {{ users: {{ any: {{ {by_id} }} }} }}) {{ totalCount }} }}"),
    ] {
        refused(&query, only).await;
    }
    // Whether there is such an account is asked all the same.
    assert_eq!(kit.requests(), ["GET /accounts/accounts/ACC-1671-0642?select=-*,id"]);
    for (condition, held) in [
        ("groups: { isEmpty: true }", "groups"),
        ("groups: { any: {} }", "groups"),
        ("accounts: { none: {} }", "accounts"),
        ("accounts: { all: { id: { in: [] } } }", "accounts"),
    ] {
        let words = format!("must narrow down the {held}");
        refused(&format!("{{ users(filter: {{ {condition} }}) {{ totalCount }} }}"), &words).await;
    }
    assert_eq!(kit.requests(), [""; 0]);
    // So many groups that nobody can find out together who is in them.
    let groups: Value = (0..51)
        .map(|place| json!({ "id": format!("UGR-1-{place}"), "name": "a", "account": { "id": "ACC-1-1" } }))
        .collect();
    let fake =
        flat(move |line| (200, list(if line.starts_with("/user-groups?") { &groups } else { &Value::Null }))).await;
    let answer = fake.query("{ users(filter: { groups: { any: { name: { isNull: false } } } }) { totalCount } }").await;
    let message = "The condition on groups holds for more than 50 groups, whose users cannot be found out together. Narrow it, or \
                   read the users of the groups themselves.";
    assert_eq!(answer["errors"][0]["message"], message, "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn members_that_cannot_be_read_are_an_error_of_the_list() {
    let kit = kit().await;
    let query = r#"{ users(filter: { accounts: { any: { id: { eq: "ACC-1671-0642" } } } }) { nodes { id } } }"#;
    for status in [403, 500] {
        kit.faults(vec![Fault {
            path: Some("/accounts/ACC-1671-0642/users".to_owned()),
            status: Some(status),
            ..Fault::default()
        }]);
        let answer = kit.query(query).await;
        assert_eq!(answer["data"], json!({ "users": null }), "{answer}");
        assert_eq!(answer["errors"][0]["path"], json!(["users"]));
    }
}

#[tokio::test]
async fn too_many_users_are_refused_with_their_number() {
    let members = |from: usize, to: usize| -> Value {
        let row = |place: usize| json!({ "id": format!("AUSR-1-{place}"), "user": { "id": format!("USR-1-{place}") }, "account": { "id": "ACC-1-1" } });
        Value::Array((from..to).map(row).collect())
    };
    for (count, refused) in [(300, false), (301, true)] {
        let fake = flat(move |line| {
            if line.starts_with("/users?") {
                return (200, list(&json!([])));
            }
            let offset = line.split_once("&offset=").map_or(0, |(_, offset)| offset.parse().expect("a number"));
            let rows = members(offset, count.min(offset + 100));
            let meta = json!({ "pagination": { "offset": offset, "limit": 100, "total": count } });
            (200, json!({ "$meta": meta, "data": rows }).to_string())
        })
        .await;
        let answer =
            fake.query(r#"{ users(filter: { accounts: { any: { id: { eq: "ACC-1-1" } } } }) { nodes { id } } }"#).await;
        if refused {
            let message = "The condition on accounts holds for 301 users; at most 300 can be asked for together. Narrow it, or \
                           read the users of the accounts themselves.";
            assert_eq!(answer["errors"][0]["message"], message, "{answer}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        } else {
            assert_eq!(answer, json!({ "data": { "users": { "nodes": [] } } }));
        }
    }
}

#[tokio::test]
async fn memberships_are_ordered_by_what_their_users_are_ordered_by() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        for (order, field) in
            [("USER_EMAIL", "email"), ("USER_STATUS", "status"), ("USER_LAST_LOGIN_AT", "lastLoginAt")]
        {
            for direction in ["ASC", "DESC"] {
                let query = format!(
                    r#"{{ account(id: "ACC-1671-0642") {{
                        accountUsers(first: 100, orderBy: {{ field: {order}, direction: {direction} }}) {{ nodes {{ user {{ {field} }} }} }} }} }}"#
                );
                let data = kit.data(&query).await;
                let nodes = data["account"]["accountUsers"]["nodes"].as_array().expect("nodes").clone();
                let mut values: Vec<_> =
                    nodes.iter().map(|node| node["user"][field].as_str().map(|it| it.replace('_', ""))).collect();
                if direction == "DESC" {
                    values.reverse();
                }
                assert!(values.len() > 3 && values.is_sorted(), "{mode:?} {order} {direction}: {values:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_that_the_host_does_not_know_is_named() {
    let fake = flat(|line| {
        if line.contains("user.lastLoginAt") {
            return (400, json!({ "title": "Bad Request", "status": 400, "errors": { "user.lastLoginAt": ["Invalid property path."] } }).to_string());
        }
        (200, list(&json!([])))
    })
    .await;
    let answer = fake.query("{ accountUsers(orderBy: { field: USER_LAST_LOGIN_AT }) { nodes { id } } }").await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "UPSTREAM_REJECTED");
    assert!(error["message"].as_str().is_some_and(|it| it.ends_with("(orderBy: user.lastLoginAt)")), "{answer}");
}
