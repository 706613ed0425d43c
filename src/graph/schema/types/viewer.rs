//! Who is asking.

use super::{account::Account, api_token::ApiToken, module::Module};
use crate::graph::schema::reference::Ref;
use async_graphql::SimpleObject;

/// Who is asking: the API token that the request was sent with, its account and its modules. All of it is one request. If
/// the token may not read API tokens, `apiToken` has its id, and everything else is null with the error `FORBIDDEN`.
#[derive(SimpleObject)]
pub struct Viewer {
    /// The API token. Its secret has no field. Null with the error `FORBIDDEN` where the gateway asks with a token of its
    /// own, which callers do not see.
    pub api_token: Option<Ref<ApiToken>>,
    /// The account that the token acts for: its `type` says whether the caller is a client, a vendor or Operations.
    pub account: Option<Ref<Account>>,
    /// Modules that the token may use.
    pub modules: Option<Vec<Ref<Module>>>,
}
