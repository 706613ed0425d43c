//! When the sandbox's data happened.

use super::sandbox_kit::{Row, SCALE, kit_with, text};
use accounts_graph_sandbox::{self as sandbox, Day, Options, World};
use serde_json::Value;
use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

const COLLECTIONS: [&str; 13] = [
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
    "services",
    "extensions",
];

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// Every date in a value.
fn dates(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() == 24 && text.ends_with('Z') && text.as_bytes()[10] == b'T' => {
            found.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| dates(item, found)),
        Value::Object(members) => members.values().for_each(|member| dates(member, found)),
        _ => {}
    }
}

fn dates_of(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for row in COLLECTIONS.iter().flat_map(|collection| world.rows(collection)) {
        dates(&Value::Object(row), &mut found);
    }
    found
}

fn created(row: &Row) -> &str {
    row["audit"]["created"]["at"].as_str().expect("a date")
}

#[test]
fn the_newest_date_is_midnight_of_the_day() {
    for (at, midnight) in [("2027-01-01", "2027-01-01T00:00:00.000Z"), ("2026-02-28", "2026-02-28T00:00:00.000Z")] {
        for scale in [0.01, SCALE, 1.0] {
            let found = dates_of(&World::generate_at(scale, day(at)));
            assert!(found.len() > 200, "{}", found.len());
            assert_eq!(found.iter().max().map(String::as_str), Some(midnight), "{at} {scale}");
        }
    }
    assert!(World::generate(SCALE) == World::generate_at(SCALE, Day::OF_DATA));
}

#[test]
fn another_day_moves_all_dates_and_nothing_else() {
    let (one, other) = (World::generate(SCALE), World::generate_at(SCALE, day("2026-12-02")));
    for collection in COLLECTIONS {
        for (row, moved) in one.rows(collection).iter().zip(other.rows(collection)) {
            let (mut before, mut after) = (Vec::new(), Vec::new());
            dates(&Value::Object(row.clone()), &mut before);
            dates(&Value::Object(moved.clone()), &mut after);
            let (mut before_text, after_text) =
                (Value::Object(row.clone()).to_string(), Value::Object(moved).to_string());
            assert_eq!(before.len(), after.len());
            for (old, new) in before.iter().zip(&after) {
                // Thirty days earlier: compared as the days of the calendar are.
                let days = |date: &str| days_of(&date[..10]);
                assert_eq!((days(old) - days(new), &old[10..]), (30, &new[10..]), "{collection}");
                before_text = before_text.replacen(old, new, 1);
            }
            assert_eq!(before_text, after_text, "{collection}");
        }
    }
}

/// Days since 1970 of a date, by counting.
fn days_of(date: &str) -> i64 {
    let parts: Vec<i64> = date.split('-').map(|part| part.parse().expect("a number")).collect();
    let [year, month, day] = parts[..] else { panic!("no date: {date}") };
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months: i64 = lengths.iter().take(usize::try_from(month - 1).expect("a month")).sum();
    (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum::<i64>() + months + day - 1
}

#[test]
fn some_of_everything_that_people_make_was_created_last_month() {
    let world = World::generate_at(1.0, day("2026-11-30"));
    for collection in ["users", "accounts", "user-groups", "buyers", "licensees", "api-tokens", "account-users"] {
        let rows = world.rows(collection);
        let new = rows.iter().filter(|row| created(row) >= "2026-10-30").count();
        assert!(new > 0 && new < rows.len() / 5, "{new} of {} {collection}", rows.len());
    }
    for row in COLLECTIONS.iter().flat_map(|collection| world.rows(collection)) {
        let updated = row["audit"]["updated"]["at"].as_str().expect("a date");
        assert!(created(&row) <= updated, "{row:?}");
    }
}

#[tokio::test]
async fn without_a_date_the_data_ends_today() {
    let today = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 86_400;
    let before = today();
    let sandbox = sandbox::start(Options { scale: 0.01, ..Options::default() }).await.expect("a free port");
    let newest = dates_of(&sandbox.world()).into_iter().max().expect("a date");
    let found = u64::try_from(days_of(&newest[..10])).expect("after 1970");
    assert!((before..=today()).contains(&found), "{newest}");
    assert!(newest.ends_with("T00:00:00.000Z"), "{newest}");
}

#[tokio::test]
async fn a_file_keeps_the_date_that_it_was_made_with() {
    let folder = std::env::temp_dir().join(format!("accounts-graph-{}-dates", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let options = |date| Options { scale: 0.01, date, file: Some(folder.join("sandbox.db")), ..Options::default() };
    let first = kit_with(options(Some(day("2026-05-04")))).await;
    let world = first.sandbox.world();
    first.sandbox.stop().await;
    let second = kit_with(options(Some(day("2026-06-07")))).await;
    assert!(*second.sandbox.world() == *world);
    let newest = dates_of(&second.sandbox.world()).into_iter().max();
    assert_eq!(newest.as_deref(), Some("2026-05-04T00:00:00.000Z"));
    second.sandbox.stop().await;
    fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
async fn people_of_the_examples_are_active() {
    let kit = kit_with(Options { scale: SCALE, ..Options::default() }).await;
    for id in ["USR-1671-0642", "USR-6375-2499"] {
        let user = kit.get(&format!("users/{id}")).await;
        assert_eq!((&user["status"], &user["currentAccount"]["id"].is_string()), (&"Active".into(), &true), "{id}");
        let member = kit.get(&format!("accounts/ACC-1671-0642/users/{id}?select=audit")).await;
        assert_eq!(member["invitation"]["status"], "Active", "{id}");
        assert!(member["invitation"].get("url").is_none() && member["audit"]["joined"]["at"].is_string(), "{member}");
        let blocked = kit.done(&format!("POST users/{id}/block"), Value::Null).await;
        assert_eq!(blocked["status"], "Blocked", "{id}");
    }
    let invited = kit.row("users", |row| text(row, "id") == super::sandbox_kit::INVITED);
    assert_eq!(text(&invited, "status"), "Invited");
}
