//! What a process is set up with: a file, and after a line `---` the environment and the flags, one
//! `NAME=value` or `section.key=value` a line.

use std::{collections::BTreeMap, fs, path::PathBuf};

use convene_config::{Config, Role, Sources, print};

/// One of them for each input, by its length: most of an input's time goes into the clients of models
/// that are made to check their settings.
const ROLES: [Role; 4] = [
    Role::Embedded,
    Role::Gateway,
    Role::AgentWorker,
    Role::ContextService,
];

/// Stands nowhere else, so it is told wherever it is shown.
const SECRET: &str = "a-secret-that-no-sample-has-0123456789";

/// Whatever it is set up with, a process starts, or says in full what is wrong. What it prints of its
/// settings is TOML without a secret.
pub(crate) fn configuration(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let (file, lines) = text.split_once("\n---\n").unwrap_or((text, ""));
    let folder = tempfile::tempdir().unwrap();
    let mut sources = sources(folder.path().join("convene.toml"), lines);
    fs::write(folder.path().join("convene.toml"), file).unwrap();
    if let Err(invalid) = Config::load(&sources, ROLES[bytes.len() % ROLES.len()]) {
        said_in_full(&invalid.to_string());
    }
    let secret = ("auth.secret".to_owned(), SECRET.to_owned());
    sources.flags.push(secret);
    match Config::load(&sources, Role::Tool) {
        Ok(loaded) => {
            let printed = print(&loaded).unwrap();
            assert!(!printed.contains(SECRET), "{printed}");
            let table = toml::from_str::<toml::Table>(&printed);
            assert!(table.is_ok(), "{table:?}: {printed}");
        }
        Err(invalid) => said_in_full(&invalid.to_string()),
    }
}

fn sources(file: PathBuf, lines: &str) -> Sources {
    let (mut environment, mut flags) = (BTreeMap::new(), Vec::new());
    for line in lines.lines() {
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        if name.contains('.') {
            flags.push((name.to_owned(), value.to_owned()));
        } else {
            environment.insert(name.to_owned(), value.to_owned());
        }
    }
    Sources {
        file: Some(file),
        environment,
        flags,
    }
}

/// What is said to be wrong is more than that something is.
fn said_in_full(what: &str) {
    let faults = what.strip_prefix("the settings cannot be used:");
    assert!(faults.is_some_and(|faults| faults.len() > 3), "{what}");
    assert!(!what.contains(SECRET), "{what}");
}
