//! How few requests a query takes, and that the list is a function of query and data, never of timing.

use super::support::{Kit, SMALL, kit_with, limits};
use accounts_graph::graph::engine::Limits;
use accounts_graph_sandbox::{Generation, Options};
use serde_json::Value;

/// Runs a query at several random latencies: answer and requests must always be the same. Returns both.
async fn steady(kit: &Kit, query: &str) -> (Value, Vec<String>) {
    kit.faults(vec![]);
    kit.requests();
    let first = (kit.data(query).await, kit.requests());
    for seed in 0..4 {
        kit.random_latency(seed);
        let again = (kit.data(query).await, kit.requests());
        assert_eq!(again, first, "{query} at the latencies of seed {seed}");
    }
    first
}

/// Requests with their lists of ids cut to how many there are, so that a line says what matters.
fn brief(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| brief_line(line)).collect()
}

fn brief_line(line: &str) -> String {
    let Some((head, rest)) = line.split_once(",(\"") else { return line.to_owned() };
    let Some((ids, tail)) = rest.split_once("\")") else { return line.to_owned() };
    format!("{head},({}){tail}", ids.split("\",\"").count())
}

async fn assert_requests(query: &str, expected: &[&str]) -> Value {
    assert_requests_of(Generation::V5, query, expected).await
}

/// The same on a host of a generation.
async fn assert_requests_of(generation: Generation, query: &str, expected: &[&str]) -> Value {
    let kit = kit_with(Options { scale: SMALL, generation, ..Options::default() }, limits()).await;
    let (answer, lines) = steady(&kit, query).await;
    assert_eq!(brief(&lines), expected, "{query}");
    answer
}

/// The same where nothing is asked together with what embeds it.
async fn assert_requests_one_by_one(query: &str, expected: &[&str]) -> Value {
    let apart = Limits { nested_select: false, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, apart).await;
    let (answer, lines) = steady(&kit, query).await;
    assert_eq!(brief(&lines), expected, "{query}");
    answer
}

#[tokio::test]
async fn a_user_by_id_with_core_fields_takes_one_request() {
    let answer = assert_requests(
        r#"{ user(id: "USR-1671-0642") { id name email status icon revision } }"#,
        &["GET /accounts/users/USR-1671-0642?select=-*,id,name,icon,status,email,revision"],
    )
    .await;
    let user = &answer["user"];
    assert_eq!(user["name"], "Will Smith");
    assert_eq!(user["email"], "will.smith@example.com");
    assert_eq!(user["status"], "ACTIVE");
}

#[tokio::test]
async fn a_page_of_users_with_scalars_takes_one_request() {
    let answer = assert_requests(
        "{ users(first: 100) { totalCount nodes { id name email firstName lastName settings { cultureCode } phone { number } } } }",
        &["GET /accounts/users?select=-*,id,name,email,firstName,lastName,phone,settings&order=id&limit=100"],
    )
    .await;
    assert_eq!(answer["users"]["nodes"].as_array().unwrap().len(), 100);
    assert_eq!(answer["users"]["totalCount"], 100);
}

#[tokio::test]
async fn fifty_accounts_with_groups_and_modules_take_one_request() {
    let query = "{ accounts(first: 50) { nodes { name groups { nodes { modules { name } } } } } }";
    let answer = assert_requests(
        query,
        &[
            "GET /accounts/accounts?select=-*,id,name,groups.id,groups.modules.id,groups.modules.name&order=id&limit=50",
            // This one has no modules, and what is empty is left out: in a reference that may also mean that nobody looked.
            "GET /accounts/user-groups/UGR-3259-8993?select=-*,id,modules.id,modules.name",
        ],
    )
    .await;
    let apart = assert_requests_one_by_one(
        query,
        &[
            "GET /accounts/accounts?select=-*,id,name,groups.id&order=id&limit=50",
            "GET /accounts/user-groups?in(id,(49))&select=-*,id,modules.id,modules.name&order=id&limit=100",
        ],
    )
    .await;
    assert_eq!(answer, apart);
}

#[tokio::test]
async fn a_cycle_through_users_accounts_and_groups_takes_three_requests() {
    assert_requests(
        "{ users(first: 20) { nodes { currentAccount { groups { nodes { users { nodes { currentAccount { name } } } } } } } } }",
        &[
            "GET /accounts/user-groups?in(account.id,(7))&select=-*,id,account.id,users.id&order=id&limit=100",
            "GET /accounts/users?in(id,(59))&select=-*,id,currentAccount.id,currentAccount.name&order=id&limit=100",
            "GET /accounts/users?select=-*,id,currentAccount.id&order=id&limit=20",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_hundred_buyers_with_account_and_sellers_take_one_request() {
    assert_requests(
        "{ buyers(first: 100) { nodes { account { name type } sellers { nodes { name } } } } }",
        &["GET /accounts/buyers?select=-*,id,account.id,account.name,account.type,sellers.id,sellers.name&order=id&limit=100"],
    )
    .await;
}

#[tokio::test]
async fn an_entity_reached_by_three_paths_is_never_asked_by_id_twice_for_a_field() {
    let query = r#"{
        account(id: "ACC-1671-0642") { website }
        user(id: "USR-6375-2499") { accountUsers { nodes { account { website description } } } }
        group(id: "UGR-5116-6265") { account { externalId website } }
    }"#;
    for (generation, members) in [
        (
            Generation::V5,
            "GET /accounts/user-groups?any(users,in(id,(1)))&select=-*,id,account.id,users.id&order=id&limit=100",
        ),
        (
            Generation::September2025,
            "GET /accounts/account-users?in(user.id,(1))&select=-*,id,user.id,account.id&order=account.id,user.id&limit=100",
        ),
    ] {
        let mut expected = [
            // The group told the rest: only what it left out, perhaps because it is null, is asked.
            "GET /accounts/accounts/ACC-1671-0642?select=-*,id,description",
            "GET /accounts/accounts/ACC-1671-0642?select=-*,id,website",
            "GET /accounts/user-groups/UGR-5116-6265?select=-*,id,account.id,account.website,account.externalId",
            members,
            "GET /accounts/users/USR-6375-2499?select=-*,id",
        ];
        expected.sort_unstable();
        assert_requests_of(generation, query, &expected).await;
    }
}

#[tokio::test]
async fn one_request_a_kind_and_level_unites_the_fields_even_where_one_entity_told_some_of_them() {
    assert_requests_one_by_one(
        r#"{
            account(id: "ACC-1671-0642") { website }
            user(id: "USR-1671-0642") { currentAccount { description externalId } accountUsers { nodes { account { website description } } } }
            group(id: "UGR-5116-6265") { account { externalId website } }
        }"#,
        &[
            // The first round asks the account for what its root field wants, the second for what the others lack.
            "GET /accounts/accounts/ACC-1671-0642?select=-*,id,website",
            "GET /accounts/accounts?in(id,(2))&select=-*,id,description,website,externalId&order=id&limit=100",
            "GET /accounts/user-groups/UGR-5116-6265?select=-*,id,account.id",
            "GET /accounts/user-groups?any(users,in(id,(1)))&select=-*,id,account.id,users.id&order=id&limit=100",
            "GET /accounts/users/USR-1671-0642?select=-*,id,currentAccount.id",
        ],
    )
    .await;
}

#[tokio::test]
async fn references_that_hold_everything_take_no_further_request() {
    assert_requests(
        "{ groups(first: 50) { nodes { name isDefault account { id name type status icon } } } }",
        &[concat!(
            "GET /accounts/user-groups?select=-*,id,name,isDefault,account.id,account.name,account.icon,account.type,",
            "account.status&order=id&limit=50"
        )],
    )
    .await;
}

#[tokio::test]
async fn six_levels_that_return_to_the_same_entities_take_one_request_a_type_and_level() {
    let answer = assert_requests(
        r#"{ user(id: "USR-1671-0642") { currentAccount { groups { nodes { users { nodes { currentAccount { groups { nodes { users { nodes { name email } } } } } } } } } } } }"#,
        &[
            "GET /accounts/user-groups?in(account.id,(1))&select=-*,id,account.id,users.id,users.currentAccount.id&order=id&limit=100",
            "GET /accounts/user-groups?in(account.id,(3))&select=-*,id,account.id,users.id,users.name,users.email&order=id&limit=100",
            "GET /accounts/users/USR-1671-0642?select=-*,id,currentAccount.id",
            // Those without a current account: what is left out is not told to be null.
            "GET /accounts/users?in(id,(25))&select=-*,id,name,email,currentAccount.id&order=id&limit=100",
        ],
    )
    .await;
    let users = &answer["user"]["currentAccount"]["groups"]["nodes"][0]["users"]["nodes"];
    assert_eq!(
        users[0]["currentAccount"]["groups"]["nodes"][0]["users"]["nodes"][0]["name"],
        users[0]["currentAccount"]["groups"]["nodes"][0]["users"]["nodes"][0]["name"]
    );
}

#[tokio::test]
async fn a_count_alone_takes_one_row_and_beside_rows_nothing() {
    assert_requests(
        "{ users { totalCount } buyers(first: 1) { totalCount nodes { name } } }",
        &[
            "GET /accounts/buyers?select=-*,id,name&order=id&limit=1",
            "GET /accounts/users?select=-*,id&order=id&limit=1",
        ],
    )
    .await;
}

#[tokio::test]
async fn the_same_user_by_several_root_fields_is_one_request() {
    let answer = assert_requests(
        r#"{
            a: user(id: "USR-1671-0642") { name }
            b: node(id: "USR-1671-0642") { ... on User { email } }
            c: nodes(ids: ["USR-6375-2499", "USR-0000-9999", "USR-1671-0642", "text"]) { id ... on User { name } }
        }"#,
        &[
            // Nobody has this id, or somebody who is deleted and in no list.
            "GET /accounts/users/USR-0000-9999?select=-*,id,name,email",
            "GET /accounts/users?in(id,(3))&select=-*,id,name,email&order=id&limit=100",
        ],
    )
    .await;
    let expected = serde_json::json!({
        "a": { "name": "Will Smith" },
        "b": { "email": "will.smith@example.com" },
        "c": [
            { "id": "USR-6375-2499", "name": "John Smith" },
            null,
            { "id": "USR-1671-0642", "name": "Will Smith" },
            null,
        ],
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn users_by_e_mail_in_any_case_are_asked_together() {
    let answer = assert_requests(
        r#"{ a: userByEmail(email: "Will.Smith@example.com") { id } b: userByEmail(email: "nobody@example.com") { id } }"#,
        &[concat!(
            r#"GET /accounts/users?or(ilike(email,"Will.Smith@example.com"),ilike(email,"nobody@example.com"))"#,
            "&select=-*,id,email&order=id&limit=100"
        )],
    )
    .await;
    assert_eq!(answer, serde_json::json!({ "a": { "id": "USR-1671-0642" }, "b": null }));
}

#[tokio::test]
async fn pages_of_many_parents_are_one_batched_page_when_the_rows_fit() {
    let query =
        "{ accounts(first: 5) { nodes { users(first: 2) { totalCount nodes { email } } buyers { totalCount } } } }";
    let answer = assert_requests_of(
        Generation::September2025,
        query,
        &[
            "GET /accounts/account-users?in(account.id,(5))&select=-*,id,user.id,user.email,account.id&order=user.id,account.id&limit=100",
            "GET /accounts/accounts?select=-*,id&order=id&limit=5",
            "GET /accounts/buyers?in(account.id,(5))&select=-*,id,account.id&order=id&limit=100",
        ],
    )
    .await;
    assert_eq!(answer["accounts"]["nodes"][0]["users"]["nodes"].as_array().unwrap().len(), 2);
    // Without the flat collection only the account's own list tells more of its members than their names.
    let of = |account: &str| {
        format!("GET /accounts/accounts/ACC-{account}/users?select=-*,id,email,account.id&order=id&limit=2")
    };
    let lists = ["0000-0001", "0000-0002", "1671-0642", "2769-5363", "2966-1610"].map(of);
    let mut expected: Vec<&str> = lists.iter().map(String::as_str).collect();
    expected.extend([
        "GET /accounts/accounts?select=-*,id&order=id&limit=5",
        "GET /accounts/buyers?in(account.id,(5))&select=-*,id,account.id&order=id&limit=100",
    ]);
    assert_eq!(assert_requests(query, &expected).await, answer);
    let named = assert_requests(
        "{ accounts(first: 5) { nodes { users(first: 2) { totalCount nodes { name } } } } }",
        &[
            "GET /accounts/accounts?select=-*,id&order=id&limit=5",
            "GET /accounts/user-groups?in(account.id,(5))&select=-*,id,account.id,users.id,users.name&order=id&limit=100",
        ],
    )
    .await;
    assert_eq!(
        named["accounts"]["nodes"][0]["users"]["totalCount"],
        answer["accounts"]["nodes"][0]["users"]["totalCount"]
    );
}

#[tokio::test]
async fn modules_are_asked_through_the_group_that_holds_them() {
    assert_requests(
        r#"{ group(id: "UGR-5116-6265") { users { nodes { name } } modules { code name groups(first: 2) { nodes { name } totalCount } } buyers { nodes { name status } } } }"#,
        &[
            concat!(
                "GET /accounts/user-groups/UGR-5116-6265?select=-*,id,users.id,users.name,modules.id,modules.name,modules.code,",
                "buyers.id,buyers.name,buyers.status"
            ),
            "GET /accounts/user-groups?any(modules,in(id,(15)))&select=-*,id,name,modules.id&order=id&limit=100",
        ],
    )
    .await;
}

#[tokio::test]
async fn more_than_a_hundred_ids_leave_in_chunks_of_one_round() {
    let options = Options { scale: 0.3, ..Options::default() };
    let kit = kit_with(options, Limits { nested_select: false, ..limits() }).await;
    let query = "{ accounts(first: 60) { nodes { groups { nodes { users { nodes { name } } } } } } }";
    let (_, lines) = steady(&kit, query).await;
    let groups: Vec<_> = brief(&lines).into_iter().filter(|line| line.contains("/user-groups?")).collect();
    assert!(groups.len() > 1, "{groups:#?}");
    let full = "GET /accounts/user-groups?in(id,(100))&select=-*,id,users.id,users.name&order=id&limit=100";
    assert_eq!(groups.iter().filter(|line| *line == full).count(), groups.len() - 1, "{groups:#?}");
}
