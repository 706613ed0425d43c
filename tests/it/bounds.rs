//! The bounds of what the random queries of `reference` leave out: Wavefront, and what routers refer to.

use crate::{
    explain::{number, sizes},
    memberships::QUERIES,
    reference::{luck::Luck, setting},
    support::{Kit, MODES, SMALL, kit, kit_speaking, kit_with, limits},
};
use accounts_graph::{graph::engine::Limits, upstream::memory::Clock};
use accounts_graph_sandbox::Options;
use serde_json::{Value, json};

/// Fields of a type without selections, and those that lead to others.
struct Type {
    name: &'static str,
    leaves: &'static [&'static str],
    edges: &'static [(&'static str, &'static str)],
}

const TYPES: [Type; 8] = [
    Type {
        name: "WavefrontAccount",
        leaves: &[
            "id",
            "customer",
            "permissions",
            "unitedPermissions",
            "lastLoginAt",
            "gravatarUrl",
            "active",
            "description",
            "lastUsedAt",
        ],
        edges: &[
            ("userGroups", "WavefrontUserGroup"),
            ("roles", "WavefrontRole"),
            ("unitedRoles", "WavefrontRole"),
            ("user", "User"),
        ],
    },
    Type {
        name: "WavefrontUserGroup",
        leaves: &["id", "name", "description", "userCount", "roleCount", "createdAt", "properties { nameEditable }"],
        edges: &[("users", "WavefrontAccount"), ("roles", "WavefrontRole")],
    },
    Type {
        name: "WavefrontRole",
        leaves: &[
            "id",
            "name",
            "description",
            "permissions",
            "restrictedPermissions",
            "updatedAt",
            "linkedGroupsCount",
        ],
        edges: &[
            ("linkedAccounts", "WavefrontAccount"),
            ("linkedGroups", "WavefrontUserGroup"),
            ("updatedBy", "WavefrontAccount"),
        ],
    },
    Type {
        name: "User",
        leaves: &["id", "name", "email", "status"],
        edges: &[
            ("wavefrontAccount", "WavefrontAccount"),
            ("currentAccount", "Account"),
            ("accountUsers", "AccountUser"),
        ],
    },
    Type { name: "Account", leaves: &["id", "name", "website"], edges: &[("groups", "Group")] },
    Type {
        name: "AccountUser",
        leaves: &["id", "invitation { status }"],
        edges: &[("user", "User"), ("account", "Account"), ("groups", "Group")],
    },
    Type {
        name: "Group",
        leaves: &["id", "name", "description"],
        edges: &[("account", "Account"), ("modules", "Module")],
    },
    Type { name: "Module", leaves: &["id", "name"], edges: &[] },
];

/// Those of the edges that are connections.
const PAGED: [&str; 9] = [
    "userGroups",
    "roles",
    "unitedRoles",
    "users",
    "linkedAccounts",
    "linkedGroups",
    "accountUsers",
    "groups",
    "accounts",
];

/// A selection of a type, with the same field perhaps twice under two keys.
fn selection(luck: &mut Luck, ty: &str, depth: usize) -> String {
    let ty = TYPES.iter().find(|found| found.name == ty).expect("a type");
    let mut fields = vec![];
    for leaf in ty.leaves {
        if luck.chance(25) {
            fields.push((*leaf).to_owned());
        }
    }
    for (field, inner) in ty.edges {
        for key in ["one", "two"] {
            if depth > 0 && luck.chance(if key == "one" { 45 } else { 10 }) {
                let inner = selection(luck, inner, depth - 1);
                let inner = if PAGED.contains(field) { format!("{{ nodes {inner} }}") } else { inner };
                fields.push(format!("{key}_{field}: {field} {inner}"));
            }
        }
    }
    if fields.is_empty() {
        fields.push("id".to_owned());
    }
    format!("{{ {} }}", fields.join(" "))
}

/// A world, a gateway that knows its sizes and refuses nothing, and ids of the world by type.
async fn measured() -> (Kit, Value) {
    let plain = kit().await;
    let free = Limits { upstream_requests: 1_000_000, entities: 1_000_000, sizes: sizes().await, ..limits() };
    let mut ids = json!({});
    for (ty, root, fields) in [
        ("User", "users", "id email accountUsers { nodes { user { id } account { id } } }"),
        ("Account", "accounts", "id"),
        ("Group", "groups", "id"),
        ("Module", "modules", "id"),
        ("WavefrontAccount", "wavefrontAccounts", "id"),
        ("WavefrontUserGroup", "wavefrontUserGroups", "id"),
        ("WavefrontRole", "wavefrontRoles", "id"),
    ] {
        let data = plain.data(&format!("{{ {root}(first: 50) {{ nodes {{ {fields} }} }} }}")).await;
        ids[ty] = data[root]["nodes"].clone();
    }
    (kit_with(Options { scale: SMALL, ..Options::default() }, free).await, ids)
}

fn some<'a>(luck: &mut Luck, ids: &'a Value, ty: &str) -> &'a Value {
    luck.pick(ids[ty].as_array().expect("entities")).expect("an entity")
}

/// Asks, and holds what was computed before against what was asked.
async fn check(kit: &Kit, body: &Value) -> u64 {
    kit.requests();
    let answer = kit.explain(body, "1").await;
    assert!(answer["extensions"]["explain"]["totals"].is_object(), "{body:#}\n{answer:#}");
    let (bounds, totals) = (&answer["extensions"]["explain"]["bounds"], &answer["extensions"]["explain"]["totals"]);
    let [least, most, real] = [&bounds["leastRequests"], &bounds["requests"], &totals["requests"]].map(number);
    let told = || format!("{body:#}\n{answer:#}");
    // What is asked twice in one round is counted twice, and sent once.
    let asked = answer["extensions"]["explain"]["requests"].as_array().expect("requests");
    let shared = asked.iter().filter(|request| request["outcome"]["shared"] == true).count();
    assert_eq!((kit.requests().len() + shared) as u64, real, "{}", told());
    assert!(least <= real && real <= most, "{real} requests, not {least} to {most}: {}", told());
    for of in ["rows", "rounds"] {
        let (most, real) = (number(&bounds[of]), number(&totals[of]));
        assert!(real <= most, "{real} {of}, more than {most}: {}", told());
    }
    real
}

#[tokio::test]
async fn random_queries_of_wavefront_cost_what_was_computed_before() {
    let (kit, ids) = measured().await;
    let seed = setting("ACCOUNTS_GRAPH_TEST_SEED", 20_260_821);
    let mut asked = 0;
    for number in 0..setting("ACCOUNTS_GRAPH_TEST_QUERIES", 10_000) / 20 {
        let mut luck = Luck::new(seed.wrapping_mul(0x1_0000_0003).wrapping_add(number));
        let mut fields = vec![];
        for place in 0..=luck.below(3) {
            let depth = luck.below(4);
            let ty = TYPES[luck.below(4)].name;
            let (one, many) = match ty {
                "User" => ("user".to_owned(), "users".to_owned()),
                ty => (format!("w{}", &ty[1..]), format!("w{}s", &ty[1..])),
            };
            let inner = selection(&mut luck, ty, depth);
            let total = if luck.chance(20) { "totalCount" } else { "__typename" };
            let first = luck.below(30);
            fields.push(match luck.below(3) {
                0 => format!("r{place}: {one}(id: {}) {inner}", some(&mut luck, &ids, ty)["id"]),
                1 => format!("r{place}: {many}(first: {first}) {{ {total} nodes {inner} }}"),
                _ => {
                    format!("r{place}: {many}(first: {first}, offset: {}) {{ {total} nodes {inner} }}", luck.below(40))
                }
            });
        }
        asked += check(&kit, &json!({ "query": format!("{{ {} }}", fields.join(" ")) })).await;
    }
    assert!(asked > 0, "nothing was asked");
}

#[tokio::test]
async fn random_references_of_routers_cost_what_was_computed_before() {
    let (kit, ids) = measured().await;
    let seed = setting("ACCOUNTS_GRAPH_TEST_SEED", 20_260_821);
    let mut asked = 0;
    for number in 0..setting("ACCOUNTS_GRAPH_TEST_QUERIES", 10_000) / 20 {
        let mut luck = Luck::new(seed.wrapping_mul(0x1_0000_0005).wrapping_add(number));
        let mut fields = vec!["__typename".to_owned()];
        for ty in ["User", "Account", "AccountUser", "Group", "Module"] {
            let depth = luck.below(3);
            fields.push(format!("... on {ty} {}", selection(&mut luck, ty, depth)));
        }
        let mut representations = vec![];
        for _ in 0..luck.below(130) {
            let user = some(&mut luck, &ids, "User");
            representations.push(match luck.below(7) {
                0 => json!({ "__typename": "User", "email": user["email"] }),
                1 => json!({ "__typename": "User", "id": format!("USR-9999-{}", luck.below(200)) }),
                2 => match luck.pick(user["accountUsers"]["nodes"].as_array().expect("members")) {
                    Some(member) => {
                        json!({ "__typename": "AccountUser", "user": member["user"], "account": member["account"] })
                    }
                    None => json!({ "__typename": "AccountUser" }),
                },
                kind => {
                    let ty = ["User", "Account", "Group", "Module"][kind - 3];
                    json!({ "__typename": ty, "id": some(&mut luck, &ids, ty)["id"] })
                }
            });
        }
        let query = format!(
            "query($r: [_Any!]!) {{ one: _entities(representations: $r) {{ {0} }} two: _entities(representations: $r) \
             {{ __typename ... on User {{ name }} }} users(first: 5) {{ nodes {{ name }} }} }}",
            fields.join(" ")
        );
        asked += check(&kit, &json!({ "query": query, "variables": { "r": representations } })).await;
    }
    assert!(asked > 0, "nothing was asked");
}

#[tokio::test]
async fn memberships_cost_what_was_computed_before_on_every_kind_of_host() {
    let free = Limits { upstream_requests: 1_000_000, entities: 1_000_000, sizes: sizes().await, ..limits() };
    for (generation, routes) in MODES {
        for nested_select in [true, false] {
            let options = Options { scale: SMALL, generation, ..Options::default() };
            let limits = Limits { nested_select, ..free.clone() };
            let kit = kit_speaking(options, limits, |settings| settings, routes, &Clock::default()).await;
            kit.learn().await;
            for query in QUERIES {
                assert!(check(&kit, &json!({ "query": query })).await > 0, "{generation:?}: {query}");
            }
        }
    }
}
