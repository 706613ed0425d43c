//! The yardstick `plain`: the graph as the library's book teaches to write it.
//!
//! Typed structs with serde and `SimpleObject`, relations in `ComplexObject`, and the library's `DataLoader` as it comes:
//! 1 ms of delay, no cache, values cloned for whoever waits. Objects are fetched whole. A reference holds the reduced
//! form of its target, so the target is loaded by id; a collection that was asked for (`select=+modules`) holds whole
//! objects, so they are taken as they are. The loader is made for each request, since it acts with its caller's token.

use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, Enum, Object, OutputType, Result, Schema, SimpleObject,
    dataloader::{DataLoader, Loader},
    runtime::{TokioSpawner, TokioTimer},
};
use async_graphql_axum::{GraphQLRequest, GraphQLResponse};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header::AUTHORIZATION},
    routing::post,
};
use futures::future::try_join_all;
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::HashMap, fmt::Write, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

/// The most rows of a page, and so the most ids in a filter.
const PAGE: usize = 100;

type PlainSchema = Schema<Query, EmptyMutation, EmptySubscription>;
type Loading = DataLoader<Upstream>;
type Fault = Arc<reqwest::Error>;

/// Serves the graph over an upstream until the process ends.
pub(crate) async fn serve(listen: SocketAddr, upstream: String) {
    let schema = PlainSchema::build(Query, EmptyMutation, EmptySubscription).finish();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let service = Service { schema, upstream: Upstream { http, base: upstream, authorization: None } };
    let listener = TcpListener::bind(listen).await.expect("a free port");
    let router = Router::new().route("/graphql", post(answer)).with_state(service);
    axum::serve(listener, router).await.expect("plain serves");
}

#[derive(Clone)]
struct Service {
    schema: PlainSchema,
    upstream: Upstream,
}

async fn answer(State(service): State<Service>, headers: HeaderMap, request: GraphQLRequest) -> GraphQLResponse {
    let upstream = Upstream { authorization: headers.get(AUTHORIZATION).cloned(), ..service.upstream };
    let loader = DataLoader::new(upstream.clone(), TokioSpawner::current(), TokioTimer::default());
    service.schema.execute(request.into_inner().data(upstream).data(loader)).await.into()
}

/// The REST API, as one caller.
#[derive(Clone)]
struct Upstream {
    http: reqwest::Client,
    base: String,
    authorization: Option<HeaderValue>,
}

/// A page of a list.
#[derive(Deserialize)]
struct Page<T> {
    #[serde(rename = "$meta")]
    meta: Meta,
    data: Vec<T>,
}

#[derive(Deserialize)]
struct Meta {
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Pagination {
    total: usize,
}

impl Upstream {
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let mut request = self.http.get(format!("{}/v1/accounts/{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = request.send().await?.error_for_status()?;
        Ok(response.json().await?)
    }

    /// The rows of which `property` is one of `ids`: all pages, and the filters no longer than a page.
    async fn those<T: DeserializeOwned>(
        &self,
        collection: &str,
        property: &str,
        ids: impl Iterator<Item = &str>,
        select: &str,
    ) -> Result<Vec<T>, Fault> {
        let ids: Vec<_> = ids.collect();
        let lists = ids.chunks(PAGE).map(async |chunk| {
            let filter = format!("in({property},(\"{}\"))", chunk.join("\",\""));
            let mut rows: Vec<T> = Vec::new();
            loop {
                let mut path = format!("{collection}?{filter}{select}&limit={PAGE}");
                if !rows.is_empty() {
                    let _ = write!(path, "&offset={}", rows.len());
                }
                let page: Page<T> = self.get(&path).await?;
                let ended = page.data.is_empty();
                rows.extend(page.data);
                if ended || rows.len() >= page.meta.pagination.total {
                    return Ok::<_, Fault>(rows);
                }
            }
        });
        Ok(try_join_all(lists).await?.into_iter().flatten().collect())
    }
}

/// An account by its id.
#[derive(Clone, PartialEq, Eq, Hash)]
struct AccountId(String);

/// The groups of an account.
#[derive(Clone, PartialEq, Eq, Hash)]
struct GroupsOf(String);

/// The people in a group.
#[derive(Clone, PartialEq, Eq, Hash)]
struct UsersOf(String);

impl Loader<AccountId> for Upstream {
    type Value = Account;
    type Error = Fault;

    async fn load(&self, keys: &[AccountId]) -> Result<HashMap<AccountId, Account>, Fault> {
        let ids = keys.iter().map(|AccountId(id)| id.as_str());
        let accounts: Vec<Account> = self.those("accounts", "id", ids, "").await?;
        Ok(accounts.into_iter().map(|account| (AccountId(account.id.clone()), account)).collect())
    }
}

impl Loader<GroupsOf> for Upstream {
    type Value = Vec<Group>;
    type Error = Fault;

    async fn load(&self, keys: &[GroupsOf]) -> Result<HashMap<GroupsOf, Vec<Group>>, Fault> {
        let ids = keys.iter().map(|GroupsOf(id)| id.as_str());
        let groups: Vec<Group> = self.those("user-groups", "account.id", ids, "&select=%2Bmodules").await?;
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for group in groups {
            if let Some(account) = &group.account {
                found.entry(GroupsOf(account.id.clone())).or_default().push(group);
            }
        }
        Ok(found)
    }
}

impl Loader<UsersOf> for Upstream {
    type Value = Vec<User>;
    type Error = Fault;

    async fn load(&self, keys: &[UsersOf]) -> Result<HashMap<UsersOf, Vec<User>>, Fault> {
        let ids = keys.iter().map(|UsersOf(id)| id.as_str());
        let groups: Vec<Members> = self.those("user-groups", "id", ids, "&select=%2Busers").await?;
        Ok(groups.into_iter().map(|group| (UsersOf(group.id), group.users)).collect())
    }
}

/// What is read of a group to know who is in it.
#[derive(Deserialize)]
struct Members {
    id: String,
    #[serde(default)]
    users: Vec<User>,
}

/// What is read of a reference.
#[derive(Clone, Deserialize)]
struct Reference {
    id: String,
}

async fn account_of(ctx: &Context<'_>, reference: Option<&Reference>) -> Result<Option<Account>> {
    let Some(reference) = reference else { return Ok(None) };
    Ok(ctx.data_unchecked::<Loading>().load_one(AccountId(reference.id.clone())).await?)
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
#[graphql(complex)]
struct User {
    id: String,
    name: Option<String>,
    icon: Option<String>,
    email: Option<String>,
    status: Option<Status>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<Phone>,
    last_login_at: Option<String>,
    #[serde(rename = "SSO")]
    sso: Option<bool>,
    accepted_terms: Option<bool>,
    settings: Option<Settings>,
    #[graphql(skip)]
    current_account: Option<Reference>,
    revision: Option<i32>,
}

#[ComplexObject]
impl User {
    async fn current_account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account_of(ctx, self.current_account.as_ref()).await
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
enum Status {
    Active,
    Enabled,
    Disabled,
    New,
    Invited,
    InvitationExpired,
    Blocked,
    Deleted,
    Unassigned,
    Conflict,
    Mismatch,
    Online,
    Offline,
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Phone {
    prefix: Option<String>,
    number: Option<String>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
struct Settings {
    culture_code: Option<String>,
    language_code: Option<String>,
    date_format: Option<String>,
    time_format: Option<String>,
    time_zone: Option<String>,
    number_format: Option<String>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the upstream's names")]
struct Address {
    address_line1: Option<String>,
    address_line2: Option<String>,
    post_code: Option<String>,
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
#[graphql(complex)]
struct Account {
    id: String,
    name: Option<String>,
    icon: Option<String>,
    r#type: Option<String>,
    status: Option<Status>,
    external_id: Option<String>,
    external_name: Option<String>,
    service_level: Option<String>,
    address: Option<Address>,
    technical_support_email: Option<String>,
    website: Option<String>,
    description: Option<String>,
    default_language_code: Option<String>,
    eligibility: Option<Eligibility>,
    revision: Option<i32>,
}

#[ComplexObject]
impl Account {
    async fn groups(&self, ctx: &Context<'_>) -> Result<Vec<Group>> {
        let loaded = ctx.data_unchecked::<Loading>().load_one(GroupsOf(self.id.clone())).await?;
        Ok(loaded.unwrap_or_default())
    }
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Eligibility {
    client: Option<bool>,
    partner: Option<bool>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
#[graphql(complex)]
struct Group {
    id: String,
    name: Option<String>,
    description: Option<String>,
    logo: Option<String>,
    is_default: Option<bool>,
    #[graphql(skip)]
    account: Option<Reference>,
    #[serde(default)]
    modules: Vec<Module>,
    revision: Option<i32>,
}

#[ComplexObject]
impl Group {
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account_of(ctx, self.account.as_ref()).await
    }

    async fn users(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let loaded = ctx.data_unchecked::<Loading>().load_one(UsersOf(self.id.clone())).await?;
        Ok(loaded.unwrap_or_default())
    }
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Module {
    id: String,
    name: Option<String>,
    code: Option<String>,
    description: Option<String>,
    settings: Option<ModuleSettings>,
    revision: Option<i32>,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct ModuleSettings {
    configurable: Option<bool>,
    default: Option<bool>,
    paid: Option<bool>,
    r#type: Option<Vec<String>>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
#[graphql(complex)]
struct Buyer {
    id: String,
    name: Option<String>,
    icon: Option<String>,
    status: Option<Status>,
    address: Option<Address>,
    contact: Option<Contact>,
    #[graphql(skip)]
    account: Option<Reference>,
    #[serde(default)]
    sellers: Vec<Seller>,
    revision: Option<i32>,
}

#[ComplexObject]
impl Buyer {
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account_of(ctx, self.account.as_ref()).await
    }
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
struct Contact {
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<Phone>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
struct Seller {
    id: String,
    name: Option<String>,
    icon: Option<String>,
    external_id: Option<String>,
    status: Option<Status>,
    address: Option<Address>,
    revision: Option<i32>,
}

/// A page of a list, as clients see it.
#[derive(SimpleObject)]
#[graphql(concrete(name = "UserConnection", params(User)))]
#[graphql(concrete(name = "AccountConnection", params(Account)))]
#[graphql(concrete(name = "BuyerConnection", params(Buyer)))]
struct Connection<T: OutputType> {
    nodes: Vec<T>,
    total_count: usize,
}

struct Query;

#[Object]
impl Query {
    async fn user(&self, ctx: &Context<'_>, id: String) -> Result<User> {
        Ok(ctx.data_unchecked::<Upstream>().get(&format!("users/{id}")).await?)
    }

    async fn users(&self, ctx: &Context<'_>, first: usize) -> Result<Connection<User>> {
        list(ctx, "users", first, "").await
    }

    async fn accounts(&self, ctx: &Context<'_>, first: usize) -> Result<Connection<Account>> {
        list(ctx, "accounts", first, "").await
    }

    async fn buyers(&self, ctx: &Context<'_>, first: usize) -> Result<Connection<Buyer>> {
        list(ctx, "buyers", first, "&select=%2Bsellers").await
    }
}

async fn list<T>(ctx: &Context<'_>, collection: &str, first: usize, select: &str) -> Result<Connection<T>>
where
    T: OutputType + DeserializeOwned,
{
    let path = format!("{collection}?order=id&limit={first}{select}");
    let page: Page<T> = ctx.data_unchecked::<Upstream>().get(&path).await?;
    Ok(Connection { nodes: page.data, total_count: page.meta.pagination.total })
}
