//! What a browser sees at the root.

use axum::response::Html;

/// Says where the graph is, until the playground is here.
pub(super) async fn show() -> Html<&'static str> {
    Html(include_str!("page.html"))
}
