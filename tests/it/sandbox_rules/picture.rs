//! Forms with a picture, in place of plain JSON.

use super::{licensee, seller, tie};
use crate::sandbox_kit::{ACCOUNT, Kit, USER, address, kit, text};
use accounts_graph_sandbox::{Bodies, Options, Quirks};
use serde_json::{Value, json};

/// The status and the body of a write with a form: the object by the name of its part, and a picture by the name of its.
async fn send(kit: &Kit, call: &str, object: (&str, &Value), picture: Option<&str>) -> (u16, Value) {
    let head = |name: &str| format!("--frame\r\nContent-Disposition: form-data; name=\"{name}\"");
    let object = format!("{}\r\nContent-Type: application/json\r\n\r\n{}\r\n", head(object.0), object.1);
    let picture = picture
        .map(|name| format!("{}; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n\u{1}PNG\r\n", head(name)));
    let form = [object, picture.unwrap_or_default(), "--frame--\r\n".to_owned()].concat();
    let (method, path) = call.split_once(' ').expect("a method and a path");
    let url = format!("{}/v1/accounts/{path}", kit.sandbox.base_url());
    let request = kit.client.request(method.parse().expect("a method"), url);
    let request = request.header("content-type", "multipart/form-data; boundary=frame").body(form);
    let response = request.send().await.expect("an answer");
    let (status, text) = (response.status().as_u16(), response.text().await.expect("a body"));
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{call}: not JSON: {text}")))
}

async fn icon(kit: &Kit, path: &str) -> u16 {
    kit.send(&format!("{path}/icon"), Some("nonsense")).await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn seller_br_008_a_form_without_a_picture_takes_it_away_and_json_never_does() {
    let kit = kit().await;
    let link = tie(&kit);
    let (licensee, seller) = (licensee(&kit, &link).await, seller(&kit, "LV_77").await);
    let buyer = format!("buyers/{}", text(&link, "buyer"));
    for (target, part, picture, body) in [
        (format!("users/{USER}"), "user", "icon", json!({ "firstName": "Wilma" })),
        (format!("accounts/{ACCOUNT}"), "account", "logo", json!({ "name": "Amber" })),
        (buyer, "buyer", "logo", json!({ "name": "Amber", "address": address() })),
        (seller, "seller", "logo", json!({ "name": "Amber" })),
        (licensee, "licensee", "logo", json!({ "name": "Amber" })),
        (format!("erp-links/{}", text(&link, "id")), "erpLink", "logo", json!({ "note": "Amber" })),
    ] {
        let put = format!("PUT {target}");
        let public = part != "erpLink";
        let expected = format!("/v1/accounts/{target}/icon");
        let (status, answer) = send(&kit, &put, (part, &body), Some(picture)).await;
        assert_eq!((status, &answer["icon"]), (200, &json!(expected)), "{target}: {answer}");
        assert!(!public || icon(&kit, &target).await == 307, "{target}");
        let plain = kit.done(&put, body.clone()).await;
        assert_eq!(plain, answer, "{target}: JSON leaves the picture alone");
        let (status, answer) = send(&kit, &put, (part, &body), None).await;
        assert_eq!((status, answer.get("icon")), (200, None), "{target}: {answer}");
        assert!(!public || icon(&kit, &target).await == 404, "{target}");
        let other = if picture == "logo" { "icon" } else { "logo" };
        let (_, answer) = send(&kit, &put, (part, &body), Some(other)).await;
        assert_eq!(answer.get("icon"), None, "{target}: another part is no picture");
        let (status, problem) = send(&kit, &put, ("other", &body), None).await;
        assert_eq!((status, problem["errors"][part].is_array()), (400, true), "{target}: {problem}");
        let gone = format!("PUT {}/XXX-0000-0000", target.split('/').next().expect("a collection"));
        assert_eq!(send(&kit, &gone, (part, &body), Some(picture)).await.0, 404, "{target}");
    }
}

#[tokio::test]
async fn what_is_created_by_a_form_has_its_picture() {
    let kit = kit().await;
    let link = tie(&kit);
    for (collection, part, body) in [
        ("accounts", "account", json!({ "name": "Amber", "type": "Vendor", "status": "Active" })),
        ("buyers", "buyer", json!({ "name": "Amber", "address": address() })),
        (
            "licensees",
            "licensee",
            json!({ "buyer": { "id": link["buyer"] }, "seller": { "id": link["seller"] }, "useBuyerAddress": true }),
        ),
    ] {
        for picture in [Some("logo"), None] {
            let (status, answer) = send(&kit, &format!("POST {collection}"), (part, &body), picture).await;
            let id = answer["id"].as_str().unwrap_or_else(|| panic!("{status}: {answer}"));
            let expected = picture.map(|_| json!(format!("/v1/accounts/{collection}/{id}/icon")));
            assert_eq!((status, answer.get("icon")), (201, expected.as_ref()), "{answer}");
            assert_eq!(icon(&kit, &format!("{collection}/{id}")).await, if picture.is_some() { 307 } else { 404 });
        }
    }
}

#[tokio::test]
async fn forms_are_taken_where_there_are_pictures() {
    let kit = kit().await;
    for call in [
        "POST sellers",
        "POST user-groups",
        "POST api-tokens",
        "POST cloud-tenants",
        &format!("POST users/{USER}/set-password"),
        &format!("POST accounts/{ACCOUNT}/activate"),
        &format!("POST accounts/{ACCOUNT}/users"),
        &format!("PUT accounts/{ACCOUNT}/users/{USER}"),
    ] {
        let (status, problem) = send(&kit, call, ("account", &json!({})), None).await;
        assert_eq!((status, &problem["title"]), (415, &json!("Unsupported Media Type")), "{call}");
    }
}

#[tokio::test]
async fn a_host_may_take_forms_alone_where_there_are_pictures() {
    let kit = kit().await;
    kit.sandbox.set_quirks(Quirks { bodies: Bodies::Forms, ..Quirks::default() });
    let body = json!({ "name": "Amber", "type": "Vendor" });
    let (status, problem) = kit.write("POST accounts", body.clone(), None).await;
    assert_eq!((status, &problem["title"]), (415, &json!("Unsupported Media Type")));
    assert_eq!(send(&kit, "POST accounts", ("account", &body), None).await.0, 201);
    let seller = json!({ "name": "Latvia", "externalId": "LV_77", "currencies": [
        { "value": "EUR", "billingEnabled": true, "isDefault": true }] });
    assert_eq!(kit.write("POST sellers", seller, None).await.0, 201, "JSON where there are no forms");
}

#[tokio::test]
async fn forms_are_recorded_part_by_part_without_secrets() {
    let kit = kit().await;
    let body = json!({ "firstName": "Wilma", "password": "open sesame" });
    send(&kit, &format!("PUT users/{USER}"), ("user", &body), Some("icon")).await;
    let recorded = kit.sandbox.requests();
    let expected = json!({ "user": { "firstName": "Wilma", "password": "***" }, "icon": "4 bytes" });
    assert_eq!(recorded[0].body, Some(expected));
}

#[tokio::test]
async fn pictures_are_public() {
    let kit = crate::sandbox_kit::kit_with(Options {
        scale: crate::sandbox_kit::SCALE,
        require_token: true,
        ..Options::default()
    })
    .await;
    assert_eq!(kit.send(&format!("users/{USER}"), None).await.expect("an answer").status(), 401);
    let answer = kit.send(&format!("users/{USER}/icon"), None).await.expect("an answer");
    assert_eq!(answer.status(), 307);
    assert!(answer.headers()["location"].to_str().expect("a text").contains(USER));
    assert_eq!(kit.send("users/USR-0000-0000/icon", None).await.expect("an answer").status(), 404);
}
