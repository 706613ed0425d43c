//! Lists that bodies embed, with conditions or an order: asked of the upstream, on every kind of host. And the users of a
//! module, whom no list of the API tells.

use crate::{
    fake::{Fake, fake, flat, list},
    support::{Kit, MODES, kit, kit_of},
};
use accounts_graph_sandbox::{Generation, Quirks};
use serde_json::{Value, json};

/// A list: the root field whose nodes have it, the field, and what its nodes are ordered and filtered by, which is a text.
struct Asked {
    roots: &'static str,
    field: &'static str,
    text: &'static str,
    order: &'static str,
}

const LISTS: [Asked; 8] = [
    Asked { roots: "users(first: 30)", field: "accounts", text: "name", order: "NAME" },
    Asked { roots: "groups(first: 20)", field: "users", text: "name", order: "NAME" },
    Asked { roots: "groups(first: 60)", field: "buyers", text: "name", order: "NAME" },
    Asked { roots: "buyers(first: 60)", field: "sellers", text: "name", order: "NAME" },
    Asked { roots: "accounts(first: 10)", field: "groups", text: "name", order: "NAME" },
    Asked { roots: "users(first: 20)", field: "groups", text: "name", order: "NAME" },
    Asked { roots: "modules(first: 2)", field: "users", text: "name", order: "NAME" },
    Asked { roots: "users(first: 20)", field: "accountUsers", text: "account", order: "ACCOUNT_NAME" },
];

fn nodes(connection: &Value) -> Vec<Value> {
    connection["nodes"].as_array().cloned().unwrap_or_default()
}

/// The text that a node is ordered by.
fn text<'n>(node: &'n Value, field: &str) -> &'n str {
    let value = if field == "account" { &node["account"]["name"] } else { &node[field] };
    value.as_str().unwrap_or_else(|| panic!("{field} of {node}"))
}

fn ids(nodes: &[Value]) -> Vec<&str> {
    nodes.iter().map(|node| node["id"].as_str().expect("an id")).collect()
}

/// Holds every page of a list against the list as it is read whole.
async fn hold(kit: &Kit, asked: &Asked, of: &str, whole: &[Value]) {
    let Asked { field, text: name, order, .. } = asked;
    let select = if *name == "account" { "id account { name }" } else { "id name" };
    let ordered = format!("orderBy: {{ field: {order}, direction: DESC }}");
    let page = async |arguments: &str| {
        let more = "totalCount edges { cursor } pageInfo { hasNextPage hasPreviousPage }";
        let query = format!(
            "{{ node(id: {of}) {{ ... on {} {{ {field}({arguments}) {{ nodes {{ {select} }} {more} }} }} }} }}",
            kind(of)
        );
        kit.data(&query).await["node"][*field].clone()
    };
    let all = page(&format!("first: 100, {ordered}")).await;
    assert_eq!(all["totalCount"], whole.len(), "{of} {field}");
    let (met, known) = (nodes(&all), whole.to_vec());
    let mut sorted = (ids(&met), ids(&known));
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    assert_eq!(sorted.0, sorted.1, "{of} {field}: another list with an order");
    let fold = |node: &Value| text(node, name).to_lowercase();
    assert!(met.iter().map(fold).collect::<Vec<_>>().is_sorted_by(|one, next| one >= next), "{of} {field}: {met:?}");
    // One by one, forwards and backwards.
    for (size, at, more) in [("first: 1", "after", "hasNextPage"), ("last: 1", "before", "hasPreviousPage")] {
        let (mut found, mut cursor) = (vec![], String::new());
        loop {
            let one = page(&format!("{size}, {ordered}{cursor}")).await;
            found.extend(nodes(&one));
            assert_eq!(one["totalCount"], whole.len(), "{of} {field}");
            if one["pageInfo"][more] == false || found.len() > whole.len() {
                break;
            }
            cursor = format!(", {at}: {}", one["edges"][0]["cursor"]);
        }
        if at == "before" {
            found.reverse();
        }
        assert_eq!(ids(&found), ids(&met), "{of} {field} {size}");
    }
    // The text of one of them, which the others may have as well.
    let wanted = text(&whole[0], name);
    let given = json!(wanted);
    let condition = if *name == "account" {
        format!("account: {{ name: {{ eq: {given} }} }}")
    } else {
        format!("name: {{ eq: {given} }}")
    };
    let found = page(&format!("filter: {{ {condition} }}")).await;
    let expected: Vec<Value> = whole.iter().filter(|node| text(node, name) == wanted).cloned().collect();
    assert_eq!(ids(&nodes(&found)), ids(&expected), "{of} {field} {condition}");
    assert_eq!(found["totalCount"], expected.len(), "{of} {field} {condition}");
}

/// The type of an id, quoted as it stands in a query.
fn kind(id: &str) -> &'static str {
    let kinds = [
        ("USR", "User"),
        ("ACC", "Account"),
        ("UGR", "Group"),
        ("BUY", "Buyer"),
        ("MOD", "Module"),
        ("MEM", "AccountUser"),
    ];
    kinds.into_iter().find(|(prefix, _)| id[1..].starts_with(prefix)).expect("a kind").1
}

#[tokio::test]
async fn embedded_lists_are_filtered_ordered_and_paged_by_the_upstream() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        for asked in LISTS {
            let Asked { roots, field, text: name, .. } = asked;
            let untold = mode.0 == Generation::February2025 && ["accounts", "accountUsers"].contains(&field);
            let select = if name == "account" { "id account { name }" } else { "id name" };
            let data = kit
                .data(&format!("{{ {roots} {{ nodes {{ id {field}(first: 100) {{ nodes {{ {select} }} }} }} }} }}"))
                .await;
            let root = roots.split('(').next().expect("a field");
            let mut several: Vec<Value> = nodes(&data[root]);
            several.retain(|node| nodes(&node[field]).len() > 1);
            assert!(!several.is_empty(), "{mode:?} {root}.{field}");
            several.sort_by_key(|node| nodes(&node[field]).len());
            for parent in several.iter().filter(|_| !untold).take(2) {
                hold(&kit, &asked, &parent["id"].to_string(), &nodes(&parent[field])).await;
            }
            // All of them together are split as each alone.
            let ordered = format!("{field}(orderBy: {{ field: {} }}, last: 2)", asked.order);
            let query = format!("{{ {roots} {{ nodes {{ id {ordered} {{ totalCount nodes {{ {select} }} }} }} }} }}");
            if untold {
                let answer = kit.query(&query).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_ROUTE_MISSING", "{answer}");
                assert_eq!(answer["data"][root]["nodes"][0][field], Value::Null);
                continue;
            }
            let together = kit.data(&query).await;
            for (parent, whole) in nodes(&together[root]).iter().zip(nodes(&data[root])) {
                assert_eq!(parent["id"], whole["id"]);
                let mut whole = nodes(&whole[field]);
                whole.sort_by_key(|node| (text(node, name).to_lowercase(), node["id"].to_string()));
                if parent[field].is_null() {
                    assert_eq!(whole, [Value::Null; 0], "{mode:?} {root}.{field}");
                    continue;
                }
                assert_eq!(parent[field]["totalCount"], whole.len(), "{mode:?} {root}.{field}");
                let last = &whole[whole.len().saturating_sub(2)..];
                let names =
                    |nodes: &[Value]| nodes.iter().map(|node| text(node, name).to_lowercase()).collect::<Vec<_>>();
                assert_eq!(names(&nodes(&parent[field])), names(last), "{mode:?} {root}.{field} of {}", parent["id"]);
            }
        }
    }
}

#[tokio::test]
async fn lists_of_a_membership_are_filtered_and_ordered_on_every_kind_of_host() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let list = |groups: &str, buyers: &str| {
            format!(
                r#"{{ account(id: "ACC-1671-0642") {{ accountUsers(first: 10) {{ nodes {{ id
                    groups{groups} {{ totalCount nodes {{ id name }} }} buyers{buyers} {{ totalCount nodes {{ id name }} }} }} }} }} }}"#
            )
        };
        let whole = kit.data(&list("", "")).await;
        let order = "(orderBy: { field: NAME, direction: DESC })";
        let ordered = kit.data(&list(order, order)).await;
        let filtered = kit.data(&list("(filter: { name: { eq: \"Finance\" } })", "(filter: { id: { in: [] } })")).await;
        let memberships = |data: &Value| nodes(&data["account"]["accountUsers"]);
        let mut met = (0, 0);
        for ((whole, ordered), filtered) in
            memberships(&whole).iter().zip(memberships(&ordered)).zip(memberships(&filtered))
        {
            for field in ["groups", "buyers"] {
                let mut all = nodes(&whole[field]);
                all.sort_by_key(|node| std::cmp::Reverse(text(node, "name").to_lowercase()));
                let names =
                    |nodes: &[Value]| nodes.iter().map(|node| text(node, "name").to_owned()).collect::<Vec<_>>();
                assert_eq!(names(&nodes(&ordered[field])), names(&all), "{mode:?} {field}");
                assert_eq!(ordered[field]["totalCount"], whole[field]["totalCount"]);
                met.0 += usize::from(all.len() > 1);
            }
            let mut finance = nodes(&whole["groups"]);
            finance.retain(|group| group["name"] == "Finance");
            met.1 += finance.len();
            assert_eq!(nodes(&filtered["groups"]), finance, "{mode:?}");
            // Without a restriction to buyers there is no list of them, whatever is asked of it.
            let none = if whole["buyers"].is_null() { Value::Null } else { json!({ "totalCount": 0, "nodes": [] }) };
            assert_eq!(filtered["buyers"], none, "{mode:?}");
        }
        assert!(met.0 > 4 && met.1 > 0, "{mode:?}: {met:?}");
    }
}

#[tokio::test]
async fn one_request_asks_for_the_rows_of_several_parents() {
    let kit = kit().await;
    kit.learn().await;
    for (query, requests) in [
        (
            "{ groups(first: 2, filter: { buyers: { isEmpty: false } }) { nodes { buyers(orderBy: { field: NAME }) { nodes { name } } } } }",
            vec![
                r#"GET /accounts/buyers?in(id,("BUY-2674-3185","BUY-4247-3161","BUY-5230-4396","BUY-6073-1934","BUY-9472-0683"))&select=-*,id,name&order=name,id&limit=100"#,
                "GET /accounts/user-groups?any(buyers)&select=-*,id,buyers.id&order=id&limit=2",
            ],
        ),
        (
            "{ buyers(first: 1) { nodes { sellers(filter: { status: { eq: ACTIVE } }, first: 1) { totalCount nodes { name } } } } }",
            vec![
                "GET /accounts/buyers?select=-*,id,sellers.id&order=id&limit=1",
                r#"GET /accounts/sellers?and(in(id,("SEL-4193-6966","SEL-4390-3213")),in(status,("Active","ACTIVE","active")))&select=-*,id,name,status&order=id&limit=1"#,
            ],
        ),
        (
            r#"{ group(id: "UGR-5116-6265") { users(first: 2, filter: { status: { eq: ACTIVE } }, orderBy: { field: EMAIL }) { totalCount nodes { email } } } }"#,
            vec![
                r#"GET /accounts/accounts/ACC-1671-0642/users?and(any(groups,in(id,("UGR-5116-6265"))),in(user.status,("Active","ACTIVE","active")))&select=-*,id,email,account.id,groups.id&order=email,id&limit=2"#,
                "GET /accounts/user-groups/UGR-5116-6265?select=-*,id",
                r#"GET /accounts/user-groups?in(id,("UGR-5116-6265"))&select=-*,id,account.id&order=id&limit=100"#,
            ],
        ),
        (
            r#"{ user(id: "USR-1671-0642") { accounts(orderBy: { field: NAME, direction: DESC }, filter: { status: { eq: ACTIVE } }) { nodes { name } }
                accountUsers(orderBy: { field: STATUS }) { totalCount } } }"#,
            vec![
                r#"GET /accounts/users/USR-1671-0642/accounts?in(status,("Active","ACTIVE","active"))&select=-*,id,name,status&order=-name,id&limit=100"#,
                "GET /accounts/users/USR-1671-0642/accounts?select=-*,id,invitation&order=invitation.status,id&limit=1",
                "GET /accounts/users/USR-1671-0642?select=-*,id",
            ],
        ),
        (
            r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 2) { nodes {
                groups(orderBy: { field: NAME }) { nodes { name } } buyers(last: 1, filter: { name: { contains: "a" } }) { nodes { name } } } } } }"#,
            vec![
                "GET /accounts/accounts/ACC-1671-0642/users?select=-*,id,account.id,groups.id,buyers.id&order=id&limit=2",
                "GET /accounts/accounts/ACC-1671-0642?select=-*,id",
                r#"GET /accounts/buyers?and(in(id,("BUY-2477-6938","BUY-2674-3185","BUY-5876-5687","BUY-6073-1934","BUY-9275-4436","BUY-9472-0683")),ilike(name,"*a*"))&select=-*,id,name&order=-id&limit=100"#,
                r#"GET /accounts/user-groups?in(id,("UGR-1293-6523","UGR-4495-9025","UGR-5116-6565","UGR-7894-7774"))&select=-*,id,name&order=name,id&limit=100"#,
            ],
        ),
        (
            r#"{ module(id: "MOD-1140") { users(first: 2, orderBy: { field: NAME }) { totalCount nodes { name } } } }"#,
            vec![
                r#"GET /accounts/accounts/ACC-0000-0001/users?any(groups,in(id,("UGR-4692-5272","UGR-4889-1519")))&select=-*,id,account.id&order=id&limit=100"#,
                "GET /accounts/modules/MOD-1140?select=-*,id",
                r#"GET /accounts/user-groups?any(modules,in(id,("MOD-1140")))&select=-*,id,account.id,modules.id&order=id&limit=51"#,
                r#"GET /accounts/users?in(id,("USR-0000-0001","USR-1094-3921","USR-1684-2662","USR-7892-1419","USR-9914-6439"))&select=-*,id,name&order=name,id&limit=2"#,
            ],
        ),
        // Nothing is asked for that is not there, or that no condition lets through.
        (
            "{ buyers(first: 2, filter: { sellers: { isEmpty: true } }) { nodes { sellers(orderBy: { field: NAME }) { totalCount } } } }",
            vec!["GET /accounts/buyers?not(any(sellers))&select=-*,id,sellers.id&order=id&limit=2"],
        ),
        (
            "{ buyers(first: 2) { nodes { sellers(filter: { or: [] }) { totalCount } } } }",
            vec!["GET /accounts/buyers?select=-*,id,sellers.id&order=id&limit=2"],
        ),
    ] {
        kit.requests();
        kit.data(query).await;
        assert_eq!(kit.requests(), requests, "{query}");
    }
    // The flat collection answers for many users together.
    let kit = kit_of(MODES[1], Quirks::default()).await;
    let query = "{ users(first: 2) { nodes { accounts(orderBy: { field: NAME }) { nodes { name } } } } }";
    kit.requests();
    kit.data(query).await;
    let requests = kit.requests();
    assert_eq!(requests.len(), 2, "{requests:#?}");
    assert!(requests[0].starts_with("GET /accounts/account-users?in(user.id,("), "{requests:#?}");
    assert!(requests[0].ends_with("&order=account.name,account.id,user.id&limit=100"), "{requests:#?}");
}

#[tokio::test]
async fn a_condition_that_a_list_below_a_user_would_take_for_something_else_is_an_error() {
    let kit = kit().await;
    kit.learn().await;
    for (list, path) in [
        ("accountUsers(filter: { groups: { isEmpty: false } })", "groups"),
        (
            "accountUsers(filter: { or: [{ status: { eq: ACTIVE } }, { not: { modules: { isEmpty: true } } }] })",
            "modules",
        ),
        ("accountUsers(filter: { user: { email: { isNull: false } } })", "user.email"),
        ("accountUsers(orderBy: { field: USER_NAME })", "user.name"),
        ("accounts(orderBy: { field: CREATED_AT })", "account.audit.created.at"),
        ("accounts(filter: { createdAt: { isNull: false } })", "account.audit.created.at"),
    ] {
        kit.requests();
        let answer = kit.query(&format!(r#"{{ user(id: "USR-1671-0642") {{ {list} {{ totalCount }} }} }}"#)).await;
        let field = list.split('(').next().expect("a field");
        let message = format!(
            "This host lists the memberships of a user below the user, where they cannot be filtered or ordered by `{path}`: only \
             /account-users can."
        );
        let error = json!({ "message": message, "locations": [{ "line": 1, "column": 31 }], "path": ["user", field],
            "extensions": { "code": "UPSTREAM_ROUTE_MISSING" } });
        assert_eq!(answer, json!({ "errors": [error], "data": { "user": { field: null } } }), "{list}");
        assert_eq!(kit.requests(), ["GET /accounts/users/USR-1671-0642?select=-*,id"], "{list}");
    }
    // What it tells of the account and of the membership it takes.
    for list in [
        "accounts(filter: { groups: { isEmpty: false }, type: { eq: CLIENT } }, orderBy: { field: EXTERNAL_ID })",
        "accountUsers(filter: { createdAt: { isNull: false }, status: { eq: ACTIVE }, account: { name: { isNull: false } } })",
    ] {
        let data = kit.data(&format!(r#"{{ user(id: "USR-1671-0642") {{ {list} {{ totalCount }} }} }}"#)).await;
        let field = list.split('(').next().expect("a field");
        assert_eq!(data["user"][field]["totalCount"], 2, "{list}");
    }
}

#[tokio::test]
async fn the_link_between_buyer_and_seller_is_told_in_any_order() {
    let kit = kit_of(MODES[1], Quirks::default()).await;
    let list = |arguments: &str| {
        format!(
            "{{ buyers(first: 100) {{ nodes {{ id sellers{arguments} {{ nodes {{ id status erpLink {{ id buyer {{ id }} }} }} }} }} }} }}"
        )
    };
    let (whole, ordered) =
        (kit.data(&list("")).await, kit.data(&list("(orderBy: { field: ID, direction: DESC })")).await);
    let mut links = 0;
    for (whole, ordered) in nodes(&whole["buyers"]).iter().zip(nodes(&ordered["buyers"])) {
        let mut sellers = nodes(&whole["sellers"]);
        sellers.reverse();
        links += sellers.iter().filter(|seller| seller["erpLink"]["buyer"]["id"] == whole["id"]).count();
        assert_eq!(nodes(&ordered["sellers"]), sellers, "{}", whole["id"]);
    }
    assert!(links > 10, "{links}");
}

/// A group with so many buyers, and a host that answers for buyers with these rows.
async fn group_of(count: usize, rows: Value) -> Fake {
    let buyers: Value = (0..count).map(|place| json!({ "id": format!("BUY-1-{place}") })).collect();
    let group = json!({ "id": "UGR-1-1", "buyers": buyers }).to_string();
    fake(move |line| (200, if line.starts_with("/buyers?") { list(&rows) } else { group.clone() })).await
}

const BUYERS: &str = r#"{ group(id: "UGR-1-1") { buyers(orderBy: { field: NAME }) { nodes { id } } } }"#;

#[tokio::test]
async fn a_list_that_is_too_long_to_be_asked_for_is_refused_with_its_length() {
    for (count, refused) in [(300, false), (301, true)] {
        let fake = group_of(count, json!([{ "id": "BUY-1-7" }])).await;
        let answer = fake.query(BUYERS).await;
        if refused {
            let message = "301 entities belong to UGR-1-1; at most 300 can be filtered, ordered and paged, since the API is asked for \
                           them by their ids.";
            assert_eq!(answer["errors"][0]["message"], message, "{answer}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
            assert_eq!(fake.requests().len(), 1);
        } else {
            assert_eq!(answer, json!({ "data": { "group": { "buyers": { "nodes": [{ "id": "BUY-1-7" }] } } } }));
            assert_eq!(fake.requests().len(), 2);
        }
    }
}

#[tokio::test]
async fn a_row_that_belongs_to_no_list_is_an_error() {
    let fake = group_of(2, json!([{ "id": "BUY-1-0" }, { "id": "BUY-9-9" }])).await;
    let answer = fake.query(BUYERS).await;
    assert_eq!(answer["data"], json!({ "group": { "buyers": null } }), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_INVALID");
    // An element without an id, or of another kind, cannot be asked for.
    for buyers in
        [json!([{ "name": "Nobody" }]), json!([{ "id": "SEL-1-1" }]), json!("[Circular Reference]"), json!({})]
    {
        let group = json!({ "id": "UGR-1-1", "buyers": buyers }).to_string();
        let fake = fake_of(group).await;
        let answer = fake.query(BUYERS).await;
        assert_eq!(answer["data"], json!({ "group": { "buyers": null } }), "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_INVALID", "{answer}");
    }
}

async fn fake_of(group: String) -> Fake {
    fake(move |line| (200, if line.starts_with("/buyers?") { list(&json!([])) } else { group.clone() })).await
}

#[tokio::test]
async fn users_of_too_many_groups_or_too_many_users_of_a_module_are_refused() {
    let query = r#"{ module(id: "MOD-1") { users { nodes { id } } } }"#;
    for (groups, users, words) in [
        (50, 300, None),
        (
            51,
            1,
            Some(
                "More than 50 groups hold this Module, so their users cannot be found out together. Read the users of the groups themselves.",
            ),
        ),
        (
            1,
            301,
            Some(
                "301 entities belong to MOD-1; at most 300 can be filtered, ordered and paged, since the API is asked for them by their ids.",
            ),
        ),
    ] {
        let fake = flat(move |line| {
            let offset = line.split_once("&offset=").map_or(0, |(_, offset)| offset.parse().expect("a number"));
            let group = |place: usize| json!({ "id": format!("UGR-1-{place}"), "account": { "id": "ACC-1-1" }, "modules": [{ "id": "MOD-1" }] });
            let member = |place: usize| json!({ "id": format!("AUSR-1-{place}"), "user": { "id": format!("USR-1-{place}") },
                "account": { "id": "ACC-1-1" }, "groups": [{ "id": format!("UGR-1-{}", place % groups) }] });
            let (rows, total): (Value, usize) = match line.split('?').next() {
                Some("/user-groups") => ((0..groups).map(group).collect(), groups),
                Some("/account-users") => ((offset..users.min(offset + 100)).map(member).collect(), users),
                Some("/users") => (json!([{ "id": "USR-1-7" }]), 1),
                _ => return (200, json!({ "id": "MOD-1" }).to_string()),
            };
            let meta = json!({ "pagination": { "offset": offset, "limit": 100, "total": total } });
            (200, json!({ "$meta": meta, "data": rows }).to_string())
        })
        .await;
        let answer = fake.query(query).await;
        match words {
            None => {
                assert_eq!(answer, json!({ "data": { "module": { "users": { "nodes": [{ "id": "USR-1-7" }] } } } }));
            }
            Some(words) => {
                assert_eq!(answer["errors"][0]["message"], words, "{answer}");
                assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
                assert_eq!(answer["data"], json!({ "module": { "users": null } }));
            }
        }
    }
}
