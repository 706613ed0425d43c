//! Every mutation, in every way that it can end: what is sent is exact, and so is the whole answer.

use super::upstream::{Scripted, TOKEN, asks_for_collection, list, ok, speaking};
use accounts_graph::{
    graph::schema::mutation,
    upstream::marketplace::membership::{Family, MembershipRoutes},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A mutation: its name, its input, and the one request that it sends.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) input: Value,
    pub(super) request: &'static str,
    /// What the payload tells beside user errors when it is done, and when it is not.
    payload: Payload,
}

/// What a payload is about.
enum Payload {
    /// An entity, by the payload's field and the entity's id.
    Entity(&'static str, &'static str),
    Deleted(&'static str),
    Valid,
    /// The whole answer under a name.
    Told(&'static str, &'static str),
}

use Payload::{Deleted, Entity, Told, Valid};

/// Reads what has to be sent with every change of a buyer.
const BEFORE: &str = "GET /buyers/BUY-1?select=-*,id,name,address";

/// Reads the groups of a member who is moved.
const GROUPS: &str =
    "GET /accounts/ACC-1/users?in(id,(\"USR-1\"))&select=-*,id,account.id,groups.id&order=id&limit=100";

fn case(name: &'static str, input: Value, request: &'static str, payload: Payload) -> Case {
    Case { name, input, request, payload }
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases() -> Vec<Case> {
    let id = |id: &str| json!({ "id": id });
    let member = || json!({ "accountUserId": "MEM-1.1" });
    let address =
        || json!({ "addressLine1": "1 Road", "postCode": "1", "city": "Zug", "state": "ZG", "country": "CH" });
    vec![
        case(
            "updateUser",
            json!({ "id": "USR-1", "firstName": "Ada", "phone": { "prefix": "+41", "number": "1" }, "settings": { "numberFormat": { "decimalSeparator": "," }, "optOuts": { "objectTypes": ["Order"] } } }),
            r#"PUT /users/USR-1 {"firstName":"Ada","phone":{"prefix":"+41","number":"1"},"settings":{"numberFormat":{"decimalSeparator":","},"optOuts":{"objectTypes":["Order"]}}}"#,
            Entity("user", "USR-1"),
        ),
        case(
            "setUserPassword",
            json!({ "id": "USR-1", "password": "hunter2", "currentPassword": "hunter1" }),
            r#"POST /users/USR-1/set-password {"password":"hunter2","currentPassword":"hunter1"}"#,
            Entity("user", "USR-1"),
        ),
        case("blockUser", id("USR-1"), "POST /users/USR-1/block", Entity("user", "USR-1")),
        case("unblockUser", id("USR-1"), "POST /users/USR-1/unblock", Entity("user", "USR-1")),
        case("deleteUser", id("USR-1"), "DELETE /users/USR-1", Deleted("USR-1")),
        case(
            "inviteAccountUser",
            json!({ "accountId": "ACC-1", "groupIds": ["UGR-1", "UGR-2"], "invitation": { "status": "ACTIVE", "notes": "n" },
                "user": { "email": "a@example.com", "firstName": "A", "lastName": "B", "settings": { "languageCode": "en-US", "numberFormat": { "groupSeparator": "." } } } }),
            r#"POST /accounts/ACC-1/users {"user":{"email":"a@example.com","firstName":"A","lastName":"B","settings":{"languageCode":"en-US","numberFormat":{"groupSeparator":"."}}},"account":{"id":"ACC-1"},"groups":[{"id":"UGR-1"},{"id":"UGR-2"}],"invitation":{"status":"Active","notes":"n"},"notes":"n"}"#,
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "updateAccountUser",
            json!({ "member": { "userOfAccount": { "accountId": "ACC-1", "userId": "USR-1" } }, "lastName": null, "invitation": { "notes": "n" } }),
            r#"PUT /accounts/ACC-1/users/USR-1 {"lastName":null,"invitation":{"notes":"n"}}"#,
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "removeAccountUser",
            json!({ "member": member() }),
            "DELETE /accounts/ACC-1/users/USR-1",
            Deleted("MEM-1.1"),
        ),
        case(
            "assignUserToGroup",
            json!({ "member": member(), "groupIds": "UGR-1" }),
            r#"POST /accounts/ACC-1/users/USR-1/groups {"id":"UGR-1"}"#,
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "replaceAccountUserGroups",
            json!({ "member": member(), "groupIds": ["UGR-1", "UGR-2"] }),
            r#"PUT /accounts/ACC-1/users/USR-1/groups [{"id":"UGR-1"},{"id":"UGR-2"}]"#,
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "moveUserBetweenGroups",
            json!({ "accountId": "ACC-1", "userId": "USR-1", "fromGroupId": "UGR-1", "toGroupId": "UGR-3" }),
            r#"PUT /accounts/ACC-1/users/USR-1/groups [{"id":"UGR-3"},{"id":"UGR-2"}]"#,
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "removeUserFromGroup",
            json!({ "member": member(), "groupId": "UGR-1" }),
            "DELETE /accounts/ACC-1/users/USR-1/groups/UGR-1",
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "resendInvitation",
            json!({ "member": member() }),
            "POST /accounts/ACC-1/users/USR-1/resend-invite",
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "sendNewInvitation",
            json!({ "member": member() }),
            "POST /accounts/ACC-1/users/USR-1/send-new-invite",
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "acceptInvitation",
            json!({ "member": member() }),
            "POST /accounts/ACC-1/users/USR-1/accept-invite",
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "setAccountUserFavorite",
            json!({ "member": { "userOfAccount": { "accountId": "ACC-1", "userId": "USR-1" } }, "favorite": true }),
            r#"PUT /users/USR-1/accounts/ACC-1 {"favorite":true}"#,
            Entity("accountUser", "MEM-1.1"),
        ),
        case(
            "createGroup",
            json!({ "accountId": "ACC-1", "name": "G", "moduleIds": [], "buyerIds": ["BUY-1"], "extensionIds": ["EXT-1"] }),
            r#"POST /user-groups {"account":{"id":"ACC-1"},"name":"G","modules":[],"buyers":[{"id":"BUY-1"}],"extensions":[{"id":"EXT-1"}]}"#,
            Entity("group", "UGR-1"),
        ),
        case(
            "updateGroup",
            json!({ "id": "UGR-1", "description": null, "moduleIds": ["MOD-1"], "buyerIds": null, "extensionIds": null }),
            r#"PUT /user-groups/UGR-1 {"description":null,"modules":[{"id":"MOD-1"}],"buyers":null,"extensions":null}"#,
            Entity("group", "UGR-1"),
        ),
        case("deleteGroup", id("UGR-1"), "DELETE /user-groups/UGR-1", Deleted("UGR-1")),
        case(
            "createAccount",
            json!({ "name": "A", "type": "CLIENT", "address": address(), "defaultLanguageCode": "de-CH" }),
            r#"POST /accounts {"name":"A","type":"Client","address":{"addressLine1":"1 Road","postCode":"1","city":"Zug","state":"ZG","country":"CH"},"defaultLanguageCode":"de-CH"}"#,
            Entity("account", "ACC-1"),
        ),
        case(
            "updateAccount",
            json!({ "id": "ACC-1", "name": "B", "website": null, "eligibility": { "client": true }, "externalIds": { "pyraTenantId": null } }),
            r#"PUT /accounts/ACC-1 {"name":"B","externalIds":{"pyraTenantId":null},"website":null,"eligibility":{"client":true}}"#,
            Entity("account", "ACC-1"),
        ),
        case(
            "activateAccount",
            json!({ "id": "ACC-1", "externalId": "E", "name": "A" }),
            r#"POST /accounts/ACC-1/activate {"externalId":"E","name":"A"}"#,
            Entity("account", "ACC-1"),
        ),
        case("deactivateAccount", id("ACC-1"), "POST /accounts/ACC-1/deactivate", Entity("account", "ACC-1")),
        case("enableAccount", id("ACC-1"), "POST /accounts/ACC-1/enable", Entity("account", "ACC-1")),
        case("disableAccount", id("ACC-1"), "POST /accounts/ACC-1/disable", Entity("account", "ACC-1")),
        case(
            "validateAccount",
            json!({ "id": "ACC-1", "name": "" }),
            r#"POST /accounts/ACC-1/validate {"name":""}"#,
            Valid,
        ),
        case(
            "updateNotificationSettings",
            json!({ "accountId": "ACC-1", "settings": { "optOuts": { "objectTypes": ["Order"] }, "id": 1, "permission": "a b" } }),
            r#"PUT /accounts/ACC-1/settings/notifications {"optOuts":{"objectTypes":["Order"]},"id":1,"permission":"a b"}"#,
            Told("notificationSettings", r#"{"any":["thing"]}"#),
        ),
        case(
            "createBuyer",
            json!({ "name": "B", "address": address(), "contact": { "userId": "USR-1" } }),
            r#"POST /buyers {"name":"B","address":{"addressLine1":"1 Road","postCode":"1","city":"Zug","state":"ZG","country":"CH"},"contact":{"user":{"id":"USR-1"}}}"#,
            Entity("buyer", "BUY-1"),
        ),
        case(
            "updateBuyer",
            json!({ "id": "BUY-1", "name": "B", "address": address(), "taxId": null, "externalIds": { "erpCustomer": "C" } }),
            r#"PUT /buyers/BUY-1 {"name":"B","address":{"addressLine1":"1 Road","postCode":"1","city":"Zug","state":"ZG","country":"CH"},"taxId":null,"externalIds":{"erpCustomer":"C"}}"#,
            Entity("buyer", "BUY-1"),
        ),
        case(
            "assignBuyer",
            json!({ "id": "BUY-1", "accountId": "ACC-1", "externalIds": { "accountExternalId": "CDG-1" } }),
            r#"PUT /buyers/BUY-1 {"account":{"id":"ACC-1"},"externalIds":{"accountExternalId":"CDG-1"},"name":"N","address":{"city":"Zug"}}"#,
            Entity("buyer", "BUY-1"),
        ),
        case(
            "unassignBuyer",
            id("BUY-1"),
            r#"PUT /buyers/BUY-1 {"account":null,"externalIds":{"accountExternalId":null},"name":"N","address":{"city":"Zug"}}"#,
            Entity("buyer", "BUY-1"),
        ),
        case(
            "activateBuyer",
            json!({ "id": "BUY-1", "accountId": "ACC-1", "externalIds": { "erpCompanyContact": "K" } }),
            r#"POST /buyers/BUY-1/activate {"account":{"id":"ACC-1"},"externalIds":{"erpCompanyContact":"K"}}"#,
            Entity("buyer", "BUY-1"),
        ),
        case("deactivateBuyer", id("BUY-1"), "POST /buyers/BUY-1/deactivate", Entity("buyer", "BUY-1")),
        case("enableBuyer", id("BUY-1"), "POST /buyers/BUY-1/enable", Entity("buyer", "BUY-1")),
        case("disableBuyer", id("BUY-1"), "POST /buyers/BUY-1/disable", Entity("buyer", "BUY-1")),
        case("deleteBuyer", id("BUY-1"), "DELETE /buyers/BUY-1", Deleted("BUY-1")),
        case("synchronizeBuyer", id("BUY-1"), "POST /buyers/BUY-1/synchronize", Entity("buyer", "BUY-1")),
        case(
            "transferBuyer",
            json!({ "id": "BUY-1", "accountId": "ACC-2" }),
            r#"POST /buyers/BUY-1/transfer {"account":{"id":"ACC-2"}}"#,
            Entity("buyer", "BUY-1"),
        ),
        case(
            "validateBuyer",
            json!({ "id": "BUY-1", "accountId": "ACC-1", "taxId": "1" }),
            r#"POST /buyers/BUY-1/validate {"account":{"id":"ACC-1"},"taxId":"1"}"#,
            Valid,
        ),
        case(
            "createSeller",
            json!({ "name": "S", "currencies": [{ "value": "EUR", "billingEnabled": true, "isDefault": true }], "status": "DISABLED",
                "attributes": { "navision": { "companyCode": "X" } } }),
            r#"POST /sellers {"name":"S","currencies":[{"value":"EUR","billingEnabled":true,"isDefault":true}],"status":"Disabled","attributes":{"navision":{"companyCode":"X"}}}"#,
            Entity("seller", "SEL-1"),
        ),
        case(
            "updateSeller",
            json!({ "id": "SEL-1", "currencies": [{ "value": "EUR" }], "externalId": null }),
            r#"PUT /sellers/SEL-1 {"currencies":[{"value":"EUR"}],"externalId":null}"#,
            Entity("seller", "SEL-1"),
        ),
        case("activateSeller", id("SEL-1"), "POST /sellers/SEL-1/activate", Entity("seller", "SEL-1")),
        case("deactivateSeller", id("SEL-1"), "POST /sellers/SEL-1/deactivate", Entity("seller", "SEL-1")),
        case("disableSeller", id("SEL-1"), "POST /sellers/SEL-1/disable", Entity("seller", "SEL-1")),
        case("deleteSeller", id("SEL-1"), "DELETE /sellers/SEL-1", Deleted("SEL-1")),
        case(
            "createLicensee",
            json!({ "buyerId": "BUY-1", "sellerId": "SEL-1", "useBuyerAddress": true, "eligibility": { "partner": false } }),
            r#"POST /licensees {"buyer":{"id":"BUY-1"},"seller":{"id":"SEL-1"},"useBuyerAddress":true,"eligibility":{"partner":false}}"#,
            Entity("licensee", "LCE-1"),
        ),
        case(
            "updateLicensee",
            json!({ "id": "LCE-1", "useBuyerAddress": false, "contact": null }),
            r#"PUT /licensees/LCE-1 {"useBuyerAddress":false,"contact":null}"#,
            Entity("licensee", "LCE-1"),
        ),
        case("enableLicensee", id("LCE-1"), "POST /licensees/LCE-1/enable", Entity("licensee", "LCE-1")),
        case("disableLicensee", id("LCE-1"), "POST /licensees/LCE-1/disable", Entity("licensee", "LCE-1")),
        case("deleteLicensee", id("LCE-1"), "DELETE /licensees/LCE-1", Deleted("LCE-1")),
        case(
            "updateErpLink",
            json!({ "id": "ERP-1", "note": "n" }),
            r#"PUT /erp-links/ERP-1 {"note":"n"}"#,
            Entity("erpLink", "ERP-1"),
        ),
        case("blockErpLink", id("ERP-1"), "POST /erp-links/ERP-1/block {}", Entity("erpLink", "ERP-1")),
        case(
            "unblockErpLink",
            json!({ "id": "ERP-1", "note": "paid" }),
            r#"POST /erp-links/ERP-1/unblock {"note":"paid"}"#,
            Entity("erpLink", "ERP-1"),
        ),
        case(
            "createApiToken",
            json!({ "accountId": "ACC-1", "name": "T", "moduleIds": ["MOD-1"], "extensionIds": ["EXT-1"] }),
            r#"POST /api-tokens {"account":{"id":"ACC-1"},"name":"T","modules":[{"id":"MOD-1"}],"extensions":[{"id":"EXT-1"}]}"#,
            Entity("apiToken", "TKN-1"),
        ),
        case(
            "updateApiToken",
            json!({ "id": "TKN-1", "description": null, "extensionIds": [] }),
            r#"PUT /api-tokens/TKN-1 {"description":null,"extensions":[]}"#,
            Entity("apiToken", "TKN-1"),
        ),
        case("enableApiToken", id("TKN-1"), "POST /api-tokens/TKN-1/enable", Entity("apiToken", "TKN-1")),
        case("disableApiToken", id("TKN-1"), "POST /api-tokens/TKN-1/disable", Entity("apiToken", "TKN-1")),
        case("deleteApiToken", id("TKN-1"), "DELETE /api-tokens/TKN-1", Deleted("TKN-1")),
        case(
            "createCloudTenant",
            json!({ "name": "T", "type": "CSP365", "status": "ACTIVE", "accountId": "ACC-1",
                "externalIds": { "pyraTenantId": "p", "cloudConsumptionId": "c" } }),
            r#"POST /cloud-tenants {"name":"T","externalIds":{"pyraTenantId":"p","cloudConsumptionId":"c"},"type":"Csp365","status":"Active","account":{"id":"ACC-1"}}"#,
            Entity("cloudTenant", "CLT-1"),
        ),
        case(
            "updateCloudTenant",
            json!({ "id": "CLT-1", "name": "T", "status": "DISABLED", "accountId": null,
                "externalIds": { "pyraTenantId": "p", "cloudConsumptionId": "c", "providerId": null } }),
            r#"PUT /cloud-tenants/CLT-1 {"name":"T","externalIds":{"pyraTenantId":"p","cloudConsumptionId":"c","providerId":null},"status":"Disabled","account":null}"#,
            Entity("cloudTenant", "CLT-1"),
        ),
        case("deleteCloudTenant", id("CLT-1"), "DELETE /cloud-tenants/CLT-1", Deleted("CLT-1")),
    ]
}

impl Case {
    pub(super) fn document(&self) -> String {
        let name = self.name;
        let (first, rest) = name.split_at(1);
        let input = format!("{}{rest}Input!", first.to_uppercase());
        let told = match self.payload {
            Entity(field, _) => format!("{field} {{ id }}"),
            Deleted(_) => "deletedId".to_owned(),
            Valid => "valid".to_owned(),
            Told(field, _) => field.to_owned(),
        };
        format!("mutation($input: {input}) {{ {name}(input: $input) {{ {told} userErrors {{ message path code }} }} }}")
    }

    pub(super) fn input_variables(&self) -> Value {
        json!({ "input": self.input })
    }

    /// What is read before it: without name and address no change of a buyer is accepted.
    fn before(&self) -> Option<&'static str> {
        match self.name {
            "assignBuyer" | "unassignBuyer" => Some(BEFORE),
            "moveUserBetweenGroups" => Some(GROUPS),
            _ => None,
        }
    }

    async fn send(&self, kit: &Scripted) -> Value {
        let (answer, requests) = self.sent(kit).await;
        let expected: Vec<&str> = self.before().into_iter().chain([self.request]).collect();
        assert_eq!(requests, expected);
        answer
    }

    async fn sent(&self, kit: &Scripted) -> (Value, Vec<String>) {
        let text = kit.text(&self.document(), self.input_variables()).await;
        assert!(
            !text.contains(TOKEN)
                && !text.contains("hunter2")
                && !text.contains("hunter1")
                && !text.contains("127.0.0.1"),
            "{text}"
        );
        (serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")), kit.requests())
    }

    /// What the upstream answers when it does it.
    pub(super) fn done(&self) -> (u16, String) {
        match self.payload {
            // The account as the user sees it.
            Entity(..) if self.name == "setAccountUserFavorite" => (200, json!({ "id": "ACC-1" }).to_string()),
            // A member as the current routes show one: the user.
            Entity("accountUser", _) => (200, json!({ "id": "USR-1" }).to_string()),
            Entity(_, id) => (200, json!({ "id": id }).to_string()),
            Deleted(_) => (204, String::new()),
            Valid => (200, json!({ "name": "whatever" }).to_string()),
            Told(_, body) => (200, body.to_owned()),
        }
    }

    /// The answer when it was done, or refused with this user error.
    fn answer(&self, error: Option<Value>) -> Value {
        let done = error.is_none();
        let told = match self.payload {
            Entity(field, id) => json!({ field: done.then(|| json!({ "id": id })) }),
            Deleted(id) => json!({ "deletedId": done.then_some(id) }),
            Valid => json!({ "valid": done }),
            Told(field, body) => {
                json!({ field: done.then(|| serde_json::from_str::<Value>(body).expect("JSON")) })
            }
        };
        let Value::Object(mut payload) = told else { unreachable!("made above") };
        payload.insert("userErrors".to_owned(), json!(error.into_iter().collect::<Vec<_>>()));
        json!({ "data": { self.name: payload } })
    }

    /// The answer when it failed.
    fn failed(&self, message: &str, extensions: &Value) -> Value {
        let column = self.document().find(") {").expect("a selection") + 5;
        json!({
            "errors": [{ "message": message, "locations": [{ "line": 1, "column": column }], "path": [self.name],
                "extensions": extensions }],
            "data": { self.name: null }
        })
    }
}

/// An upstream with the current routes, of which nothing has to be found out.
async fn current(script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Scripted {
    let buyer = ok(&json!({ "id": "BUY-1", "name": "N", "address": { "city": "Zug" } }));
    let member = list(&json!([member_of_groups()]));
    let answer = move |line: &str| match line {
        BEFORE => buyer.clone(),
        GROUPS => member.clone(),
        line => script(line),
    };
    speaking(MembershipRoutes::Only(Family::Accounts), answer).await
}

/// What the upstream tells of a member who is moved.
pub(super) fn member_of_groups() -> Value {
    json!({ "id": "USR-1", "groups": [{ "id": "UGR-1" }, { "id": "UGR-2" }] })
}

/// One that answers every write like this.
async fn upstream(status: u16, body: Value) -> Scripted {
    current(move |_| (status, body.to_string())).await
}

#[test]
fn every_mutation_is_in_the_table() {
    let tested: BTreeSet<&str> = cases().iter().map(|case| case.name).collect();
    // Those of Wavefront are tested with it.
    let accounts = || mutation::all().filter(|declared| !declared.name.contains("Wavefront"));
    let declared: BTreeSet<&str> = accounts().map(|declared| declared.name).collect();
    assert_eq!(tested, declared);
    assert_eq!((tested.len(), accounts().count()), (cases().len(), declared.len()), "each once");
}

#[tokio::test]
async fn success_answers_what_was_changed() {
    let answers: BTreeMap<&str, (u16, String)> = cases().iter().map(|case| (case.request, case.done())).collect();
    let kit = current(move |line| answers[line].clone()).await;
    for case in cases() {
        assert_eq!(case.send(&kit).await, case.answer(None), "{}", case.name);
    }
}

#[tokio::test]
async fn what_the_upstream_finds_wrong_with_the_input_is_a_user_error() {
    for (status, code) in [(400, "BAD_USER_INPUT"), (409, "CONFLICT"), (422, "BAD_USER_INPUT")] {
        let kit = upstream(status, json!({ "title": "No", "errors": { "mistake": ["Not like this."] } })).await;
        for case in cases() {
            let base = if case.name == "assignUserToGroup" {
                json!(["input", "groupIds", "0"])
            } else if case.name == "replaceAccountUserGroups" {
                json!(["input", "groupIds"])
            } else if case.name == "updateNotificationSettings" {
                json!(["input", "settings"])
            } else {
                json!(["input"])
            };
            let error = json!({ "message": "Not like this.", "path": base, "code": code });
            assert_eq!(case.send(&kit).await, case.answer(Some(error)), "{}", case.name);
        }
    }
}

#[tokio::test]
async fn a_missing_target_is_a_user_error() {
    let kit = speaking(MembershipRoutes::Only(Family::Accounts), |line| match line {
        line if asks_for_collection(line) => list(&json!([])),
        _ => (404, r#"{"title":"Not Found"}"#.to_owned()),
    })
    .await;
    for case in cases() {
        let (answer, requests) = case.sent(&kit).await;
        // Some routes are not there on all hosts: then it is asked whether the route is what is missing.
        let asked = requests[1..].iter().all(|line| line.starts_with("GET "));
        assert!(requests[0] == case.before().unwrap_or(case.request) && asked, "{requests:?}");
        let named = ["id", "member"].into_iter().find(|name| case.input.get(*name).is_some());
        let (named, said) = match case.name {
            "removeUserFromGroup" | "moveUserBetweenGroups" => (None, "There is no such member or group"),
            "updateNotificationSettings" => (Some("accountId"), "There is no such account"),
            _ if named.is_none() => (None, "Something that the input refers to does not exist"),
            _ => (named, "There is no such "),
        };
        let path: Vec<&str> = ["input"].into_iter().chain(named).collect();
        let error = &answer["data"][case.name]["userErrors"][0];
        assert_eq!((&error["path"], &error["code"]), (&json!(path), &json!("NOT_FOUND")), "{}", case.name);
        let message = error["message"].as_str().expect("a message");
        assert!(message.starts_with(said) && message.ends_with(", or the caller may not see it."), "{message}");
        assert_eq!(answer, case.answer(Some(error.clone())), "{}", case.name);
    }
}

#[tokio::test]
async fn what_the_caller_cannot_put_right_in_the_input_is_an_error() {
    for (status, code, message) in [
        (401, "UNAUTHENTICATED", "The accounts API does not accept the token of the Authorization header"),
        (403, "FORBIDDEN", "The accounts API does not allow this to the caller"),
        (429, "RATE_LIMITED", "The accounts API asks for fewer requests"),
        (
            503,
            "OUTCOME_UNKNOWN",
            "The accounts API answered with status 503: whether the change was made is not known. It was sent once",
        ),
    ] {
        let kit = upstream(status, json!({ "title": TOKEN, "traceId": "00-a-b-00" })).await;
        for case in cases() {
            let extensions = json!({ "code": code, "traceId": "00-a-b-00" });
            assert_eq!(case.send(&kit).await, case.failed(message, &extensions), "{}", case.name);
        }
    }
}
