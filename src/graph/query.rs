//! The root of all reads. A field is declared here; [`super::arguments`] gives it its arguments, and the projector
//! answers it.

use super::{
    arguments, federation, promise,
    reference::{Connection, Ref},
    types::{
        account::Account,
        account_user::AccountUser,
        api_token::ApiToken,
        buyer::Buyer,
        cloud_tenant::CloudTenant,
        erp_link::ErpLink,
        group::Group,
        licensee::Licensee,
        module::Module,
        node::AnyNode,
        seller::Seller,
        service::Service,
        user::User,
        viewer::Viewer,
        wavefront::{account::WavefrontAccount, role::WavefrontRole, user_group::WavefrontUserGroup},
    },
};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, SimpleObject, Value,
    parser::types::Field, registry::Registry,
};
use std::borrow::Cow;

/// Everything that can be read. A field by id answers null when there is no such entity or the caller may not see it.
#[derive(SimpleObject)]
pub struct Query {
    /// Anything, by its id. Null if the id is of no known kind.
    node: Option<AnyNode>,
    /// Several things by their ids, in the same order; null in the place of what is not found.
    nodes: Vec<Option<AnyNode>>,
    /// Who is asking: the API token that the request was sent with, its account and its modules, in one request. Null with an
    /// error for any other credentials: `VIEWER_UNKNOWN` for the token of a user, which is not decoded, since nobody has
    /// verified what it claims, and `UNAUTHENTICATED` for none.
    viewer: Option<Viewer>,
    /// A person by id.
    user: Option<Ref<User>>,
    /// A person by e-mail address.
    user_by_email: Option<Ref<User>>,
    /// The people that the caller may see.
    users: Option<Connection<User>>,
    /// An account by id.
    account: Option<Ref<Account>>,
    /// The accounts that the caller may see.
    accounts: Option<Connection<Account>>,
    /// A membership by id.
    account_user: Option<Ref<AccountUser>>,
    /// The memberships that the caller may see.
    account_users: Option<Connection<AccountUser>>,
    /// A group by id.
    group: Option<Ref<Group>>,
    /// The groups that the caller may see.
    groups: Option<Connection<Group>>,
    /// A module by id. The upstream answers Operations only; others see modules through groups and memberships.
    module: Option<Ref<Module>>,
    /// The modules of the platform. The upstream answers Operations only.
    modules: Option<Connection<Module>>,
    /// A buyer by id.
    buyer: Option<Ref<Buyer>>,
    /// The buyers that the caller may see.
    buyers: Option<Connection<Buyer>>,
    /// A seller by id.
    seller: Option<Ref<Seller>>,
    /// The sellers that the caller may see.
    sellers: Option<Connection<Seller>>,
    /// A licensee by id.
    licensee: Option<Ref<Licensee>>,
    /// The licensees that the caller may see.
    licensees: Option<Connection<Licensee>>,
    /// An ERP link by id.
    erp_link: Option<Ref<ErpLink>>,
    /// The ERP links that the caller may see.
    erp_links: Option<Connection<ErpLink>>,
    /// An API token by id; its secret is never shown.
    api_token: Option<Ref<ApiToken>>,
    /// The API tokens that the caller may see; their secrets are never shown.
    api_tokens: Option<Connection<ApiToken>>,
    /// A cloud tenant by id. Operations only.
    cloud_tenant: Option<Ref<CloudTenant>>,
    /// The cloud tenants. Operations only.
    cloud_tenants: Option<Connection<CloudTenant>>,
    /// A service of the platform by id.
    service: Option<Ref<Service>>,
    /// The services of the platform. Null with the error `UPSTREAM_ROUTE_MISSING` before version 5 of the accounts API.
    services: Option<Connection<Service>>,
    /// A Wavefront account by id: a person's by its e-mail address, or a service account.
    wavefront_account: Option<Ref<WavefrontAccount>>,
    /// Wavefront's accounts, people and services, in the order of their ids.
    wavefront_accounts: Option<Connection<WavefrontAccount>>,
    /// A group of Wavefront accounts by id.
    wavefront_user_group: Option<Ref<WavefrontUserGroup>>,
    /// The groups of Wavefront accounts, in the order of their ids.
    wavefront_user_groups: Option<Connection<WavefrontUserGroup>>,
    /// A role of Wavefront by id.
    wavefront_role: Option<Ref<WavefrontRole>>,
    /// The roles of Wavefront, in the order of their ids.
    wavefront_roles: Option<Connection<WavefrontRole>>,
}

impl Default for Query {
    fn default() -> Self {
        Query {
            node: Some(AnyNode),
            // The projector answers the list as a whole.
            nodes: vec![Some(AnyNode)],
            viewer: None,
            user: Some(Ref::default()),
            user_by_email: Some(Ref::default()),
            users: Some(Connection::default()),
            account: Some(Ref::default()),
            accounts: Some(Connection::default()),
            account_user: Some(Ref::default()),
            account_users: Some(Connection::default()),
            group: Some(Ref::default()),
            groups: Some(Connection::default()),
            module: Some(Ref::default()),
            modules: Some(Connection::default()),
            buyer: Some(Ref::default()),
            buyers: Some(Connection::default()),
            seller: Some(Ref::default()),
            sellers: Some(Connection::default()),
            licensee: Some(Ref::default()),
            licensees: Some(Connection::default()),
            erp_link: Some(Ref::default()),
            erp_links: Some(Connection::default()),
            api_token: Some(Ref::default()),
            api_tokens: Some(Connection::default()),
            cloud_tenant: Some(Ref::default()),
            cloud_tenants: Some(Connection::default()),
            service: Some(Ref::default()),
            services: Some(Connection::default()),
            wavefront_account: Some(Ref::default()),
            wavefront_accounts: Some(Connection::default()),
            wavefront_user_group: Some(Ref::default()),
            wavefront_user_groups: Some(Connection::default()),
            wavefront_role: Some(Ref::default()),
            wavefront_roles: Some(Connection::default()),
        }
    }
}

/// [`Query`] with its arguments, those of every connection, and the types behind them; with what routers ask for, unless
/// it is only printed.
#[derive(Default)]
pub struct RootOf<const FEDERATED: bool>(Query);

/// The root that answers.
pub type Root = RootOf<true>;

/// The root that is printed.
pub type PlainRoot = RootOf<false>;

impl<const FEDERATED: bool> OutputType for RootOf<FEDERATED> {
    fn type_name() -> Cow<'static, str> {
        <Query as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Query::create_type_info(registry);
        registry.query_type = Self::type_name().into_owned();
        arguments::attach(registry);
        promise::attach(registry);
        if FEDERATED {
            federation::attach(registry);
        }
        name
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<const FEDERATED: bool> ContainerType for RootOf<FEDERATED> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(ctx).await
    }
}

impl<const FEDERATED: bool> ObjectType for RootOf<FEDERATED> {}
