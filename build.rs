//! Builds the playground, and leaves it in `OUT_DIR` for `src/http/page.rs` to embed.
//!
//! It is built in a copy below `target/playground`, once for all profiles, and again only when its sources change.
//! Without Node.js or npm the program is built without it; `ACCOUNTS_GRAPH_PLAYGROUND=require` makes that an error, and
//! `=skip` does not try.

use std::{
    collections::hash_map::DefaultHasher,
    env,
    fmt::Write as _,
    fs::{self, File, TryLockError},
    hash::{Hash, Hasher},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const SWITCH: &str = "ACCOUNTS_GRAPH_PLAYGROUND";

/// What the page is made of; nothing else in the folder is looked at.
const SOURCES: [&str; 8] =
    [".npmrc", "index.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts"];

/// How long npm and the bundler may take together, and how long to wait for another build that has them at work.
const PATIENCE: Duration = Duration::from_secs(600);

const NODE: &str = "Node.js 20.19, 22.12 or newer";

type Outcome<T> = Result<T, String>;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={SWITCH}");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=playground/{source}");
    }
    let wish = env::var(SWITCH).unwrap_or_default();
    let built = match wish.as_str() {
        "" | "require" => built(),
        "skip" => Err(format!("{SWITCH}=skip")),
        _ => fail(&format!("{SWITCH} may be require or skip, not {wish:?}")),
    };
    let page = match built {
        Ok(folder) => embedded(&folder).unwrap_or_else(|error| fail(&error)),
        Err(reason) if wish == "require" => fail(&format!("the playground cannot be built: {reason}")),
        Err(reason) => {
            if wish.is_empty() {
                println!("cargo::warning=built without the playground: {reason}");
            }
            format!("const FILES: &[File] = &[];\nconst MISSING: &str = {reason:?};\n")
        }
    };
    let written = out_dir().and_then(|out| fs::write(out.join("page.rs"), page).map_err(|error| error.to_string()));
    written.unwrap_or_else(|error| fail(&error));
}

fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    std::process::exit(1)
}

fn out_dir() -> Outcome<PathBuf> {
    env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| "cargo gives no OUT_DIR".to_owned())
}

/// The folder of the built page.
fn built() -> Outcome<PathBuf> {
    let sources = Path::new("playground");
    let mut files = Vec::new();
    for source in SOURCES {
        list(&sources.join(source), &mut files).map_err(|error| format!("playground/{source}: {error}"))?;
    }
    files.sort();
    let shared = shared_folder()?;
    let digest = digest(&files).map_err(|error| format!("reading the sources: {error}"))?;
    let page = shared.join(&digest);
    let _lock = locked(&shared)?;
    if page.join("index.html").exists() {
        return Ok(page);
    }
    check_node()?;
    let work = shared.join(format!("{digest}.building"));
    let prepared = remove(&work).and_then(|()| {
        files.iter().try_for_each(|file| copy(file, &work.join(file.strip_prefix(sources).unwrap_or(file))))
    });
    prepared.map_err(|error| format!("copying the sources: {error}"))?;
    let deadline = Instant::now() + PATIENCE;
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"], &work, deadline)?;
    npm(&["run", "build"], &work, deadline)?;
    let moved = remove(&page).and_then(|()| fs::rename(work.join("dist"), &page)).and_then(|()| remove(&work));
    moved.map_err(|error| format!("keeping the page: {error}"))?;
    Ok(page)
}

/// `target/playground`, found from `OUT_DIR`: cargo marks a folder that it made by a file; one that was there before is
/// four above, where `<target>/<profile>/build/<package>/out` has it.
fn shared_folder() -> Outcome<PathBuf> {
    let out = out_dir()?;
    let marked = out.ancestors().take(7).find(|folder| folder.join("CACHEDIR.TAG").exists());
    let target = marked.or_else(|| out.ancestors().nth(4)).unwrap_or(&out);
    let shared = target.join("playground");
    fs::create_dir_all(&shared).map_err(|error| format!("{}: {error}", shared.display()))?;
    Ok(shared)
}

/// Two profiles may be built at the same time; the lock ends with the file.
fn locked(shared: &Path) -> Outcome<File> {
    let path = shared.join("lock");
    let lock = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(Duration::from_millis(100)),
            Err(TryLockError::WouldBlock) => return Err("another build of it does not end".to_owned()),
            Err(TryLockError::Error(error)) => return Err(format!("{}: {error}", path.display())),
        }
    }
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    fs::read_dir(path)?.try_for_each(|entry| list(&entry?.path(), files))
}

fn digest(files: &[PathBuf]) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Of the bytes alone, so that it is the same wherever the page is built.
fn tag(file: &Path) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    fs::read(file)?.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    fs::copy(from, to).map(|_| ())
}

fn check_node() -> Outcome<()> {
    let advice = "install it, then `touch build.rs`";
    let version = Command::new("node").arg("--version").output().map_err(|_| format!("{NODE} is missing; {advice}"))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let new_enough = match (numbers.next(), numbers.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (Some(major), _) => major > 22,
        (None, _) => false,
    };
    if new_enough { Ok(()) } else { Err(format!("Node.js {version} is too old, it takes {NODE}; {advice}")) }
}

/// Runs npm with everything that it starts, and ends all of it when it takes too long.
fn npm(args: &[&str], folder: &Path, deadline: Instant) -> Outcome<()> {
    let said = folder.join("npm.log");
    let failed = |what: &str| format!("`npm {}` {what}, see {}", args.join(" "), said.display());
    let log = File::create(&said).and_then(|out| Ok((out.try_clone()?, out)));
    let (out, err) = log.map_err(|error| failed(&error.to_string()))?;
    let mut command = Command::new("npm");
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
    let mut child = command.spawn().map_err(|error| failed(&format!("does not start ({error})")))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(_)) => return Err(failed("failed")),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
            Ok(None) => {
                let kill = format!("kill -9 -- -{}", child.id());
                let _ = Command::new("sh").args(["-c", &kill]).status();
                let _ = child.wait();
                return Err(failed("took too long"));
            }
            Err(error) => return Err(failed(&error.to_string())),
        }
    }
}

/// Copies the page to `OUT_DIR`, so that it lives as long as what embeds it, and writes the table of its files.
fn embedded(page: &Path) -> Outcome<String> {
    let in_page = |error: io::Error| format!("{}: {error}", page.display());
    let copies = out_dir()?.join("page");
    remove(&copies).map_err(in_page)?;
    let mut files = Vec::new();
    list(page, &mut files).map_err(in_page)?;
    files.sort();
    let mut table = "const FILES: &[File] = &[\n".to_owned();
    for file in &files {
        let name = file.strip_prefix(page).unwrap_or(file).to_string_lossy().into_owned();
        copy(file, &copies.join(&name)).map_err(in_page)?;
        if file.extension().is_some_and(|ending| ending == "br" || ending == "gz") {
            continue;
        }
        let bytes = |name: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/page/{name}\"))");
        let smaller = |ending: &str| {
            let name = format!("{name}.{ending}");
            if page.join(&name).exists() { format!("Some({})", bytes(&name)) } else { "None".to_owned() }
        };
        let tag = tag(file).map_err(in_page)?;
        let row = format!(
            "    File {{ name: {name:?}, tag: {tag:?}, plain: {}, brotli: {}, gzip: {} }},",
            bytes(&name),
            smaller("br"),
            smaller("gz"),
        );
        writeln!(table, "{row}").map_err(|error| error.to_string())?;
    }
    table.push_str("];\nconst MISSING: &str = \"\";\n");
    Ok(table)
}
