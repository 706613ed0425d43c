//! The sandbox's rows by type and id, as a kind of host tells them.

use super::mode::Mode;
use accounts_graph_sandbox::World;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Every field of one row; references are ids, null fields are absent.
pub(super) type Row = Map<String, Value>;

/// The types of entities, with the prefixes of their ids and the collections they are in.
pub(super) const KINDS: [(&str, &str, &str); 12] = [
    ("User", "USR", "users"),
    ("Account", "ACC", "accounts"),
    ("AccountUser", "MEM", "account-users"),
    ("Group", "UGR", "user-groups"),
    ("Module", "MOD", "modules"),
    ("Buyer", "BUY", "buyers"),
    ("Seller", "SEL", "sellers"),
    ("Licensee", "LCE", "licensees"),
    ("ErpLink", "ERP", "erp-links"),
    ("ApiToken", "TKN", "api-tokens"),
    ("CloudTenant", "CLT", "cloud-tenants"),
    ("Service", "SVC", "services"),
];

/// Lists of which absence says that they are empty.
const EMPTY: [(&str, &str); 7] = [
    ("Group", "modules"),
    ("Group", "users"),
    ("AccountUser", "modules"),
    ("AccountUser", "groups"),
    ("ApiToken", "modules"),
    ("Account", "groups"),
    ("Buyer", "sellers"),
];

/// Whether a list is empty when a row does not tell it.
pub(super) fn is_empty_when_absent(ty: &str, field: &str) -> bool {
    EMPTY.contains(&(ty, field))
}

/// Whether lists show a row: people, tokens and cloud tenants that are deleted are not in them.
fn is_listed(kind: &str, row: &Row) -> bool {
    !["User", "ApiToken", "CloudTenant"].contains(&kind) || text(row, "status") != "Deleted"
}

/// All rows.
pub(super) struct Data {
    /// The host that tells them.
    pub(super) mode: Mode,
    /// Rows by type, those that lists show first.
    rows: HashMap<&'static str, Vec<Row>>,
    /// How many of them lists show.
    listed: HashMap<&'static str, usize>,
    by_id: HashMap<String, (&'static str, usize)>,
    /// What rows show of extensions, which have no route of their own.
    extensions: HashMap<String, Row>,
    /// The same where they did something: what is told of whoever does.
    acting: HashMap<String, Row>,
}

impl Data {
    pub(super) fn of(world: &World, mode: Mode) -> Data {
        let (rows, listed, by_id) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (extensions, acting) = (HashMap::new(), HashMap::new());
        let mut data = Data { mode, rows, listed, by_id, extensions, acting };
        for mut row in world.rows("extensions") {
            row.remove("audit");
            let row = mode.shown("Extension", row);
            let id = text(&row, "id").to_owned();
            let mut acting = row.clone();
            acting.remove("status");
            data.acting.insert(id.clone(), acting);
            data.extensions.insert(id, row);
        }
        for (kind, _, collection) in KINDS {
            let rows = world.rows(collection).into_iter().map(|row| mode.shown(kind, row));
            let (mut rows, hidden): (Vec<Row>, Vec<Row>) = rows.partition(|row| is_listed(kind, row));
            data.listed.insert(kind, rows.len());
            // A cloud tenant that is deleted cannot be read by anybody.
            rows.extend(hidden.into_iter().filter(|_| kind != "CloudTenant"));
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
        &self.rows[kind][..self.listed[kind]]
    }

    /// The row with an id, and its type.
    pub(super) fn find(&self, id: &str) -> Option<(&'static str, &Row)> {
        let (kind, place) = self.by_id.get(id)?;
        Some((kind, &self.rows[kind][*place]))
    }

    /// What is shown of an extension that did something.
    pub(super) fn acting(&self, id: &str) -> Option<&Row> {
        self.acting.get(id)
    }

    /// What is shown of an extension.
    pub(super) fn extension(&self, id: &str) -> Option<&Row> {
        self.extensions.get(id)
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

/// The member of an entity's body that tells a field.
pub(super) fn member_of<'a>(ty: &str, field: &'a str) -> &'a str {
    match (ty, field) {
        (_, "createdAt" | "updatedAt") => "audit",
        ("AccountUser", "status") => "invitation",
        _ => row_name(field),
    }
}

/// The name of a field in the rows.
pub(super) fn row_name(field: &str) -> &str {
    match field {
        "groupBuyers" => "group.buyers",
        _ => field,
    }
}
