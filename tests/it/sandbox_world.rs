//! The sandbox's world: the same every time, believable, and closed.

use super::sandbox_kit::{Row, SCALE, USER, ids, kit, text, texts};
use accounts_graph_sandbox::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

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
        ("users", "status", &["New", "Invited", "InvitationExpired", "Active", "Blocked", "Disabled"]),
        ("account-users", "status", &["Invited", "InvitationExpired", "Active"]),
        ("accounts", "type", &["Client", "Vendor", "Operations"]),
        ("accounts", "status", &["Active", "Enabled", "Disabled"]),
        ("accounts", "serviceLevel", &["Express", "Elite", "Dsc", "Focus", "Runners", "Strategics", "NotApplicable"]),
        ("buyers", "status", &["Active", "Enabled", "Disabled", "Deleted", "Unassigned", "Conflict", "Mismatch"]),
        ("sellers", "status", &["Active", "Disabled", "Offline", "Deleted"]),
        ("licensees", "status", &["Active", "Enabled", "Disabled", "Deleted"]),
        ("erp-links", "status", &["Active", "Blocked", "Disabled"]),
        ("api-tokens", "status", &["Active", "Disabled"]),
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
