//! The sandbox's rows by type and id.

use accounts_graph::sandbox::World;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Every field of one row; references are ids, null fields are absent.
pub(super) type Row = Map<String, Value>;

/// The types of entities, with the prefixes of their ids and the collections they are in.
pub(super) const KINDS: [(&str, &str, &str); 11] = [
    ("User", "USR", "users"),
    ("Account", "ACC", "accounts"),
    ("AccountUser", "AUSR", "account-users"),
    ("Group", "UGR", "user-groups"),
    ("Module", "MOD", "modules"),
    ("Buyer", "BUY", "buyers"),
    ("Seller", "SEL", "sellers"),
    ("Licensee", "LCE", "licensees"),
    ("ErpLink", "ERP", "erp-links"),
    ("ApiToken", "TKN", "api-tokens"),
    ("CloudTenant", "CLT", "cloud-tenants"),
];

/// All rows.
pub(super) struct Data {
    rows: HashMap<&'static str, Vec<Row>>,
    by_id: HashMap<String, (&'static str, usize)>,
}

impl Data {
    pub(super) fn of(world: &World) -> Data {
        let mut data = Data { rows: HashMap::new(), by_id: HashMap::new() };
        for (kind, _, collection) in KINDS {
            let rows = world.rows(collection);
            assert!(!rows.is_empty(), "{collection} has rows");
            for (place, row) in rows.iter().enumerate() {
                data.by_id.insert(text(row, "id").to_owned(), (kind, place));
            }
            data.rows.insert(kind, rows);
        }
        data
    }

    /// All rows of a type, in no order that matters.
    pub(super) fn all(&self, kind: &str) -> &[Row] {
        &self.rows[kind]
    }

    /// The row with an id, and its type.
    pub(super) fn find(&self, id: &str) -> Option<(&'static str, &Row)> {
        let (kind, place) = self.by_id.get(id)?;
        Some((kind, &self.rows[kind][*place]))
    }

    /// The row that a reference points to.
    pub(super) fn referred(&self, reference: &Value) -> (&'static str, &Row) {
        let id = reference.as_str().expect("references are ids");
        self.find(id).unwrap_or_else(|| panic!("{id} is a row"))
    }

    /// The ERP links of a buyer, in the order of its sellers.
    pub(super) fn links(&self, buyer: &Row) -> Vec<&Row> {
        self.all("ErpLink").iter().filter(|link| link.get("buyer") == buyer.get("id")).collect()
    }
}

/// A text of a row; empty when it is null.
pub(super) fn text<'a>(row: &'a Row, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The name of a field in the rows.
pub(super) fn row_name(field: &str) -> &str {
    match field {
        "groupBuyers" => "group.buyers",
        _ => field,
    }
}
