//! Reading Wavefront: every field, every edge, and the fewest requests for them.

use super::{WILL, World, search, world, world_of};
use serde_json::{Value, json};

fn millis(moment: &Value) -> Value {
    let Some(millis) = moment.as_u64() else { return Value::Null };
    let moment = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(millis);
    humantime::format_rfc3339_millis(moment).to_string().into()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item.as_str().expect("a text")).collect()
}

fn ids(list: &Value) -> Vec<&str> {
    list["nodes"].as_array().expect("a list").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

/// The objects of a list in the order of their ids.
fn by_id(list: &Value) -> Vec<Value> {
    let mut list = list.as_array().expect("a list").clone();
    list.sort_by_key(|one| one["id"].to_string());
    list
}

/// Everything of one account, told by REST in four places.
#[tokio::test]
async fn an_account_has_every_property_and_its_person() {
    let world = world().await;
    let model = world.rest(&format!("account/user/{WILL}")).await;
    let flat = world.rest(&format!("account/{WILL}")).await;
    let query = r"query($id: ID!) { wavefrontAccount(id: $id) {
        __typename id customer permissions ssoId lastLoginAt gravatarUrl active description lastUsedAt unitedPermissions
        userGroups { nodes { id name description customer userCount properties { nameEditable usersEditable rolesEditable } } }
        roles { nodes { id } } unitedRoles { nodes { id } }
        user { id email wavefrontAccount { id } }
    } }";
    let account = world.data(query, json!({ "id": WILL })).await["wavefrontAccount"].take();
    let groups: Vec<Value> = by_id(&model["userGroups"]).iter().map(|group| json!({
        "id": group["id"], "name": group["name"], "description": group["description"], "customer": group["customer"],
        "userCount": group["userCount"], "properties": group["properties"],
    })).collect();
    let mut united = texts(&flat["unitedRoles"]);
    united.sort_unstable();
    let expected = json!({
        "__typename": "WavefrontAccount", "id": WILL, "customer": "sandbox", "permissions": model["groups"],
        "ssoId": null, "lastLoginAt": millis(&model["lastSuccessfulLogin"]), "gravatarUrl": null,
        "active": null, "description": null, "lastUsedAt": null,
        "unitedPermissions": flat["unitedPermissions"], "userGroups": { "nodes": groups },
        "roles": { "nodes": by_id(&model["roles"]).iter().map(|role| json!({ "id": role["id"] })).collect::<Vec<_>>() },
        "unitedRoles": { "nodes": united.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() },
        "user": { "id": "USR-1671-0642", "email": WILL, "wavefrontAccount": { "id": WILL } },
    });
    assert_eq!(account, expected);
    let select = "select=-*,id,email&order=id&limit=100";
    assert_eq!(
        world.requests(),
        [
            format!("GET /accounts/users?ilike(email,\"{WILL}\")&{select}"),
            format!("GET /api/v2/account/{WILL}"),
            format!("POST /api/v2/account/validateAccounts [\"{WILL}\"]"),
            format!("POST /api/v2/search/user {}", search("id", &[WILL], "EXACT")),
        ]
    );
}

#[tokio::test]
async fn a_service_account_is_nobody_and_says_whether_it_is_on() {
    let world = world().await;
    let query = r#"{ wavefrontAccount(id: "sa::retired") { id active description lastUsedAt customer user { id } } }"#;
    let expected = json!({ "wavefrontAccount": {
        "id": "sa::retired", "active": false, "description": "Runs retired", "lastUsedAt": null, "customer": "sandbox",
        "user": null,
    } });
    assert_eq!(world.data(query, json!({})).await, expected);
    assert_eq!(
        world.requests(),
        [
            "POST /api/v2/account/validateAccounts [\"sa::retired\"]".to_owned(),
            format!("POST /api/v2/search/serviceaccount {}", search("id", &["sa::retired"], "EXACT")),
        ]
    );
}

#[tokio::test]
async fn a_group_and_a_role_have_every_property() {
    let world = world().await;
    let [_, groups, roles] = world.ids();
    let (group, role) = (&groups[2], &roles[1]);
    let told = world.rest(&format!("usergroup/{group}")).await;
    let query =
        "query($id: ID!) { wavefrontUserGroup(id: $id) { id name description customer userCount roleCount createdAt
        properties { nameEditable usersEditable rolesEditable } roles { nodes { id name } } } }";
    let mut expected = told.clone();
    expected["createdAt"] = millis(&told["createdEpochMillis"]);
    let held = by_id(&told["roles"]);
    let held = held.iter().map(|role| json!({ "id": role["id"], "name": role["name"] }));
    expected["roles"] = json!({ "nodes": held.collect::<Vec<_>>() });
    for gone in ["createdEpochMillis", "users"] {
        expected.as_object_mut().expect("an object").remove(gone);
    }
    assert_eq!(world.data(query, json!({ "id": group })).await, json!({ "wavefrontUserGroup": expected }));
    assert_eq!(world.requests(), [format!("GET /api/v2/usergroup/{group}")]);

    let told = world.rest(&format!("role/{role}")).await;
    let query =
        "query($id: ID!) { wavefrontRole(id: $id) { id name description customer permissions restrictedPermissions
        linkedAccountsCount linkedGroupsCount createdAt updatedAt updatedBy { id }
        properties { nameEditable usersAddable usersRemovable permsEditable deletable } } }";
    let expected = json!({
        "id": role, "name": told["name"], "description": null, "customer": told["customer"],
        "permissions": told["permissions"], "restrictedPermissions": [],
        "linkedAccountsCount": told["linkedAccountsCount"], "linkedGroupsCount": told["linkedGroupsCount"],
        "createdAt": millis(&told["createdEpochMillis"]), "updatedAt": millis(&told["lastUpdatedMs"]),
        "updatedBy": { "id": WILL }, "properties": told["properties"],
    });
    assert_eq!(world.data(query, json!({ "id": role })).await, json!({ "wavefrontRole": expected }));
    assert_eq!(world.requests(), [format!("GET /api/v2/role/{role}")]);
}

#[tokio::test]
async fn fifty_accounts_are_one_search() {
    let world = world_of(0.2).await;
    let [accounts, ..] = world.ids();
    let mut some: Vec<&str> = accounts.iter().take(50).map(String::as_str).collect();
    assert_eq!(some.len(), 50);
    let field = |(n, id): (usize, &&str)| format!("a{n}: wavefrontAccount(id: \"{id}\") {{ id unitedPermissions }}");
    let fields = some.iter().enumerate().map(field).collect::<Vec<_>>().join(" ");
    let data = world.data(&format!("{{ {fields} }}"), json!({})).await;
    for (n, id) in some.iter().enumerate() {
        assert_eq!(data[format!("a{n}")]["id"], **id);
        assert!(data[format!("a{n}")]["unitedPermissions"].is_array());
    }
    some.sort_unstable();
    assert_eq!(world.requests(), [format!("POST /api/v2/search/account {}", search("id", &some, "EXACT"))]);
}

#[tokio::test]
async fn people_and_their_accounts_are_joined_by_address_in_one_request_each_way() {
    let world = world().await;
    let query = "{ users(first: 60) { nodes { email wavefrontAccount { id permissions user { email } } } } }";
    let data = world.data(query, json!({})).await;
    let [accounts, ..] = world.ids();
    let users = data["users"]["nodes"].as_array().expect("users");
    let mut joined = 0;
    for user in users {
        let email = user["email"].as_str().expect("an address");
        let account = &user["wavefrontAccount"];
        assert_eq!(account.is_null(), !accounts.iter().any(|id| id == email), "{email}");
        if !account.is_null() {
            assert_eq!((account["id"].as_str(), account["user"]["email"].as_str()), (Some(email), Some(email)));
            joined += 1;
        }
    }
    assert!(joined > 5, "{joined} of {}", users.len());
    let requests = world.requests();
    let starts = [
        "GET /accounts/users?or(",
        "GET /accounts/users?select=-*,id,email&",
        "POST /api/v2/account/validateAccounts [",
    ];
    assert_eq!(requests.len(), 3, "{requests:#?}");
    assert!(requests.iter().zip(starts).all(|(request, start)| request.starts_with(start)), "{requests:#?}");

    let query = "{ wavefrontAccounts(first: 20) { nodes { id user { email } } } }";
    let data = world.data(query, json!({})).await;
    for account in data["wavefrontAccounts"]["nodes"].as_array().expect("accounts") {
        let id = account["id"].as_str().expect("an id");
        let person = id.contains('@') && !id.starts_with("reader+");
        assert_eq!(account["user"]["email"].as_str(), person.then_some(id));
    }
    let requests = world.requests();
    assert_eq!(requests.len(), 2, "{requests:#?}");
    assert!(requests[0].starts_with("GET /accounts/users?or(ilike(email,"), "{requests:#?}");
    assert!(
        requests[1].starts_with("POST /api/v2/search/account {\"query\":[],\"limit\":20,\"offset\":0,"),
        "{requests:#?}"
    );
}

/// Members of groups, complete however many there are: one search for all groups.
#[tokio::test]
async fn groups_list_all_their_accounts() {
    let world = world().await;
    let [accounts, groups, _] = world.ids();
    let query = "{ wavefrontUserGroups { totalCount nodes { id userCount users { nodes { id userGroups { nodes { id } } } } } } }";
    let data = world.data(query, json!({})).await;
    let shown = data["wavefrontUserGroups"]["nodes"].as_array().expect("groups");
    assert_eq!((shown.len(), &data["wavefrontUserGroups"]["totalCount"]), (groups.len(), &json!(groups.len())));
    for group in shown {
        let users = group["users"]["nodes"].as_array().expect("users");
        assert_eq!(group["userCount"], users.len());
        assert!(users.iter().all(|user| ids(&user["userGroups"]).contains(&group["id"].as_str().expect("an id"))));
    }
    assert!(shown.iter().any(|group| group["userCount"] == accounts.len()), "the group of everybody");
    let mut sorted: Vec<&str> = groups.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let first = json!({ "query": [], "limit": 20, "offset": 0, "sort": { "field": "id", "ascending": true, "default": false } });
    assert_eq!(
        world.requests(),
        [
            format!("POST /api/v2/search/account {}", search("userGroups", &sorted, "CONTAINS")),
            format!("POST /api/v2/search/usergroup {first}"),
        ]
    );
}

async fn linked(world: &World, kind: &str, role: &str) -> Vec<String> {
    let rows = world.rest(&format!("{kind}?limit=1000")).await;
    let holds = |row: &&Value| {
        let roles = row["roles"].as_array().expect("roles");
        roles.iter().any(|held| held.as_str().or_else(|| held["id"].as_str()) == Some(role))
    };
    let id = |row: &Value| row["identifier"].as_str().or_else(|| row["id"].as_str()).expect("an id").to_owned();
    let mut found: Vec<String> = rows["items"].as_array().expect("rows").iter().filter(holds).map(id).collect();
    found.sort();
    found
}

#[tokio::test]
async fn roles_list_all_accounts_and_groups_that_have_them() {
    let world = world().await;
    let query = "{ wavefrontRoles { nodes { id linkedAccounts { nodes { id } } linkedGroups { nodes { id roles { nodes { id } } } } } } }";
    let data = world.data(query, json!({})).await;
    let requests = world.requests();
    let mut most = 0;
    for role in data["wavefrontRoles"]["nodes"].as_array().expect("roles") {
        let id = role["id"].as_str().expect("an id");
        let sorted = |list: &Value| {
            let mut found = ids(list).into_iter().map(str::to_owned).collect::<Vec<_>>();
            found.sort();
            found
        };
        assert_eq!(sorted(&role["linkedAccounts"]), linked(&world, "account", id).await);
        assert_eq!(sorted(&role["linkedGroups"]), linked(&world, "usergroup", id).await);
        assert!(
            role["linkedGroups"]["nodes"]
                .as_array()
                .expect("groups")
                .iter()
                .all(|group| ids(&group["roles"]).contains(&id))
        );
        most = most.max(role["linkedAccounts"]["nodes"].as_array().expect("accounts").len());
    }
    assert!(most > 3, "more than a sample");
    let [.., mut roles] = world.ids();
    roles.sort();
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    assert_eq!(
        requests[..2],
        [
            "GET /api/v2/usergroup?offset=0&limit=999".to_owned(),
            format!("POST /api/v2/search/account {}", search("roles", &roles, "CONTAINS")),
        ]
    );
    assert_eq!(requests.len(), 3, "{requests:#?}");
}

/// Round and round: each kind is asked for once, and what is known is not asked again. Where groups are
/// listed for two reasons at once, it is one request.
#[tokio::test]
async fn the_graph_goes_round() {
    let world = world().await;
    let query = r"query($id: ID!) { wavefrontAccount(id: $id) {
        userGroups { nodes { name roles { nodes { name permissions linkedGroups { nodes { name } } } } users { nodes { id userGroups { nodes { name roles { nodes { name } } } } } } } } } }";
    let data = world.data(query, json!({ "id": WILL })).await;
    let groups = data["wavefrontAccount"]["userGroups"]["nodes"].as_array().expect("groups");
    assert_eq!(groups.len(), 3);
    for group in groups {
        let me = |user: &&Value| user["id"] == WILL;
        let again = group["users"]["nodes"].as_array().expect("users").iter().find(me).expect("Will is in it");
        let named = |list: &Value| {
            list["nodes"].as_array().expect("groups").iter().map(|group| group["name"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(named(&again["userGroups"]), named(&data["wavefrontAccount"]["userGroups"]));
        for role in group["roles"]["nodes"].as_array().expect("roles") {
            assert!(role["permissions"].is_array(), "{role}");
            assert!(named(&role["linkedGroups"]).contains(&group["name"]));
        }
    }
    let requests = world.requests();
    let paths: Vec<&str> = requests.iter().map(|line| line.split([' ', '?']).nth(1).expect("a path")).collect();
    assert_eq!(
        paths,
        ["/api/v2/usergroup", "/api/v2/account/validateAccounts", "/api/v2/search/account", "/api/v2/search/role"],
        "the list of all groups serves two purposes"
    );
}

#[tokio::test]
async fn pages_follow_each_other_and_totals_are_counted() {
    let world = world().await;
    let [mut accounts, ..] = world.ids();
    accounts.sort();
    let query = "query($after: String) { wavefrontAccounts(first: 10, after: $after) {
        nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = world.data(query, json!({ "after": after })).await["wavefrontAccounts"].take();
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !seen.is_empty());
        assert_eq!(page["pageInfo"]["startCursor"], page["edges"][0]["cursor"]);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        assert_eq!(world.requests().len(), 1);
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, accounts);
    let all = accounts.len();
    let sort = json!({ "field": "id", "ascending": true, "default": false });
    let page = |offset: usize, limit: usize| {
        format!(
            "POST /api/v2/search/account {}",
            json!({ "query": [], "limit": limit, "offset": offset, "sort": sort })
        )
    };
    for (arguments, shown, requests) in [
        ("(first: 5)", 5, vec![page(0, 5), page(4, 999)]),
        ("(first: 100)", all, vec![page(0, 100)]),
        ("(first: 0)", 0, vec![page(0, 999)]),
        ("(offset: 1000)", 0, vec![page(0, 999), page(1000, 20)]),
    ] {
        let data =
            world.data(&format!("{{ wavefrontAccounts{arguments} {{ totalCount nodes {{ id }} }} }}"), json!({})).await;
        let found = &data["wavefrontAccounts"];
        assert_eq!((ids(found).len(), &found["totalCount"]), (shown, &json!(all)), "{arguments}");
        let mut asked = requests;
        asked.sort();
        assert_eq!(world.requests(), asked, "{arguments}");
    }
    let counted = world.data("{ wavefrontAccounts { totalCount pageInfo { hasNextPage } } }", json!({})).await;
    assert_eq!(counted["wavefrontAccounts"], json!({ "totalCount": all, "pageInfo": { "hasNextPage": all > 20 } }));
    assert_eq!(world.requests(), [page(0, 999)]);
}

#[tokio::test]
async fn what_is_not_there_is_null() {
    let world = world().await;
    let query = r#"{
        account: wavefrontAccount(id: "nobody@example.com") { id unitedPermissions }
        group: wavefrontUserGroup(id: "00000000-0000-4000-a000-000000000000") { id name }
        role: wavefrontRole(id: "00000000-0000-4000-a000-000000000000") { id name }
        node(id: "will.smith@example.com") { id }
    }"#;
    let expected = json!({ "data": { "account": null, "group": null, "role": null, "node": null } });
    assert_eq!(world.answer(query, json!({})).await, expected);
    assert_eq!(world.requests().len(), 3);
    for (field, id, form) in [
        ("wavefrontAccount", "nobody", "an e-mail address, or sa:: and a name"),
        ("wavefrontUserGroup", "USR-1671-0642", "a UUID"),
        ("wavefrontRole", "x", "a UUID"),
    ] {
        let answer = world.answer(&format!("{{ {field}(id: \"{id}\") {{ id }} }}"), json!({})).await;
        let kind = format!("W{}", &field[1..]);
        assert_eq!(answer["errors"][0]["message"], format!("Argument id is not an id of {kind}: {form}."));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    assert!(world.requests().is_empty());
}
