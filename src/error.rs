//! The codes of errors: what a program can rely on in `extensions.code`.
//!
//! The declaration is the only list of them. Its comments are the table in the README, so they are for clients.

use serde::{Serialize, Serializer};
use std::fmt::{self, Write};
use strum::{EnumIter, EnumMessage, IntoEnumIterator, IntoStaticStr};

/// What went wrong, for programs.
///
/// `userErrors` of mutations have codes of their own, which are no errors of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, EnumMessage, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// The HTTP request is no GraphQL request, repeats a member of an object in its JSON, or names no operation.
    BadRequest,
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// The document has, selects or nests more than allowed.
    DocumentLimitExceeded,
    /// The schema may not be asked for here.
    IntrospectionDisabled,
    /// No query with this hash is kept: send it with its text.
    PersistedQueryNotFound,
    /// The hash is not that of the query.
    PersistedQueryHashMismatch,
    /// Another version than 1 of the protocol.
    PersistedQueryNotSupported,
    /// No trusted document has this id, or only trusted documents are run.
    DocumentNotTrusted,
    /// 405: neither GET nor POST, or something other than a query over GET.
    MethodNotAllowed,
    /// 406: the client takes no JSON.
    NotAcceptable,
    /// 408: the body took too long.
    RequestTimeout,
    /// 413: the body, unpacked, is larger than allowed, or has too many values.
    BodyTooLarge,
    /// 415: the body is not `application/json` in UTF-8, or packed in an unknown way.
    UnsupportedMediaType,
    /// 431: the address and headers are longer than allowed.
    HeadersTooLarge,
    /// The credentials are not an API token, so `viewer` is not known.
    ViewerUnknown,
    /// 404: this server does not serve pictures.
    IconsDisabled,
    /// 503: too many connections, operations, large bodies or large answers at once; try again after `Retry-After`.
    Overloaded,
    /// 403: the `Host` header names none of `--allowed-hosts`.
    HostNotAllowed,
    /// 403: a plan is asked for where `--explain` does not allow it; nothing was run.
    ExplainDisabled,
    /// 403: a GET request without a header that pages of other origins cannot send.
    PreflightRequired,
    /// An argument or a variable: an id of another kind, `first` above 100, a foreign cursor …
    BadUserInput,
    /// The upstream, or with status 401 the gateway where it has tokens of its own, does not accept the caller; the message
    /// says whether the `Authorization` header is missing, does not start with `Bearer`, or has a token that is not
    /// accepted.
    Unauthenticated,
    /// The caller's role may not read this.
    Forbidden,
    /// The upstream does not have this, or a router refers to something that is not there.
    NotFound,
    /// The upstream answered 409.
    Conflict,
    /// The row of a cursor was changed, deleted or moved, on a host where only that row tells where the page begins: begin
    /// again from the first page.
    CursorLost,
    /// The upstream throttles, also when asked again; `extensions.retryAfter` has the seconds when it said so.
    RateLimited,
    /// An upstream call or the operation took too long; a mutation field with this error was not sent.
    Timeout,
    /// The operation needs more upstream requests or entities, or a larger answer, than allowed; refused before anything is
    /// asked, it has `extensions.cost`.
    CostExceeded,
    /// The upstream cannot be reached, broke off, or answered 502, 503 or 504, also when asked again; or it fails so often
    /// that it is left alone until `extensions.retryAfter` seconds are over.
    UpstreamUnavailable,
    /// The upstream answered something that does not fit its documentation or contradicts itself, or did not return a total
    /// that is needed.
    UpstreamInvalid,
    /// The upstream refused the query (400), in every documented spelling, or a change in every form that may be sent
    /// (415).
    UpstreamRejected,
    /// Any other error of the upstream.
    UpstreamError,
    /// A write was sent, and whether it was done cannot be told: the connection broke, the answer was late, 5xx or
    /// nonsense. It was sent once and is not repeated; read before you try again.
    OutcomeUnknown,
    /// The host does not have the route that would tell it: older or newer hosts of the accounts API do.
    UpstreamRouteMissing,
    /// The field is Wavefront's, and there is no Wavefront behind this gateway.
    NotConfigured,
    /// An internal error of the gateway.
    Internal,
}

impl ErrorCode {
    /// The code as clients see it.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.into()
    }

    /// When it is given.
    #[must_use]
    pub fn meaning(self) -> String {
        in_one_line(self.get_documentation())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// The comment of a declaration without its line breaks.
pub(crate) fn in_one_line(comment: Option<&str>) -> String {
    comment.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All codes as a table in Markdown.
#[must_use]
pub fn table() -> String {
    let mut text = String::from("| code | means |\n|---|---|\n");
    for code in ErrorCode::iter() {
        let _ = writeln!(text, "| `{code}` | {} |", code.meaning());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_a_contract_with_clients() {
        let contract = [
            "BAD_REQUEST",
            "GRAPHQL_PARSE_FAILED",
            "GRAPHQL_VALIDATION_FAILED",
            "DOCUMENT_LIMIT_EXCEEDED",
            "INTROSPECTION_DISABLED",
            "PERSISTED_QUERY_NOT_FOUND",
            "PERSISTED_QUERY_HASH_MISMATCH",
            "PERSISTED_QUERY_NOT_SUPPORTED",
            "DOCUMENT_NOT_TRUSTED",
            "METHOD_NOT_ALLOWED",
            "NOT_ACCEPTABLE",
            "REQUEST_TIMEOUT",
            "BODY_TOO_LARGE",
            "UNSUPPORTED_MEDIA_TYPE",
            "HEADERS_TOO_LARGE",
            "VIEWER_UNKNOWN",
            "ICONS_DISABLED",
            "OVERLOADED",
            "HOST_NOT_ALLOWED",
            "EXPLAIN_DISABLED",
            "PREFLIGHT_REQUIRED",
            "BAD_USER_INPUT",
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "NOT_FOUND",
            "CONFLICT",
            "CURSOR_LOST",
            "RATE_LIMITED",
            "TIMEOUT",
            "COST_EXCEEDED",
            "UPSTREAM_UNAVAILABLE",
            "UPSTREAM_INVALID",
            "UPSTREAM_REJECTED",
            "UPSTREAM_ERROR",
            "OUTCOME_UNKNOWN",
            "UPSTREAM_ROUTE_MISSING",
            "NOT_CONFIGURED",
            "INTERNAL",
        ];
        assert!(ErrorCode::iter().map(ErrorCode::text).eq(contract), "a code was added, renamed or moved");
        assert!(ErrorCode::iter().all(|code| code.meaning().len() > 20), "a code says when it is given");
    }
}
