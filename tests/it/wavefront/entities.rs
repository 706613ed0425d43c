//! What routers refer to in Wavefront's part of the graph.

use super::{UNKNOWN, WILL, search, stub, world, world_of};
use crate::federation::error;
use serde_json::{Value, json};

fn of(kind: &str, id: &str) -> Value {
    json!({ "__typename": kind, "id": id })
}

#[tokio::test]
async fn all_of_a_type_are_one_search_and_what_is_wrong_is_null_at_its_index() {
    let world = world().await;
    let [accounts, groups, roles] = world.ids();
    let query = "query($representations: [_Any!]!) {
    _entities(representations: $representations) {
        __typename
        ... on WavefrontAccount { id unitedPermissions }
        ... on WavefrontUserGroup { name }
        ... on WavefrontRole { name }
    }
}";
    let other = accounts.iter().find(|id| *id != WILL).expect("another account");
    let representations = json!([
        of("WavefrontAccount", WILL),
        of("WavefrontRole", &roles[0]),
        of("WavefrontAccount", "nobody"),
        of("WavefrontUserGroup", &groups[0]),
        of("WavefrontRole", UNKNOWN),
        of("WavefrontAccount", other),
        of("WavefrontUserGroup", "USR-1671-0642"),
        of("WavefrontRole", &roles[1]),
        of("WavefrontUserGroup", &groups[1]),
        of("WavefrontAccount", "nobody@example.com"),
        of("WavefrontAccount", &WILL.to_uppercase()),
        json!({ "__typename": "WavefrontRole", "name": "x" }),
    ]);
    let answer = world.answer(query, json!({ "representations": representations })).await;
    let no_id = |kind: &str, form: &str| format!("The representation has something else than an id of {kind}: {form}.");
    let missing = |kind: &str| format!("There is no {kind} with this key, or the caller may not see it.");
    let errors = json!([
        error(&no_id("WavefrontAccount", "an e-mail address, or sa:: and a name"), 2, "BAD_USER_INPUT"),
        error(&missing("WavefrontRole"), 4, "NOT_FOUND"),
        error(&no_id("WavefrontUserGroup", "a UUID"), 6, "BAD_USER_INPUT"),
        error(&missing("WavefrontAccount"), 9, "NOT_FOUND"),
        error("The representation must have a key of WavefrontRole: { id }.", 11, "BAD_USER_INPUT"),
    ]);
    assert_eq!(answer["errors"], errors, "{answer}");
    let mut wanted = [WILL.to_uppercase(), WILL.to_owned(), other.clone(), "nobody@example.com".to_owned()];
    wanted.sort_unstable();
    let sorted = |ids: &[&str]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        search("id", &ids, "EXACT")
    };
    assert_eq!(
        world.requests(),
        [
            format!(
                "POST /api/v2/search/account {}",
                search("id", &wanted.iter().map(String::as_str).collect::<Vec<_>>(), "EXACT")
            ),
            format!("POST /api/v2/search/role {}", sorted(&[&roles[0], &roles[1], UNKNOWN])),
            format!("POST /api/v2/search/usergroup {}", sorted(&[&groups[0], &groups[1]])),
        ]
    );
    let entities = answer["data"]["_entities"].as_array().expect("a list");
    for (place, told) in [(1, format!("role/{}", roles[0])), (3, format!("usergroup/{}", groups[0]))] {
        assert_eq!(entities[place]["name"], world.rest(&told).await["name"]);
    }
    let told = world.rest(&format!("account/{WILL}")).await;
    assert_eq!(entities[0]["unitedPermissions"], told["unitedPermissions"]);
    // Of an address the case does not matter, and the router finds it as it wrote it.
    assert_eq!(entities[10]["id"], json!(WILL.to_uppercase()));
    assert_eq!(entities[10]["unitedPermissions"], told["unitedPermissions"]);
    assert!([2, 4, 6, 9, 11].iter().all(|place| entities[*place].is_null()), "{answer}");
}

#[tokio::test]
async fn keys_alone_cost_nothing_and_what_hangs_on_them_is_one_search_a_list() {
    let world = world().await;
    let [_, groups, roles] = world.ids();
    let query = "query($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on WavefrontAccount { __typename id }
        ... on WavefrontRole { id }
    } }";
    let representations = [of("WavefrontAccount", "anybody@example.com"), of("WavefrontRole", UNKNOWN)];
    let data = world.data(query, json!({ "representations": representations })).await;
    let account = json!({ "__typename": "WavefrontAccount", "id": "anybody@example.com" });
    assert_eq!(data, json!({ "_entities": [account, { "id": UNKNOWN }] }));
    assert_eq!(world.requests(), [""; 0]);

    let query = "query($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on WavefrontAccount { user { email } }
        ... on WavefrontUserGroup { users { nodes { id } } }
        ... on WavefrontRole { linkedGroups { nodes { id } } }
    } }";
    let mut ids = [groups[0].as_str(), groups[1].as_str()];
    ids.sort_unstable();
    let representations = [
        of("WavefrontUserGroup", ids[0]),
        of("WavefrontAccount", WILL),
        of("WavefrontRole", &roles[0]),
        of("WavefrontUserGroup", ids[1]),
    ];
    let data = world.data(query, json!({ "representations": representations })).await;
    assert_eq!(data["_entities"][1], json!({ "user": { "email": WILL } }));
    assert!(
        data["_entities"][0]["users"]["nodes"].is_array() && data["_entities"][2]["linkedGroups"]["nodes"].is_array(),
        "{data}"
    );
    assert_eq!(
        world.requests(),
        [
            format!("GET /accounts/users?ilike(email,\"{WILL}\")&select=-*,id,email&order=id&limit=100"),
            "GET /api/v2/usergroup?offset=0&limit=999".to_owned(),
            format!("POST /api/v2/search/account {}", search("userGroups", &ids, "CONTAINS")),
        ]
    );
}

#[tokio::test]
async fn more_than_a_hundred_are_a_search_for_each_hundred() {
    let world = world_of(0.5).await;
    let [accounts, groups, _] = world.ids();
    assert!(accounts.len() > 200, "{} accounts", accounts.len());
    let some = accounts.iter().take(250).map(|id| of("WavefrontAccount", id));
    let mixed: Vec<Value> = some.flat_map(|account| [account, of("WavefrontUserGroup", &groups[0])]).collect();
    let query = "query($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on WavefrontAccount { unitedPermissions }
        ... on WavefrontUserGroup { name }
    } }";
    let data = world.data(query, json!({ "representations": mixed })).await;
    let entities = data["_entities"].as_array().expect("a list");
    assert_eq!(entities.len(), mixed.len());
    assert!(entities.iter().step_by(2).all(|account| account["unitedPermissions"].is_array()));
    assert!(entities.iter().skip(1).step_by(2).all(|group| group["name"].is_string()));
    let requests = world.requests();
    let (one, searches) = requests.split_first().expect("requests");
    assert_eq!(*one, format!("GET /api/v2/usergroup/{}", groups[0]));
    let wanted = (mixed.len() / 2).div_ceil(100);
    assert_eq!(
        (searches.len(), searches.iter().all(|line| line.starts_with("POST /api/v2/search/account "))),
        (wanted, true)
    );
}

#[tokio::test]
async fn without_wavefront_each_is_an_error_at_its_index() {
    let accounts = stub(|_| (500, String::new())).await;
    let gateway = super::gateway(&accounts.base, None, None).await;
    let query = "query($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on WavefrontRole { name } ... on WavefrontAccount { id } }
}";
    let representations = [of("WavefrontRole", UNKNOWN), of("WavefrontAccount", WILL)];
    let answer = gateway.send(query, json!({ "representations": representations }), &[]).await;
    let message = "There is no Wavefront behind this gateway: it was started without --wavefront.";
    let expected = json!({
        "errors": [error(message, 0, "NOT_CONFIGURED")],
        "data": { "_entities": [null, { "id": WILL }] }
    });
    assert_eq!(answer, expected);
    assert_eq!(accounts.lines(), [""; 0]);
}
