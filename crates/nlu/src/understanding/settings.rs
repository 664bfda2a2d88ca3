//! What a project may decide about its understanding.

use convene_training_data::{BuiltIn, Language};
use serde::{Deserialize, Serialize};

/// How a project's understanding is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The language of training data that does not say its own, and of messages whose language is
    /// unclear.
    pub language: Language,
    /// From this confidence on (0 to 1) an intent is meant. None: as cross-validation says.
    pub sure: Option<f32>,
    /// Below this confidence (0 to 1) of its best intent a message belongs to none. None: as cross-validation
    /// says, which goes by scores.
    pub lost: Option<f32>,
    /// The entities that are looked for without any training data.
    pub built_ins: Vec<BuiltIn>,
}

impl Settings {
    /// Everything as cross-validation says, with all built-in entities.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            sure: None,
            lost: None,
            built_ins: BuiltIn::ALL.to_vec(),
        }
    }
}
