//! The agent: it answers a message in as many words as the message asks for, now fast, now slowly,
//! and fails now and then. Behind each answer it offers something of which one press counts. Some questions have it set
//! a timer, or clear it, and it tells when that rings.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use convene_agent::{
    ActionId, Agent, Error, Happened, Run, TimerName,
    part::{Action, Actions},
};
use convene_invariants::{Asked, Effect, Waking, Woke};
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

/// What a question does to the timer: it is set by some, to ring so long behind the answer, and cleared by others.
enum Timing {
    Sets(Duration),
    Clears,
    Leaves,
}

impl Timing {
    fn of(question: &str) -> Self {
        let words = words(question).count() as u64;
        match words % 4 {
            0 => Self::Leaves,
            1 if words > 1 => Self::Clears,
            _ => Self::Sets(Duration::from_millis(words * 400)),
        }
    }
}

fn timer() -> TimerName {
    "tea".parse().unwrap()
}

/// What it makes of it that a timer rings.
pub(crate) const WAKING: Waking = Waking {
    says: |_, now| now.iter().map(rung).collect(),
    does: |_, _| false,
};

fn rung(asked: &Asked) -> String {
    match asked {
        Asked::Woke(Woke::Timer(name)) => format!("{name} rings"),
        Asked::Woke(Woke::Event(_)) | Asked::Said(_) => String::new(),
    }
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
        if let Some(Happened::Timer(name)) = run.happened().cloned() {
            run.write(format!("{name} ")).await?;
            sleep(stage.up_to(stage.plan.pause)).await;
            self.mood(run, "nobody shall hear that")?;
            return run.write("rings").await;
        }
        let question = run.input_text();
        match Timing::of(&question) {
            Timing::Sets(after) => run.set_timer(timer(), after)?,
            Timing::Clears => run.clear_timer(&timer()),
            Timing::Leaves => {}
        }
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
            self.mood(run, "not today")?;
            if index == 5 {
                run.end_message().await?;
            }
            run.write(word).await?;
        }
        if question != PRESSED {
            let offered = Actions::buttons([Action::new(action(), PRESSED)]);
            run.offer(offered.once()).await?;
            self.mood(run, "nobody shall press that")?;
        }
        Ok(())
    }
}

impl Echo {
    /// An attempt fails by itself now and then.
    fn mood(&self, run: &Run, why: &str) -> Result<(), Error> {
        let moody = run.context().attempt <= MOODS;
        match moody && self.0.hit(self.0.plan.moody_agent / 4.0) {
            true => Err(Error::transient("moody", why)),
            false => Ok(()),
        }
    }
}
