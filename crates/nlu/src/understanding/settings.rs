//! What a project may decide about its understanding.

use serde::{Deserialize, Serialize};

use crate::language::Language;

/// How a project's understanding is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The language of training data that does not say its own, and of messages whose language is
    /// unclear.
    pub language: Language,
    /// From this confidence on (0 to 1) an intent is meant. None: as cross-validation says.
    pub sure: Option<f32>,
    /// Below this score a message belongs to no intent. None: as cross-validation says.
    pub lost: Option<f32>,
}

impl Settings {
    /// Everything as cross-validation says.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            sure: None,
            lost: None,
        }
    }
}
