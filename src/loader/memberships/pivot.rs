//! Memberships that are read off groups: a group tells its account and its users, so the groups of some users tell in which
//! accounts these are, and the groups of an account tell who is in it (`accounts-api-v5.md` section 1.4). Every member has
//! at least one group, so nobody is left out, provided that the host shows members who are only invited there as well.
//!
//! What comes of it are rows of memberships like any others, and the groups themselves, which are known from then on. Their
//! `users` are not: a filter may have narrowed them.

use crate::{
    entity::{
        kind::Kind,
        member,
        model::{FieldSet, Model, Shape, Target},
        tape::{Json, ROOT, Tape},
    },
    fault::Fault,
    loader::{
        batch::Batch,
        query::{Query, Window},
        rest::ListRequest,
        rows::{learn_held, literals, of_another_kind, unexpected},
        source::Source,
        store::{Place, RecordId, Rows},
        trace::{Cause, Origin},
    },
    upstream::{
        rql::{Expr, Path},
        select::Select,
    },
};
use foldhash::fast::RandomState;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Write,
    sync::Arc,
};

const USERS_OF_GROUPS: &str = "The groups of all these users, which tell their accounts as well.";
const MEMBERS_OF_GROUPS: &str = "The groups of all these accounts, which tell who is in them.";

/// The account and the user of a membership.
type Pair = (String, String);

/// What groups tell: account and user, and the groups in which they meet.
type Met = BTreeMap<Pair, BTreeSet<String>>;

/// Whose memberships are wanted.
enum Wanted<'a> {
    /// Those of these users.
    Users(HashSet<&'a str, RandomState>),
    /// All in these accounts.
    Accounts(HashSet<&'a str, RandomState>),
}

impl Wanted<'_> {
    fn has_user(&self, user: &str) -> bool {
        matches!(self, Wanted::Users(users) if users.contains(user))
    }

    fn has_account(&self, account: &str) -> bool {
        matches!(self, Wanted::Accounts(accounts) if accounts.contains(account))
    }
}

impl Batch {
    /// The memberships of users, from the groups that they are in.
    pub(super) async fn memberships_off_groups(
        &self,
        number: u32,
        parents: &[(Box<str>, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let ids: Vec<&str> = parents.iter().map(|(id, _)| &**id).collect();
        let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(USERS_OF_GROUPS) };
        let met = async {
            let filter = Expr::any_of(Path::new("users"), literals(&ids)?);
            let select = groups_select(self.store().model(), select);
            self.groups(filter, select, cause, &Wanted::Users(ids.iter().copied().collect())).await
        };
        match met.await.and_then(|met| self.keep_met(&met)) {
            Ok(rows) => self.keep_parted(number, parents, &rows, |(_, user)| user),
            Err(fault) => self.fail(number, parents, &fault),
        }
    }

    /// The members of accounts, from the groups of these.
    pub(super) async fn members_off_groups(
        &self,
        number: u32,
        parents: &[(Box<str>, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let ids: Vec<&str> = parents.iter().map(|(id, _)| &**id).collect();
        let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(MEMBERS_OF_GROUPS) };
        let met = async {
            let filter = Expr::In { path: Path::new("account.id"), values: literals(&ids)? };
            let select = members_select(self.store().model(), select);
            self.groups(filter, select, cause, &Wanted::Accounts(ids.iter().copied().collect())).await
        };
        match met.await.and_then(|met| self.keep_met(&met)) {
            Ok(rows) => self.keep_parted(number, parents, &rows, |(account, _)| account),
            Err(fault) => self.fail(number, parents, &fault),
        }
    }

    /// The accounts of users, from the groups that they are in.
    pub(super) async fn accounts_off_groups(
        &self,
        users: &[String],
        cause: Cause<'_>,
    ) -> Result<Vec<String>, Arc<Fault>> {
        let ids: Vec<&str> = users.iter().map(String::as_str).collect();
        let filter = Expr::any_of(Path::new("users"), literals(&ids)?);
        let select = groups_select(self.store().model(), &Select::default());
        let met = self.groups(filter, select, cause, &Wanted::Users(ids.iter().copied().collect())).await?;
        Ok(met.into_keys().map(|(account, _)| account).collect())
    }

    /// Asks for groups, learns what they tell, and finds out which of those who are wanted are in which. By its account and
    /// its users it is known whether a group was asked for.
    async fn groups(
        &self,
        filter: Expr,
        select: Select,
        cause: Cause<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Met, Arc<Fault>> {
        let kind = Kind::Group;
        let select = Arc::new(select);
        let source = Source::Collection;
        let (asked, all) = (Some(&filter), None);
        let listing =
            ListRequest { kind, source, filter: asked, select: &select, order: "id", cause, rows: all, unsure: false };
        let list = self.rest().list(self.shared_store(), &listing, 0, None).await?;
        let mut store = self.store();
        let model = Arc::clone(store.model());
        let object = model.kind(kind);
        let place = |name: &str| object.by_name.get(name).copied();
        let (Some(account), Some(users)) = (place("account"), place("users")) else { return Ok(Met::new()) };
        let mut met = Met::new();
        let (mut members_told, mut others_told) = (vec![], vec![]);
        for row in &list.rows {
            let tape = store.tape(*row);
            let of = |field: usize| store.look(*row, object, field);
            let id = |at| tape.get(at, "id").and_then(|id| tape.plain(id));
            let Some(group) = id(row.at).filter(|id| kind.fits(id)) else {
                return Err(Arc::new(Fault::invalid("The accounts API answered with a group without an id.")));
            };
            let Some(account) = of(account).and_then(id).filter(|id| Kind::Account.fits(id)) else {
                let message = "The accounts API answered with a group that does not say whose it is.";
                return Err(Arc::new(Fault::invalid(message)));
            };
            let told = of(users);
            let Some(members) = told.filter(|list| tape.kind(*list) == Json::List) else {
                if told.is_none_or(|told| tape.is_null(told)) && row.told.contains(users) {
                    // Empty lists are left out of bodies.
                    if !wanted.has_account(account) {
                        return Err(unexpected(kind));
                    }
                    continue;
                }
                let message = "The accounts API did not list the users of a group although they were asked for.";
                return Err(Arc::new(Fault::invalid(message)));
            };
            let of_account = wanted.has_account(account);
            let mut asked_for = of_account;
            let told = store.told_by_reference(*row, Some(users), Kind::User);
            for at in tape.items(members) {
                let user = id(at);
                if user.is_some_and(|id| Kind::User.is_of_another(id)) {
                    return Err(of_another_kind());
                }
                let Some(user) = user.filter(|id| Kind::User.fits(id)) else {
                    let message = "The accounts API answered with a group that has a user without an id.";
                    return Err(Arc::new(Fault::invalid(message)));
                };
                let told = store.not_omitted(*row, at, Kind::User, told);
                let reference = store.inner(*row, Some(users), at, told);
                if of_account || wanted.has_user(user) {
                    asked_for = true;
                    met.entry((account.to_owned(), user.to_owned())).or_default().insert(group.to_owned());
                    members_told.push(reference);
                } else {
                    others_told.push(reference);
                }
            }
            if !asked_for {
                return Err(unexpected(kind));
            }
        }
        let (mut text, mut told) = (String::from("["), vec![]);
        for (index, row) in list.rows.iter().enumerate() {
            let tape = store.tape(*row);
            text.push_str(if index > 0 { ",{" } else { "{" });
            let members = tape.members(row.at).filter(|(name, _)| name != "users");
            for (place, (name, value)) in members.enumerate() {
                let comma = if place > 0 { "," } else { "" };
                let _ = write!(text, "{comma}{}:{}", serde_json::Value::from(&*name), tape.json(value));
            }
            text.push('}');
            told.push(row.told.difference(FieldSet::single(users)));
        }
        text.push(']');
        // Groups tell the names of their users. Of those that nobody asked for, it is looked up when something is missing.
        for user in members_told {
            store.learn(Kind::User, user);
        }
        for user in others_told {
            store.see(user, Kind::User);
        }
        let tape = scan(text)?;
        let items: Vec<_> = tape.items(ROOT).collect();
        let mut known = (*select).clone();
        known.fields = known.fields.difference(FieldSet::single(users));
        let body = store.keep(tape, Arc::new(known));
        for (at, told) in items.into_iter().zip(told) {
            let row = Place::row(body, at, told);
            store.learn(kind, row);
            learn_held(&mut store, &model, kind, row);
            if let Some(at) = store.look(row, object, account) {
                let reference = store.reference(row, Some(account), at, Kind::Account);
                store.learn(Kind::Account, reference);
            }
        }
        Ok(met)
    }

    /// Keeps who is where as rows of memberships, in the order of accounts and users.
    fn keep_met(&self, met: &Met) -> Result<Vec<(Pair, Place)>, Arc<Fault>> {
        let mut store = self.store();
        let model = Arc::clone(store.model());
        let mut select = crate::loader::source::with_names(&model, &Select::default());
        if let Some(groups) = model.kind(Kind::AccountUser).by_name.get("groups") {
            select.add_nested(*groups, FieldSet::NONE);
        }
        let (mut text, mut pairs) = (String::from("["), vec![]);
        for ((account, user), groups) in met {
            let Some(id) = member::id(account, user) else { continue };
            let comma = if pairs.is_empty() { "" } else { "," };
            let _ = write!(
                text,
                "{comma}{{\"id\":\"{id}\",\"user\":{{\"id\":\"{user}\"}},\"account\":{{\"id\":\"{account}\"}},\"groups\":["
            );
            for (place, group) in groups.iter().enumerate() {
                let _ = write!(text, "{}{{\"id\":\"{group}\"}}", if place > 0 { "," } else { "" });
            }
            text.push_str("]}");
            pairs.push((account.clone(), user.clone()));
        }
        text.push(']');
        let tape = scan(text)?;
        let items: Vec<_> = tape.items(ROOT).collect();
        let body = store.keep(tape, Arc::new(select));
        let rows: Vec<Place> = store.rows_of(body, Kind::AccountUser, items.into_iter()).collect();
        Ok(pairs.into_iter().zip(rows).collect())
    }

    /// Gives each parent its rows, and of these the window that was asked for.
    fn keep_parted(
        &self,
        number: u32,
        parents: &[(Box<str>, RecordId)],
        rows: &[(Pair, Place)],
        side: impl Fn(&Pair) -> &String,
    ) {
        let Query { window, .. } = self.query(number);
        let mut parted: HashMap<&str, Vec<Place>, RandomState> = HashMap::default();
        for (pair, row) in rows {
            parted.entry(side(pair)).or_default().push(*row);
        }
        let mut store = self.store();
        for (id, parent) in parents {
            let own = parted.remove(&**id).unwrap_or_default();
            let total = own.len();
            let (skipped, end) = window.places(total);
            let rows = own[skipped..end].to_vec();
            let shown = rows.len();
            store.keep_rows(number, *parent, Ok(Rows { rows, total: Some(total), skipped, shown, ..Rows::default() }));
        }
    }
}

/// What the groups of users say of their memberships. The id of a membership is made from its account and its user.
#[must_use]
pub fn fields_of_groups(model: &Model) -> FieldSet {
    let object = model.kind(Kind::AccountUser);
    let known = ["id", "user", "account", "groups"].iter().filter_map(|name| object.by_name.get(*name));
    known.fold(FieldSet::NONE, |all, field| all.union(FieldSet::single(*field)))
}

/// What a group says of its users (`accounts-api-v5.md` section 1.4).
fn reduced_user(model: &Model) -> FieldSet {
    let user = model.kind(Kind::User);
    let known = ["id", "name", "icon", "revision"].iter().filter_map(|name| user.by_name.get(*name));
    known.fold(FieldSet::NONE, |all, field| all.union(FieldSet::single(*field)))
}

/// Whether a page of an account's members needs nothing but what groups tell of their users, so that the groups of many
/// accounts tell the pages of all of them.
#[must_use]
pub fn tells_members(model: &Model, query: &Query, select: &Select) -> bool {
    let place = |name: &str| model.kind(Kind::AccountUser).by_name.get(name).copied();
    let (Some(id), Some(user), Some(account)) = (place("id"), place("user"), place("account")) else { return false };
    let from_the_start = matches!(query.window, Window::All | Window::Forward { skip: 0, .. });
    let by_id = query.order.iter().all(|(path, descending)| path == "user.id" && !descending);
    from_the_start
        && !query.seeks()
        && by_id
        && query.filter.is_none()
        && !query.never
        && FieldSet::single(id)
            .union(FieldSet::single(user))
            .union(FieldSet::single(account))
            .is_superset(select.fields)
        && reduced_user(model).is_superset(select.nested(user).unwrap_or_default())
        && select.nested(account).unwrap_or_default().is_empty()
        && select.offers().next().is_none()
}

/// Whether a page of a user's memberships can be cut out of what groups tell: all of them, in the order of their accounts.
#[must_use]
pub fn tells_memberships(query: &Query) -> bool {
    let by_id = |(path, descending): &(String, bool)| !descending && ["account.id", "user.id"].contains(&path.as_str());
    !query.seeks() && query.filter.is_none() && query.order.iter().all(by_id)
}

/// What is asked of groups for memberships of their users: what is wanted of the groups and of their accounts.
#[must_use]
pub(in crate::loader) fn groups_select(model: &Model, memberships: &Select) -> Select {
    let (object, group) = (model.kind(Kind::AccountUser), model.kind(Kind::Group));
    let mut select = Select::default();
    let mut reference = |name: &str, asked: FieldSet| {
        group.by_name.get(name).into_iter().for_each(|field| select.add_nested(*field, asked));
    };
    let account = object.by_name.get("account").copied();
    reference("account", account.and_then(|field| memberships.nested(field)).unwrap_or_default());
    let user = object.by_name.get("user").and_then(|field| memberships.nested(*field)).unwrap_or_default();
    reference("users", user.intersection(reduced_user(model)));
    let Some(groups) = object.by_name.get("groups").copied() else { return select };
    let add = |select: &mut Select, field: usize, below: Option<FieldSet>| match group.fields[field].shape {
        Shape::Ref(Target::One(_)) | Shape::Refs(Target::One(_)) => {
            select.add_nested(field, below.unwrap_or_default());
        }
        _ => select.add(field),
    };
    for field in memberships.nested(groups).unwrap_or_default().iter() {
        add(&mut select, field, memberships.deeper(groups, field));
    }
    let offers = memberships.offers().filter(|(place, _)| *place == groups);
    for (_, offer) in offers {
        for field in offer.fields.iter() {
            let deeper = offer.deeper.iter().find(|(place, ..)| usize::from(*place) == field);
            add(&mut select, field, deeper.map(|(_, fields, _)| *fields));
        }
    }
    // A filter narrows `users`, so of a list that is wanted itself nothing is learned.
    select
}

/// What is asked of groups for the members of their accounts.
#[must_use]
pub(in crate::loader) fn members_select(model: &Model, memberships: &Select) -> Select {
    let (object, group) = (model.kind(Kind::AccountUser), model.kind(Kind::Group));
    let mut select = Select::default();
    let user = object.by_name.get("user").copied();
    let user = user.and_then(|field| memberships.nested(field)).unwrap_or_default();
    for (name, asked) in [("account", FieldSet::NONE), ("users", user)] {
        group.by_name.get(name).into_iter().for_each(|field| select.add_nested(*field, asked));
    }
    select
}

fn scan(text: String) -> Result<Tape, Arc<Fault>> {
    Tape::scan(text).map_err(|malformed| Arc::new(Fault::internal("Groups could not be read.").caused_by(malformed)))
}
