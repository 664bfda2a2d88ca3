//! The Autobahn test suite, which runs under Python 2.7 alone: installed into the target folder
//! where there is such a Python, and done without elsewhere.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{apt, cargo::target};

const SUITE: &str = "autobahntestsuite==0.8.2";

/// Which Python, and where its packages are.
pub(crate) struct Autobahn {
    pub(crate) python: PathBuf,
    pub(crate) packages: PathBuf,
}

/// Finds it, or installs it the first time. Where that cannot be, it says why.
pub(crate) fn install() -> Option<Autobahn> {
    let Some(python) = python() else {
        eprintln!("xtask: no Python 2.7 here, so the Autobahn suite is left out");
        return None;
    };
    let packages = target().join("autobahn");
    let done = packages.join("installed");
    if !fs::read_to_string(&done).is_ok_and(|suite| suite == SUITE) {
        eprintln!("xtask: installing {SUITE} in {}", packages.display());
        if let Err(why) = pip(&python, &packages) {
            eprintln!("xtask: the Autobahn suite is left out: {why}");
            return None;
        }
        fs::write(&done, SUITE).ok()?;
    }
    Some(Autobahn { python, packages })
}

fn pip(python: &Path, packages: &Path) -> Result<(), String> {
    drop(fs::remove_dir_all(packages));
    let mut pip = Command::new(python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
    ]);
    pip.arg(packages).arg(SUITE);
    let output = pip.stdin(Stdio::null()).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(complaint.lines().next_back().unwrap_or_default().to_owned())
}

fn python() -> Option<PathBuf> {
    let kept = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME").map(PathBuf::from);
        home.map(|home| home.join(".pyenv"))
    });
    let versions = kept.and_then(|kept| fs::read_dir(kept.join("versions")).ok());
    let kept = versions.into_iter().flatten().filter_map(|version| {
        let python = version.ok()?.path().join("bin/python2.7");
        python.exists().then_some(python)
    });
    let found = apt::on_path("python2.7").map(PathBuf::from);
    found.into_iter().chain(kept).find(|python| {
        let mut asking = Command::new(python);
        asking.args(["-m", "pip", "--version"]);
        asking.output().is_ok_and(|output| output.status.success())
    })
}
