//! What is told of a membership outside of lists: by the answer to a write, or by its ids alone.

use crate::{
    entity::{
        kind::Kind,
        member,
        model::FieldSet,
        tape::{ROOT, Tape},
    },
    fault::Fault,
    loader::{
        canonical::{Asking, UPSTREAM_ID},
        source::Source,
        store::{Place, Store},
    },
    upstream::{
        marketplace::membership::{Family, Member},
        select::Select,
    },
};
use std::sync::Arc;

/// The membership at a place, as far as it tells who it is about.
#[must_use]
pub fn member_at(store: &Store, place: Place) -> Member {
    let tape = store.tape(place);
    let own = tape.get(place.at, UPSTREAM_ID).and_then(|at| tape.plain(at));
    let pair = store.id(place, Kind::AccountUser).and_then(member::pair);
    Member { pair, upstream_id: own.map(str::to_owned) }
}

/// What a write answered of a membership, in the one form that is read.
///
/// # Errors
///
/// When it is no membership.
pub fn told_member(store: &mut Store, family: Family, account: &str, tape: &Tape) -> Result<Place, Fault> {
    let source = match family {
        Family::AccountUsers => Source::AccountUsers,
        family => Source::Members { family, account },
    };
    told(store, source, tape)
}

/// What a write answered of an account as one of its users sees it, as a membership.
///
/// # Errors
///
/// When it is no account.
pub fn told_account(store: &mut Store, user: &str, tape: &Tape) -> Result<Place, Fault> {
    told(store, Source::UserAccounts { user }, tape)
}

/// A membership of which only its account and its user are known.
///
/// # Errors
///
/// When one of them has no proper id.
pub fn named_member(store: &mut Store, (account, user): (&str, &str)) -> Result<Place, Fault> {
    let names = serde_json::json!({ "id": user, "user": { "id": user }, "account": { "id": account } }).to_string();
    let names = Tape::scan(names).map_err(|_| Fault::internal("The ids of a member could not be kept."))?;
    told(store, Source::Members { family: Family::Accounts, account }, &names)
}

/// Keeps a membership that came alone. What it does not tell is null where it lists what it omits, else not known.
fn told(store: &mut Store, source: Source<'_>, tape: &Tape) -> Result<Place, Fault> {
    let model = Arc::clone(store.model());
    let object = model.kind(Kind::AccountUser);
    let lists = tape.get(ROOT, "$meta").and_then(|meta| tape.get(meta, "omitted")).is_some();
    let tape = Asking::answered(source, &model, lists).one(tape)?;
    let mut select = Select::default();
    for name in ["user", "account"] {
        // An id alone is no reduced form, of which what is left out would be null.
        let members = |at| tape.members(at).filter(|(name, _)| name != "$meta").count();
        let bare = tape.get(ROOT, name).is_some_and(|at| members(at) < 2);
        if let Some(field) = object.by_name.get(name).filter(|_| bare) {
            select.add_nested(*field, FieldSet::NONE);
        }
    }
    let fields = if lists { source.tellable(object, object.told()) } else { FieldSet::NONE };
    let body = store.keep(tape, Arc::new(select));
    Ok(store.row(body, Kind::AccountUser, fields))
}
