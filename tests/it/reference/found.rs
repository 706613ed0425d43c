//! What the random queries found, each by itself and named after what one saw.

use crate::support::{Kit, MODES, SMALL, kit, kit_of, kit_with, limits};
use accounts_graph_sandbox::{BodyFault, Fault, Generation, Options, Quirks};
use serde_json::json;

/// A gateway over a sandbox that speaks as the API did before version 5.
async fn old_kit() -> Kit {
    let options = Options { scale: SMALL, generation: Generation::September2025, ..Options::default() };
    kit_with(options, limits()).await
}

/// The id of a group of an account that has several, as it stands in a query.
async fn a_group(kit: &Kit) -> String {
    let data = kit.data(r#"{ account(id: "ACC-1671-0642") { groups { nodes { id } } } }"#).await;
    data["account"]["groups"]["nodes"][1]["id"].to_string()
}

#[tokio::test]
async fn currencies_that_come_as_plain_codes_are_answered() {
    let kit = old_kit().await;
    let data = kit.data("{ sellers { nodes { id currencies { value isDefault __typename } } } }").await;
    for row in kit.sandbox.world().rows("sellers") {
        let nodes = data["sellers"]["nodes"].as_array().expect("sellers");
        let seller = nodes.iter().find(|seller| seller["id"] == row["id"]).expect("the seller");
        let codes = row["currencyCodes"].as_array().expect("codes").iter();
        let currency = |code| json!({ "value": code, "isDefault": null, "__typename": "SellerCurrency" });
        assert_eq!(seller["currencies"], codes.map(currency).collect::<serde_json::Value>());
    }
}

#[tokio::test]
async fn users_of_an_account_come_in_the_order_of_their_ids_by_default() {
    let kit = kit().await;
    let query = r#"{ account(id: "ACC-1671-0642") { users { nodes { id } } } }"#;
    let mut ids = kit.data(query).await["account"]["users"]["nodes"].take();
    let ids = ids.as_array_mut().expect("nodes");
    assert!(ids.len() > 3 && ids.is_sorted_by_key(|node| node["id"].to_string()), "{ids:?}");
}

#[tokio::test]
async fn a_filter_that_nothing_passes_counts_zero() {
    let kit = kit().await;
    let count = "totalCount pageInfo { hasPreviousPage }";
    let filters =
        format!("users(filter: {{ or: [] }}) {{ {count} }} modules(filter: {{ id: {{ in: [] }} }}) {{ {count} }}");
    let data = kit.data(&format!("{{ {filters} }}")).await;
    let nothing = json!({ "totalCount": 0, "pageInfo": { "hasPreviousPage": false } });
    assert_eq!(data, json!({ "users": nothing, "modules": nothing }));
}

#[tokio::test]
async fn an_empty_list_has_no_previous_page_however_much_is_left_out() {
    let kit = kit().await;
    let query =
        r#"{ users(filter: { email: { eq: "nobody" } }, offset: 5) { totalCount pageInfo { hasPreviousPage } } }"#;
    let data = kit.data(query).await;
    assert_eq!(data["users"], json!({ "totalCount": 0, "pageInfo": { "hasPreviousPage": false } }));
}

#[tokio::test]
async fn groups_of_an_account_keep_their_order_whatever_else_is_asked_for() {
    let kit = kit().await;
    // With the address the account is read and brings its groups along, without they are listed.
    let group = a_group(&kit).await;
    let list = |more: &str| format!("{{ group(id: {group}) {{ account {{ {more} groups {{ nodes {{ id }} }} }} }} }}");
    let listed = kit.data(&list("")).await;
    let mut brought = kit.data(&list("address { city }")).await;
    let account = brought["group"]["account"].as_object_mut().expect("an account");
    account.remove("address").expect("an address");
    assert_eq!(brought, listed);
}

#[tokio::test]
async fn a_user_is_found_by_an_email_address_in_capitals() {
    let kit = kit().await;
    let email = kit.data("{ users(first: 1) { nodes { id email } } }").await["users"]["nodes"][0].take();
    let capitals = email["email"].as_str().expect("an address").to_uppercase();
    let data = kit.data(&format!("{{ userByEmail(email: \"{capitals}\") {{ id email }} }}")).await;
    assert_eq!(data["userByEmail"], email);
}

#[tokio::test]
async fn a_star_is_no_wildcard_in_an_email_address() {
    let kit = kit().await;
    for email in ["*", "*@*", "will.smith*"] {
        let data = kit.data(&format!("{{ userByEmail(email: \"{email}\") {{ id }} }}")).await;
        assert_eq!(data["userByEmail"], json!(null), "{email}");
        assert_eq!(kit.sandbox.requests()[0].rows, Some(0), "{email}");
        kit.requests();
    }
}

#[tokio::test]
async fn groups_of_a_user_are_there_though_its_memberships_were_listed_before() {
    let kit = kit().await;
    let groups = "groups { nodes { id } } accounts { nodes { id } }";
    // The memberships of the user are listed one round earlier than its groups and accounts are asked for.
    let query = format!(
        r#"{{ user(id: "USR-1671-0642") {{ accountUsers {{ nodes {{ user {{ {groups} }} }} }} }} direct: user(id: "USR-1671-0642") {{ {groups} }} }}"#
    );
    let data = kit.data(&query).await;
    assert_ne!(data["direct"]["groups"], json!([]));
    assert_eq!(data["user"]["accountUsers"]["nodes"][0]["user"], data["direct"]);
    let alone = r#"{ user(id: "USR-1671-0642") { accountUsers { nodes { user { groups { nodes { id } } accounts { nodes { id } } } } } } }"#;
    assert_eq!(kit.data(alone).await["user"]["accountUsers"]["nodes"][0]["user"], data["direct"]);
}

#[tokio::test]
async fn the_page_before_a_cursor_of_another_parent_is_what_comes_before_it_in_the_order() {
    let kit = kit().await;
    let ids = |data: &serde_json::Value| -> Vec<String> {
        let nodes = data["nodes"].as_array().expect("nodes");
        nodes.iter().map(|node| node["id"].to_string()).collect()
    };
    let all = kit.data("{ accounts { nodes { id users(first: 100) { nodes { id } pageInfo { endCursor } } } } }").await;
    let all = all["accounts"]["nodes"].as_array().expect("accounts");
    let longest = all.iter().max_by_key(|account| ids(&account["users"]).len()).expect("an account");
    let end = &longest["users"]["pageInfo"]["endCursor"];
    let of_longest = ids(&longest["users"]);
    let last = of_longest.last().expect("a user");
    let pages = kit.data(&format!("{{ accounts {{ nodes {{ {} }} }} }}", page_of(end))).await;
    for (account, page) in all.iter().zip(pages["accounts"]["nodes"].as_array().expect("accounts")) {
        let mut expected = ids(&account["users"]);
        expected.retain(|id| id < last);
        let start = expected.len().saturating_sub(2);
        assert_eq!(ids(&page["users"]), expected[start..]);
        let alone = kit.data(&format!("{{ account(id: {}) {{ {} }} }}", account["id"], page_of(end))).await;
        assert_eq!(alone["account"]["users"], page["users"]);
        let info = json!({ "hasNextPage": true, "hasPreviousPage": start > 0 });
        assert_eq!(page["users"]["pageInfo"], info);
    }
}

fn page_of(end: &serde_json::Value) -> String {
    format!("users(last: 2, before: {end}) {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage }} }}")
}

#[tokio::test]
async fn each_buyer_of_a_seller_has_its_own_link_to_it() {
    let kit = old_kit().await;
    let query = "{ buyers(first: 100) { nodes {
        id sellers { nodes { id erpLink { id audit { created { at } } buyer { id } seller { id erpLink { id } } } } } } } }";
    let data = kit.data(query).await;
    let mut links = 0;
    for buyer in data["buyers"]["nodes"].as_array().expect("buyers") {
        for seller in buyer["sellers"]["nodes"].as_array().expect("sellers") {
            let link = &seller["erpLink"];
            assert!(link["audit"]["created"]["at"].is_string(), "{link}");
            assert_eq!(link["buyer"]["id"], buyer["id"]);
            assert_eq!(link["seller"], json!({ "id": seller["id"], "erpLink": null }));
            links += 1;
        }
    }
    assert!(links > 10);
}

#[tokio::test]
async fn links_are_there_though_their_sellers_came_for_a_filter_first() {
    let kit = old_kit().await;
    let query = r#"{ buyers(filter: { sellers: { none: { id: { eq: "SEL-0820-3934" } } } }) { nodes {
        id account { buyers { nodes { id sellers { nodes { id erpLink { id buyer { id } } } } } } } } } }"#;
    let data = kit.data(query).await;
    let nodes = data["buyers"]["nodes"].as_array().expect("buyers");
    let buyers = nodes.iter().flat_map(|node| node["account"]["buyers"]["nodes"].as_array().expect("buyers"));
    for buyer in buyers {
        for seller in buyer["sellers"]["nodes"].as_array().expect("sellers") {
            assert_eq!(seller["erpLink"]["buyer"]["id"], buyer["id"]);
        }
    }
}

#[tokio::test]
async fn value_objects_are_whole_though_a_filter_looked_into_them() {
    let kit = kit().await;
    let filter = r#"{ account: { id: { eq: "ACC-1671-0642" } }, groups: { any: { audit: { created: { at: { gt: "2000-01-01T00:00:00Z" } } },
        modules: { any: { settings: { paid: { eq: false } } } } } } }"#;
    let query = format!(
        "{{ accountUsers(first: 3, filter: {filter}) {{ nodes {{ groups {{ nodes {{
            audit {{ created {{ by {{ id }} }} }} modules {{ settings {{ paid default }} }} }} }} }} }} }}"
    );
    let data = kit.data(&query).await;
    let nodes = data["accountUsers"]["nodes"].as_array().expect("memberships");
    for group in nodes.iter().flat_map(|node| node["groups"]["nodes"].as_array().expect("groups")) {
        assert!(group["audit"]["created"]["by"]["id"].is_string(), "{group}");
        for module in group["modules"].as_array().expect("modules") {
            assert!(module["settings"]["default"].is_boolean(), "{module}");
        }
    }
}

#[tokio::test]
async fn groups_that_were_listed_and_brought_along_tell_all_that_is_asked_of_them() {
    let kit = kit().await;
    // In one round the account's groups are listed for one place and come with the account for another.
    let group = a_group(&kit).await;
    let account = "account { groups { nodes { id } } externalName }";
    let query = format!("{{ group(id: {group}) {{ account {{ groups {{ nodes {{ {account} }} }} }} }} }}");
    let data = kit.data(&query).await;
    let account = kit.data(&format!("{{ group(id: {group}) {{ {account} }} }}")).await;
    let groups = data["group"]["account"]["groups"]["nodes"].as_array().expect("groups");
    assert!(groups.len() > 1 && groups.iter().all(|group| *group == account["group"]), "{groups:?}");
}

#[tokio::test]
async fn what_one_place_told_of_an_account_is_known_at_the_others() {
    let kit = kit().await;
    let users = kit.data("{ users { nodes { id } } }").await;
    let mut seen = 0;
    for id in users["users"]["nodes"].as_array().expect("users").iter().map(|user| &user["id"]) {
        // Of the user itself only the account's id is told, of the others its type as well.
        let query = format!(
            "{{ users(filter: {{ id: {{ eq: {id} }} }}) {{ nodes {{ currentAccount {{
                users {{ nodes {{ currentAccount {{ buyers {{ totalCount }} type }} }} }} }} }} }} }}"
        );
        let data = kit.data(&query).await;
        let nodes = data["users"]["nodes"][0]["currentAccount"]["users"]["nodes"].as_array();
        let accounts = nodes.into_iter().flatten().map(|user| &user["currentAccount"]);
        for account in accounts.filter(|account| !account.is_null()) {
            assert!(account["type"].is_string(), "{account}");
            seen += 1;
        }
    }
    assert!(seen > 20);
}

#[tokio::test]
async fn memberships_by_several_ids_are_listed_below_their_accounts() {
    let kit = kit().await;
    let all = kit.data("{ users(first: 20) { nodes { accountUsers { nodes { id } } } } }").await;
    let users = all["users"]["nodes"].as_array().expect("users");
    let mut ids: Vec<_> = users
        .iter()
        .flat_map(|user| user["accountUsers"]["nodes"].as_array().expect("a list"))
        .map(|it| &it["id"])
        .collect();
    assert!(ids.len() > 5);
    let list: serde_json::Value = ids.iter().map(|id| (*id).clone()).collect();
    let data =
        kit.data(&format!("{{ accountUsers(filter: {{id: {{in: {list}}}}}, first: 100) {{ nodes {{ id }} }} }}")).await;
    ids.sort_by_key(ToString::to_string);
    let found: Vec<_> =
        data["accountUsers"]["nodes"].as_array().expect("nodes").iter().map(|node| &node["id"]).collect();
    assert_eq!(found, ids);
}

#[tokio::test]
async fn members_of_several_accounts_come_in_no_order_that_begins_with_users() {
    let kit = kit().await;
    let list = |order: &str| {
        format!(
            r#"{{ accountUsers(filter: {{account: {{id: {{in: ["ACC-1671-0642", "ACC-0000-0001"]}}}}}}, orderBy: {order}) {{
            nodes {{ id }} }} }}"#
        )
    };
    let answer = kit.query(&list("{field: USER_ID}")).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    let usual = kit.data(&list("[]")).await;
    assert_eq!(kit.data(&list("[{field: ID}, {field: USER_NAME, direction: DESC}]")).await, usual);
}

#[tokio::test]
async fn favourites_are_told_whichever_list_led_to_the_memberships() {
    for mode in [MODES[0], MODES[3]] {
        let kit = kit_of(mode, Quirks::default()).await;
        let group = a_group(&kit).await;
        // Memberships and marks are asked for at the same time, and either may come first.
        for seed in 0..6 {
            kit.random_latency(seed);
            let query = format!("{{ group(id: {group}) {{ accountUsers {{ nodes {{ id favorite }} }} }} }}");
            let data = kit.data(&query).await;
            let nodes = data["group"]["accountUsers"]["nodes"].as_array().expect("nodes");
            assert!(!nodes.is_empty() && nodes.iter().all(|node| node["favorite"].is_boolean()), "{mode:?}: {nodes:?}");
        }
    }
}

#[tokio::test]
async fn nobody_is_asked_for_members_that_nothing_can_be() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let data = kit
            .data("{ groups(first: 3) { nodes { accountUsers(filter: {or: []}) { totalCount nodes { id } } } } }")
            .await;
        let nothing = json!({ "accountUsers": { "totalCount": 0, "nodes": [] } });
        assert_eq!(data["groups"]["nodes"], json!([nothing, nothing, nothing]), "{mode:?}");
        assert_eq!(kit.requests().len(), 1, "{mode:?}");
    }
}

#[tokio::test]
async fn groups_of_a_membership_come_in_the_order_of_their_ids_whatever_tells_them() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let mut several = 0;
        for more in ["", "audit { created { at } }"] {
            let data = kit
                .data(&format!("{{ users(first: 50) {{ nodes {{ accountUsers {{ nodes {{ groups {{ nodes {{ id }} }} {more} }} }} }} }} }}"))
                .await;
            let users = data["users"]["nodes"].as_array().expect("users").iter();
            for membership in users.flat_map(|user| user["accountUsers"]["nodes"].as_array().expect("memberships")) {
                let groups = membership["groups"]["nodes"].as_array().expect("groups");
                assert!(groups.is_sorted_by_key(|group| group["id"].to_string()), "{mode:?} {more}: {groups:?}");
                several += usize::from(groups.len() > 1);
            }
        }
        assert!(several > 10);
    }
}

#[tokio::test]
async fn how_a_membership_stands_is_told_by_its_invitation_where_rows_are_users() {
    let kit = kit().await;
    let wanted = "user { id } status invitation { status }";
    let account = |list: &str| {
        format!(r#"{{ account(id: "ACC-1671-0642") {{ accountUsers({list}) {{ nodes {{ {wanted} }} }} }} }}"#)
    };
    let data = kit.data(&account("first: 100")).await;
    let nodes = data["account"]["accountUsers"]["nodes"].as_array().expect("nodes");
    assert!(nodes.iter().all(|node| node["status"] == node["invitation"]["status"]), "{nodes:?}");
    let invited: Vec<_> = nodes.iter().filter(|node| node["status"] == "INVITED").collect();
    assert!(!invited.is_empty() && invited.len() < nodes.len());
    let found = kit.data(&account("first: 100, filter: {status: {eq: INVITED}}")).await;
    assert_eq!(
        found["account"]["accountUsers"]["nodes"].as_array().expect("nodes").iter().collect::<Vec<_>>(),
        invited
    );
    // The list below a user tells it as well.
    let user = &invited[0]["user"]["id"];
    kit.requests();
    kit.data(&format!("{{ user(id: {user}) {{ accountUsers {{ nodes {{ status }} }} }} }}")).await;
    let requests = kit.requests();
    assert!(requests.iter().all(|line| !line.contains("/accounts/accounts/")), "{requests:?}");
}

#[tokio::test]
async fn a_404_that_breaks_off_denies_neither_the_row_nor_the_route() {
    let kit = kit().await;
    kit.faults(vec![Fault { path: Some("/licensees/".into()), body: Some(BodyFault::Cut), ..Fault::default() }]);
    let query = r#"{ licensee(id: "LCE-0000-7358") { id } }"#;
    let answer = kit.query(query).await;
    assert_eq!(answer["data"], json!({ "licensee": null }));
    assert_eq!(answer["errors"][0]["path"], json!(["licensee"]), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE", "{answer}");
    kit.faults(vec![]);
    assert_eq!(kit.data(query).await, json!({ "licensee": null }));
}
