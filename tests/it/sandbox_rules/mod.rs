//! The sandbox's business rules and state machines, table by table, named after the upstream's own numbers: `br` for a
//! rule, `t` for a transition.

mod account;
mod body;
mod buyer;
mod deleted;
mod group;
mod licensee;
mod link;
mod member;
mod older;
mod picture;
mod seller;
mod tenant;
mod token;
mod user;

use super::sandbox_kit::{ACCOUNT, GROUP, Kit, Row, address, refusal, text, told};
use serde_json::{Value, json};

/// The path of what was just created.
fn path(collection: &str, created: &Value) -> String {
    format!("{collection}/{}", created["id"].as_str().unwrap_or_else(|| panic!("no id: {created}")))
}

/// An action that the present state does not allow, and leaves alone.
async fn stays(kit: &Kit, path: &str, action: &str, code: &str) {
    let before = kit.get(path).await;
    let told = kit.refused(&format!("POST {path}/{action}"), Value::Null).await;
    assert_eq!(told, refusal(400, code), "{path} {action}");
    assert_eq!(kit.get(path).await, before, "{path} {action}");
}

/// A deletion that is refused.
async fn kept(kit: &Kit, path: &str, code: &str) {
    assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(400, code), "{path}");
}

/// The status that an action without a body leaves behind, for whoever calls it.
async fn by(kit: &Kit, path: &str, action: &str, token: &str) -> (u16, String) {
    let (status, body) = kit.write(&format!("POST {path}/{action}"), Value::Null, Some(token)).await;
    if status < 400 { (status, body["status"].as_str().unwrap_or_default().to_owned()) } else { told(&(status, body)) }
}

/// A new buyer in the showcase account, known to the ERP by this number if there is one.
async fn buyer(kit: &Kit, number: Option<u32>) -> String {
    let mut body = json!({ "name": "Amber Trade", "address": address(), "account": { "id": ACCOUNT } });
    if let Some(number) = number {
        body["externalIds"] =
            json!({ "erpCustomer": format!("CUS-X{number}"), "erpCompanyContact": format!("CON-X{number}") });
    }
    path("buyers", &kit.done("POST buyers", body).await)
}

/// A new seller with an external id.
async fn seller(kit: &Kit, external: &str) -> String {
    let currencies = json!([{ "value": "EUR", "billingEnabled": true, "isDefault": true }]);
    let body = json!({ "name": "Marketplace Latvia", "externalId": external, "currencies": currencies });
    path("sellers", &kit.done("POST sellers", body).await)
}

/// An active link between an active seller and an active buyer of the showcase account.
fn tie(kit: &Kit) -> Row {
    let (buyers, sellers) = (kit.rows("buyers"), kit.rows("sellers"));
    kit.row("erp-links", |link| {
        let buys = |row: &Row| row["id"] == link["buyer"] && text(row, "account") == ACCOUNT;
        let active = |rows: &[Row], fits: &dyn Fn(&Row) -> bool| {
            rows.iter().any(|row| fits(row) && text(row, "status") == "Active")
        };
        text(link, "status") == "Active"
            && active(&buyers, &buys)
            && active(&sellers, &|row| row["id"] == link["seller"])
    })
}

/// Disables all licensees who buy from a link's seller.
async fn quiet(kit: &Kit, link: &Row) {
    for row in kit.rows("licensees").iter().filter(|row| row["seller"] == link["seller"]) {
        if matches!(text(row, "status"), "Active" | "Enabled") {
            kit.done(&format!("POST licensees/{}/disable", text(row, "id")), Value::Null).await;
        }
    }
}

/// A new licensee of the buyer and the seller of a link.
async fn licensee(kit: &Kit, link: &Row) -> String {
    let body = json!({ "buyer": { "id": link["buyer"] }, "seller": { "id": link["seller"] }, "useBuyerAddress": true });
    path("licensees", &kit.done("POST licensees", body).await)
}

/// Somebody new, who is invited to the showcase account.
async fn invited(kit: &Kit) -> String {
    let body = json!({
        "email": "tess@example.com", "firstName": "Tess", "lastName": "Ahlberg", "groups": [{ "id": GROUP }],
    });
    let answer = kit.done(&format!("POST accounts/{ACCOUNT}/users"), body).await;
    answer["id"].as_str().expect("an id").to_owned()
}
