//! Rasa's projects, for those who have one.

use std::path::Path;

/// What such a folder is told to be where an assistant's project is wanted, and what to do.
pub const RASA: &str = "this is a Rasa project: `convene nlu evaluate --train` reads it as it is; for an assistant, run \
                        `convene new DIR` and put what is in its `data` into DIR/nlu (docs/from-rasa.md)";

/// Whether a folder is the root of a Rasa project: it has a domain, and a configuration or training data.
#[must_use]
pub fn is_rasa(folder: &Path) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| folder.join(name).exists());
    has(&["domain.yml", "domain.yaml", "domain"]) && has(&["config.yml", "config.yaml", "data"])
}
