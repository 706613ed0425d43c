//! What each generation of the sandbox speaks: routes, shapes, and the properties that a query may name.

mod samples;

use super::sandbox_kit::{ACCOUNT, GROUP, Kit, SCALE, USER, ids, keys, kit, kit_with, set, text};
use accounts_graph_sandbox::{Generation, Options};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn speaking(generation: Generation) -> Kit {
    kit_with(Options { scale: SCALE, generation, ..Options::default() }).await
}

#[tokio::test]
async fn each_generation_has_its_routes_and_no_others() {
    let mut kits = Vec::new();
    for generation in Generation::EACH {
        kits.push(speaking(generation).await);
    }
    let rows = kits[0].rows("account-users");
    let membership = rows.iter().find(|row| text(row, "account") == ACCOUNT).expect("one");
    let (membership, service) = (text(membership, "id"), "SVC-0000-0001");
    // In the order of v5, 2025-09, 2025-02, all.
    let cases: [(String, [bool; 4]); 16] = [
        ("users".into(), [true; 4]),
        ("users/will.smith@example.com".into(), [true, false, false, true]),
        (format!("accounts/{ACCOUNT}/users"), [true, false, false, true]),
        (format!("accounts/{ACCOUNT}/users/{USER}"), [true, false, false, true]),
        ("account-users".into(), [false, true, false, true]),
        (format!("account-users/{membership}"), [false, true, false, true]),
        (format!("{ACCOUNT}/users"), [false, false, true, true]),
        (format!("{ACCOUNT}/users/{USER}"), [false, false, true, true]),
        (format!("users/{USER}/accounts"), [true, false, false, true]),
        (format!("users/{USER}/sso"), [true, false, false, true]),
        (format!("users/{USER}/sso-check"), [false, true, true, true]),
        (format!("accounts/{ACCOUNT}/settings/notifications"), [true, false, false, true]),
        ("services".into(), [true, false, false, true]),
        (format!("services/{service}"), [true, false, false, true]),
        ("extensions".into(), [false; 4]),
        ("extensions/EXT-0001-0001".into(), [false; 4]),
    ];
    for (path, spoken) in cases {
        for ((kit, generation), spoken) in kits.iter().zip(Generation::EACH).zip(spoken) {
            let status = kit.ask(&path, None).await.0;
            assert_eq!(status, if spoken { 200 } else { 404 }, "{path} in {}", generation.name());
        }
    }
}

#[tokio::test]
async fn writes_that_came_with_v5_are_in_no_earlier_generation() {
    for (generation, status) in [
        (Generation::V5, 200),
        (Generation::September2025, 404),
        (Generation::February2025, 404),
        (Generation::All, 200),
    ] {
        let kit = speaking(generation).await;
        let buyer = kit.in_status("buyers", "Mismatch");
        let told = kit.write(&format!("POST buyers/{buyer}/synchronize"), Value::Null, None).await;
        assert_eq!(told.0, status, "{}", generation.name());
    }
}

#[tokio::test]
async fn members_of_an_account_are_filtered_ordered_counted_and_paged() {
    let kit = speaking(Generation::V5).await;
    let rows = kit.rows("account-users");
    let here = |row: &&super::sandbox_kit::Row| text(row, "account") == ACCOUNT;
    let of = |row: &super::sandbox_kit::Row| text(row, "user").to_owned();
    let path = format!("accounts/{ACCOUNT}/users");
    let found = async |query: &str| -> BTreeSet<String> {
        let list = kit.get(&format!("{path}?{query}&limit=100")).await;
        ids(&list["data"]).into_iter().map(str::to_owned).collect()
    };
    let held = |row: &&super::sandbox_kit::Row| super::sandbox_kit::texts(row.get("groups")).contains(GROUP);
    let expected: BTreeSet<String> = rows.iter().filter(here).filter(held).map(of).collect();
    assert!(expected.len() > 3);
    assert_eq!(found(&format!("any(groups,in(id,(\"{GROUP}\")))")).await, expected);
    let invited = |row: &&super::sandbox_kit::Row| row["invitation"]["status"] != "Active";
    let expected: BTreeSet<String> = rows.iter().filter(here).filter(invited).map(of).collect();
    assert_eq!(found("ne(invitation.status,\"Active\")").await, expected);
    assert_eq!(found(&format!("in(id,(\"{USER}\",\"USR-9999-9999\"))")).await, [USER.to_owned()].into());
    assert_eq!(found(&format!("user.id=\"{USER}\"")).await, [USER.to_owned()].into());

    let total = rows.iter().filter(here).count();
    let count = kit.get(&format!("{path}?limit=0")).await;
    assert_eq!(count["$meta"]["pagination"], json!({ "offset": 0, "limit": 0, "total": total }));
    let mut seen = Vec::new();
    for offset in (0..total).step_by(7) {
        let page = kit.get(&format!("{path}?order=name,id&limit=7&offset={offset}&select=-*,id,name")).await;
        assert_eq!(page["$meta"]["pagination"]["total"], json!(total));
        let name = |row: &Value| (row["name"].as_str().map(str::to_owned), row["id"].as_str().map(str::to_owned));
        seen.extend(page["data"].as_array().expect("rows").iter().map(name));
    }
    assert!(seen.len() == total && seen.is_sorted(), "{seen:?}");
}

#[tokio::test]
async fn whether_a_user_signs_in_elsewhere_is_told_as_each_generation_tells_it() {
    let kit = kit().await;
    for row in kit.rows("users").iter().take(10) {
        let (id, sso) = (text(row, "id"), row["SSO"] == json!(true));
        let status = if sso { "enabled" } else { "disabled" };
        assert_eq!(kit.get(&format!("users/{id}/sso")).await, json!({ "status": status }));
        assert_eq!(kit.get(&format!("users/{id}/sso-check")).await, json!({ "sso": sso }));
    }
}

/// The parts that the descriptions below share.
const PARTS: [(&str, &str); 8] = [
    ("@ref", "id name icon revision"),
    ("@account", "id name icon revision type status"),
    ("@group", "id name revision description logo isDefault"),
    (
        "@module",
        "id name revision description filters{group.buyers} settings{configurable default paid obsolete type \
         sharedAccount eligibility{multi single}}",
    ),
    ("@address", "addressLine1 addressLine2 postCode city state country"),
    ("@erp", "erpCompanyContact erpCustomer accountExternalId"),
    ("@extension", "id name icon revision status"),
    ("@event", "at by{id name icon revision}"),
];

/// The paths of a description: names by blanks, members in braces, parts by name.
fn described(text: &str) -> BTreeSet<String> {
    let whole = PARTS.iter().fold(text.to_owned(), |text, (name, part)| text.replace(name, part));
    let (mut found, mut open, mut word) = (BTreeSet::new(), Vec::<String>::new(), String::new());
    for letter in whole.chars().chain([' ']) {
        match letter {
            '{' | '}' | ' ' => {
                let path = open.iter().map(String::as_str).chain([word.as_str()]).collect::<Vec<_>>().join("/");
                if !word.is_empty() {
                    found.insert(path);
                }
                match letter {
                    '{' => open.push(std::mem::take(&mut word)),
                    '}' => drop(open.pop()),
                    _ => {}
                }
                word.clear();
            }
            letter => word.push(letter),
        }
    }
    found
}

/// The paths of all members of a body; lists are passed through.
fn paths(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| *name != "$meta") {
                let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
                paths(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, at, found)),
        _ => {}
    }
}

/// Everything that single reads of a collection show, over all rows.
async fn shown(kit: &Kit, collection: &str, select: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for row in kit.rows(collection) {
        let path = format!("{collection}/{}?select={select}", text(&row, "id"));
        if let (200, body) = kit.ask(&path, None).await {
            paths(&body, "", &mut found);
        }
    }
    found
}

/// The same of the members of all accounts.
async fn members_shown(kit: &Kit) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for row in kit.rows("account-users") {
        let path = format!("accounts/{}/users/{}?select=audit", text(&row, "account"), text(&row, "user"));
        paths(&kit.get(&path).await, "", &mut found);
    }
    found
}

#[tokio::test]
async fn objects_of_v5_have_the_documented_members_and_no_others() {
    let kit = speaking(Generation::V5).await;
    let cases = [
        (
            "users",
            "audit,accounts.id",
            "@ref email status firstName lastName lastLoginAt phone{prefix number} settings{cultureCode languageCode \
             dateFormat timeFormat timeZone numberFormat{decimalSeparator groupSeparator} optOuts{objectTypes}} \
             accounts{id} currentAccount{@account} audit{created{@event} updated{@event} invitationAcceptedAt}",
        ),
        (
            "accounts",
            "audit,groups.id",
            "@account externalId externalName externalIds{pyraTenantId} address{@address} technicalSupportEmail website \
             description defaultLanguageCode eligibility{client partner} groups{id} audit{created{@event} \
             updated{@event}}",
        ),
        (
            "user-groups",
            "audit",
            "@group account{@account} modules{@module} users{@ref} buyers{@ref} extensions{@extension} \
             audit{created{@event} updated{@event}}",
        ),
        ("modules", "audit", "@module code accountTypes audit{created{@event} updated{@event}}"),
        (
            "buyers",
            "audit",
            "@ref status address{@address} taxId account{@account} externalIds{@erp} errors{id message \
             parameters{source}} audit{created{@event} updated{@event} activated{@event} unassigned{@event} \
             disabled{@event}}",
        ),
        (
            "sellers",
            "",
            "@ref externalId status address{@address} currencies{value billingEnabled isDefault} \
             attributes{navision{companyCode}} audit{created{@event} updated{@event}}",
        ),
        (
            "licensees",
            "audit",
            "@ref externalId status address{@address} useBuyerAddress description account{@account} buyer{@ref} \
             seller{@ref externalId} eligibility{client partner} audit{created{@event} updated{@event} \
             disabled{@event}}",
        ),
        (
            "erp-links",
            "audit",
            "@ref companyName status buyer{@ref} seller{@ref externalId} note externalIds{@erp} address{@address} \
             shipTo{@address externalId name} billTo{@address externalId name} audit{created{@event} updated{@event} \
             blocked{@event} unblocked{@event} disabled{@event}}",
        ),
        (
            "api-tokens",
            "audit",
            "@ref description status lastAccessAt token account{@account} modules{@module} extensions{@extension} \
             audit{created{@event} updated{@event}}",
        ),
        (
            "cloud-tenants",
            "audit",
            "id name revision status type account{@account} externalIds{cloudConsumptionId providerId pyraTenantId} \
             audit{created{@event} updated{@event}}",
        ),
        ("services", "audit", "@ref status description audit{created{@event} updated{@event}}"),
    ];
    for (collection, select, members) in cases {
        assert_eq!(shown(&kit, collection, select).await, described(members), "{collection}");
    }

    let member = members_shown(&kit).await;
    let expected = described(
        "@ref email status firstName lastName phone{prefix number} settings{cultureCode languageCode dateFormat timeFormat \
         timeZone numberFormat{decimalSeparator groupSeparator} optOuts{objectTypes}} user{@ref} account{@account} \
         groups{@group} modules{@module} buyers{@ref} invitation{url status notes} audit{created{@event} updated{@event} \
         invited{@event} joined{@event} access{at}}",
    );
    assert_eq!(member, expected, "members of an account");

    let mut access = BTreeSet::new();
    for user in kit.rows("users") {
        let list = kit.get(&format!("users/{}/accounts?select=audit,groups.id", text(&user, "id"))).await;
        paths(&list["data"], "", &mut access);
    }
    let expected = described(
        "@account externalId externalName externalIds{pyraTenantId} address{@address} technicalSupportEmail website \
         description defaultLanguageCode eligibility{client partner} groups{id} favorite invitation{url status notes} \
         audit{created{@event} updated{@event} invited{@event} joined{@event} access{at}}",
    );
    assert_eq!(access, expected, "accounts of a user");
}

#[tokio::test]
async fn memberships_of_all_routes_have_no_status_and_no_profile_in_v5() {
    let kit = kit().await;
    let expected = described(
        "id revision user{@ref} account{@account} groups{@group} modules{@module} buyers{@ref} invitation{url status notes} \
         lastLoginAt audit{created{@event} updated{@event} invitationAcceptedAt joined{at} access{at}}",
    );
    assert_eq!(shown(&kit, "account-users", "audit").await, expected);
}

#[tokio::test]
async fn objects_of_2025_have_what_v5_gave_up() {
    for generation in [Generation::September2025, Generation::February2025] {
        let kit = speaking(generation).await;
        let old = |gained: &str, found: &BTreeSet<String>| {
            for path in described(gained) {
                assert!(found.contains(&path), "{path} in {}", generation.name());
            }
        };
        let users = shown(&kit, "users", "audit").await;
        old(
            "SSO acceptedTerms settings{numberFormat optOuts} audit{blocked{@event} login{at} invitationAcceptedAt}",
            &users,
        );
        assert!(!users.contains("settings/numberFormat/groupSeparator"));
        let user = kit.get(&format!("users/{USER}")).await;
        assert!(user["settings"]["numberFormat"].is_string() && user["settings"]["optOuts"].is_array(), "{user}");
        old("serviceLevel", &shown(&kit, "accounts", "").await);
        old("contact{name email phone{prefix number} user{@ref}}", &shown(&kit, "buyers", "").await);
        old("contact{name email phone{prefix number} user{@ref}}", &shown(&kit, "licensees", "").await);
        let sellers = shown(&kit, "sellers", "").await;
        assert!(!sellers.contains("attributes") && !sellers.contains("currencies/value"));
        let seller = kit.get(&format!("sellers/{}", text(&kit.rows("sellers")[0], "id"))).await;
        assert!(seller["currencies"][0].is_string(), "{seller}");
        assert_eq!(seller["$meta"]["omitted"], json!([]), "buyers are told of in v5 only");
        let links = shown(&kit, "erp-links", "audit").await;
        for path in ["companyName", "shipTo", "billTo", "audit/disabled"] {
            assert!(!links.contains(path), "{path}");
        }
        let modules = kit.get("modules?limit=1").await;
        assert_eq!(modules["data"][0]["settings"]["type"], json!(["Client", "Vendor", "Operations"]));
        let buyers = kit.get("buyers?any(sellers)&select=sellers.erpLink.status&limit=1").await;
        assert!(buyers["data"][0]["sellers"][0]["erpLink"]["status"].is_string(), "{buyers}");
        let extended = kit.rows("user-groups").into_iter().find(|row| row.contains_key("extensionList")).expect("one");
        let group = kit.get(&format!("user-groups/{}", text(&extended, "id"))).await;
        assert_eq!(group["extensions"], json!([{ "id": "EXT-0001-0001", "name": "Cost centers" }]));
        let token = kit.get("api-tokens/TKN-0000-0001").await;
        assert!(token.get("extensions").is_none(), "{token}");
    }
    let kit = speaking(Generation::September2025).await;
    let memberships = shown(&kit, "account-users", "audit").await;
    let expected = described(
        "id revision status user{@ref} account{@account} groups{@group} invitation{url status notes} lastLoginAt \
         audit{created{@event} updated{@event} invited{at} access{at} joined{at} invitationAcceptedAt}",
    );
    assert!(memberships.is_superset(&expected), "{:?}", expected.difference(&memberships));
    assert!(!memberships.contains("audit/invited/by") && !memberships.contains("email"));
}

#[tokio::test]
async fn an_empty_member_is_left_out_in_v5_only() {
    let (new, old) = (speaking(Generation::V5).await, speaking(Generation::September2025).await);
    let empty = |kit: &Kit| {
        let without = |row: &super::sandbox_kit::Row| row.get("modules").is_some_and(|list| *list == json!([]));
        text(&kit.row("user-groups", without), "id").to_owned()
    };
    let path = format!("user-groups/{}", empty(&new));
    let shown = new.get(&path).await;
    assert!(shown.get("modules").is_none(), "{shown}");
    assert_eq!(shown["$meta"]["omitted"], json!(["audit"]), "what is empty is not omitted");
    assert_eq!(old.get(&path).await["modules"], json!([]));
}

#[tokio::test]
async fn a_property_of_another_generation_cannot_be_asked_about_and_selects_nothing() {
    let (new, old) = (speaking(Generation::V5).await, speaking(Generation::September2025).await);
    let cases = [
        (&new, "users", "SSO", "eq(SSO,true)"),
        (&new, "accounts", "serviceLevel", "eq(serviceLevel,\"Elite\")"),
        (&new, "buyers", "contact", "eq(contact.name,\"x\")"),
        (&old, "users", "favorite", "eq(favorite,true)"),
        (&old, "erp-links", "companyName", "like(companyName,\"*a*\")"),
        (&old, "sellers", "attributes", "eq(attributes.navision,\"x\")"),
    ];
    for (kit, collection, name, filter) in cases {
        assert_eq!(kit.mistake(&format!("{collection}?{filter}")).await, "Invalid property path.", "{filter}");
        let order = kit.mistake(&format!("{collection}?order={name}")).await;
        assert_eq!(order, "Invalid property path.", "{collection} {name}");
        let body = kit.get(&format!("{collection}?select=-*,id,{name}&limit=1")).await;
        assert_eq!(keys(&body["data"][0]), set(["$meta", "id"]), "{collection} {name}");
    }
    // The newer ones tell which property it was.
    let (_, told) = new.ask("users?eq(SSO,true)", None).await;
    assert_eq!(told["errors"], json!({ "SSO": ["Invalid property path."] }));
    let (_, told) = old.ask("erp-links?eq(companyName,1)", None).await;
    assert_eq!(told["errors"], json!({ "mistake": ["Invalid property path."] }));
}

#[tokio::test]
async fn currencies_and_formats_are_written_in_the_shapes_of_the_generation() {
    let address = super::sandbox_kit::address();
    let (new, old) = (speaking(Generation::V5).await, speaking(Generation::September2025).await);
    let currencies = json!([{ "value": "CHF", "billingEnabled": true, "isDefault": true }]);
    let seller = json!({ "name": "New", "externalId": "X-1", "address": address, "currencies": currencies });
    assert_eq!(new.done("POST sellers", seller).await["currencies"], currencies);
    let seller = json!({ "name": "New", "externalId": "X-1", "address": address, "currencies": ["CHF"] });
    assert_eq!(old.done("POST sellers", seller).await["currencies"], json!(["CHF"]));
    let format = json!({ "decimalSeparator": ".", "groupSeparator": "'" });
    let body = json!({ "settings": { "numberFormat": format, "optOuts": { "objectTypes": ["Order"] } } });
    let settings = new.done(&format!("PUT users/{USER}"), body).await["settings"].clone();
    assert_eq!((&settings["numberFormat"], &settings["optOuts"]), (&format, &json!({ "objectTypes": ["Order"] })));
    let body = json!({ "settings": { "numberFormat": "1'234.56", "optOuts": ["NTC-0000-0001"] } });
    let settings = old.done(&format!("PUT users/{USER}"), body).await["settings"].clone();
    assert_eq!((&settings["numberFormat"], &settings["optOuts"]), (&json!("1'234.56"), &json!(["NTC-0000-0001"])));
}

#[tokio::test]
async fn whoever_did_something_may_be_of_four_kinds() {
    let kit = speaking(Generation::V5).await;
    let mut kinds = BTreeSet::new();
    let mut note = |audit: &Value| {
        for (event, told) in audit.as_object().into_iter().flatten() {
            if let Some(id) = told["by"]["id"].as_str() {
                assert!(told["by"]["name"].is_string() && told["by"]["revision"].is_i64(), "{event}: {told}");
                kinds.insert(id.split('-').next().expect("a prefix").to_owned());
            }
        }
    };
    for collection in ["users", "services", "erp-links"] {
        for row in kit.get(&format!("{collection}?select=audit&limit=100")).await["data"].as_array().expect("rows") {
            note(&row["audit"]);
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["EXT", "SVC", "TKN", "USR"]);
}

#[tokio::test]
async fn a_transfer_tells_of_the_memberships_with_their_own_ids() {
    let kit = speaking(Generation::V5).await;
    let listed = |row: &super::sandbox_kit::Row| row.get("buyers").is_some_and(|list| list[0].is_string());
    let group = kit.row("user-groups", |row| listed(row) && text(row, "account") == ACCOUNT);
    let buyer = group["buyers"][0].as_str().expect("an id");
    let details = kit.get(&format!("buyers/{buyer}/transfer?destinationAccountId={ACCOUNT}")).await;
    let counts = ["agreementCount", "licenseeCount", "orderCount", "subscriptionCount", "userCount", "userGroupCount"];
    assert_eq!(keys(&details["stats"]), set(counts));
    let users = details["users"].as_array().expect("some lose it");
    assert_eq!(details["stats"]["userCount"], json!(users.len()));
    for user in users {
        assert!(user["id"].as_str().is_some_and(|id| id.starts_with("AUSR-")), "{user}");
        assert_eq!(user["account"]["id"], ACCOUNT);
        assert!(user["user"]["name"].is_string() && user["groups"][0]["name"].is_string(), "{user}");
    }
}
