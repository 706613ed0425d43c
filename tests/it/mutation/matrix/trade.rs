//! Buyers, sellers, licensees and ERP links.

use super::{
    Case, INPUT, STATE, UNKNOWN, case,
    host::{ACCOUNT, Host, Row, address, text},
};
use serde_json::{Value, json};

pub(super) async fn cases(host: &Host) -> Vec<Case> {
    let link = host.tie();
    let mut cases = buyers(host, &link).await;
    cases.extend(moves(host).await);
    cases.extend(sellers(host, &link).await);
    cases.extend(licensees(host, &link).await);
    cases.extend(links(host, &link).await);
    cases
}

fn erp(number: u32) -> Value {
    json!({ "erpCustomer": format!("CUS-X{number}"), "erpCompanyContact": format!("CON-X{number}") })
}

impl Host {
    /// A new buyer in the showcase account, known to the ERP by this number if there is one.
    async fn buyer(&self, number: Option<u32>) -> String {
        let mut body = json!({ "name": "Amber Trade", "address": address(), "account": { "id": ACCOUNT } });
        if let Some(number) = number {
            body["externalIds"] = erp(number);
        }
        self.create("buyers", body).await
    }

    /// A new seller.
    async fn seller(&self, external: &str) -> String {
        let currencies = if self.takes_codes() {
            json!(["EUR"])
        } else {
            json!([{ "value": "EUR", "billingEnabled": true, "isDefault": true }])
        };
        self.create("sellers", json!({ "name": "Latvia", "externalId": external, "currencies": currencies })).await
    }

    /// An active link between an active seller and an active buyer of the showcase account.
    fn tie(&self) -> Row {
        let (buyers, sellers) = (self.rows("buyers"), self.rows("sellers"));
        self.row("erp-links", |link| {
            let active = |rows: &[Row], end: &str| {
                let fits = |row: &&Row| row["id"] == link[end] && text(row, "status") == "Active";
                rows.iter().find(fits).cloned()
            };
            let buyer = active(&buyers, "buyer").filter(|buyer| text(buyer, "account") == ACCOUNT);
            text(link, "status") == "Active" && buyer.is_some() && active(&sellers, "seller").is_some()
        })
    }

    /// Another active link, through which nobody buys any more.
    async fn quiet_link(&self, tie: &Row) -> String {
        let (buyers, sellers) = (self.rows("buyers"), self.rows("sellers"));
        let link = self.row("erp-links", |link| {
            let active = |rows: &[Row], end: &str| {
                rows.iter().any(|row| row["id"] == link[end] && text(row, "status") == "Active")
            };
            link["id"] != tie["id"]
                && text(link, "status") == "Active"
                && active(&buyers, "buyer")
                && active(&sellers, "seller")
        });
        for row in self.rows("licensees") {
            let there = row["seller"] == link["seller"] && row["buyer"] == link["buyer"];
            if there && matches!(text(&row, "status"), "Active" | "Enabled") {
                self.act(&format!("licensees/{}/disable", text(&row, "id"))).await;
            }
        }
        text(&link, "id").to_owned()
    }
}

fn id(id: &str) -> Value {
    json!({ "id": id })
}

fn status(status: &str) -> Value {
    json!({ "status": status })
}

async fn buyers(host: &Host, link: &Row) -> Vec<Case> {
    let vendor = host.row("accounts", |row| text(row, "type") == "Vendor");
    let new = || json!({ "name": "Amber Trade", "address": address() });
    let with = |name: &str, value: Value| {
        let mut input = new();
        input[name] = value;
        input
    };
    let (updated, enabled) = (host.buyer(None).await, host.buyer(None).await);
    let (disabled, resting, gone) = (host.buyer(None).await, host.buyer(None).await, host.buyer(None).await);
    host.act(&format!("buyers/{resting}/disable")).await;
    let active = host.buyer(Some(1)).await;
    let activate = |id: &str, ids: Value| json!({ "id": id, "accountId": ACCOUNT, "externalIds": ids });
    let to_vendor = |id: &str| json!({ "id": id, "accountId": vendor["id"], "name": "n" });
    vec![
        case("createBuyer", new(), status("UNASSIGNED"))
            .refuses(with("accountId", vendor["id"].clone()), "MPTACC05-0002", &["input", "accountId"])
            .misses(with("accountId", json!("ACC-9999-9999")), UNKNOWN, &["input", "accountId"]),
        // Name and address have to be sent with every change.
        case("updateBuyer", json!({ "id": updated, "taxId": "LV1" }), json!({ "taxId": "LV1", "name": "Amber Trade" }))
            .after(1)
            .refuses(json!({ "id": updated, "taxId": "x".repeat(19) }), "BAD_USER_INPUT", &["input", "taxId"]),
        case("activateBuyer", activate(&enabled, erp(2)), status("ACTIVE")).refuses(
            activate(&updated, json!({ "erpCustomer": "C" })),
            "MPTACC05-0001",
            &["input", "externalIds"],
        ),
        case("deactivateBuyer", id(&active), status("ENABLED")).refuses(id(&updated), STATE, INPUT),
        case("enableBuyer", id(&resting), status("ENABLED")).refuses(id(&updated), STATE, INPUT),
        case("disableBuyer", id(&disabled), status("DISABLED")).refuses(id(&resting), STATE, INPUT),
        case("deleteBuyer", id(&gone), Value::Null).refuses(id(text(link, "buyer")), "MPTACC05-0008", INPUT),
        case("synchronizeBuyer", id(&host.in_status("buyers", "Mismatch")), status("ACTIVE")).refuses(
            id(&updated),
            STATE,
            INPUT,
        ),
        case("validateBuyer", json!({ "id": updated, "accountId": ACCOUNT, "name": "n" }), Value::Null).refuses(
            to_vendor(&updated),
            "MPTACC05-0002",
            &["input", "accountId"],
        ),
    ]
}

/// Buyers on their way into accounts, out of them, and from one to another.
async fn moves(host: &Host) -> Vec<Case> {
    let vendor = host.row("accounts", |row| text(row, "type") == "Vendor");
    let client = host.row("accounts", |row| text(row, "type") == "Client" && row["id"] != ACCOUNT);
    let account = host.row("accounts", |row| row["id"] == ACCOUNT);
    let loose = host.create("buyers", json!({ "name": "Stray", "address": address() })).await;
    let (settled, moving, enabled) = (host.buyer(Some(3)).await, host.buyer(Some(4)).await, host.buyer(None).await);
    let assign = |external: Value| json!({ "id": loose, "accountId": ACCOUNT, "externalIds": { "accountExternalId": external } });
    let transfer = |account: &Row| json!({ "id": moving, "accountId": account["id"] });
    vec![
        case("assignBuyer", assign(account["externalId"].clone()), status("ENABLED")).after(1).refuses(
            assign(json!("ANOTHER")),
            "MPTACC05-0005",
            &["input", "externalIds", "accountExternalId"],
        ),
        case("unassignBuyer", id(&settled), status("UNASSIGNED")).after(1).refuses(id(&enabled), STATE, INPUT),
        case("transferBuyer", transfer(&client), json!({ "account": { "id": client["id"] } })).refuses(
            transfer(&vendor),
            "MPTACC05-0002",
            &["input", "accountId"],
        ),
    ]
}

async fn sellers(host: &Host, link: &Row) -> Vec<Case> {
    let (updated, active, resting) = (host.seller("X1").await, host.seller("X2").await, host.seller("X3").await);
    let (disabled, gone) = (host.seller("X4").await, host.seller("X5").await);
    host.act(&format!("sellers/{resting}/deactivate")).await;
    let busy = text(link, "seller");
    let currency = |code: &str| json!({ "value": code, "billingEnabled": true, "isDefault": true });
    let new = |currencies: Value| json!({ "name": "New", "externalId": "X6", "currencies": currencies });
    vec![
        case("createSeller", new(json!([currency("EUR")])), status("ACTIVE")).refuses(
            new(json!([currency("EUR"), currency("USD")])),
            "MPTACC06-0013",
            &["input", "currencies"],
        ),
        case("updateSeller", json!({ "id": updated, "name": "Other" }), json!({ "name": "Other" })).refuses(
            json!({ "id": updated, "name": "" }),
            "BAD_USER_INPUT",
            &["input", "name"],
        ),
        case("activateSeller", id(&resting), status("ACTIVE")).refuses(id(&updated), STATE, INPUT),
        case("deactivateSeller", id(&active), status("OFFLINE")).refuses(id(busy), "MPTACC06-0001", INPUT),
        case("disableSeller", id(&disabled), status("DISABLED")).refuses(id(busy), "MPTACC06-0001", INPUT),
        case("deleteSeller", id(&gone), Value::Null).refuses(id(busy), "MPTACC06-0001", INPUT),
    ]
}

async fn licensees(host: &Host, link: &Row) -> Vec<Case> {
    let body = json!({ "buyer": { "id": link["buyer"] }, "seller": { "id": link["seller"] }, "useBuyerAddress": true });
    let mut fresh = vec![];
    for _ in 0..5 {
        fresh.push(host.create("licensees", body.clone()).await);
    }
    let [updated, disabled, resting, gone, deleted] = &fresh[..] else { panic!("five") };
    host.act(&format!("licensees/{resting}/disable")).await;
    host.rest(&format!("DELETE licensees/{deleted}"), Value::Null).await;
    let new =
        |buyer: &Value, own: bool| json!({ "buyerId": buyer, "sellerId": link["seller"], "useBuyerAddress": !own });
    vec![
        case("createLicensee", new(&link["buyer"], false), status("ACTIVE"))
            .refuses(new(&link["buyer"], true), "MPTACC06-0003", &["input", "address"])
            .misses(new(&json!("BUY-9999-9999"), false), UNKNOWN, &["input", "buyerId"]),
        case("updateLicensee", json!({ "id": updated, "name": "Other" }), json!({ "name": "Other" })).refuses(
            json!({ "id": updated, "useBuyerAddress": false }),
            "MPTACC06-0003",
            &["input", "address"],
        ),
        case("enableLicensee", id(resting), status("ACTIVE")).refuses(id(updated), STATE, INPUT),
        case("disableLicensee", id(disabled), status("DISABLED")).refuses(id(resting), STATE, INPUT),
        case("deleteLicensee", id(gone), Value::Null).refuses(id(deleted), "MPTACC00-0003", INPUT),
    ]
}

async fn links(host: &Host, link: &Row) -> Vec<Case> {
    let (quiet, blocked) = (host.quiet_link(link).await, host.in_status("erp-links", "Blocked"));
    let tie = text(link, "id");
    vec![
        case("updateErpLink", json!({ "id": tie, "note": "n" }), json!({ "note": "n" })).of_operations(),
        case("blockErpLink", id(&quiet), status("BLOCKED")).refuses(id(tie), "MPTACC06-0007", INPUT),
        case("unblockErpLink", json!({ "id": blocked, "note": "paid" }), status("ACTIVE")).refuses(
            id(tie),
            STATE,
            INPUT,
        ),
    ]
}
