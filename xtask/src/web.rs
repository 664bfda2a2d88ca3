//! The web page: npm's part of the build.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
};

use xtask::Result;

use crate::{
    apt,
    cargo::{output, root, succeed, target},
};

/// The oldest Node.js that builds it.
const NODE_MAJOR: u32 = 20;

/// Builds the page if its sources differ from those of the last build.
pub(crate) fn build_if_stale() -> Result<()> {
    let Some(web) = folder() else { return Ok(()) };
    if !is_stale(&web)? {
        return Ok(());
    }
    install(&web)?;
    build(&web)
}

/// Installs, checks types and style, builds, and runs the page's own tests, in a browser too.
pub(crate) fn check_and_build() -> Result<()> {
    let Some(web) = folder() else { return Ok(()) };
    install(&web)?;
    succeed(npm(&web).args(["run", "check"]))?;
    succeed(npm(&web).arg("test"))?;
    build(&web)?;
    succeed(
        npm(&web)
            .args(["run", "test:page"])
            .env("CONVENE_TEST_REQUIRE", "1"),
    )
}

fn folder() -> Option<PathBuf> {
    let web = root().join("gateway/web");
    web.join("package.json").exists().then_some(web)
}

fn install(web: &Path) -> Result<()> {
    apt::ensure(&[apt::NODE, apt::NPM])?;
    let version = output(Command::new("node").arg("--version"))?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|text| text.parse().ok());
    if major.is_none_or(|major: u32| major < NODE_MAJOR) {
        let version = version.trim();
        return Err(
            format!("the page needs Node.js {NODE_MAJOR} or later; this is {version}").into(),
        );
    }
    let lock = hash(&[&web.join("package-lock.json")])?;
    let stamp = stamp("web-packages");
    let installed = web.join("node_modules").exists();
    if installed && fs::read_to_string(&stamp).is_ok_and(|last| last == lock) {
        return Ok(());
    }
    succeed(npm(web).args(["ci", "--no-audit", "--no-fund"]))?;
    leave(&stamp, &lock)
}

fn build(web: &Path) -> Result<()> {
    succeed(npm(web).args(["run", "build"]))?;
    leave(&stamp("web-page"), &fingerprint(web)?)
}

fn npm(web: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(web);
    npm
}

fn is_stale(web: &Path) -> Result<bool> {
    let built = web.join("dist/index.html").exists();
    let last = fs::read_to_string(stamp("web-page")).unwrap_or_default();
    Ok(!built || last != fingerprint(web)?)
}

/// Remembers of what something was made.
fn stamp(name: &str) -> PathBuf {
    target().join(format!("{name}.stamp"))
}

fn leave(stamp: &Path, content: &str) -> Result<()> {
    fs::create_dir_all(target())?;
    Ok(fs::write(stamp, content)?)
}

/// A hash of the names and contents of all sources.
fn fingerprint(web: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(web, &mut files)?;
    files.sort();
    hash(&files)
}

fn hash(files: &[impl AsRef<Path>]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.as_ref().hash(&mut hasher);
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let made = ["node_modules", "dist"]
            .iter()
            .any(|made| entry.file_name() == **made);
        if entry.file_type()?.is_dir() && !made {
            collect(&entry.path(), files)?;
        } else if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}
