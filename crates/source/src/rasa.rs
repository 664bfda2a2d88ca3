//! Rasa's projects, for those who have one.

use std::path::Path;

/// Whether a folder is the root of a Rasa project: it has a domain, and a configuration or training data.
#[must_use]
pub fn is_rasa(folder: &Path) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| folder.join(name).exists());
    has(&["domain.yml", "domain.yaml", "domain"]) && has(&["config.yml", "config.yaml", "data"])
}
