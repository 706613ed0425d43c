//! ERP links.

use super::{by, licensee, quiet, stays, tie};
use crate::sandbox_kit::{Kit, Row, address, after, kit, refusal, text};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

/// A link of the showcase that nobody buys through.
async fn idle(kit: &Kit) -> (Row, String) {
    let link = tie(kit);
    quiet(kit, &link).await;
    let path = format!("erp-links/{}", text(&link, "id"));
    (link, path)
}

#[tokio::test]
async fn erp_link_br_002_it_is_made_and_removed_by_nobody() {
    let kit = kit().await;
    let path = format!("erp-links/{}", text(&tie(&kit), "id"));
    assert_eq!(kit.refused("POST erp-links", json!({})).await, refusal(405, ""));
    assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(405, ""));
}

#[tokio::test]
async fn erp_link_br_003_only_the_note_is_kept() {
    let kit = kit().await;
    let path = format!("erp-links/{}", text(&tie(&kit), "id"));
    let before = kit.get(&path).await;
    let body = json!({
        "note": "Checked", "name": "Other", "companyName": "Other", "status": "Blocked", "address": address(),
        "externalIds": { "erpCustomer": "C" }, "buyer": { "id": "BUY-0000-0000" }, "shipTo": [],
    });
    let answer = kit.done(&format!("PUT {path}"), body).await;
    let mut expected = before.clone();
    expected["note"] = json!("Checked");
    expected["revision"] = json!(before["revision"].as_i64().expect("a number") + 1);
    assert_eq!(answer, expected);
    assert_eq!(kit.done(&format!("PUT {path}"), json!({ "note": null })).await.get("note"), None);
    assert_eq!(kit.refused("PUT erp-links/ERP-0000-0000-0000", json!({})).await, refusal(404, ""));
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        let (status, _) = kit.write(&format!("PUT {path}"), json!({}), Some(token)).await;
        assert_eq!(status, 403);
    }
}

#[tokio::test]
async fn erp_link_br_005_it_is_blocked_with_a_note_and_unblocked() {
    let kit = kit().await;
    let (_, path) = idle(&kit).await;
    stays(&kit, &path, "unblock", "MPTACC00-0002").await;
    let blocked = kit.done(&format!("POST {path}/block"), json!({ "note": "Unpaid" })).await;
    assert_eq!((&blocked["status"], &blocked["note"]), (&json!("Blocked"), &json!("Unpaid")));
    stays(&kit, &path, "block", "MPTACC00-0002").await;
    assert_eq!(after(&kit, &path, "unblock").await, "Active");
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        assert_eq!(by(&kit, &path, "block", token).await, refusal(403, ""));
    }
}

#[tokio::test]
async fn erp_link_br_005_it_is_not_blocked_while_somebody_buys_or_an_end_rests() {
    let kit = kit().await;
    let (link, path) = idle(&kit).await;
    let licensee = licensee(&kit, &link).await;
    stays(&kit, &path, "block", "MPTACC06-0007").await;
    kit.done(&format!("POST {licensee}/disable"), Value::Null).await;
    kit.done(&format!("POST buyers/{}/deactivate", text(&link, "buyer")), Value::Null).await;
    stays(&kit, &path, "block", "MPTACC06-0006").await;
    quiet(&kit, &link).await;
    kit.done(&format!("POST sellers/{}/disable", text(&link, "seller")), Value::Null).await;
    stays(&kit, &path, "block", "MPTACC06-0005").await;
}

#[tokio::test]
async fn erp_link_br_006_a_blocked_one_is_blocked_again_when_its_seller_is_back() {
    let kit = kit().await;
    let (link, path) = idle(&kit).await;
    quiet(&kit, &link).await;
    kit.done(&format!("POST {path}/block"), Value::Null).await;
    let seller = format!("sellers/{}", text(&link, "seller"));
    kit.done(&format!("POST {seller}/disable"), Value::Null).await;
    assert_eq!(kit.get(&path).await["status"], "Disabled");
    kit.done(&format!("POST {seller}/activate"), Value::Null).await;
    kit.done(&format!("POST buyers/{}/synchronize", text(&link, "buyer")), Value::Null).await;
    assert_eq!(kit.get(&path).await["status"], "Blocked");
}

#[tokio::test]
async fn a_link_is_called_after_its_ends() {
    let kit = kit().await;
    let link = tie(&kit);
    let path = format!("erp-links/{}", text(&link, "id"));
    let body = json!({ "name": "Amber Trade", "address": address() });
    kit.done(&format!("PUT buyers/{}", text(&link, "buyer")), body).await;
    kit.done(&format!("PUT sellers/{}", text(&link, "seller")), json!({ "name": "Marketplace" })).await;
    assert_eq!(kit.get(&path).await["name"], "Amber Trade - Marketplace");
}
