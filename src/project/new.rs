//! `convene new`: a project that works, to begin with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use convene_agent_worker::agents::flow::Example;
use convene_flows::schemas;

use crate::say;

/// Where to make it.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The folder, which must not be there yet, or be empty
    #[arg(value_name = "DIR", default_value = "assistant")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &NewArgs) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    let is_taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    anyhow::ensure!(
        !is_taken,
        "{} is not empty: name another folder",
        folder.display()
    );
    for path in Example::iter() {
        let file = Example::get(&path).context("a file of the template is missing")?;
        write(&folder.join(path.as_ref()), &file.data)?;
    }
    let shown = as_typed(folder);
    say(&format!(
        "a project is in {shown}: the support desk of a shop\n\
         \x20   convene check {shown}          all that is wrong with it\n\
         \x20   convene test {shown}           its conversations, run like tests\n\
         \x20   convene flows graph {shown}    its flows as a picture"
    ))
}

/// A path as a shell takes it for one word.
fn as_typed(path: &Path) -> String {
    let shown = path.display().to_string();
    let is_plain = |sign: char| sign.is_alphanumeric() || "/._-+~".contains(sign);
    if shown.chars().all(is_plain) {
        shown
    } else {
        format!("'{}'", shown.replace('\'', r"'\''"))
    }
}

/// The schemas, in the folder where the files' first lines look for them.
pub(super) fn write_schemas(folder: &Path) -> anyhow::Result<()> {
    let folder = folder.join("schemas");
    for file in schemas() {
        let text = serde_json::to_string_pretty(&file.schema)? + "\n";
        write(&folder.join(file.name), text.as_bytes())?;
    }
    say(&format!("the schemas are in {}", folder.display()))
}

fn write(path: &Path, data: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, data));
    written.with_context(|| format!("cannot write {}", path.display()))
}
