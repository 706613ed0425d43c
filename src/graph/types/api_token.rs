//! API tokens: programs that act for an account.

use super::{account::Account, audit::ApiTokenAudit, extension::Extension, module::Module};
use crate::graph::{reference::Ref, scalar::DateTime};
use async_graphql::{Enum, ID, SimpleObject};

/// A program's access to the platform, for exactly one account. The secret itself is not part of the graph: whoever
/// reads it can act for the account.
#[derive(SimpleObject)]
pub struct ApiToken {
    /// Id of the form `TKN-1234-5678`; it is not secret.
    pub id: ID,
    /// Name of the token, at most 200 characters.
    pub name: Option<String>,
    /// Address of the token's picture. Null if there is none.
    pub icon: Option<String>,
    /// Whether the token may be used.
    pub status: Option<ApiTokenStatus>,
    /// What the token is for, at most 2000 characters. Null if not given.
    pub description: Option<String>,
    /// When the token was last used, roughly. Null if it never was.
    pub last_access_at: Option<DateTime>,
    /// The account that the token acts for. It never changes.
    pub account: Option<Ref<Account>>,
    /// Modules that the token may use.
    pub modules: Option<Vec<Ref<Module>>>,
    /// Extensions of the platform that the token is restricted to; an empty list allows none. Null if it may use all, and
    /// before version 5 of the accounts API.
    pub extensions: Option<Vec<Extension>>,
    /// When the token was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the token was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the token.
    pub audit: Option<ApiTokenAudit>,
    /// Counts the changes of the token. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// Whether an API token may be used.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum ApiTokenStatus {
    /// May be used.
    Active,
    /// May not be used until it is enabled again.
    Disabled,
    /// Deleted for good; only Operations still sees the token.
    Deleted,
    /// A value that this version of the graph does not know.
    Unknown,
}
