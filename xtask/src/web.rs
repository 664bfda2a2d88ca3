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

/// The oldest Node.js that builds it: major and minor.
const NODE: [u32; 2] = [20, 19];

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

/// The page's folder, with its packages.
pub(crate) fn installed() -> Result<PathBuf> {
    let web = folder().ok_or("there is no page in gateway/web")?;
    install(&web)?;
    Ok(web)
}

/// Runs a program of the page's packages.
pub(crate) fn npx(web: &Path) -> Command {
    let mut npx = Command::new("npx");
    npx.arg("--no-install").current_dir(web);
    npx
}

fn folder() -> Option<PathBuf> {
    let web = root().join("gateway/web");
    web.join("package.json").exists().then_some(web)
}

fn install(web: &Path) -> Result<()> {
    apt::ensure(&[apt::NODE, apt::NPM])?;
    let version = output(Command::new("node").arg("--version"))?;
    if !is_new_enough(&version) {
        return Err(format!(
            "the page needs Node.js {}.{} or later, and this is {}: install a later one from \
             https://nodejs.org or with your version manager, before Debian's in PATH",
            NODE[0],
            NODE[1],
            version.trim()
        )
        .into());
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

fn is_new_enough(version: &str) -> bool {
    let numbers = version.trim().trim_start_matches('v').split('.');
    let numbers: Vec<u32> = numbers.map_while(|text| text.parse().ok()).collect();
    numbers.get(..2).is_some_and(|found| found >= &NODE[..])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_told_from_one_that_will_do() {
        for good in ["v20.19.0\n", "v20.20.2", "v24.0.1"] {
            assert!(is_new_enough(good), "{good}");
        }
        for bad in ["v18.20.4", "v20.18.3", "", "v20", "node: not found"] {
            assert!(!is_new_enough(bad), "{bad}");
        }
    }
}
