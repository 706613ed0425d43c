//! The sandbox's query language, pages and orders.

use super::sandbox_kit::{ACCOUNT, GROUP, Row, SCALE, USER, ids, kit, kit_with, text, texts};
use accounts_graph_sandbox::{Generation, Options};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

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
            "any(settings.optOuts.objectTypes,self()=\"Order\")",
            Box::new(|row| texts(row["settings"]["optOuts"].get("objectTypes")).contains("Order")),
        ),
        (
            "any(settings.optOuts.objectTypes,in(self(),(\"Order\",\"Invoice\")))",
            Box::new(|row| {
                let types = texts(row["settings"]["optOuts"].get("objectTypes"));
                types.contains("Order") || types.contains("Invoice")
            }),
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

    // In v5 no seller tells of its link, so nothing is found by it.
    let filter = "any(sellers,and(eq(status,'Active'),eq(erpLink.status,'Blocked')))";
    assert_eq!(kit.total("buyers", filter).await, 0);
    let kit = kit_with(Options { scale: SCALE, generation: Generation::September2025, ..Options::default() }).await;
    let links = kit.rows("erp-links");
    let sellers: BTreeMap<String, String> =
        kit.rows("sellers").iter().map(|row| (text(row, "id").into(), text(row, "status").into())).collect();
    let blocked: BTreeSet<&str> = links
        .iter()
        .filter(|link| text(link, "status") == "Blocked" && sellers[text(link, "seller")] == "Active")
        .map(|link| text(link, "buyer"))
        .collect();
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
    let active = |row: &&Row| groups(row).contains(one) || row["invitation"]["status"] == "Active";
    let mixed = format!("or({},invitation.status=\"Active\")", any(one));
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
        ("not(eq(name,\"a\"", "Expression expected."),
        ("eq(name,\"a)", "Expression expected."),
        ("eq(name)", "Expression expected."),
        ("all(accounts)", "Expression expected."),
        ("eq(nothing,\"a\")", "Invalid property path."),
        ("foo=\"bar\"", "Invalid property path."),
        ("eq(accounts.id,\"a\")", "Invalid property path."),
        ("in(id,())", "Value has to be a non empty array."),
        ("in(id,)", "Value has to be a non empty array."),
        ("eq(revision,null())", "Cannot convert value: 'null()'."),
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
