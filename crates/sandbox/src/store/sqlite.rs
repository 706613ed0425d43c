//! The world in a file, an `SQLite` database: a row for each object, with the object as JSON.
//!
//! Objects refer to each other by id and leave out what is derived, so the file can be read, and mended, without this
//! program. Every write that changes something is one transaction.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, Row, Transaction, TransactionBehavior, params};
use serde_json::Value;

use super::StoreError;
use crate::{
    instant::Day,
    schema::Entity,
    wavefront::Wavefront,
    world::{Stored, World},
};

/// Marks the files of this program, in the header that `SQLite` has for it: "agsb" in ASCII.
const APPLICATION: i32 = 0x6167_7362;
/// The form of the tables below.
const VERSION: i32 = 2;

/// How long to wait for a process that uses the file.
const PATIENCE: Duration = Duration::from_secs(1);

const TABLES: &str = "
    CREATE TABLE entities (
        collection TEXT NOT NULL,
        place INTEGER NOT NULL,
        id TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (collection, place)
    ) WITHOUT ROWID;
    CREATE TABLE wavefront (kind TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
";

/// The open file.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens a file, or makes it with the world of a scale and a day, and tells the world in it.
    pub(crate) fn open(path: &Path, scale: f64, day: Day) -> Result<(Store, World), StoreError> {
        let fail = |reason: String| StoreError { path: path.to_owned(), reason };
        let database = |error: rusqlite::Error| fail(reason(&error));
        let mut connection = Connection::open(path).map_err(database)?;
        // A predecessor may be about to end.
        connection.busy_timeout(PATIENCE).map_err(database)?;
        // Nobody else may write while this process believes to know the world.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(database)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(database)?;
        let fresh = check(&mut connection).map_err(database)?.map_err(fail)?;
        let mut store = Store { connection, path: path.to_owned() };
        if !fresh {
            let world = store.load()?;
            return Ok((store, world));
        }
        let world = World::generate_at(scale, day);
        store.transact(|transaction| {
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.execute_batch(TABLES)?;
            write(transaction, &World::default(), &world)
        })?;
        Ok((store, world))
    }

    /// Writes what differs between two worlds.
    pub(crate) fn save(&mut self, before: &World, after: &World) -> Result<(), StoreError> {
        self.transact(|transaction| write(transaction, before, after))
    }

    fn transact(&mut self, act: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>) -> Result<(), StoreError> {
        let done = self.connection.transaction().and_then(|transaction| {
            act(&transaction)?;
            transaction.commit()
        });
        done.map_err(|error| StoreError { path: self.path.clone(), reason: reason(&error) })
    }

    fn load(&self) -> Result<World, StoreError> {
        let damaged = |what: String| StoreError { path: self.path.clone(), reason: format!("it is damaged: {what}") };
        let (rows, mut bodies) =
            self.read().map_err(|error| StoreError { path: self.path.clone(), reason: reason(&error) })?;
        let mut stored: Vec<Stored> = Vec::with_capacity(rows.len());
        let mut next = 0;
        for (collection, place, id, deleted, body) in rows {
            let entity = Entity::of_collection(&collection)
                .ok_or_else(|| damaged(format!("there is no collection {collection}")))?;
            next = if stored.last().is_some_and(|last| last.entity == entity) { next + 1 } else { 0 };
            if place != next {
                return Err(damaged(format!("a row is missing in {collection}")));
            }
            let body = serde_json::from_str(&body).map_err(|_| damaged(format!("{id} is no JSON object")))?;
            stored.push(Stored { entity, id, deleted, body });
        }
        let mut list = |kind: &str| bodies.remove(kind).unwrap_or_default();
        let [accounts, groups, roles] = ["accounts", "groups", "roles"].map(&mut list);
        let parsed = (serde_json::from_str(&accounts), serde_json::from_str(&groups), serde_json::from_str(&roles));
        let (Ok(accounts), Ok(groups), Ok(roles)) = parsed else {
            return Err(damaged("the Wavefront lists are not what they should be".to_owned()));
        };
        World::restore(stored, Wavefront { accounts, groups, roles }).map_err(damaged)
    }

    #[expect(clippy::type_complexity, reason = "the columns of two tables, taken apart at the one place of use")]
    fn read(&self) -> rusqlite::Result<(Vec<(String, i64, String, bool, String)>, HashMap<String, String>)> {
        let sql = "SELECT collection, place, id, deleted, body FROM entities ORDER BY collection, place";
        let mut query = self.connection.prepare(sql)?;
        let columns = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        let rows: rusqlite::Result<_> = query.query_map([], columns)?.collect();
        let mut query = self.connection.prepare("SELECT kind, body FROM wavefront")?;
        let bodies: rusqlite::Result<_> = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect();
        Ok((rows?, bodies?))
    }
}

/// Locks the file, which stays locked, and finds out whether it is new; or why it is not ours.
fn check(connection: &mut Connection) -> rusqlite::Result<Result<bool, String>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let number = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i32>(0));
    let (application, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let tables = number("SELECT count(*) FROM sqlite_master")?;
    let fresh = application == 0 && version == 0 && tables == 0;
    if !fresh && application != APPLICATION {
        return Ok(Err("it is a database of another program".to_owned()));
    }
    if !fresh && version != VERSION {
        return Ok(Err(format!("it was written by another version of the program (form {version}, not {VERSION})")));
    }
    transaction.commit()?;
    Ok(Ok(fresh))
}

fn write(transaction: &Transaction<'_>, before: &World, after: &World) -> rusqlite::Result<()> {
    let mut put = transaction.prepare(
        "INSERT OR REPLACE INTO entities (collection, place, id, deleted, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (entity, row) in after.differing(before) {
        let (deleted, body) = after.stored(entity, row);
        let id = after.row(entity, row)[0].as_text();
        let place = i64::try_from(row).unwrap_or(i64::MAX);
        put.execute(params![entity.collection(), place, id, deleted, Value::Object(body).to_string()])?;
    }
    let (old, new) = (&before.wavefront, &after.wavefront);
    if old != new {
        let mut put = transaction.prepare("INSERT OR REPLACE INTO wavefront (kind, body) VALUES (?1, ?2)")?;
        let text = |list: serde_json::Result<String>| list.unwrap_or_default();
        put.execute(params!["accounts", text(serde_json::to_string(&new.accounts))])?;
        put.execute(params!["groups", text(serde_json::to_string(&new.groups))])?;
        put.execute(params!["roles", text(serde_json::to_string(&new.roles))])?;
    }
    Ok(())
}

/// What a person can make of a failure.
fn reason(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is not a database".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process uses it".to_owned(),
        Some(ErrorCode::ReadOnly) => "it cannot be written".to_owned(),
        Some(ErrorCode::CannotOpen) => "it cannot be opened".to_owned(),
        _ => error.to_string(),
    }
}
