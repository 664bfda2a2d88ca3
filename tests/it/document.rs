//! A document of the repository: its prose, its blocks, its links.

use std::{collections::BTreeSet, fs, path::PathBuf};

pub(crate) struct Document {
    /// Its path in the repository.
    pub(crate) name: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

pub(crate) fn documents() -> Vec<Document> {
    let folder = fs::read_dir(root().join("docs")).unwrap();
    let in_docs = folder
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().display()))
        .filter(|name| name.ends_with(".md"));
    let others = [
        "README.md",
        "ARCHITECTURE.md",
        "gateway/web/README.md",
        "gateway/web/client/README.md",
    ];
    let names = in_docs.chain(others.map(ToOwned::to_owned));
    names.map(Document::read).collect()
}

impl Document {
    /// A document of the repository.
    pub(crate) fn read(name: String) -> Self {
        let text = fs::read_to_string(root().join(&name)).unwrap();
        Self { name, text }
    }

    /// Whether this is true of its text.
    pub(crate) fn is(&self, true_of: impl FnOnce(&str) -> bool) -> bool {
        true_of(&self.text)
    }

    /// The fenced blocks of a language.
    pub(crate) fn blocks(&self, language: &str) -> Vec<String> {
        let all = self.all_blocks().into_iter();
        let blocks = all.filter(|(found, _)| found == language);
        blocks.map(|(_, block)| block).collect()
    }

    /// The fenced blocks with their languages, in their order.
    pub(crate) fn all_blocks(&self) -> Vec<(String, String)> {
        let mut blocks = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if let Some(found) = line.trim().strip_prefix("```") {
                let block: Vec<_> = lines
                    .by_ref()
                    .take_while(|line| line.trim() != "```")
                    .collect();
                blocks.push((found.to_owned(), block.join("\n")));
            }
        }
        blocks
    }

    /// What stands outside of the blocks.
    pub(crate) fn prose(&self) -> String {
        let parts = self.text.split("```");
        parts.step_by(2).collect::<Vec<_>>().join("\n")
    }

    /// What stands between backticks in the prose.
    pub(crate) fn quoted(&self) -> Vec<String> {
        let prose = self.prose();
        let quoted = prose.split('`').skip(1).step_by(2);
        quoted.map(ToOwned::to_owned).collect()
    }

    pub(crate) fn headings(&self) -> BTreeSet<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|line| anchor(line.trim_start_matches('#').trim()))
            .collect()
    }

    /// The targets of its links; what stands between backticks links nowhere.
    pub(crate) fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let words: String = prose.split('`').step_by(2).collect();
        let links = words.split("](").skip(1);
        links
            .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
            .collect()
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        let blocks = self.blocks("sh").join("\n");
        let lines = blocks
            .lines()
            .map(|line| line.split(" #").next().unwrap_or_default().trim());
        lines
            .filter(|line| !line.is_empty())
            .map(ToOwned::to_owned)
            .collect()
    }
}

/// A heading's anchor, as code hosts make it.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| {
        if c == ' ' {
            '-'
        } else {
            c.to_ascii_lowercase()
        }
    })
    .collect()
}
