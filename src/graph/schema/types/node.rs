//! Everything that has an id of its own.

use super::{
    account::Account, account_user::AccountUser, api_token::ApiToken, buyer::Buyer, cloud_tenant::CloudTenant,
    erp_link::ErpLink, group::Group, licensee::Licensee, module::Module, seller::Seller, service::Service, user::User,
};
use crate::graph::schema::resolve;
use async_graphql::{
    ContextSelectionSet, ID, Interface, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};
use std::borrow::Cow;

/// Anything that can be looked up by its id alone. The prefix of the id tells the type.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "The id, unique over all types."))]
pub enum Node {
    /// A person who signs in to the platform.
    User(User),
    /// An organisation.
    Account(Account),
    /// The membership of a user in an account.
    AccountUser(AccountUser),
    /// A group of users of an account.
    Group(Group),
    /// A part of the platform.
    Module(Module),
    /// A purchasing entity of a customer.
    Buyer(Buyer),
    /// An entity that sells.
    Seller(Seller),
    /// A buyer as the customer of one seller.
    Licensee(Licensee),
    /// The link between a buyer and a seller.
    ErpLink(ErpLink),
    /// A program's access to the platform.
    ApiToken(ApiToken),
    /// A tenant at a cloud provider.
    CloudTenant(CloudTenant),
    /// A part of the platform that acts by itself.
    Service(Service),
}

/// What a field refers to whose type is [`Node`].
pub struct AnyNode;

impl OutputType for AnyNode {
    fn type_name() -> Cow<'static, str> {
        <Node as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve::elsewhere(field)
    }
}
