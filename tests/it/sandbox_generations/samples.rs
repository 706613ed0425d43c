//! The sandbox's answers of v5 look like the sample bodies: the same members, nested alike.

use super::{members_shown, paths, speaking};
use crate::sandbox_kit::{ACCOUNT, GROUP, USER, ids, keys, set, text};
use accounts_graph_sandbox::{Generation, Omitted, Quirks, Total};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn paths_of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    paths(value, "", &mut found);
    found
}

/// A sample of v5; the members that the sandbox shows besides, by what they begin with.
struct Sample {
    text: &'static str,
    besides: &'static [&'static str],
}

impl Sample {
    fn body(&self) -> Value {
        serde_json::from_str(self.text).expect("a sample is JSON")
    }

    /// Holds what the sandbox shows against a part of the sample.
    fn holds(&self, part: &Value, found: &BTreeSet<String>) {
        let expected = paths_of(part);
        let missing: Vec<_> = expected.difference(found).collect();
        assert!(missing.is_empty(), "the sandbox lacks {missing:?}");
        let known = |path: &&String| self.besides.iter().any(|start| path.starts_with(start));
        let unknown: Vec<_> = found.difference(&expected).filter(|path| !known(path)).collect();
        assert!(unknown.is_empty(), "the sample lacks {unknown:?}");
    }
}

const MEMBERS: Sample = Sample {
    text: include_str!("../samples/v5-account-users.list.json"),
    // A logo and settings of notifications, which the sample's people and groups happen not to have.
    besides: &["groups/logo", "settings/optOuts", "modules/settings/sharedAccount"],
};
const SINGLE_USER: Sample = Sample { text: include_str!("../samples/v5-user.json"), besides: &[] };
const ACCESSES: Sample = Sample {
    text: include_str!("../samples/v5-user-accounts.list.json"),
    besides: &[
        "externalIds",
        "address/",
        "technicalSupportEmail",
        "website",
        "description",
        "invitation/url",
        "invitation/notes",
        "audit/created",
        "audit/updated",
        "audit/invited/by/icon",
    ],
};
const GROUPS: Sample = Sample {
    text: include_str!("../samples/v5-user-groups-of-users.response.json"),
    // What is named is shown as a list shows it, not reduced.
    besides: &["description", "logo", "account/"],
};
const ONE_SELLER: Sample = Sample {
    text: include_str!("../samples/v5-seller.json"),
    besides: &["address/addressLine2", "audit/created/by/icon"],
};
const ONE_SERVICE: Sample = Sample { text: include_str!("../samples/v5-service.json"), besides: &[] };
const NOTIFICATIONS: Sample = Sample { text: include_str!("../samples/v5-notification-settings.json"), besides: &[] };
const WITHOUT_TOTAL: Sample =
    Sample { text: include_str!("../samples/v5-list-without-total.json"), besides: &["description", "logo"] };
const ON_ENVELOPE: Sample = Sample {
    text: include_str!("../samples/v5-list-envelope-omitted.json"),
    besides: &["external", "address", "technicalSupportEmail", "description", "defaultLanguageCode"],
};

#[tokio::test]
async fn members_and_their_accounts_look_like_the_samples() {
    let kit = speaking(Generation::V5).await;
    let found = members_shown(&kit).await;
    MEMBERS.holds(&MEMBERS.body()["data"], &found);

    kit.sandbox.set_quirks(Quirks { omitted: Omitted::Rows, ..Quirks::default() });
    let mut found = BTreeSet::new();
    for user in kit.rows("users") {
        let list = kit.get(&format!("users/{}/accounts?select=audit&limit=50", text(&user, "id"))).await;
        assert_eq!(keys(&list["$meta"]), set(["pagination"]));
        for row in list["data"].as_array().expect("rows") {
            assert_eq!(row["$meta"], ACCESSES.body()["data"][0]["$meta"]);
        }
        paths(&list["data"], "", &mut found);
    }
    ACCESSES.holds(&ACCESSES.body()["data"], &found);
}

#[tokio::test]
async fn single_objects_look_like_the_samples() {
    let kit = speaking(Generation::V5).await;
    for (collection, sample) in [("users", SINGLE_USER), ("sellers", ONE_SELLER), ("services", ONE_SERVICE)] {
        let mut found = BTreeSet::new();
        for row in kit.rows(collection) {
            let body = kit.get(&format!("{collection}/{}", text(&row, "id"))).await;
            assert_eq!(body["$meta"], sample.body()["$meta"], "{collection}");
            paths(&body, "", &mut found);
        }
        sample.holds(&sample.body(), &found);
    }
    // Not even when it is selected.
    let seller = kit.get(&format!("sellers/{}?select=buyers", text(&kit.rows("sellers")[0], "id"))).await;
    assert!(seller.get("buyers").is_none() && seller["$meta"]["omitted"] == json!(["buyers"]), "{seller}");
    let settings = kit.get(&format!("accounts/{ACCOUNT}/settings/notifications")).await;
    NOTIFICATIONS.holds(&NOTIFICATIONS.body(), &paths_of(&settings));
}

#[tokio::test]
async fn lists_look_like_the_samples() {
    let kit = speaking(Generation::V5).await;
    kit.sandbox.set_quirks(Quirks { omitted: Omitted::Envelope, ..Quirks::default() });
    let select = "select=-*,id,name,description,logo,isDefault,revision,account,users.id";
    let list = kit.get(&format!("user-groups?any(users,in(id,(\"{USER}\")))&{select}&limit=100")).await;
    assert_eq!(list["$meta"]["pagination"]["limit"], GROUPS.body()["$meta"]["pagination"]["limit"]);
    let names = |list: &Value| -> BTreeSet<String> {
        let names = list["$meta"]["omitted"].as_array().expect("names").iter();
        names.map(|name| name.as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&list), names(&GROUPS.body()));
    assert!(list["data"].as_array().expect("rows").iter().all(|row| row.get("$meta").is_none()));
    GROUPS.holds(&GROUPS.body()["data"], &paths_of(&list["data"]));
    assert!(ids(&list["data"]).contains(&GROUP));

    let list = kit.get("accounts?limit=100").await;
    assert_eq!(names(&list), names(&ON_ENVELOPE.body()));
    ON_ENVELOPE.holds(&json!([without_empty(&ON_ENVELOPE.body()["data"])]), &paths_of(&list["data"]));

    kit.sandbox.set_quirks(Quirks { omitted: Omitted::Absent, total: Total::Absent, ..Quirks::default() });
    let list = kit.get("user-groups?limit=2").await;
    assert_eq!(list["$meta"], WITHOUT_TOTAL.body()["$meta"]);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    let all = kit.get("user-groups?limit=100").await;
    WITHOUT_TOTAL.holds(&WITHOUT_TOTAL.body()["data"], &paths_of(&all["data"]));
}

/// The sample's second account has an address without anything in it, which is as good as none.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_empty).collect(),
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| **value != json!({}));
            kept.map(|(name, value)| (name.clone(), without_empty(value))).collect()
        }
        other => other.clone(),
    }
}
