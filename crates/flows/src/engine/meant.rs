//! What a message surely means: commands, and flows that are wanted.

use super::{input::Heard, turn::Turn};
use crate::{folder::Commands, name::IntentName};

/// What was surely meant.
#[derive(Debug, Default)]
pub(super) struct Meant {
    pub(super) cancel: bool,
    pub(super) correct: bool,
    pub(super) affirm: bool,
    pub(super) deny: bool,
    pub(super) human: bool,
    pub(super) repeat: bool,
    /// All intents.
    pub(super) intents: Vec<IntentName>,
    /// Those of them that start a flow.
    pub(super) wants: Vec<IntentName>,
}

impl Meant {
    /// It is told what has happened: no wish, and no yes or no.
    pub(super) fn tells_a_story(&mut self) {
        let wants = std::mem::take(&mut self.wants);
        self.intents.retain(|intent| !wants.contains(intent));
        (self.affirm, self.deny) = (false, false);
    }
}

impl Turn<'_> {
    pub(super) fn meant(&self, heard: &Heard) -> Meant {
        let project = self.projects.current();
        let Commands {
            cancel,
            correct,
            affirm,
            deny,
            human,
            repeat,
        } = &project.assistant().commands;
        let mut intents = heard.sure_intents();
        if self.is_value_alone(heard) {
            // An address or a number says neither yes nor no, and cancels nothing, whatever it is taken for.
            let commands = [cancel, correct, affirm, deny, human, repeat];
            intents.retain(|intent| {
                let mut commands = commands.into_iter().flatten();
                !commands.any(|own| own.value == intent.as_str())
            });
        }
        let has = |list: &[convene_source::At<String>]| {
            intents
                .iter()
                .any(|intent| list.iter().any(|one| one.value == intent.as_str()))
        };
        Meant {
            cancel: has(cancel),
            correct: has(correct),
            affirm: has(affirm),
            deny: has(deny),
            human: has(human),
            repeat: has(repeat),
            wants: intents
                .iter()
                .filter(|intent| project.flow_of(intent).is_some())
                .cloned()
                .collect(),
            intents,
        }
    }
}
