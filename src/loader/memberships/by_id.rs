//! Memberships by their ids: by account and user, or by the id that the flat collection has.

use super::{OF_ACCOUNT, OF_USER};
use crate::{
    entity::{kind::Kind, member, model::FieldSet},
    fault::Fault,
    loader::{
        batch::{Batch, each},
        canonical::UPSTREAM_ID,
        limits::CHUNK,
        rest::ListRequest,
        rows::{literals, unexpected},
        source::{Source, with_names},
        store::{Place, RecordId, Rows},
        trace::{Cause, Origin},
        unite::{EntityBatch, MergedEntityRequest},
    },
    upstream::{
        marketplace::{
            host::Feature,
            membership::{Family, Member},
        },
        rql::{Expr, Path},
        select::Select,
    },
};
use futures::future::{join, join_all};
use parking_lot::Mutex;
use std::{collections::BTreeMap, sync::Arc};

/// The account and the user of a membership, and what is wanted of it.
type Paired = ((String, String), MergedEntityRequest);

impl Batch {
    /// Loads memberships by their ids.
    pub(in crate::loader) async fn load_members(&self, entities: EntityBatch) {
        let EntityBatch { wanted, select, origins, .. } = entities;
        let select = Arc::new(with_names(self.store().model(), &select));
        let (upstream, paired): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(id, _)| member::is_upstream_id(id));
        let members = join(
            async {
                let found = self.by_upstream_ids(&upstream, &select, &origins).await;
                self.favorites(found, &origins).await;
            },
            self.by_pairs(&paired, &select, &origins),
        );
        let pairs = paired.iter().filter_map(|(id, wanted)| Some((member::pair(id)?, *wanted))).collect();
        join(members, self.favorites(pairs, &origins)).await;
    }

    /// Whether accounts are favorites of their members: only a list below each user tells that.
    async fn favorites(&self, wanted: Vec<Paired>, origins: &[Origin]) {
        let field = self.store().model().kind(Kind::AccountUser).by_name.get("favorite").copied();
        let Some(field) = field else { return };
        let mut by_user: BTreeMap<String, Vec<(String, RecordId)>> = BTreeMap::new();
        for ((account, user), wanted) in wanted.into_iter().filter(|(_, wanted)| wanted.fields.contains(field)) {
            by_user.entry(user).or_default().push((account, wanted.record));
        }
        let mut select = Select::default();
        select.add(field);
        let select = Arc::new(with_names(self.store().model(), &select));
        let by_user: Vec<_> = by_user.into_iter().collect();
        each(&by_user, async |(user, of_user)| {
            each(of_user.chunks(CHUNK), async |chunk| {
                let rows = self.accounts_of_user(user, chunk, &select, origins).await;
                let mut store = self.store();
                match rows {
                    Ok(rows) => {
                        for row in rows {
                            let account =
                                store.id(row, Kind::AccountUser).and_then(member::pair).map(|(account, _)| account);
                            // Not only what is news: the membership's own row was asked for it too and did not tell it, which
                            // stands for null.
                            let omitted = store.omitted_by_row(Kind::AccountUser, row, FieldSet::single(field));
                            for (_, record) in chunk.iter().filter(|(of, _)| account.as_ref() == Some(of)) {
                                let record = store.record_mut(Kind::AccountUser, *record);
                                record.omitted = record.omitted.union(omitted);
                                record.parts.push(row);
                            }
                        }
                    }
                    Err(fault) => {
                        for (_, record) in chunk {
                            let faults = &mut store.record_mut(Kind::AccountUser, *record).faults;
                            faults.push((FieldSet::single(field), Arc::clone(&fault)));
                        }
                    }
                }
            })
            .await;
        })
        .await;
    }

    async fn accounts_of_user(
        &self,
        user: &str,
        accounts: &[(String, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let ids: Vec<&str> = accounts.iter().map(|(account, _)| account.as_str()).collect();
        let filter = Expr::In { path: Path::new("account.id"), values: literals(&ids)? };
        let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(OF_USER) };
        let source = Source::UserAccounts { user };
        let rows = self.members(source, &filter, select, cause).await.map(|rows| Rows { rows, ..Rows::default() });
        Ok(self.below_parent(source, rows).await?.rows)
    }

    /// Memberships by the ids that only the flat collection has, and of which account and user each turned out to be.
    async fn by_upstream_ids(
        &self,
        wanted: &[(Box<str>, MergedEntityRequest)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Vec<Paired> {
        let kind = Kind::AccountUser;
        let pairs = Mutex::new(vec![]);
        each(wanted.chunks(CHUNK), async |chunk| {
            let rows = self.rows_by_upstream_ids(chunk, select, origins).await;
            // They answer by their own ids.
            let rows = rows.map(|rows| {
                let store = self.store();
                let own = |row: &Place| {
                    let tape = store.tape(*row);
                    tape.plain(tape.get(row.at, UPSTREAM_ID)?)
                };
                let of = |id: &str| rows.iter().copied().find(|row| own(row) == Some(id));
                let found: Vec<_> = chunk.iter().map(|(id, _)| of(id)).collect();
                let strange = rows.len() > found.iter().flatten().count();
                (found, strange)
            });
            match rows {
                Err(fault) => self.keep_entities(kind, chunk, Err(fault)),
                Ok((rows, strange)) => {
                    self.keep_entities(kind, chunk, Ok(vec![]));
                    let mut store = self.store();
                    for ((_, wanted), row) in chunk.iter().zip(rows) {
                        if let Some(row) = row {
                            store.answer(kind, wanted.record, row, wanted.fields);
                            let pair = store.id(row, kind).and_then(member::pair);
                            pairs.lock().extend(pair.map(|pair| (pair, *wanted)));
                        } else if strange {
                            let record = store.record_mut(kind, wanted.record);
                            record.fault = Some(unexpected(kind));
                            record.faults.push((wanted.fields, unexpected(kind)));
                        }
                    }
                }
            }
        })
        .await;
        pairs.into_inner()
    }

    async fn rows_by_upstream_ids(
        &self,
        chunk: &[(Box<str>, MergedEntityRequest)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        if self.rest().family().await? != Family::AccountUsers {
            return Err(Arc::new(Fault::route_missing(Family::AccountUsers.template())));
        }
        let ids: Vec<&str> = chunk.iter().map(|(id, _)| &**id).collect();
        let filter = Expr::In { path: Path::new("id"), values: literals(&ids)? };
        let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: None };
        self.members(Source::AccountUsers, &filter, select, cause).await
    }

    /// Memberships by account and user.
    async fn by_pairs(&self, wanted: &[(Box<str>, MergedEntityRequest)], select: &Arc<Select>, origins: &[Origin]) {
        if wanted.is_empty() {
            return;
        }
        let kind = Kind::AccountUser;
        let mut wanted = wanted.to_vec();
        loop {
            let family = match self.rest().family().await {
                Ok(family) => family,
                Err(fault) => return self.keep_entities(kind, &wanted, Err(fault)),
            };
            if family != Family::AccountUsers {
                let by_account = wanted.chunk_by(|(one, _), (other, _)| account_in(one) == account_in(other));
                let chunks: Vec<_> = by_account.flat_map(|of_account| of_account.chunks(CHUNK)).collect();
                return each(&chunks, async |chunk| {
                    let rows = self.members_of_account(family, chunk, select, origins).await;
                    self.keep_entities(kind, chunk, rows);
                })
                .await;
            }
            let mut left = vec![];
            let asked = join_all(wanted.chunks(CHUNK).map(|chunk| self.members_of_pairs(chunk, select, origins))).await;
            for (chunk, rows) in wanted.chunks(CHUNK).zip(asked) {
                match rows {
                    Err(fault) if self.is_lost(&fault) => left.extend_from_slice(chunk),
                    rows => self.keep_entities(kind, chunk, rows),
                }
            }
            if left.is_empty() {
                return;
            }
            wanted = left;
        }
    }

    async fn members_of_account(
        &self,
        family: Family,
        chunk: &[(Box<str>, MergedEntityRequest)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let pairs: Vec<_> = chunk.iter().filter_map(|(id, _)| member::pair(id)).collect();
        let Some((account, _)) = pairs.first() else { return Ok(vec![]) };
        let users: Vec<&str> = pairs.iter().map(|(_, user)| &**user).collect();
        let filter = Expr::In { path: Path::new("user.id"), values: literals(&users)? };
        let cause = Cause { nested: &[], origins, keys: Some(users.len()), reason: Some(OF_ACCOUNT) };
        let rows = self.members(Source::Members { family, account }, &filter, select, cause).await;
        let rows = rows.map(|rows| Rows { rows, ..Rows::default() });
        Ok(self.below_parent(Source::Members { family, account }, rows).await?.rows)
    }

    async fn members_of_pairs(
        &self,
        chunk: &[(Box<str>, MergedEntityRequest)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        // Not all users in all accounts: of these there may be any number.
        let mut by_account: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (account, user) in chunk.iter().filter_map(|(id, _)| member::pair(id)) {
            by_account.entry(account).or_default().push(user);
        }
        let among = |path: &'static str, ids: &[&str]| {
            Ok::<_, Arc<Fault>>(Expr::In { path: Path::new(path), values: literals(ids)? })
        };
        let of_account = |(account, users): (&String, &Vec<String>)| {
            let users: Vec<&str> = users.iter().map(String::as_str).collect();
            Ok::<_, Arc<Fault>>(Expr::And(vec![among("account.id", &[account])?, among("user.id", &users)?]))
        };
        let filter = Expr::Or(by_account.iter().map(of_account).collect::<Result<_, _>>()?);
        let cause = Cause { nested: &[], origins, keys: Some(chunk.len()), reason: None };
        self.members(Source::AccountUsers, &filter, select, cause).await
    }

    /// One membership: by its account and user, or by the id that the flat collection has for it.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the host has no route that tells it.
    pub async fn find_member(
        &self,
        member: &Member,
        select: Select,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        let select = Arc::new(with_names(self.store().model(), &select));
        loop {
            let family = self.rest().family().await?;
            let found = self.find_member_by(family, member, &select, cause).await;
            match found {
                // A host that lost the flat collection is asked by the other routes, now.
                Err(fault) if family == Family::AccountUsers && self.is_lost(&fault) => {}
                found => return found,
            }
        }
    }

    async fn find_member_by(
        &self,
        family: Family,
        member: &Member,
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        let is = |path: &'static str, id: &str| {
            Ok::<_, Arc<Fault>>(Expr::In { path: Path::new(path), values: literals(&[id])? })
        };
        let (source, filter) = match (member, family) {
            (Member { upstream_id: Some(id), .. }, Family::AccountUsers) => (Source::AccountUsers, is("id", id)?),
            (Member { pair: Some((account, user)), .. }, Family::AccountUsers) => {
                (Source::AccountUsers, Expr::And(vec![is("account.id", account)?, is("user.id", user)?]))
            }
            (Member { pair: Some((account, user)), .. }, family) => {
                (Source::Members { family, account }, is("user.id", user)?)
            }
            (Member { upstream_id: Some(_), .. }, _) => {
                return Err(Arc::new(Fault::route_missing(Family::AccountUsers.template())));
            }
            (Member { pair: None, upstream_id: None }, _) => return Ok(None),
        };
        let rows = self.members(source, &filter, select, cause).await.map(|rows| Rows { rows, ..Rows::default() });
        Ok(self.below_parent(source, rows).await?.rows.first().copied())
    }

    /// Looks for a membership in the list of one route, whichever the host is read by.
    ///
    /// # Errors
    ///
    /// The fault of the request; that the host has no such route is one of them.
    pub async fn look_below(&self, feature: Feature, member: &Member, cause: Cause<'_>) -> Result<(), Arc<Fault>> {
        let Some((account, user)) = &member.pair else { return Ok(()) };
        let (source, path, id) = match feature {
            Feature::UserAccounts => (Source::UserAccounts { user }, "account.id", account),
            _ => (Source::Members { family: Family::Accounts, account }, "user.id", user),
        };
        let select = Arc::new(with_names(self.store().model(), &Select::default()));
        let filter = Expr::In { path: Path::new(path), values: literals(&[id])? };
        let rows = self.members(source, &filter, &select, cause).await.map(|rows| Rows { rows, ..Rows::default() });
        self.below_parent(source, rows).await.map(drop)
    }

    /// All memberships of a list that a condition holds for.
    pub(super) async fn members(
        &self,
        source: Source<'_>,
        filter: &Expr,
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let order = "account.id,user.id";
        let listing = ListRequest {
            kind: Kind::AccountUser,
            source,
            filter: Some(filter),
            select,
            order,
            cause,
            rows: cause.keys,
            unsure: false,
        };
        Ok(self.rest().list(self.shared_store(), &listing, 0, None).await?.rows)
    }
}

/// The account in the id of a membership, as it stands there.
fn account_in(id: &str) -> &str {
    id.split('.').next().unwrap_or_default()
}
