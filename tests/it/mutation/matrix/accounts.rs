//! Accounts, API tokens and cloud tenants.

use super::{
    Case, INPUT, STATE, UNKNOWN, case,
    host::{ACCOUNT, GROUP, Host, text},
};
use serde_json::{Value, json};

pub(super) async fn cases(host: &Host) -> Vec<Case> {
    let mut cases = accounts(host).await;
    cases.extend(tokens(host).await);
    cases.extend(tenants(host).await);
    cases
}

impl Host {
    /// A new client account.
    async fn client(&self) -> String {
        self.create("accounts", json!({ "name": "Amber", "type": "Client", "serviceLevel": "Elite" })).await
    }

    async fn active_client(&self, external: &str) -> String {
        let client = self.client().await;
        let body = json!({ "name": "Amber", "externalId": external });
        self.rest(&format!("POST accounts/{client}/activate"), body).await;
        client
    }
}

async fn accounts(host: &Host) -> Vec<Case> {
    let (enabled, updated, disabled) = (host.client().await, host.client().await, host.client().await);
    let active = host.active_client("CDG-X1").await;
    let resting = host.client().await;
    host.act(&format!("accounts/{resting}/disable")).await;
    let operations = host.row("accounts", |row| text(row, "type") == "Operations");
    let vendor = host.row("accounts", |row| text(row, "type") == "Vendor");
    let id = |id: &str| json!({ "id": id });
    let status = |status: &str| json!({ "status": status });
    let new = |ty: &str| json!({ "name": "New", "type": ty, "serviceLevel": "ELITE" });
    let activate = |id: &str| json!({ "id": id, "externalId": "CDG-X2", "name": "Amber" });
    vec![
        case("createAccount", new("CLIENT"), json!({ "name": "New", "status": "ENABLED" })).refuses(
            new("OPERATIONS"),
            "MPTACC04-0002",
            &["input", "type"],
        ),
        // The name has to be sent with every change.
        case(
            "updateAccount",
            json!({ "id": updated, "description": "d" }),
            json!({ "description": "d", "name": "Amber" }),
        )
        .after(1)
        .refuses(
            json!({ "id": updated, "website": "x".repeat(2001) }),
            "BAD_USER_INPUT",
            &["input", "website"],
        ),
        case("activateAccount", activate(&enabled), status("ACTIVE")).refuses(activate(&active), STATE, INPUT),
        case("deactivateAccount", id(&active), status("ENABLED")).refuses(id(&enabled), STATE, INPUT),
        case("disableAccount", id(&disabled), status("DISABLED")).refuses(
            id(text(&operations, "id")),
            "MPTACC04-0001",
            INPUT,
        ),
        case("enableAccount", id(&resting), status("ENABLED")).refuses(id(&enabled), STATE, INPUT),
        case("validateAccount", json!({ "id": updated, "name": "Whatever" }), Value::Null).refuses(
            json!({ "id": vendor["id"], "eligibility": { "client": true, "partner": false } }),
            "MPTACC04-0004",
            &["input", "eligibility"],
        ),
        case(
            "updateNotificationSettings",
            json!({ "accountId": ACCOUNT, "settings": { "any": ["thing"] } }),
            Value::Null,
        )
        .refuses(json!({ "accountId": ACCOUNT, "settings": ["thing"] }), "BAD_USER_INPUT", &["input", "settings"])
        .misses(json!({ "accountId": "ACC-9999-9999", "settings": {} }), "NOT_FOUND", &["input", "accountId"]),
    ]
}

async fn tokens(host: &Host) -> Vec<Case> {
    let token = |name: &str| json!({ "account": { "id": ACCOUNT }, "name": name });
    let updated = host.create("api-tokens", token("Updated")).await;
    let (active, deleted) =
        (host.create("api-tokens", token("Active")).await, host.create("api-tokens", token("Deleted")).await);
    let (disabled, gone) =
        (host.create("api-tokens", token("Disabled")).await, host.create("api-tokens", token("Gone")).await);
    for id in [&disabled, &deleted, &gone] {
        host.act(&format!("api-tokens/{id}/disable")).await;
    }
    host.rest(&format!("DELETE api-tokens/{gone}"), Value::Null).await;
    let default = host.row("user-groups", |row| text(row, "id") == GROUP);
    let granted = default["modules"].as_array().cloned().unwrap_or_default();
    let other = host.row("modules", |row| !granted.contains(&row["id"]));
    let id = |id: &str| json!({ "id": id });
    let status = |status: &str| json!({ "status": status });
    vec![
        case("createApiToken", json!({ "accountId": ACCOUNT, "name": "CI" }), status("ACTIVE"))
            .refuses(
                json!({ "accountId": ACCOUNT, "name": "CI", "moduleIds": [other["id"]] }),
                "MPTACC03-0003",
                &["input", "moduleIds"],
            )
            .misses(json!({ "accountId": "ACC-9999-9999", "name": "CI" }), UNKNOWN, &["input", "accountId"]),
        case("updateApiToken", json!({ "id": updated, "name": "CD" }), json!({ "name": "CD" })).refuses(
            json!({ "id": updated, "name": "C/D" }),
            "BAD_USER_INPUT",
            &["input", "name"],
        ),
        case("enableApiToken", id(&disabled), status("ACTIVE")).refuses(id(&active), STATE, INPUT),
        case("disableApiToken", id(&active), status("DISABLED")).refuses(id(&disabled), STATE, INPUT),
        case("deleteApiToken", id(&deleted), Value::Null).refuses(id(&gone), "MPTACC00-0003", INPUT),
    ]
}

async fn tenants(host: &Host) -> Vec<Case> {
    let ids = |last: u32| {
        json!({ "pyraTenantId": "00000000-0000-4000-8000-0000000000ff",
            "cloudConsumptionId": format!("00000000-0000-4000-9000-{last:012}") })
    };
    let tenant = |last: u32| json!({ "name": "Tenant", "externalIds": ids(last) });
    let updated = host.create("cloud-tenants", tenant(1)).await;
    let deleted = host.create("cloud-tenants", tenant(2)).await;
    let taken = &["input", "externalIds", "cloudConsumptionId"];
    let mut unknown = tenant(4);
    unknown["accountId"] = json!("ACC-9999-9999");
    vec![
        case("createCloudTenant", tenant(3), json!({ "status": "ACTIVE" }))
            .refuses(tenant(1), "MPTACC07-0001", taken)
            .misses(unknown, UNKNOWN, &["input", "accountId"]),
        // Name, ids and account would be taken away.
        case("updateCloudTenant", json!({ "id": updated, "status": "DISABLED" }), json!({ "status": "DISABLED" }))
            .after(1)
            .refuses(json!({ "id": updated, "externalIds": ids(2) }), "MPTACC07-0001", taken),
        case("deleteCloudTenant", json!({ "id": deleted }), Value::Null).of_operations(),
    ]
}
