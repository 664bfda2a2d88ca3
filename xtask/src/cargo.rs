//! Running cargo and other programs in the foreground.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use xtask::Result;

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The built binary of the product.
pub(crate) fn binary(release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    target().join(profile).join("convene")
}

/// The cargo that runs us, in the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Builds the product's binary. The whole workspace is selected, so that its dependencies are
/// compiled once for this and for the tests.
pub(crate) fn build(release: bool) -> Result<PathBuf> {
    let mut arguments = vec!["build", "--workspace"];
    if release {
        arguments.push("--release");
    }
    succeed(&mut cargo(&arguments))?;
    Ok(binary(release))
}

/// Runs a program to its end, showing what it prints.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let words: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy())
        .collect();
    let program = command.get_program().to_string_lossy();
    let name = Path::new(program.as_ref())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let line = format!("{name} {}", words.join(" "));
    eprintln!("xtask: {line}");
    let status = command
        .status()
        .map_err(|error| format!("cannot run {line}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{line}: {status}").into())
    }
}

/// The same, and returns what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program}: {}\n{complaint}", output.status).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
