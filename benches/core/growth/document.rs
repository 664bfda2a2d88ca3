//! The document: the marked parts of it are the tool's, the prose around them is not.

use std::{fs, path::Path};

use anyhow::Context as _;

use super::{picture, table::Table};
use crate::machine;

/// Pictures go into a folder beside the document.
const PICTURES: &str = "growth";

/// Writes a curve's tables into its own part of the document, and what machine this is.
pub(super) fn write(file: &Path, name: &str, tables: &[Table]) -> anyhow::Result<()> {
    let pictures = file.with_file_name(PICTURES);
    fs::create_dir_all(&pictures)?;
    let mut part = String::new();
    for table in tables {
        let picture = picture::draw(table);
        fs::write(pictures.join(format!("{}.svg", table.name)), picture)?;
        part.push_str(&format!(
            "![{}]({PICTURES}/{}.svg)\n\n{}\n\n{}\n\n",
            table.title,
            table.name,
            table.markdown(),
            table.note
        ));
    }
    fill(file, name, part.trim_end())?;
    fill(file, "machine", &machine::describe())
}

/// Puts a text into a part of the document.
pub(super) fn fill(file: &Path, name: &str, part: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(file);
    let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
    let text = filled(&text, name, part)?;
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// The document with this part of it in place of what was there.
fn filled(text: &str, name: &str, part: &str) -> anyhow::Result<String> {
    let (begin, end) = (
        format!("<!-- measured: {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let missing = || format!("the document has no part marked {name:?}");
    let (before, rest) = text.split_once(&begin).with_context(missing)?;
    let (_, after) = rest.split_once(&end).with_context(missing)?;
    Ok(format!("{before}{begin}{part}\n{end}{after}"))
}
