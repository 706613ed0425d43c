//! What the sandbox shows of an object: default projections, `select`, and what a filter pulls in.

use super::sandbox_kit::{ACCOUNT, GROUP, USER, ids, keys, kit, set, text, texts};
use accounts_graph_sandbox::{Fault, Quirks, Refusal, Touched};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[tokio::test]
async fn lists_leave_collections_out_and_single_reads_do_not() {
    let kit = kit().await;
    let list = kit.get(&format!("user-groups?in(id,(\"{GROUP}\"))")).await;
    let omitted = json!(["modules", "users", "buyers", "extensions", "audit"]);
    assert_eq!(list["$meta"]["omitted"], omitted);
    let row = &list["data"][0];
    assert_eq!(row["$meta"]["omitted"], omitted);
    assert_eq!(keys(&row["account"]), set(["id", "revision", "name", "icon", "type", "status"]));
    assert!(row.get("modules").is_none() && row["isDefault"] == json!(true));

    let single = kit.get(&format!("user-groups/{GROUP}")).await;
    assert_eq!(single["$meta"]["omitted"], json!(["audit"]));
    assert!(keys(&single["users"][0]).is_subset(&set(["id", "revision", "name", "icon"])));
    let module = ["id", "revision", "name", "description", "settings"];
    let scoped = |module: &Value| module.get("filters").is_some();
    let modules = single["modules"].as_array().expect("modules");
    let (with, without) = (modules.iter().find(|row| scoped(row)), modules.iter().find(|row| !scoped(row)));
    let mut found = keys(with.expect("one that knows scopes of buyers"));
    assert!(found.remove("filters"));
    assert_eq!((found, keys(without.expect("one that does not"))), (set(module), set(module)));
    assert_eq!(with.expect("one")["filters"], json!({ "group.buyers": ["selected", "all"] }));
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
    assert_eq!(seller["$meta"]["omitted"], json!(["currencies", "buyers"]));
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
async fn touched_members_come_without_the_ids_of_what_they_belong_to_at_any_depth() {
    let kit = kit().await;
    let limit = "select=-*,id&limit=1";
    let cases = [
        // A collection in a collection, a reference in a collection, and each of them behind a reference.
        (r#"account-users?any(groups,any(modules,ne(name,"x")))"#, "/groups/0/modules/0", &["name"][..]),
        (r#"account-users?any(groups,ne(account.name,"x"))"#, "/groups/0/account", &["name"]),
        (r#"users?any(currentAccount.groups,ne(name,"x"))"#, "/currentAccount/groups/0", &["name"]),
        (r#"licensees?ne(buyer.account.name,"x")"#, "/buyer/account", &["name"]),
        // Value objects, and what lies behind them.
        (r#"user-groups?ne(account.address.city,"x")"#, "/account/address", &["city"]),
        (r#"user-groups?any(modules,ne(audit.created.by.name,"x"))"#, "/modules/0/audit/created/by", &["name"]),
    ];
    for (path, at, members) in cases {
        for (touched, with_id) in [(Touched::Bare, false), (Touched::Named, !at.ends_with("address"))] {
            kit.sandbox.set_quirks(Quirks { touched, ..Quirks::default() });
            let body = kit.get(&format!("{path}&{limit}")).await;
            let row = &body["data"][0];
            let found = row.pointer(at).unwrap_or_else(|| panic!("{path}: {row}"));
            let expected = members.iter().chain(with_id.then_some(&"id")).copied().collect();
            assert_eq!(keys(found), expected, "{path} {touched:?}");
        }
    }
    // An order touches as a filter does, and what is selected beside is shown as well.
    kit.sandbox.set_quirks(Quirks::default());
    let body = kit.get("licensees?select=-*,id,buyer.id&order=buyer.account.name&limit=1").await;
    let buyer = &body["data"][0]["buyer"];
    assert_eq!((keys(buyer), keys(&buyer["account"])), (set(["id", "account"]), set(["name"])), "{buyer}");
    // A collection of which nothing but its existence matters shows nothing of its elements.
    let body = kit.get("user-groups?any(users)&select=-*,id&limit=1").await;
    assert!(body["data"][0]["users"].as_array().is_some_and(|users| users.iter().all(|user| *user == json!({}))));
    // Where nothing may be selected of nested objects, they show what is touched beside their reduced form.
    kit.sandbox.set_faults(vec![Fault { refuse: Some(Refusal::NestedSelectSilently), ..Fault::default() }]);
    let body = kit.get(r#"user-groups?ne(account.website,"x")&select=-*,id,account.address&limit=1"#).await;
    let account = keys(&body["data"][0]["account"]);
    assert!(account.contains("website") && account.contains("type") && !account.contains("address"), "{account:?}");
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
    assert_eq!(keys(&body), set(documented));
    assert_eq!(keys(&body["user"]), set(["id", "name", "icon", "revision"]));
    assert_eq!(keys(&body["account"]), set(["id", "name", "icon", "revision", "type", "status"]));
    assert!(keys(&body["modules"][0]).is_superset(&set(["id", "name", "revision", "description", "settings"])));
    assert_eq!(
        keys(&body["modules"][0]["settings"]),
        set(["configurable", "default", "paid", "type", "obsolete", "sharedAccount", "eligibility"])
    );
    assert!(keys(&body["audit"]["created"]["by"]).is_superset(&set(["id", "name", "revision"])));
    assert!(keys(&body["audit"]).is_superset(&set(["created", "updated", "invitationAcceptedAt", "access", "joined"])));
}
