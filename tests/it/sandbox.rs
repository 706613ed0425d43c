//! The sandbox over real HTTP: what it answers, what it hides, what it records and how it misbehaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::sandbox_kit::{ACCOUNT, GROUP, Row, SCALE, USER, ids, keys, kit, kit_with, set, text, texts};
use accounts_graph::sandbox::{
    self, BodyFault, CLIENT_TOKEN, Fault, OPERATIONS_TOKEN, Options, Refusal, VENDOR_TOKEN, World,
};
use reqwest::Client;
use serde_json::{Map, Value, json};

// ---- the query language ----

/// What a filter means, said about a row.
type Reading = Box<dyn Fn(&Row) -> bool>;

#[tokio::test]
async fn filters_find_what_a_plain_reading_of_the_rows_finds() {
    let kit = kit().await;
    let users = kit.rows("users");
    let name = |row: &Row| text(row, "name").to_owned();
    let lower = |row: &Row| text(row, "name").to_lowercase();
    let revision = |row: &Row| row["revision"].as_i64().unwrap_or_default();
    let city_of = |row: &Row| row.get("currentAccount").is_some();
    let cases: Vec<(&str, Reading)> = vec![
        ("eq(status,\"Active\")", Box::new(|row| text(row, "status") == "Active")),
        ("status=\"Active\"", Box::new(|row| text(row, "status") == "Active")),
        ("status='Active'", Box::new(|row| text(row, "status") == "Active")),
        ("eq(STATUS,Active)", Box::new(|row| text(row, "status") == "Active")),
        ("eq(status,\"active\")", Box::new(|_| false)),
        ("ne(status,\"Active\")", Box::new(|row| text(row, "status") != "Active")),
        ("gt(revision,20)", Box::new(move |row| revision(row) > 20)),
        ("ge(revision,\"20\")", Box::new(move |row| revision(row) >= 20)),
        ("lt(revision,9)", Box::new(move |row| revision(row) < 9)),
        ("le(revision,9)", Box::new(move |row| revision(row) <= 9)),
        ("in(revision,(1,2,3))", Box::new(move |row| (1..=3).contains(&revision(row)))),
        ("out(revision,(1,2,3))", Box::new(move |row| !(1..=3).contains(&revision(row)))),
        ("eq(sso,true)", Box::new(|row| row["SSO"] == json!(true))),
        ("ne(SSO,\"true\")", Box::new(|row| row["SSO"] == json!(false))),
        ("in(status,(\"New\",'Deleted'))", Box::new(|row| ["New", "Deleted"].contains(&text(row, "status")))),
        ("out(status,(\"Active\"))", Box::new(|row| text(row, "status") != "Active")),
        ("like(name,\"W*\")", Box::new(move |row| name(row).starts_with('W'))),
        ("like(name,\"w*\")", Box::new(|row| text(row, "name").starts_with('w'))),
        ("ilike(name,\"*AN*\")", Box::new(move |row| lower(row).contains("an"))),
        ("ilike(name,\"will smith\")", Box::new(|row| text(row, "name") == "Will Smith")),
        ("like(name,\"\\*\")", Box::new(|_| false)),
        ("eq(currentAccount,null())", Box::new(move |row| !city_of(row))),
        ("ne(lastLoginAt,null())", Box::new(|row| row.contains_key("lastLoginAt"))),
        ("eq(name,empty())", Box::new(|_| false)),
        ("gt(lastLoginAt,\"2026-07-01\")", Box::new(|row| text(row, "lastLoginAt") > "2026-07-01T00:00:00.000Z")),
        (
            "le(lastLoginAt,'2026-07-01T02:00:00+02:00')",
            Box::new(|row| row.contains_key("lastLoginAt") && text(row, "lastLoginAt") <= "2026-07-01T00:00:00.000Z"),
        ),
        ("not(eq(status,\"Active\"))", Box::new(|row| text(row, "status") != "Active")),
        (
            "and(eq(status,\"Active\"),gt(revision,20))",
            Box::new(move |row| text(row, "status") == "Active" && revision(row) > 20),
        ),
        (
            "status=\"Active\"&gt(revision,20)",
            Box::new(move |row| text(row, "status") == "Active" && revision(row) > 20),
        ),
        (
            "or(eq(status,\"New\"),eq(status,\"Blocked\"))",
            Box::new(|row| ["New", "Blocked"].contains(&text(row, "status"))),
        ),
        (
            "status=\"New\"|status=\"Blocked\",revision=1",
            Box::new(move |row| {
                text(row, "status") == "New" || (text(row, "status") == "Blocked" && revision(row) == 1)
            }),
        ),
        (
            "(status=\"New\";status=\"Active\"),gt(revision,30)",
            Box::new(move |row| ["New", "Active"].contains(&text(row, "status")) && revision(row) > 30),
        ),
        ("settings.culturecode=\"en-US\"", Box::new(|row| row["settings"]["cultureCode"] == "en-US")),
        ("currentaccount.ID=\"ACC-1671-0642\"", Box::new(|row| text(row, "currentAccount") == ACCOUNT)),
        ("in(id,(\"USR-1671-0642\",\"USR-9999-9999\"))", Box::new(|row| text(row, "id") == USER)),
        ("any(accounts,id=\"ACC-1671-0642\")", Box::new(|row| texts(row.get("accounts")).contains(ACCOUNT))),
        ("any(accounts)", Box::new(|row| !texts(row.get("accounts")).is_empty())),
        ("not(any(accounts))", Box::new(|row| texts(row.get("accounts")).is_empty())),
        (
            "all(accounts,id=\"ACC-1671-0642\")",
            Box::new(|row| texts(row.get("accounts")).iter().all(|id| id == ACCOUNT)),
        ),
        (
            "any(settings.optOuts,self()=\"NTC-0000-0003\")",
            Box::new(|row| !texts(row["settings"].get("optOuts")).is_empty()),
        ),
        (
            "any(settings.optOuts,in(self(),(\"NTC-0000-0003\")))",
            Box::new(|row| !texts(row["settings"].get("optOuts")).is_empty()),
        ),
    ];
    for (filter, passes) in cases {
        let expected = users.iter().filter(|row| passes(row)).count();
        assert_eq!(kit.total("users", filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn filters_reach_through_references_and_into_collections() {
    let kit = kit().await;
    let memberships = kit.rows("account-users");
    let of_account = memberships.iter().filter(|row| text(row, "account") == ACCOUNT).count();
    assert!(of_account > 9, "the showcase is dense");
    assert_eq!(kit.total("account-users", &format!("in(account.id,(\"{ACCOUNT}\"))")).await, of_account);
    let in_group = memberships.iter().filter(|row| texts(row.get("groups")).contains(GROUP)).count();
    assert!(in_group > 1);
    for filter in ["any(groups,id=\"UGR-5116-6265\")", "any(groups,in(id,(\"UGR-5116-6265\",\"UGR-0000-0000\")))"] {
        assert_eq!(kit.total("account-users", filter).await, in_group, "{filter}");
    }
    let both = "and(any(groups,in(id,(\"UGR-5116-6265\"))),eq(account.type,\"Client\"),eq(user.status,\"Active\"))";
    let users: BTreeSet<String> = kit
        .rows("users")
        .iter()
        .filter(|row| text(row, "status") == "Active")
        .map(|row| text(row, "id").into())
        .collect();
    let expected =
        memberships.iter().filter(|row| texts(row.get("groups")).contains(GROUP) && users.contains(text(row, "user")));
    assert_eq!(kit.total("account-users", both).await, expected.count());

    let links = kit.rows("erp-links");
    let sellers: BTreeMap<String, String> =
        kit.rows("sellers").iter().map(|row| (text(row, "id").into(), text(row, "status").into())).collect();
    let blocked: BTreeSet<&str> = links
        .iter()
        .filter(|link| text(link, "status") == "Blocked" && sellers[text(link, "seller")] == "Active")
        .map(|link| text(link, "buyer"))
        .collect();
    let filter = "any(sellers,and(eq(status,'Active'),eq(erpLink.status,'Blocked')))";
    assert!(!blocked.is_empty());
    assert_eq!(kit.total("buyers", filter).await, blocked.len());
}

/// Ids in a filter let the sandbox skip most rows; what it skips must not have passed.
#[tokio::test]
async fn shortcuts_by_id_find_the_same_rows_as_asking_each() {
    let kit = kit().await;
    let memberships = kit.rows("account-users");
    let groups = |row: &Row| texts(row.get("groups"));
    let (one, other) = (GROUP, "UGR-5116-6565");
    let either = memberships.iter().filter(|row| groups(row).contains(one) || groups(row).contains(other)).count();
    let any = |id: &str| format!("any(groups,eq(id,\"{id}\"))");
    assert!(either > memberships.iter().filter(|row| groups(row).contains(one)).count());
    assert_eq!(kit.total("account-users", &format!("or({},{})", any(one), any(other))).await, either);
    let active = |row: &&Row| groups(row).contains(one) || text(row, "status") == "Active";
    let mixed = format!("or({},status=\"Active\")", any(one));
    assert_eq!(kit.total("account-users", &mixed).await, memberships.iter().filter(active).count());
    let not = format!("not({})", any(one));
    assert_eq!(
        kit.total("account-users", &not).await,
        memberships.iter().filter(|row| !groups(row).contains(one)).count()
    );

    let buyers = kit.rows("buyers");
    let sellers: Vec<String> =
        texts(buyers[0].get("sellers")).into_iter().chain(texts(buyers[1].get("sellers"))).collect();
    let buying = |row: &&Row| texts(row.get("sellers")).iter().any(|seller| sellers.contains(seller));
    let filter = format!("any(sellers,in(id,(\"{}\")))", sellers.join("\",\""));
    assert_eq!(kit.total("buyers", &filter).await, buyers.iter().filter(buying).count());
    let licensees = kit.rows("licensees");
    let licensed = licensees.iter().filter(|row| sellers.iter().any(|id| id == text(row, "seller"))).count();
    let filter = format!("in(seller.id,(\"{}\"))", sellers.join("\",\""));
    assert_eq!(kit.total("licensees", &filter).await, licensed);
    let showcase = licensees
        .iter()
        .filter(|row| sellers.iter().any(|id| id == text(row, "seller")) && text(row, "account") == ACCOUNT);
    assert_eq!(kit.total("licensees", &format!("{filter}&account.id=\"{ACCOUNT}\"")).await, showcase.count());
}

#[tokio::test]
async fn malformed_filters_are_answered_with_the_engine_s_texts() {
    let kit = kit().await;
    let cases = [
        ("foo(name,\"a\")", "Unknown expression group."),
        ("and()", "Expression group cannot be empty."),
        ("()", "Expression group cannot be empty."),
        ("and(eq(name,\"a\"),)", "Expression expected."),
        ("eq(name,\"a\"", "Expression expected."),
        ("eq(name,\"a)", "Expression expected."),
        ("eq(name)", "Expression expected."),
        ("all(accounts)", "Expression expected."),
        ("eq(nothing,\"a\")", "Invalid property path."),
        ("foo=\"bar\"", "Invalid property path."),
        ("eq(accounts.id,\"a\")", "Invalid property path."),
        ("in(id,())", "Value has to be a non empty array."),
        ("in(id,\"a\")", "Value has to be a non empty array."),
        ("in(id,(null()))", "Value has to be a non empty array."),
        ("eq(revision,\"many\")", "Cannot convert value: 'many'."),
        ("gt(lastLoginAt,\"soon\")", "Cannot convert value: 'soon'."),
        ("eq(accounts,\"a\")", "Operator 'eq' is not permitted"),
        ("like(revision,\"1*\")", "Operator 'like' is not permitted"),
        ("rql=eq(name,\"a\")", "Invalid equals shortcut expression"),
        ("name=eq(name,\"a\")", "Invalid equals shortcut expression"),
        ("order=", "No valid ordering properties were detected"),
        ("order=nothing", "Invalid property path."),
        ("order=settings", "Ordering is not permitted."),
        ("eq(audit.created.at,\"2025-01-01\")", "Filtering is not permitted."),
        ("order=-audit.created.at", "Ordering is not permitted."),
        ("limit=-1", "Cannot convert value: '-1'."),
        ("limit=ten", "Cannot convert value: 'ten'."),
        ("offset=-1", "Cannot convert value: '-1'."),
    ];
    for (query, expected) in cases {
        assert_eq!(kit.mistake(&format!("users?{query}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn audit_can_be_asked_about_where_it_is_selected() {
    let kit = kit().await;
    let body =
        kit.get("users?gt(audit.created.at,\"2024-01-01\")&select=audit&order=-audit.created.at&limit=100").await;
    let dates: Vec<&str> = body["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["audit"]["created"]["at"].as_str().expect("a date"))
        .collect();
    assert!(!dates.is_empty() && dates.iter().all(|date| *date > "2024"));
    assert!(dates.is_sorted_by(|one, other| one >= other));
    assert_eq!(kit.get("sellers?order=audit.created.at&limit=1").await["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn two_filters_alike_up_to_their_first_equals_sign_lose_one() {
    let kit = kit().await;
    let one = kit.total("account-users", "any(groups,id=\"UGR-5116-6265\")").await;
    let two = kit.total("account-users", "any(groups,id=\"UGR-5116-6265\")&any(groups,id=\"UGR-0000-0000\")").await;
    assert_eq!(one, two);
    let joined = "and(any(groups,eq(id,\"UGR-5116-6265\")),any(groups,eq(id,\"UGR-0000-0000\")))";
    assert_eq!(kit.total("account-users", joined).await, 0);
}

// ---- paging and order ----

#[tokio::test]
async fn pages_are_capped_counted_and_stable() {
    let kit = kit().await;
    let total = kit.rows("users").len();
    let page = kit.get("users?limit=500").await;
    assert_eq!(page["$meta"]["pagination"], json!({"offset": 0, "limit": 100, "total": total}));
    assert_eq!(kit.get("users").await["data"].as_array().map(Vec::len), Some(10));
    assert_eq!(kit.get("users?limit=0").await["$meta"]["pagination"], json!({"offset": 0, "limit": 0, "total": total}));
    let mut seen = Vec::new();
    for offset in (0..total).step_by(30) {
        let page = kit.get(&format!("users?select=-*,id&order=-status,id&limit=30&offset={offset}")).await;
        seen.extend(ids(&page["data"]).into_iter().map(str::to_owned));
    }
    let mut expected = kit.rows("users");
    expected.sort_by(|a, b| text(b, "status").cmp(text(a, "status")).then(text(a, "id").cmp(text(b, "id"))));
    assert_eq!(seen, expected.iter().map(|row| text(row, "id")).collect::<Vec<_>>());
    assert_eq!(kit.get("users?offset=100000").await["data"], json!([]));
}

#[tokio::test]
async fn order_goes_through_references_and_ties_break_by_id() {
    let kit = kit().await;
    let page = kit.get("user-groups?order=account.name,-name&select=-*,id&limit=100").await;
    let keys: Vec<(String, std::cmp::Reverse<String>, String)> = page["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let part = |value: &Value| value.as_str().expect("pulled in by the order").to_owned();
            (part(&row["account"]["name"]), std::cmp::Reverse(part(&row["name"])), part(&row["id"]))
        })
        .collect();
    assert!(keys.len() > 10 && keys.is_sorted());
}

// ---- projections ----

#[tokio::test]
async fn lists_leave_collections_out_and_single_reads_do_not() {
    let kit = kit().await;
    let list = kit.get(&format!("user-groups?in(id,(\"{GROUP}\"))")).await;
    let omitted = json!(["modules", "users", "buyers", "audit"]);
    assert_eq!(list["$meta"]["omitted"], omitted);
    let row = &list["data"][0];
    assert_eq!(row["$meta"]["omitted"], omitted);
    assert_eq!(keys(&row["account"]), set(["id", "revision", "name", "icon", "type", "status"]));
    assert!(row.get("modules").is_none() && row["isDefault"] == json!(true));

    let single = kit.get(&format!("user-groups/{GROUP}")).await;
    assert_eq!(single["$meta"]["omitted"], json!(["audit"]));
    assert!(keys(&single["users"][0]).is_subset(&set(["id", "revision", "name", "icon"])));
    assert_eq!(keys(&single["modules"][0]), set(["id", "revision", "name", "description", "filters", "settings"]));
    assert!(keys(&single["modules"][0]["filters"]).contains("group.buyers"));
    assert!(!keys(&single["buyers"][0]).contains("$meta"));
}

#[tokio::test]
async fn documented_exceptions_are_left_out_of_single_reads_too() {
    let kit = kit().await;
    for (path, omitted) in [
        (format!("accounts/{ACCOUNT}"), json!(["groups", "audit"])),
        (format!("users/{USER}"), json!(["accounts", "audit"])),
    ] {
        assert_eq!(kit.get(&path).await["$meta"]["omitted"], omitted, "{path}");
    }
    let conflicted = kit.get("buyers?status=\"Conflict\"&limit=1").await;
    let id = ids(&conflicted["data"])[0].to_owned();
    let buyer = kit.get(&format!("buyers/{id}")).await;
    assert_eq!(buyer["$meta"]["omitted"], json!(["sellers", "audit"]));
    assert!(buyer["errors"][0]["message"].is_string());
    assert!(buyer["account"].get("groups").is_none());
    let seller = kit.get("sellers?limit=1").await;
    assert!(seller["data"][0]["audit"]["created"]["by"]["id"].is_string());
    assert_eq!(seller["$meta"]["omitted"], json!(["currencies"]));
    assert!(kit.get("sellers?limit=1&select=%2Bbuyers").await["data"][0].get("buyers").is_none());
}

#[tokio::test]
async fn select_adds_removes_and_replaces() {
    let kit = kit().await;
    let cases: &[(&str, &[&str])] = &[
        ("-*,id,name", &["id", "name"]),
        ("id,name,-*", &["id", "name"]),
        ("-*,ID,Nothing", &["id"]),
        ("-*,+id", &["id"]),
        ("-*, id", &["id"]),
        ("-*,id,account.name", &["id", "account"]),
        ("-*,id,audit.created.at", &["id", "audit"]),
        ("-*,id,modules(id,name)", &["id", "modules"]),
        ("-account,-description,-logo,-extensions", &["id", "revision", "name", "isDefault"]),
        (
            "+groups,modules,-account,-description,-logo,-extensions",
            &["id", "revision", "name", "isDefault", "modules"],
        ),
    ];
    for (select, expected) in cases {
        // The function form keeps the id of the row filtered by in the answer, as every filter does.
        let body = kit.get(&format!("user-groups?id=\"{GROUP}\"&select={select}")).await;
        let mut found = keys(&body["data"][0]);
        found.remove("$meta");
        assert_eq!(found, expected.iter().copied().collect(), "{select}");
    }
    let all = kit.get(&format!("user-groups/{GROUP}?select=*")).await;
    assert_eq!(all["$meta"]["omitted"], json!([]));
    assert!(keys(&all).is_superset(&set(["audit", "modules", "users", "buyers", "account"])));
}

#[tokio::test]
async fn select_reaches_into_what_it_names() {
    let kit = kit().await;
    let row = |body: &Value| body["data"][0].clone();
    let ask = |select: &str| format!("account-users?user.id=\"{USER}\"&account.id=\"{ACCOUNT}\"&select={select}");
    let named = row(&kit.get(&ask("groups")).await);
    assert!(keys(&named["groups"][0]).is_superset(&set(["id", "name", "isDefault", "account"])));
    assert!(!keys(&named["groups"][0]).contains("modules"));
    assert_eq!(keys(&row(&kit.get(&ask("+groups.id")).await)["groups"][0]), set(["id"]));
    assert_eq!(keys(&row(&kit.get(&ask("+groups.modules")).await)["groups"][0]), set(["id", "modules"]));
    let deep = row(&kit.get(&ask("+groups,+groups.modules")).await);
    assert!(keys(&deep["groups"][0]).is_superset(&set(["id", "name", "account", "modules"])));
    assert!(keys(&deep["groups"][0]["modules"][0]).contains("code"), "named elements show more than the reduced form");
    let parts = row(&kit.get(&ask("-*,groups.modules.name,audit.created.at,user.email")).await);
    assert_eq!(keys(&parts["groups"][0]["modules"][0]), set(["id", "name"]));
    assert_eq!(parts["audit"].as_object().map(Map::len), Some(1));
    assert_eq!(keys(&parts["audit"]["created"]), set(["at"]));
    assert_eq!(keys(&parts["user"]), set(["id", "email"]));

    // Beyond the depth only the reduced form is shown.
    let deeper = row(&kit.get(&ask("-*,groups.account.groups.account.website")).await);
    let account = &deeper["groups"][0]["account"]["groups"][0]["account"];
    assert!(account["id"].is_string() && account.get("website").is_none(), "{deeper}");

    let single = kit.get(&format!("accounts/{ACCOUNT}?select=groups")).await;
    assert!(keys(&single["groups"][0]).is_superset(&set(["users", "modules", "account"])));
}

#[tokio::test]
async fn what_a_filter_touches_is_pulled_into_the_answer() {
    let kit = kit().await;
    let body = kit.get(&format!("account-users?in(account.id,(\"{ACCOUNT}\"))&select=-*,id&limit=1")).await;
    assert_eq!(keys(&body["data"][0]), set(["$meta", "id", "account"]));
    assert_eq!(body["data"][0]["account"], json!({"id": ACCOUNT}));
    assert!(!body["$meta"]["omitted"].as_array().expect("names").contains(&json!("account")));

    let path = "account-users?and(in(account.id,(\"ACC-1671-0642\")),any(groups,in(id,(\"UGR-5116-6265\"))))&limit=100";
    let body = kit.get(path).await;
    let world: BTreeMap<String, usize> =
        kit.rows("account-users").iter().map(|row| (text(row, "id").into(), texts(row.get("groups")).len())).collect();
    for row in body["data"].as_array().expect("rows") {
        let groups = row["groups"].as_array().expect("pulled in");
        assert_eq!(groups.len(), world[row["id"].as_str().expect("an id")], "all elements, not only the matching");
        assert!(groups.iter().all(|group| keys(group) == set(["id"])));
    }
    let named = kit.get(&format!("{path}&select=groups")).await;
    assert!(keys(&named["data"][0]["groups"][0]).contains("name"));
}

#[tokio::test]
async fn a_single_membership_has_the_documented_keys() {
    let kit = kit().await;
    let body = kit.get(&format!("account-users?user.id=\"{USER}\"&account.id=\"{ACCOUNT}\"")).await;
    let id = ids(&body["data"])[0].to_owned();
    let body = kit.get(&format!("account-users/{id}?select=audit")).await;
    let documented = [
        "id",
        "audit",
        "$meta",
        "revision",
        "user",
        "groups",
        "buyers",
        "modules",
        "account",
        "invitation",
        "lastLoginAt",
    ];
    let mut found = keys(&body);
    assert!(found.remove("status"), "the one key that came later");
    assert_eq!(found, set(documented));
    assert_eq!(keys(&body["user"]), set(["id", "name", "icon", "revision"]));
    assert_eq!(keys(&body["account"]), set(["id", "name", "icon", "revision", "type", "status"]));
    assert_eq!(keys(&body["modules"][0]), set(["id", "name", "revision", "description", "filters", "settings"]));
    assert_eq!(
        keys(&body["modules"][0]["settings"]),
        set(["configurable", "default", "paid", "type", "obsolete", "eligibility"])
    );
    assert!(keys(&body["audit"]["created"]["by"]).is_superset(&set(["id", "name", "revision"])));
    assert!(keys(&body["audit"]).is_superset(&set(["created", "updated", "invitationAcceptedAt", "access", "joined"])));
}

// ---- the three families, and what else hangs on users and accounts ----

#[tokio::test]
async fn the_three_membership_families_agree() {
    let kit = kit().await;
    let expected: BTreeSet<String> = kit
        .rows("account-users")
        .iter()
        .filter(|row| text(row, "account") == ACCOUNT)
        .map(|row| text(row, "user").to_owned())
        .collect();
    let users = |body: &Value, inner: bool| -> BTreeSet<String> {
        let rows = body["data"].as_array().expect("rows").iter();
        rows.map(|row| if inner { &row["user"]["id"] } else { &row["id"] }.as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(users(&kit.get(&format!("{ACCOUNT}/users?limit=100")).await, true), expected);
    assert_eq!(users(&kit.get(&format!("account-users?account.id=\"{ACCOUNT}\"&limit=100")).await, true), expected);
    assert_eq!(users(&kit.get(&format!("accounts/{ACCOUNT}/users?limit=100&order=id")).await, false), expected);

    let flat = kit.get(&format!("accounts/{ACCOUNT}/users/{USER}?select=audit")).await;
    let beside = ["name", "icon", "email", "status", "account", "groups", "modules", "buyers", "invitation", "audit"];
    assert!(keys(&flat).is_superset(&set(beside)), "{flat}");
    assert_eq!(flat["account"]["id"], ACCOUNT);
    let nested = kit.get(&format!("{ACCOUNT}/users/{USER}")).await;
    assert!(nested["id"].as_str().expect("an id").starts_with("AUSR-"));
    assert_eq!(ids(&nested["groups"]), ids(&flat["groups"]));
    let some = kit.get(&format!("accounts/{ACCOUNT}/users?in(id,(\"{USER}\"))&select=-*,id,groups.id")).await;
    assert_eq!(ids(&some["data"]), [USER]);
    assert_eq!(ids(&some["data"][0]["groups"]), ids(&flat["groups"]));
    for path in
        [format!("{ACCOUNT}/users/USR-0000-0000"), "accounts/ACC-9999-9999/users".into(), "nothing/users".into()]
    {
        assert_eq!(kit.ask(&path, None).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn users_are_found_by_mail_and_show_their_accounts() {
    let kit = kit().await;
    assert_eq!(kit.get("users/will.smith@example.com").await["id"], USER);
    let accounts = kit.get(&format!("users/{USER}/accounts?order=id")).await;
    let expected = kit.rows("users").iter().find(|row| text(row, "id") == USER).map(|row| texts(row.get("accounts")));
    assert_eq!(ids(&accounts["data"]).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), expected.expect("Will"));
    let home = kit.get(&format!("users/{USER}/accounts?id=\"{ACCOUNT}\"&select=audit.access")).await;
    assert_eq!(home["data"][0]["favorite"], json!(true));
    assert!(home["data"][0]["audit"]["access"]["at"].is_string() && home["data"][0]["invitation"].is_object());
    for path in ["sso", "sso-check"] {
        assert!(kit.get(&format!("users/{USER}/{path}")).await["sso"].is_boolean());
    }
}

#[tokio::test]
async fn icons_redirect_or_are_absent() {
    let kit = kit().await;
    for collection in ["users", "accounts", "buyers", "sellers", "licensees"] {
        let rows = kit.rows(collection);
        let with = rows.iter().find(|row| row.contains_key("icon")).expect("one with an icon");
        let answer = kit.send(&format!("{collection}/{}/icon", text(with, "id")), None).await.expect("an answer");
        assert_eq!(answer.status(), 307, "{collection}");
        assert!(answer.headers()["location"].to_str().is_ok_and(|to| to.starts_with("https://")));
        let without = rows.iter().find(|row| !row.contains_key("icon")).expect("one without");
        assert_eq!(kit.ask(&format!("{collection}/{}/icon", text(without, "id")), None).await.0, 404, "{collection}");
    }
}

#[tokio::test]
async fn both_prefixes_work_and_other_paths_and_methods_do_not() {
    let kit = kit().await;
    let root = format!("http://{}", kit.sandbox.addr());
    for (path, status) in [
        ("/v1/accounts/users", 200),
        ("/public/v1/accounts/users", 200),
        ("/public/v2/accounts/users", 404),
        ("/v1/catalog/products", 404),
        ("/v1/accounts/users/INVALID-ID", 404),
        ("/v1/accounts/users/USR-1671-0642/nothing", 404),
        ("/", 404),
    ] {
        let answer = kit.client.get(format!("{root}{path}")).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{path}");
        let kind = if status == 200 { "application/json" } else { "application/problem+json" };
        assert!(answer.headers()["content-type"].to_str().is_ok_and(|value| value.starts_with(kind)), "{path}");
    }
    let http2 = Client::builder().http2_prior_knowledge().build().expect("a client");
    let answer = http2.get(format!("{root}/v1/accounts/users")).send().await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
    for (path, allowed) in
        [("users/USR-1671-0642", "GET, PUT, DELETE"), ("users/USR-1671-0642/block", "POST"), ("users", "GET")]
    {
        let refused = kit.client.patch(format!("{root}/v1/accounts/{path}")).send().await.expect("an answer");
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["allow"]),
            (405, &allowed.parse().expect("a header"))
        );
    }
}

// ---- roles ----

#[tokio::test]
async fn a_client_sees_its_own_account_only() {
    let kit = kit().await;
    let client = Some(CLIENT_TOKEN);
    let (_, accounts) = kit.ask("accounts", client).await;
    assert_eq!(ids(&accounts["data"]), [ACCOUNT]);
    let own = |collection: &str| kit.rows(collection).iter().filter(|row| text(row, "account") == ACCOUNT).count();
    for collection in ["user-groups", "buyers", "account-users", "licensees", "api-tokens"] {
        let (_, body) = kit.ask(&format!("{collection}?limit=0"), client).await;
        assert_eq!(body["$meta"]["pagination"]["total"], json!(own(collection)), "{collection}");
        assert!(own(collection) > 0, "{collection}");
    }
    let foreign =
        kit.rows("users").iter().find(|row| !texts(row.get("accounts")).contains(ACCOUNT)).cloned().expect("one");
    assert_eq!(kit.ask(&format!("users/{}", text(&foreign, "id")), client).await.0, 404);
    let (_, none) = kit.ask(&format!("users?in(id,(\"{}\",\"{USER}\"))", text(&foreign, "id")), client).await;
    assert_eq!(ids(&none["data"]), [USER]);
    for collection in ["modules", "cloud-tenants"] {
        assert_eq!(kit.ask(collection, client).await.0, 403, "{collection}");
    }
    let linked: BTreeSet<String> = kit
        .rows("buyers")
        .iter()
        .filter(|row| text(row, "account") == ACCOUNT)
        .flat_map(|row| texts(row.get("sellers")))
        .collect();
    let (_, sellers) = kit.ask("sellers?limit=100", client).await;
    assert_eq!(ids(&sellers["data"]).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), linked);
    let (_, group) = kit.ask(&format!("user-groups/{GROUP}"), client).await;
    assert!(group["modules"][0]["settings"].is_object(), "modules stay visible where they are nested");
    let (_, seen) = kit.ask("user-groups?select=-*,audit.created.by.name&limit=100", client).await;
    for group in seen["data"].as_array().expect("rows") {
        assert!(group["audit"]["created"]["by"]["name"].is_string(), "so do strangers: {group}");
    }
}

#[tokio::test]
async fn fields_of_operations_do_not_exist_for_others() {
    let kit = kit().await;
    let (_, user) = kit.ask(&format!("users/{USER}?select=accounts"), Some(CLIENT_TOKEN)).await;
    assert!(user.get("accounts").is_none());
    assert_eq!(user["$meta"]["omitted"], json!(["audit"]));
    let (status, body) = kit.ask("users?any(accounts)", Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &body["errors"]["mistake"][0]), (400, &json!("Invalid property path.")));

    // Someone who is a member here but works in another account.
    let elsewhere = kit.rows("users").into_iter().find(|row| {
        texts(row.get("accounts")).contains(ACCOUNT)
            && row.contains_key("currentAccount")
            && text(row, "currentAccount") != ACCOUNT
    });
    if let Some(row) = elsewhere {
        let path = format!("users/{}", text(&row, "id"));
        assert!(kit.ask(&path, Some(CLIENT_TOKEN)).await.1.get("currentAccount").is_none());
        assert!(kit.ask(&path, Some(OPERATIONS_TOKEN)).await.1["currentAccount"]["id"].is_string());
    }
    assert_eq!(kit.ask(&format!("users/{USER}"), Some(CLIENT_TOKEN)).await.1["currentAccount"]["id"], ACCOUNT);
    let (_, vendor) = kit.ask("sellers", Some(VENDOR_TOKEN)).await;
    assert_eq!(vendor["data"], json!([]));
}

#[tokio::test]
async fn tokens_are_required_only_when_told_and_disabled_ones_never_work() {
    let open = kit().await;
    let disabled = open.rows("api-tokens").into_iter().find(|row| text(row, "status") == "Disabled").expect("one");
    assert_eq!(open.ask("users", Some("idt:TKN-0000-0009:guess")).await.0, 200);
    assert_eq!(open.ask("users", Some(text(&disabled, "token"))).await.0, 401);
    let closed = kit_with(Options { scale: SCALE, require_token: true, ..Options::default() }).await;
    assert_eq!(closed.ask("users", None).await.0, 401);
    assert_eq!(closed.ask("users", Some("idt:TKN-0000-0001:guess")).await.0, 401);
    for token in [OPERATIONS_TOKEN, VENDOR_TOKEN, CLIENT_TOKEN] {
        assert_eq!(closed.ask("users", Some(token)).await.0, 200, "{token}");
    }
    let (_, token) = closed.ask("api-tokens/TKN-0000-0003", Some(CLIENT_TOKEN)).await;
    assert_eq!(token["token"], CLIENT_TOKEN, "the upstream shows secrets on reads");
}

// ---- the journal ----

#[tokio::test]
async fn requests_are_recorded_without_tokens_until_cleared() {
    let kit = kit().await;
    kit.ask(&format!("users?in(id,(\"{USER}\"))&select=-*,id&order=id&limit=100"), Some(CLIENT_TOKEN)).await;
    kit.ask("users/USR-0000-0000", Some(CLIENT_TOKEN)).await;
    let recorded = kit.sandbox.requests();
    let lines: Vec<String> = recorded.iter().map(sandbox::Recorded::line).collect();
    let expected = [
        "GET /accounts/users?in(id,(\"USR-1671-0642\"))&select=-*,id&order=id&limit=100",
        "GET /accounts/users/USR-0000-0000",
    ];
    assert_eq!(lines, expected);
    assert_eq!((recorded[0].status, recorded[0].rows), (200, Some(1)));
    assert_eq!((recorded[1].status, recorded[1].rows), (404, None));
    assert!(recorded[0].bytes > 50);

    let control = format!("http://{}/__requests", kit.sandbox.addr());
    let text = kit.client.get(&control).send().await.expect("an answer").text().await.expect("a body");
    assert!(!text.contains("idt:") && !text.contains("Bearer"));
    let listed: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(listed[0]["line"], expected[0]);
    assert_eq!(kit.client.delete(&control).send().await.expect("an answer").status(), 204);
    assert!(kit.sandbox.requests().is_empty(), "control requests are not recorded");
    kit.get("users").await;
    kit.sandbox.clear_requests();
    assert!(kit.sandbox.requests().is_empty());
}

// ---- faults ----

fn fault(body: BodyFault) -> Fault {
    Fault { body: Some(body), ..Fault::default() }
}

#[tokio::test]
async fn a_status_comes_with_a_problem_and_retry_after_as_often_as_told() {
    let kit = kit().await;
    let slow = Fault { latency_range_ms: Some([1, 3]), ..Fault::default() };
    let busy = Fault {
        path: Some("/users".into()),
        status: Some(503),
        retry_after: Some(7),
        times: Some(1),
        ..Fault::default()
    };
    kit.sandbox.set_faults(vec![slow, busy]);
    assert_eq!(kit.ask("accounts", None).await.0, 200);
    let answer = kit.send("users", None).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"7".parse().expect("a header")));
    let body: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    assert!(body["errors"][0]["message"].is_string() && body["status"] == json!(503));
    assert_eq!(kit.ask("users", None).await.0, 200);
    assert_eq!(kit.sandbox.requests().iter().map(|request| request.status).collect::<Vec<_>>(), [200, 503, 200]);
}

#[tokio::test]
async fn faults_choose_by_query_count_and_chance() {
    let kit = kit().await;
    let second = Fault { query: Some("limit=1".into()), nth: Some(vec![2]), status: Some(500), ..Fault::default() };
    kit.sandbox.set_faults(vec![second]);
    let mut seen = Vec::new();
    for path in ["users?limit=1", "users", "users?limit=1", "users?limit=1"] {
        seen.push(kit.ask(path, None).await.0);
    }
    assert_eq!(seen, [200, 200, 500, 200]);

    let draw = || async {
        kit.sandbox.set_faults(vec![Fault { probability: Some(0.5), seed: 7, status: Some(502), ..Fault::default() }]);
        let mut seen = Vec::new();
        for _ in 0..20 {
            seen.push(kit.ask("users?limit=0", None).await.0);
        }
        seen
    };
    let first = draw().await;
    assert!(first.contains(&200) && first.contains(&502));
    assert_eq!(first, draw().await, "the same seed draws the same");
}

#[tokio::test]
async fn spoilt_bodies_are_what_they_are_called() {
    let kit = kit().await;
    let fetch = async |body: BodyFault| {
        kit.sandbox.set_faults(vec![fault(body)]);
        let answer = kit.send("users", None).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{body:?}");
        let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
        (kind, answer.text().await)
    };
    let (_, cut) = fetch(BodyFault::Cut).await;
    assert!(cut.is_err(), "a cut body does not arrive");
    let (kind, html) = fetch(BodyFault::Html).await;
    assert!(kind.starts_with("text/html") && html.expect("a body").starts_with("<!doctype html>"));
    assert_eq!(fetch(BodyFault::Empty).await.1.expect("a body"), "");
    assert!(serde_json::from_str::<Value>(&fetch(BodyFault::InvalidJson).await.1.expect("a body")).is_err());
    let wrong: Value = serde_json::from_str(&fetch(BodyFault::WrongJson).await.1.expect("a body")).expect("JSON");
    assert!(!wrong["data"].is_array());
    let raw = Fault {
        raw: Some("busy".into()),
        content_type: Some("text/plain".into()),
        status: Some(500),
        ..Fault::default()
    };
    kit.sandbox.set_faults(vec![raw]);
    let answer = kit.send("users", None).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.text().await.expect("a body").as_str()), (500, "busy"));
}

#[tokio::test]
async fn rows_go_missing_or_change_places_while_the_total_stays() {
    let kit = kit().await;
    let path = "users?order=id&limit=10&select=-*,id";
    let whole = kit.get(path).await;
    kit.sandbox.set_faults(vec![fault(BodyFault::MissingRows)]);
    let missing = kit.get(path).await;
    assert_eq!(missing["$meta"], whole["$meta"]);
    assert_eq!(ids(&missing["data"]), ids(&whole["data"]).into_iter().step_by(2).collect::<Vec<_>>());
    kit.sandbox.set_faults(vec![fault(BodyFault::Shuffle)]);
    let shuffled = kit.get(path).await;
    assert_ne!(ids(&shuffled["data"]), ids(&whole["data"]));
    assert_eq!(ids(&shuffled["data"]).into_iter().collect::<BTreeSet<_>>(), ids(&whole["data"]).into_iter().collect());
}

#[tokio::test]
async fn connections_hang_or_close_and_are_recorded_without_a_status() {
    let kit = kit().await;
    kit.sandbox.set_faults(vec![fault(BodyFault::Close)]);
    let error = kit.send("users", None).await.expect_err("no answer");
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    kit.sandbox.set_faults(vec![fault(BodyFault::Hang)]);
    let impatient = kit.client.get(format!("{}/v1/accounts/users", kit.sandbox.base_url()));
    let error = impatient.timeout(Duration::from_millis(100)).send().await.expect_err("no answer");
    assert!(error.is_timeout(), "{error:?}");
    assert!(kit.sandbox.requests().iter().all(|request| request.status == 0));
    kit.sandbox.set_faults(Vec::new());
    assert_eq!(kit.ask("users", None).await.0, 200);
    kit.sandbox.stop().await;
}

#[tokio::test]
async fn stopping_ends_hanging_answers() {
    let kit = kit().await;
    kit.sandbox.set_faults(vec![fault(BodyFault::Hang)]);
    let request = tokio::spawn(kit.client.get(format!("{}/v1/accounts/users", kit.sandbox.base_url())).send());
    while kit.sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    kit.sandbox.stop().await;
    assert!(request.await.expect("no panic").is_err());
}

#[tokio::test]
async fn capabilities_can_be_refused() {
    let kit = kit().await;
    let refuse = |path: &str, refusal| Fault { path: Some(path.into()), refuse: Some(refusal), ..Fault::default() };
    kit.sandbox.set_faults(vec![refuse("/users", Refusal::SelectStar), refuse("/account-users", Refusal::AnyIn)]);
    kit.mistake("users?select=-*,id").await;
    assert_eq!(kit.ask("users?select=id,-name", None).await.0, 200);
    assert_eq!(kit.ask("accounts?select=-*,id", None).await.0, 200);
    kit.mistake("account-users?any(groups,in(id,(\"UGR-5116-6265\")))").await;
    assert_eq!(kit.ask("account-users?any(groups,eq(id,\"UGR-5116-6265\"))", None).await.0, 200);
    assert_eq!(kit.ask("account-users?in(account.id,(\"ACC-1671-0642\"))", None).await.0, 200);
}

#[tokio::test]
async fn faults_are_set_read_and_cleared_over_http() {
    let kit = kit().await;
    let control = format!("http://{}/__faults", kit.sandbox.addr());
    let faults = json!([{"path": "/users", "nth": [1], "body": "missing-rows", "refuse": "any-in", "latency_ms": 1}]);
    let put = kit.client.put(&control).header("content-type", "application/json").body(faults.to_string());
    assert_eq!(put.send().await.expect("an answer").status(), 204);
    let text = kit.client.get(&control).send().await.expect("an answer").text().await.expect("a body");
    let read: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&read[0]["body"], &read[0]["nth"]), (&json!("missing-rows"), &json!([1])));
    let wrong = kit.client.put(&control).header("content-type", "application/json").body(r#"[{"sttus":500}]"#);
    assert_eq!(wrong.send().await.expect("an answer").status(), 422, "a misspelt fault is refused");
    assert_eq!(kit.client.delete(&control).send().await.expect("an answer").status(), 204);
    let text = kit.client.get(&control).send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(text, "[]");
}

// ---- the world ----

const COLLECTIONS: [&str; 11] = [
    "users",
    "accounts",
    "user-groups",
    "modules",
    "buyers",
    "sellers",
    "licensees",
    "erp-links",
    "api-tokens",
    "cloud-tenants",
    "account-users",
];

#[test]
fn worlds_are_the_same_every_time_and_grow_with_their_scale() {
    assert!(World::generate(SCALE) == World::generate(SCALE));
    let (tiny, whole) = (World::generate(0.01), World::generate(1.0));
    for collection in COLLECTIONS {
        assert!(tiny.rows(collection).len() <= whole.rows(collection).len(), "{collection}");
        assert!(!tiny.rows(collection).is_empty(), "{collection}");
    }
    assert_eq!(whole.rows("users").len(), 2000);
    assert_eq!(whole.rows("accounts").len(), 200);
    assert!(tiny.rows("users").iter().any(|row| text(row, "id") == USER));
    assert!(whole.rows("nothing").is_empty());
}

#[test]
fn ids_are_unique_and_mail_addresses_are_nobody_s() {
    let world = World::generate(1.0);
    for collection in COLLECTIONS {
        let rows = world.rows(collection);
        let ids: BTreeSet<&str> = rows.iter().map(|row| text(row, "id")).collect();
        assert_eq!(ids.len(), rows.len(), "{collection}");
    }
    let users = world.rows("users");
    let mails: BTreeSet<&str> = users.iter().map(|row| text(row, "email")).collect();
    assert_eq!(mails.len(), users.len());
    for mail in mails {
        assert!(mail.is_ascii() && (mail.ends_with("@example.com") || mail.ends_with(".example")), "{mail}");
    }
}

#[test]
fn every_cycle_closes() {
    let world = World::generate(0.2);
    let by_id = |collection: &str| -> BTreeMap<String, Row> {
        world.rows(collection).into_iter().map(|row| (text(&row, "id").to_owned(), row)).collect()
    };
    let (users, accounts, groups) = (by_id("users"), by_id("accounts"), by_id("user-groups"));
    let (memberships, buyers, links) = (by_id("account-users"), by_id("buyers"), by_id("erp-links"));
    let union = |held: &BTreeSet<String>, field: &str| -> BTreeSet<String> {
        held.iter().flat_map(|group| texts(groups[group].get(field))).collect()
    };
    for row in memberships.values() {
        let held = texts(row.get("groups"));
        assert!(!held.is_empty());
        assert_eq!(texts(row.get("modules")), union(&held, "modules"));
        let open = held.iter().any(|group| !groups[group].contains_key("buyers"));
        assert_eq!(row.contains_key("buyers"), !open);
        if !open {
            assert_eq!(texts(row.get("buyers")), union(&held, "buyers"));
        }
        for group in held {
            assert_eq!(text(&groups[&group], "account"), text(row, "account"));
            assert!(texts(groups[&group].get("users")).contains(text(row, "user")));
        }
        assert!(texts(users[text(row, "user")].get("accounts")).contains(text(row, "account")));
    }
    for (id, group) in &groups {
        assert!(texts(accounts[text(group, "account")].get("groups")).contains(id));
        for user in texts(group.get("users")) {
            let member = |row: &&Row| text(row, "user") == user && texts(row.get("groups")).contains(id);
            assert!(memberships.values().any(|row| member(&row)));
        }
        for buyer in texts(group.get("buyers")) {
            assert_eq!(text(&buyers[&buyer], "account"), text(group, "account"));
        }
    }
    for account in accounts.values() {
        let default = |id: &&String| groups[*id]["isDefault"] == json!(true);
        assert_eq!(texts(account.get("groups")).iter().filter(default).count(), 1);
    }
    for (id, buyer) in &buyers {
        let linked =
            links.values().filter(|link| text(link, "buyer") == id).map(|link| text(link, "seller").to_owned());
        assert_eq!(texts(buyer.get("sellers")), linked.collect());
    }
    for licensee in world.rows("licensees") {
        let buyer = &buyers[text(&licensee, "buyer")];
        assert_eq!(text(buyer, "account"), text(&licensee, "account"));
        assert!(texts(buyer.get("sellers")).contains(text(&licensee, "seller")));
    }
    let tokens = by_id("api-tokens");
    for user in users.values() {
        let by = user["audit"]["created"]["by"].as_str().expect("someone");
        assert!(users.contains_key(by) || tokens.contains_key(by));
        if let Some(current) = user.get("currentAccount").and_then(Value::as_str) {
            let active = |row: &Row| {
                text(row, "user") == text(user, "id")
                    && text(row, "account") == current
                    && text(row, "status") == "Active"
            };
            assert!(memberships.values().any(active));
        }
    }
    let known = buyers.values().filter(|row| row["contact"].get("user").is_some()).count();
    assert!(known > 0 && known < buyers.len());
}

#[test]
fn every_documented_status_occurs() {
    let world = World::generate(1.0);
    let found = |collection: &str, field: &str| -> BTreeSet<String> {
        world.rows(collection).iter().map(|row| text(row, field).to_owned()).collect()
    };
    let cases: [(&str, &str, &[&str]); 11] = [
        ("users", "status", &["New", "Invited", "InvitationExpired", "Active", "Blocked", "Disabled", "Deleted"]),
        ("account-users", "status", &["Invited", "InvitationExpired", "Active"]),
        ("accounts", "type", &["Client", "Vendor", "Operations"]),
        ("accounts", "status", &["Active", "Enabled", "Disabled"]),
        ("accounts", "serviceLevel", &["Express", "Elite", "Dsc", "Focus", "Runners", "Strategics", "NotApplicable"]),
        ("buyers", "status", &["Active", "Enabled", "Disabled", "Deleted", "Unassigned", "Conflict", "Mismatch"]),
        ("sellers", "status", &["Active", "Disabled", "Offline", "Deleted"]),
        ("licensees", "status", &["Active", "Enabled", "Disabled", "Deleted"]),
        ("erp-links", "status", &["Active", "Blocked", "Disabled"]),
        ("api-tokens", "status", &["Active", "Disabled", "Deleted"]),
        (
            "cloud-tenants",
            "type",
            &["AwsDirect", "AwsService", "Csp365", "CspAzure", "Ea365", "EaAzure", "Slm", "Virtual"],
        ),
    ];
    for (collection, field, expected) in cases {
        let expected: BTreeSet<String> = expected.iter().map(|&value| value.to_owned()).collect();
        assert_eq!(found(collection, field), expected, "{collection}.{field}");
    }
}

#[tokio::test]
async fn a_walk_over_the_showcase_never_ends() {
    let kit = kit().await;
    let mut id = USER.to_owned();
    for _ in 0..10 {
        let user = kit.get(&format!("users/{id}")).await;
        let account = user["currentAccount"]["id"].as_str().expect("a current account").to_owned();
        let groups = kit.get(&format!("accounts/{account}?select=groups")).await;
        let group = ids(&groups["groups"])[0].to_owned();
        let group = kit.get(&format!("user-groups/{group}")).await;
        let users = ids(&group["users"]);
        assert!(users.contains(&USER) && group["modules"].is_array() && group["buyers"].is_array());
        id = USER.to_owned();
    }
}
