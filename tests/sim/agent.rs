//! The agent: it answers a message in as many words as the message asks for, now fast, now slowly,
//! and fails now and then. Behind each answer it offers something of which one press counts.

use std::sync::Arc;

use async_trait::async_trait;
use convene_agent::{
    ActionId, Agent, Error, Run,
    part::{Action, Actions},
};
use convene_invariants::Effect;
use tokio::time::sleep;

use crate::stage::Stage;

/// After so many attempts it fails no more by itself.
const MOODS: u32 = 3;

/// What a press of what it offers says, which is answered like any message.
pub(crate) const PRESSED: &str = "pressed 2";

/// The action that it offers behind its answers; one press counts.
pub(crate) fn action() -> ActionId {
    "press".parse().unwrap()
}

/// See the module.
pub(crate) struct Echo(pub(crate) Arc<Stage>);

/// A message that is to be answered in so many words.
pub(crate) fn question(name: &str, words: usize) -> String {
    format!("{name} {words}")
}

/// The words of the answer; those of some are two messages.
fn words(question: &str) -> impl Iterator<Item = String> {
    let (name, count) = question.rsplit_once(' ').unwrap_or((question, "1"));
    let (name, count) = (name.to_owned(), count.parse::<usize>().unwrap_or(1));
    // Characters of several bytes, since offsets are bytes.
    (0..count).map(move |word| format!("{name}·{word}é "))
}

/// The whole answer.
pub(crate) fn answer(question: &str) -> String {
    words(question).collect()
}

#[async_trait]
impl Agent for Echo {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let stage = &self.0;
        let question = run.input_text();
        for input in &run.context().inputs {
            stage.effects.lock().push(Effect {
                key: run.id().to_string(),
                message: input.id.clone(),
                at: convene_runtime::clock::now_ms(),
            });
        }
        for (index, word) in words(&question).enumerate() {
            // Some come at once, and go in one append.
            if stage.below(3) > 0 {
                sleep(stage.up_to(stage.plan.pause)).await;
            }
            let moody = run.context().attempt <= MOODS;
            if moody && stage.hit(stage.plan.moody_agent / 4.0) {
                return Err(Error::transient("moody", "not today"));
            }
            if index == 5 {
                run.end_message().await?;
            }
            run.write(word).await?;
        }
        if question != PRESSED {
            let offered = Actions::buttons([Action::new(action(), PRESSED)]);
            run.offer(offered.once()).await?;
            if run.context().attempt <= MOODS && stage.hit(stage.plan.moody_agent / 4.0) {
                return Err(Error::transient("moody", "nobody shall press that"));
            }
        }
        Ok(())
    }
}
