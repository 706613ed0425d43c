//! Lists of upstreams that do not say how many rows there are, give fewer at a time than asked, or contradict themselves:
//! they are whole or an error, and take the fewest requests (`accounts-api-v5.md` section 5).

mod cut;
mod host;
mod moves;
mod omitted;
mod pages;
mod strangers;
mod whole;

use host::number;
use serde_json::{Value, json};

/// Offset and limit of requests.
type Pages = &'static [(usize, usize)];

fn nodes(numbers: impl Iterator<Item = usize>) -> Value {
    numbers.map(|n| json!({ "id": format!("BUY-{n:04}") })).collect()
}

/// An answer whose only root field failed.
fn failed(message: &str, answer: &Value, field: &str) {
    let error = json!({ "message": message, "locations": [{ "line": 1, "column": 3 }], "path": [field],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    assert_eq!(*answer, json!({ "errors": [error], "data": { field: null } }));
}

/// An answer whose `totalCount` is not known.
fn uncounted(connection: &Value, query: &str) -> Value {
    let column = query.find("totalCount").expect("totalCount is selected") + 1;
    let error = json!({ "message": "The accounts API does not say how many there are.",
        "locations": [{ "line": 1, "column": column }], "path": ["buyers", "totalCount"],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    json!({ "errors": [error], "data": { "buyers": connection } })
}
