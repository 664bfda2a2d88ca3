//! For the tests of your own agents: run one without a server, and see what it said.
//!
//! ```
//! # use convene_agent::{Agent, Error, Run, async_trait, testing::Rehearsal};
//! # struct Echo;
//! # #[async_trait]
//! # impl Agent for Echo {
//! #     async fn run(&self, run: &mut Run) -> Result<(), Error> {
//! #         let said = run.input_text();
//! #         run.write(format!("You said: {said}")).await
//! #     }
//! # }
//! # async fn example() {
//! let said = Rehearsal::new("hello").perform(&Echo).await;
//! assert_eq!(said.text(), "You said: hello");
//! assert_eq!(said.result, Ok(()));
//! # }
//! ```

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use convene_proto::{
    event::{Conversation, Message, Part, Participant, Role, TurnPolicy, Usage},
    id::{
        ActionId, AgentName, ConversationId, MessageId, OfferName, ParticipantId, RunId, TimerName,
        UserId,
    },
    note::Note,
    part::Act,
    position::Seq,
};
use serde_json::Value;

use crate::{Agent, Error, Happened, Output, Run, RunContext, TimerChange};

/// A conversation between a person called Ada and the agent, in which Ada has just spoken.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    context: Option<RunContext>,
}

impl Rehearsal {
    /// Ada says `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            context: scene(text.into()).ok(),
        }
    }

    /// Ada presses `action` instead, which reads as `label`.
    #[must_use]
    pub fn pressing(action: ActionId, label: impl Into<String>, value: Option<Value>) -> Self {
        let act = Act {
            seq: Seq(1),
            message: MessageId::of_agent(),
            part: 0,
            action,
            value,
            label: label.into(),
            once: false,
        };
        Self::new("").with(|context| {
            for input in &mut context.inputs {
                input.parts = vec![Part::Act(act.clone())];
            }
        })
    }

    /// Something happens instead: a timer of the agent's rings, or an event outside.
    #[must_use]
    pub fn about(happened: Happened) -> Self {
        Self::new("").with(|context| {
            context.inputs.clear();
            context.happened = Some(happened);
        })
    }

    /// Changes what the agent will be told: the attempt, the history, who is there.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut RunContext)) -> Self {
        if let Some(context) = &mut self.context {
            change(context);
        }
        self
    }

    /// Lets the agent answer.
    pub async fn perform(self, agent: &dyn Agent) -> Said {
        let Some(context) = self.context else {
            return Said {
                messages: Vec::new(),
                offers: Vec::new(),
                notes: Vec::new(),
                timers: BTreeMap::new(),
                closed: Vec::new(),
                usage: Usage::default(),
                result: Err(Error::permanent("rehearsal", "the scene could not be set")),
            };
        };
        let page = Page::default();
        let mut run = Run::new(context, Box::new(page.clone()));
        let result = agent.run(&mut run).await;
        drop(run);
        let writing = page.0.lock().unwrap_or_else(PoisonError::into_inner);
        Said {
            messages: writing.messages.clone(),
            offers: writing.offers.clone(),
            notes: writing.notes.clone(),
            timers: writing.timers.clone(),
            closed: writing.closed.clone(),
            usage: writing.usage,
            result,
        }
    }
}

/// What an agent said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Each message, whole.
    pub messages: Vec<String>,
    /// What it offered beside its text, in order.
    pub offers: Vec<Part>,
    /// What it noted, in order.
    pub notes: Vec<Note>,
    /// What it did about its timers.
    pub timers: BTreeMap<TimerName, TimerChange>,
    /// The offers that it closed, in order.
    pub closed: Vec<OfferName>,
    pub usage: Usage,
    /// What [`Agent::run`] returned.
    pub result: Result<(), Error>,
}

impl Said {
    /// All messages, one after the other.
    #[must_use]
    pub fn text(&self) -> String {
        self.messages.join("\n")
    }
}

/// An [`Output`] that keeps everything.
#[derive(Debug, Clone, Default)]
struct Page(Arc<Mutex<Writing>>);

#[derive(Debug, Default)]
struct Writing {
    messages: Vec<String>,
    offers: Vec<Part>,
    notes: Vec<Note>,
    timers: BTreeMap<TimerName, TimerChange>,
    closed: Vec<OfferName>,
    under_way: bool,
    usage: Usage,
}

#[async_trait]
impl Output for Page {
    async fn write(&mut self, text: String) -> Result<(), Error> {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if text.is_empty() {
            return Ok(());
        }
        if writing.under_way
            && let Some(message) = writing.messages.last_mut()
        {
            message.push_str(&text);
        } else {
            writing.messages.push(text);
            writing.under_way = true;
        }
        Ok(())
    }

    async fn end_message(&mut self) -> Result<(), Error> {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writing.under_way = false;
        Ok(())
    }

    async fn offer(&mut self, parts: Vec<Part>) -> Result<(), Error> {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !writing.under_way {
            writing.messages.push(String::new());
        }
        writing.offers.extend(parts);
        writing.under_way = false;
        Ok(())
    }

    async fn note(&mut self, note: Note) -> Result<(), Error> {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writing.notes.push(note);
        Ok(())
    }

    fn add_usage(&mut self, usage: Usage) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writing.usage.input_tokens += usage.input_tokens;
        writing.usage.output_tokens += usage.output_tokens;
    }

    fn change_timer(&mut self, name: TimerName, change: TimerChange) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match change {
            TimerChange::Undo => writing.timers.remove(&name),
            change => writing.timers.insert(name, change),
        };
    }

    fn close_offer(&mut self, name: OfferName) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writing.closed.push(name);
    }
}

fn scene(text: String) -> Result<RunContext, convene_proto::id::InvalidId> {
    let agent = AgentName::new("agent")?;
    let ada = ParticipantId::User(UserId::new("ada")?);
    Ok(RunContext {
        run: RunId::random(),
        attempt: 1,
        agent: agent.clone(),
        conversation: Conversation {
            id: ConversationId::random(),
            title: None,
            agent: Some(agent.clone()),
            policy: TurnPolicy::default(),
            participants: vec![
                Participant {
                    id: ada.clone(),
                    name: "Ada".to_owned(),
                    role: Role::Owner,
                },
                Participant {
                    id: ParticipantId::Agent(agent),
                    name: "Agent".to_owned(),
                    role: Role::Agent,
                },
            ],
            created_at: 0,
            updated_at: 0,
            head: Seq(2),
            first: Seq(1),
        },
        inputs: vec![Message {
            id: MessageId::random(),
            author: ada,
            parts: vec![Part::Text { text }],
            to: None,
            timezone: None,
        }],
        history: Vec::new(),
        notes: Vec::new(),
        noted_in_vain: Vec::new(),
        noted_before_failing: Vec::new(),
        happened: None,
        timers: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use convene_proto::part::{Action, Actions};

    use super::*;
    use crate::ErrorKind;

    struct Twice;

    #[async_trait]
    impl Agent for Twice {
        async fn run(&self, run: &mut Run) -> Result<(), Error> {
            let author = run.context().inputs[0].author.clone();
            let name = run.name_of(&author);
            run.write("Hello, ").await?;
            run.write(name).await?;
            run.end_message().await?;
            run.end_message().await?;
            run.write("").await?;
            run.write("And again.").await?;
            run.add_usage(Usage {
                input_tokens: 1,
                output_tokens: 2,
            });
            run.add_usage(Usage {
                input_tokens: 1,
                output_tokens: 2,
            });
            Err(Error::transient("tired", "I am tired"))
        }
    }

    struct Chooser;

    #[async_trait]
    impl Agent for Chooser {
        async fn run(&self, run: &mut Run) -> Result<(), Error> {
            let chosen: Vec<_> = run.acts().map(|(_, act)| act.action.to_string()).collect();
            if !chosen.is_empty() {
                return run
                    .write(format!("{}: {}", chosen.join(","), run.input_text()))
                    .await;
            }
            run.write("Well?").await?;
            let actions = ["yes", "no"].map(|id| Action::new(id.parse().unwrap(), id));
            run.offer(Actions::buttons(actions).once()).await?;
            run.offer(Actions::buttons([])).await
        }
    }

    struct Waker;

    #[async_trait]
    impl Agent for Waker {
        async fn run(&self, run: &mut Run) -> Result<(), Error> {
            let name = |number: usize| TimerName::new(format!("t{number}")).unwrap();
            if let Some(Happened::Timer(rung)) = run.happened() {
                let text = format!("{rung} rings");
                run.write(text).await?;
                run.clear_timer(&name(0));
                run.clear_timer(&name(1));
                return Ok(());
            }
            run.set_timer(name(0), std::time::Duration::from_secs(1))?;
            run.clear_timer(&name(0));
            for number in 1.. {
                run.set_timer(name(number), std::time::Duration::from_secs(1))?;
            }
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_rehearsal_shows_what_was_done_about_timers() {
        use convene_proto::timer::{MOST_TIMERS, Rings};

        let said = Rehearsal::new("hi").perform(&Waker).await;
        assert_eq!(said.timers.len(), MOST_TIMERS);
        let one = TimerName::new("t1").unwrap();
        assert_eq!(said.timers[&one], TimerChange::Set(Rings::AfterMs(1000)));
        assert_eq!(said.result.unwrap_err().code, "too_many_timers");
        let rings = Rehearsal::about(Happened::Timer(one.clone())).with(|context| {
            context.timers.push(crate::PendingTimer {
                agent: context.agent.clone(),
                name: TimerName::new("t0").unwrap(),
                at: 1,
            });
        });
        let said = rings.perform(&Waker).await;
        assert_eq!(said.messages, ["t1 rings"]);
        let changes: Vec<_> = said.timers.into_iter().collect();
        let zero = TimerName::new("t0").unwrap();
        assert_eq!(changes, [(zero, TimerChange::Clear)]);
    }

    #[tokio::test]
    async fn a_rehearsal_shows_what_was_offered_and_can_press_it() {
        let said = Rehearsal::new("hi").perform(&Chooser).await;
        assert_eq!(said.messages, ["Well?"]);
        assert!(matches!(&said.offers[..], [Part::Actions(offered)] if offered.offer.once));
        let refused = said.result.unwrap_err();
        assert_eq!(
            (refused.code, refused.kind),
            ("offer_invalid", ErrorKind::Permanent)
        );
        let yes = "yes".parse().unwrap();
        let said = Rehearsal::pressing(yes, "Yes", None)
            .perform(&Chooser)
            .await;
        assert_eq!(said.messages, ["yes: Yes"]);
    }

    #[tokio::test]
    async fn a_rehearsal_shows_what_was_said_shows_what_was_said_and_how_it_ended() {
        let said = Rehearsal::new("hi").perform(&Twice).await;
        assert_eq!(said.messages, ["Hello, Ada", "And again."]);
        assert_eq!(
            said.usage,
            Usage {
                input_tokens: 2,
                output_tokens: 4
            }
        );
        assert_eq!(said.result, Err(Error::transient("tired", "I am tired")));
    }
}
