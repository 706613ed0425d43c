//! Memberships in groups: listed below the accounts of the groups.

use super::Parents;
use crate::{
    entity::{kind::Kind, model::FieldSet},
    fault::Fault,
    loader::{
        batch::{Batch, each},
        limits::CHUNK,
        rest::ListRequest,
        rows::{literals, unexpected},
        source::Source,
        store::{Place, RecordId, Rows, Store},
        trace::{Cause, Origin},
    },
    upstream::{
        marketplace::membership::Family,
        rql::{Expr, Path},
        select::Select,
    },
};
use futures::future::try_join_all;
use std::{collections::BTreeMap, sync::Arc};

const OF_GROUPS: &str = "Finds out the accounts of these groups, below which their members are listed.";

impl Batch {
    /// Memberships in groups: a list below the account of each group.
    pub(super) async fn of_groups(
        &self,
        number: u32,
        family: Family,
        parents: &Parents,
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let by_account = match self.accounts_of_groups(parents, origins).await {
            Ok(by_account) => by_account,
            Err(fault) => return self.fail(number, parents, &fault),
        };
        let listed: Vec<RecordId> = by_account.values().flatten().map(|(_, parent)| *parent).collect();
        // A group that is not there, or not for the caller, has no members that the caller may see.
        for (_, parent) in parents.iter().filter(|(_, parent)| !listed.contains(parent)) {
            self.store().keep_rows(number, *parent, Ok(Rows { total: Some(0), ..Rows::default() }));
        }
        let accounts: Vec<_> = by_account.iter().collect();
        each(&accounts, async |(account, groups)| {
            let source = Source::Members { family, account: account.as_str() };
            self.load_rows(number, source, groups, select, origins).await;
            for (_, parent) in *groups {
                let kept = self.store().rows(number, *parent).cloned();
                let Some(rows @ Err(_)) = kept else { continue };
                let rows = self.below_parent(source, rows).await;
                self.store().keep_rows(number, *parent, rows);
            }
        })
        .await;
    }

    /// The groups by their accounts. One request for those of which that is not known.
    async fn accounts_of_groups(
        &self,
        groups: &Parents,
        origins: &[Origin],
    ) -> Result<BTreeMap<String, Parents>, Arc<Fault>> {
        let mut by_account: BTreeMap<String, Parents> = BTreeMap::new();
        let mut unknown = vec![];
        {
            let mut store = self.store();
            store.index(Kind::Group);
            for (id, record) in groups {
                let known = store.record(Kind::Group, *record).parts.iter();
                let account = known.copied().find_map(|part| account_of(&store, part));
                match account {
                    Some(account) => by_account.entry(account).or_default().push((id.clone(), *record)),
                    None => unknown.push((id.clone(), *record)),
                }
            }
        }
        let select = {
            let store = self.store();
            let mut select = Select::default();
            let account = store.model().kind(Kind::Group).by_name.get("account").copied();
            if let Some(field) = account {
                select.add_nested(field, FieldSet::NONE);
            }
            Arc::new(select)
        };
        let pages = unknown.chunks(CHUNK).map(async |chunk| {
            let ids: Vec<&str> = chunk.iter().map(|(id, _)| &**id).collect();
            let filter = Expr::In { path: Path::new("id"), values: literals(&ids)? };
            let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(OF_GROUPS) };
            let listing = ListRequest {
                kind: Kind::Group,
                source: Source::Collection,
                filter: Some(&filter),
                select: &select,
                order: "id",
                cause,
                rows: Some(ids.len()),
                unsure: false,
            };
            self.rest().list(self.shared_store(), &listing, 0, Some(CHUNK)).await
        });
        for list in try_join_all(pages).await? {
            let store = self.store();
            for row in list.rows {
                let group = store.id(row, Kind::Group).and_then(|id| unknown.iter().find(|(known, _)| **known == *id));
                let Some(group) = group else { return Err(unexpected(Kind::Group)) };
                let Some(account) = account_of(&store, row) else {
                    let message = "The accounts API answered with a group that does not say whose it is.";
                    return Err(Arc::new(Fault::invalid(message)));
                };
                by_account.entry(account).or_default().push(group.clone());
            }
        }
        for groups in by_account.values_mut() {
            groups.sort_unstable();
        }
        Ok(by_account)
    }
}

/// The id of the account that a place of a group tells.
fn account_of(store: &Store, group: Place) -> Option<String> {
    let object = store.model().kind(Kind::Group);
    let account = store.look(group, object, *object.by_name.get("account")?)?;
    let tape = store.tape(group);
    let id = tape.plain(tape.get(account, "id")?)?;
    Kind::Account.fits(id).then(|| id.to_owned())
}
