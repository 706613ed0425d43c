//! The file that keeps the sandbox's state: across restarts, after each write, and never another program's.

use super::sandbox_kit::{ACCOUNT, INVITED, Kit, SCALE, USER, kit_with, refusal, text};
use accounts_graph_sandbox::{self as sandbox, BodyFault, Day, Fault, Options, StartError, World};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder of its own for a test; removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("accounts-graph-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("sandbox.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever is left is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn options(file: &Path) -> Options {
    let file = Some(file.to_owned());
    Options { scale: SCALE, date: Some(Day::OF_DATA), generation: sandbox::Generation::All, file, ..Options::default() }
}

/// Starts on the file of a sandbox that has just stopped.
async fn restart(kit: Kit, file: &Path) -> Kit {
    kit.sandbox.stop().await;
    kit_with(options(file)).await
}

async fn refused(file: &Path) -> String {
    match sandbox::start(options(file)).await {
        Err(error @ StartError::File(_)) => error.to_string(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("it started"),
    }
}

/// Changes the file as another program would.
fn tamper(file: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(file).expect("a database");
    connection.execute_batch(sql).expect("changed");
}

#[tokio::test]
async fn every_world_comes_back_as_it_was() {
    let folder = Folder::new("whole");
    let kit = kit_with(options(&folder.file())).await;
    assert!(*kit.sandbox.world() == World::generate(SCALE));
    let kit = restart(kit, &folder.file()).await;
    assert!(*kit.sandbox.world() == World::generate(SCALE));
    kit.sandbox.stop().await;
    let other = Options { scale: 0.2, ..options(&folder.file()) };
    assert!(*kit_with(other).await.sandbox.world() == World::generate(SCALE), "the file's scale stays");
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = Folder::new("writes");
    let kit = kit_with(options(&folder.file())).await;
    kit.done(&format!("PUT users/{USER}"), json!({ "firstName": "Wilma", "phone": null })).await;
    kit.done(&format!("DELETE {ACCOUNT}/users/{INVITED}"), Value::Null).await;
    let group = kit.done("POST user-groups", json!({ "name": "Kept", "account": { "id": ACCOUNT } })).await;
    let gone = kit.done("POST user-groups", json!({ "name": "Gone", "account": { "id": ACCOUNT } })).await;
    let gone = format!("user-groups/{}", gone["id"].as_str().expect("an id"));
    kit.done(&format!("DELETE {gone}"), Value::Null).await;
    let secret = kit.done("POST api-tokens", json!({ "name": "Robot" })).await["token"].clone();
    let [_, groups, _] = kit.sandbox.world().wavefront_ids();
    let url = format!("{}/api/v2/usergroup/{}", kit.sandbox.wavefront_url(), groups[4]);
    assert_eq!(kit.client.delete(url).send().await.expect("an answer").status(), 200);
    assert_eq!(kit.refused(&format!("PUT {ACCOUNT}/users/{USER}/groups"), json!([])).await.0, 400);
    let before = kit.sandbox.world();

    let kit = restart(kit, &folder.file()).await;
    assert!(*kit.sandbox.world() == *before);
    let user = kit.get(&format!("users/{USER}")).await;
    assert_eq!((&user["name"], user.get("phone")), (&json!("Wilma Smith"), None));
    assert_eq!(kit.get(&format!("users/{INVITED}")).await["status"], "Disabled");
    assert_eq!(kit.get(&format!("user-groups/{}", group["id"].as_str().expect("an id"))).await, group);
    assert_eq!(kit.ask(&gone, None).await.0, 404);
    assert_eq!(kit.ask("users?limit=1", secret.as_str()).await.0, 200);
    assert!(!kit.sandbox.world().wavefront_ids()[1].contains(&groups[4]));
    let again = kit.done("POST user-groups", json!({ "name": "New", "account": { "id": ACCOUNT } })).await;
    assert!(again["id"] != group["id"] && !gone.ends_with(again["id"].as_str().expect("an id")));
    let twice = restart(kit, &folder.file()).await;
    assert_eq!(twice.get(&format!("user-groups/{}", again["id"].as_str().expect("an id"))).await["name"], "New");
}

#[tokio::test]
async fn a_write_is_in_the_file_before_it_is_answered() {
    let folder = Folder::new("durable");
    let kit = kit_with(options(&folder.file())).await;
    kit.done(&format!("PUT users/{USER}"), json!({ "firstName": "Wilma" })).await;
    let before = text(&kit.row("users", |row| text(row, "id") == INVITED), "firstName").to_owned();
    let close = Fault { method: Some("PUT".into()), body: Some(BodyFault::Close), ..Fault::default() };
    kit.sandbox.set_faults(vec![close.clone()]);
    let put = kit.client.put(format!("{}/v1/accounts/users/{INVITED}", kit.sandbox.base_url()));
    assert!(put.json(&json!({ "firstName": "Lost" })).send().await.is_err());
    kit.sandbox.set_faults(vec![Fault { after: true, ..close }]);
    let put = kit.client.put(format!("{}/v1/accounts/users/{GROUP_MATE}", kit.sandbox.base_url()));
    assert!(put.json(&json!({ "firstName": "Kept" })).send().await.is_err());
    // A copy is what a crash would leave: nobody closed the file.
    let copy = folder.0.join("copy.db");
    fs::copy(folder.file(), &copy).expect("a copy");
    let other = kit_with(options(&copy)).await;
    assert_eq!(other.get(&format!("users/{USER}")).await["firstName"], "Wilma");
    assert_eq!(other.get(&format!("users/{INVITED}")).await["firstName"], before.as_str());
    assert_eq!(other.get(&format!("users/{GROUP_MATE}")).await["firstName"], "Kept");
}

/// An administrator of the first account.
const GROUP_MATE: &str = "USR-0000-0001";

#[tokio::test]
async fn a_file_that_is_not_the_sandbox_s_is_refused_and_left_alone() {
    let folder = Folder::new("foreign");
    let file = folder.file();
    let say = |reason: &str| format!("cannot use {} for the sandbox: {reason}", file.display());
    let text = "Dear diary, today nothing happened.\n".repeat(100);
    fs::write(&file, &text).expect("written");
    assert_eq!(refused(&file).await, say("it is not a database"));
    assert_eq!(fs::read_to_string(&file).expect("read"), text);

    fs::remove_file(&file).expect("removed");
    tamper(&file, "CREATE TABLE diary (day TEXT); INSERT INTO diary VALUES ('today');");
    let before = fs::read(&file).expect("read");
    assert_eq!(refused(&file).await, say("it is a database of another program"));
    assert_eq!(fs::read(&file).expect("read"), before);

    let nowhere = folder.0.join("no").join("sandbox.db");
    assert_eq!(
        refused(&nowhere).await,
        format!("cannot use {} for the sandbox: it cannot be opened", nowhere.display())
    );
}

#[tokio::test]
async fn a_file_of_another_version_or_with_damage_is_refused() {
    let folder = Folder::new("damage");
    let file = folder.file();
    let say = |reason: &str| format!("cannot use {} for the sandbox: {reason}", file.display());
    for (sql, reason) in [
        ("PRAGMA user_version = 7", "it was written by another version of the program (form 7, not 2)"),
        ("DELETE FROM entities WHERE id = 'ACC-0000-0002'", "it is damaged: a row is missing in accounts"),
        ("DELETE FROM entities WHERE collection = 'modules'", "it is damaged: "),
        ("UPDATE entities SET body = 'x' WHERE id = 'USR-1671-0642'", "it is damaged: USR-1671-0642 is no JSON object"),
        (
            "UPDATE entities SET body = json_set(body, '$.revision', 'one') WHERE id = 'USR-1671-0642'",
            "it is damaged: USR-1671-0642: revision is not what it should be",
        ),
        (
            "UPDATE entities SET collection = 'cats' WHERE collection = 'sellers'",
            "it is damaged: there is no collection cats",
        ),
        (
            "DELETE FROM wavefront WHERE kind = 'roles'",
            "it is damaged: the Wavefront lists are not what they should be",
        ),
    ] {
        let _ = fs::remove_file(&file);
        kit_with(Options { scale: 0.01, ..options(&file) }).await.sandbox.stop().await;
        tamper(&file, sql);
        assert!(refused(&file).await.starts_with(&say(reason)), "{sql}: {}", refused(&file).await);
    }
}

#[tokio::test]
async fn one_process_at_a_time_uses_a_file() {
    let folder = Folder::new("shared");
    let kit = kit_with(options(&folder.file())).await;
    let expected = format!("cannot use {} for the sandbox: another process uses it", folder.file().display());
    assert_eq!(refused(&folder.file()).await, expected);
    assert_eq!(kit.refused("PUT users/USR-0000-0000", json!({})).await, refusal(404, ""));
}

#[test]
fn the_program_ends_with_the_reason() {
    let folder = Folder::new("program");
    let file = folder.file();
    fs::write(&file, "x".repeat(1000)).expect("written");
    let program = Command::new(env!("CARGO_BIN_EXE_accounts-graph"))
        .args(["sandbox", "--listen", "127.0.0.1:0", "--file"])
        .arg(&file)
        .output()
        .expect("it ends");
    assert_eq!(program.status.code(), Some(1));
    let expected = format!("error: cannot use {} for the sandbox: it is not a database\n", file.display());
    assert_eq!(String::from_utf8(program.stderr).expect("text"), expected);
}
