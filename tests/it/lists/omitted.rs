//! What a list of memberships says it leaves out is asked for elsewhere, whether the list or its rows say so.

use crate::fake::{Fake, fake, list};
use serde_json::{Value, json};

/// Where what is omitted is named.
const WHERE: [(bool, bool); 3] = [(true, false), (false, true), (true, true)];

/// The body of a list whose rows omit these members, which is said by the list, by the rows, or by both.
fn omitting(mut rows: Vec<Value>, names: &[&str], (on_list, on_rows): (bool, bool)) -> String {
    let total = rows.len();
    for row in &mut rows {
        let members = row.as_object_mut().expect("a row");
        members.retain(|name, _| !names.contains(&name.as_str()));
        if on_rows {
            members.insert("$meta".to_owned(), json!({ "omitted": names }));
        }
    }
    let mut meta = json!({ "pagination": { "offset": 0, "limit": 100, "total": total } });
    if on_list {
        meta["omitted"] = json!(names);
    }
    json!({ "$meta": meta, "data": rows }).to_string()
}

fn member(number: usize) -> Value {
    json!({ "id": format!("USR-{number}"), "name": format!("User {number}"), "icon": "/i", "email": format!("u{number}@example.com"),
        "status": "Active", "phone": { "prefix": "+1", "number": "5" }, "user": { "id": format!("USR-{number}") },
        "account": { "id": "ACC-1", "name": "Account", "icon": "/a" }, "invitation": { "status": "Active" },
        "groups": [{ "id": "UGR-1", "name": "Group" }], "audit": { "access": { "at": "2025-01-01T00:00:00Z" } } })
}

/// A host with the lists below accounts and users, of which each leaves out some members, but not when it is asked by ids.
async fn host(names: &'static [&'static str], named: (bool, bool)) -> Fake {
    fake(move |line| {
        let account = json!({ "id": "ACC-1", "name": "Account", "icon": "/a", "website": "w", "invitation": { "status": "Active" },
            "favorite": true, "audit": { "access": { "at": "2025-01-01T00:00:00Z" } } });
        let body = match line {
            line if line.starts_with("/account-users") => return (404, String::new()),
            line if line.starts_with("/accounts/ACC-1/users?in(id") => list(&json!([member(1), member(2)])),
            line if line.starts_with("/accounts/ACC-1/users?") => omitting(vec![member(1), member(2)], names, named),
            line if line.starts_with("/users/USR-1/accounts?in(id") => list(&json!([account])),
            line if line.starts_with("/users/USR-1/accounts?") => omitting(vec![account], names, named),
            line if line.starts_with("/users?eq(status") => list(&json!([])),
            line if line.starts_with("/users?") => list(&json!([member(1), member(2)])),
            line if line.starts_with("/accounts?") => list(&json!([account])),
            line if line.starts_with("/accounts/ACC-1?") => account.to_string(),
            line if line.starts_with("/users/USR-") => member(usize::from(line.starts_with("/users/USR-2")) + 1).to_string(),
            _ => return (404, r#"{"title":"Not Found","status":404}"#.to_owned()),
        };
        (200, body)
    })
    .await
}

#[tokio::test]
async fn what_lists_of_memberships_omit_is_asked_for() {
    let below_account =
        "{ account(id: \"ACC-1\") { accountUsers { nodes { status invitation { status } groups { nodes { name } }
        account { name icon } user { name icon email phone { number } } } } } }";
    let below_user =
        "{ user(id: \"USR-1\") { accountUsers { nodes { status favorite invitation { status } audit { access { at } }
        account { name icon website } } } } }";
    let sets: [&[&str]; 7] = [
        &["email"],
        &["name", "icon", "phone"],
        &["account"],
        &["invitation"],
        &["groups", "audit"],
        &["status", "favorite"],
        &["website", "name"],
    ];
    for document in [below_account, below_user] {
        let whole = host(&[], (false, false)).await.query(document).await;
        assert_eq!(whole.get("errors"), None, "{document}: {whole}");
        assert!(!whole.to_string().contains("null"), "{whole}");
        for names in sets {
            for named in WHERE {
                // What a row calls favorite nobody else tells.
                if document == below_user && names.contains(&"favorite") {
                    continue;
                }
                let answer = host(names, named).await.query(document).await;
                assert_eq!(answer, whole, "{document}: {names:?} omitted by list and rows: {named:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_reference_omits_is_not_null() {
    for omitted in [json!(["name"]), json!(["icon", "name"]), json!([])] {
        let reference = json!({ "id": "ACC-1", "$meta": { "omitted": omitted } });
        let fake = fake(move |line| {
            let body = match line {
                line if line.starts_with("/buyers?") => list(&json!([{ "id": "BUY-1", "account": reference }])),
                _ => json!({ "id": "ACC-1", "name": "Account", "icon": "/a" }).to_string(),
            };
            (200, body)
        })
        .await;
        let answer = fake.query("{ buyers(first: 1) { nodes { account { name icon } } } }").await;
        // The account itself says both, once it is asked.
        let asked = omitted != json!([]);
        let account = json!({ "name": asked.then_some("Account"), "icon": asked.then_some("/a") });
        let data = json!({ "buyers": { "nodes": [{ "account": account }] } });
        assert_eq!(answer["data"], data, "{omitted}");
        // An account always has a name; it need not have an icon.
        let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
        let paths: Vec<_> = errors.iter().map(|error| (&error["path"], &error["extensions"]["code"])).collect();
        let (path, code) = (json!(["buyers", "nodes", 0, "account", "name"]), json!("UPSTREAM_INVALID"));
        assert_eq!(paths, if asked { vec![] } else { vec![(&path, &code)] }, "{omitted}: {answer}");
    }
}

/// A host whose lists of accounts and users always leave out a member, whatever is asked for. An entity at its own route
/// has it where `single` says so.
async fn stubborn(number: usize, named: (bool, bool), single: bool) -> Fake {
    fake(move |line| {
        let account = |n: usize| json!({ "id": format!("ACC-{n}"), "name": format!("A{n}"), "website": "w" });
        let all = |row: &dyn Fn(usize) -> Value| (1..=number).map(row).collect::<Vec<_>>();
        let one = |mut row: Value, name: &str| {
            if !single {
                row.as_object_mut().expect("a row").remove(name);
                row["$meta"] = json!({ "omitted": [name] });
            }
            row.to_string()
        };
        let buyer = |n: usize| json!({ "id": format!("BUY-{n}"), "account": { "id": format!("ACC-{n}"), "name": format!("A{n}") } });
        let body = match line {
            line if line.starts_with("/account-users") => return (404, String::new()),
            line if line.starts_with("/accounts/ACC-1/users?") => omitting(all(&member), &["invitation", "email"], named),
            line if line.starts_with("/accounts?") => omitting(all(&account), &["website"], named),
            line if line.starts_with("/accounts/ACC-1?") => one(account(1), "website"),
            line if line.starts_with("/buyers?") => list(&json!(all(&buyer))),
            line if line.starts_with("/users?eq(status") => list(&json!([])),
            line if line.starts_with("/users?") => omitting(all(&member), &["email"], named),
            line if line.starts_with("/users/USR-1?") => one(member(1), "email"),
            _ => return (404, r#"{"title":"Not Found","status":404}"#.to_owned()),
        };
        (200, body)
    })
    .await
}

/// The code, the message and the path of each error.
fn errors(answer: &Value) -> Vec<(&Value, &Value, &Value)> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors.map(|error| (&error["extensions"]["code"], &error["message"], &error["path"])).collect()
}

/// What an answer must be whose fields at these paths are still omitted.
fn check(answer: &Value, data: &Value, paths: &[Value], what: &str) {
    assert_eq!(answer["data"], *data, "{what}");
    let (code, message) = (
        json!("UPSTREAM_INVALID"),
        json!("The accounts API answered without a field that was requested, which it names as omitted."),
    );
    let expected: Vec<_> = paths.iter().map(|path| (&code, &message, path)).collect();
    assert_eq!(errors(answer), expected, "{what}");
}

#[tokio::test]
async fn what_is_still_omitted_by_id_is_an_error() {
    for (named, number, single) in WHERE
        .iter()
        .flat_map(|named| (1..=3).flat_map(move |number| [true, false].map(|single| (*named, number, single))))
    {
        // One entity is asked for at its own route, several in the list.
        let told = single && number == 1;
        let account = |n: usize| json!({ "name": format!("A{n}"), "website": told.then_some("w") });
        let all = |row: &dyn Fn(usize) -> Value| (1..=number).map(row).collect::<Value>();
        let paths = |path: &dyn Fn(usize) -> Value| if told { vec![] } else { (0..number).map(path).collect() };
        let what = format!("{number} entities, list and rows: {named:?}, its own route has it: {single}");

        let fake = stubborn(number, named, single).await;
        let answer = fake.query("{ accounts(first: 3) { nodes { name website } } }").await;
        let at = paths(&|n| json!(["accounts", "nodes", n, "website"]));
        check(&answer, &json!({ "accounts": { "nodes": all(&account) } }), &at, &what);
        assert_eq!(fake.requests().len(), 2, "{what}");

        let fake = stubborn(number, named, single).await;
        let answer = fake.query("{ buyers(first: 3) { nodes { account { name website } } } }").await;
        let at = paths(&|n| json!(["buyers", "nodes", n, "account", "website"]));
        let rows = all(&|n| json!({ "account": account(n) }));
        check(&answer, &json!({ "buyers": { "nodes": rows } }), &at, &what);
        assert_eq!(fake.requests().len(), 2, "{what}");

        let fake = stubborn(number, named, single).await;
        let ids = all(&|n| json!(format!("ACC-{n}")));
        let answer = fake.query(&format!("{{ nodes(ids: {ids}) {{ ... on Account {{ name website }} }} }}")).await;
        let at = paths(&|n| json!(["nodes", n, "website"]));
        check(&answer, &json!({ "nodes": all(&account) }), &at, &what);
        assert_eq!(fake.requests().len(), 1, "{what}");

        let fake = stubborn(number, named, single).await;
        let answer = fake.query("{ account(id: \"ACC-1\") { name website } }").await;
        let at = if single { vec![] } else { vec![json!(["account", "website"])] };
        let account = json!({ "name": "A1", "website": single.then_some("w") });
        check(&answer, &json!({ "account": account }), &at, &what);
        assert_eq!(fake.requests().len(), 1, "{what}");
    }
}

#[tokio::test]
async fn what_memberships_still_omit_by_id_is_an_error() {
    for (named, number, single) in WHERE
        .iter()
        .flat_map(|named| (1..=3).flat_map(move |number| [true, false].map(|single| (*named, number, single))))
    {
        let what = format!("{number} members, list and rows: {named:?}, its own route has it: {single}");
        let rows = |row: &dyn Fn(usize) -> Value| (1..=number).map(row).collect::<Value>();
        let at = |path: &[&str]| -> Vec<Value> {
            let before = [json!("account"), json!("accountUsers"), json!("nodes")];
            let path =
                |n: usize| [&before[..], &[json!(n)], &path.iter().map(|key| json!(key)).collect::<Vec<_>>()].concat();
            (0..number).map(|n| Value::from(path(n))).collect()
        };

        let fake = stubborn(number, named, single).await;
        let document = "{ account(id: \"ACC-1\") { accountUsers { nodes { invitation { status } } } } }";
        let data = json!({ "account": { "accountUsers": { "nodes": rows(&|_| json!({ "invitation": null })) } } });
        // A membership has no route of its own.
        check(&fake.query(document).await, &data, &at(&["invitation"]), &what);

        let fake = stubborn(number, named, single).await;
        let document = "{ account(id: \"ACC-1\") { accountUsers { nodes { user { email } } } } }";
        let told = single && number == 1;
        let user = json!({ "user": { "email": told.then_some("u1@example.com") } });
        let data = json!({ "account": { "accountUsers": { "nodes": rows(&|_| user.clone()) } } });
        let at = if told { vec![] } else { at(&["user", "email"]) };
        check(&fake.query(document).await, &data, &at, &what);
    }
}
