//! The agent `flow`: holds conversations as a project folder says. What it understands, `convene_nlu`
//! has learnt from the project's training data; what it does about that, the engine of
//! `convene_flows` says; here both are joined, and carried out in a run.
//!
//! All that it knows of a conversation is what it has noted in it: its state is the fold of those
//! notes. A run that died is begun again with what its attempt had noted, so no endpoint is asked twice.

mod archive;
mod calls;
mod ear;
mod encoder;
mod example;
mod files;
mod hearing;
mod ledger;
mod loaded;
#[cfg(test)]
mod loaded_tests;
mod memory;
mod model;
mod offering;
mod options;
mod path;
mod performing;
mod timers;
mod watching;

use std::{sync::Arc, time::Duration};

use convene_agent::{Agent, Error, Run, Suggestion, async_trait};
use convene_flows::{Engine, Input};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use self::ledger::Ledger;
use self::{
    calls::Endpoints,
    loaded::{Loaded, Taken},
    model::Model,
    performing::Performance,
    watching::Stage,
};
pub use self::{
    ear::{Ear, Finder, inputs},
    encoder::EncoderOptions,
    example::Example,
    files::{Lessons, Unloadable},
    hearing::{Us, happened, left, people, zone},
    ledger::{FACTS, UNDERSTOOD},
    options::Options,
    watching::Condition,
};
use super::InvalidOptions;

/// A message that comes before all is learnt waits for so long.
const LEARNT_WITHIN: Duration = Duration::from_secs(60);
/// How long others may take to answer in a run, unless the worker says how long that may be.
const PATIENCE: Duration = Duration::from_mins(9);
/// Calls at once, unless the worker says how many runs it has.
const CALLS: usize = 32;
/// Of a run's time this is left when others have had theirs.
const SPARE: Duration = Duration::from_secs(5);

/// Holds conversations as a project says. Clones share it.
#[derive(Clone)]
pub struct FlowAgent {
    project: Arc<watch::Sender<Stage>>,
    condition: Arc<watch::Sender<Condition>>,
    model: Option<Model>,
    endpoints: Arc<Endpoints>,
    /// How long others may take to answer in a run.
    patience: Duration,
}

impl FlowAgent {
    /// The agent that these settings describe: the project is read. What it teaches is learnt by
    /// [`watch`](Self::watch), for which messages wait.
    ///
    /// # Errors
    /// Where the project has faults and no former version without is kept, or a setting makes no sense.
    pub fn load(options: &Options) -> Result<Self, InvalidOptions> {
        match Self::open(options)? {
            (agent, None) => Ok(agent),
            (_, Some(faulty)) => Err(InvalidOptions::new("project", faulty.to_string())),
        }
    }

    /// The same where the project has faults, and no former version without is kept, with what is wrong: it is ready as soon
    /// as they are mended.
    ///
    /// # Errors
    /// Where a setting makes no sense.
    pub fn open(options: &Options) -> Result<(Self, Option<Unloadable>), InvalidOptions> {
        let (home, zone) = (options.home()?, options.zone()?);
        let (stage, faulty) = match home.read() {
            Ok(draft) => {
                let draft = Arc::new(draft);
                (Stage::Read { draft, home, zone }, None)
            }
            Err(faulty) => (Stage::Faulty { home, zone }, Some(faulty)),
        };
        let why = faulty.as_ref().map(ToString::to_string);
        let endpoints = Endpoints::new(CALLS)
            .map_err(|error| InvalidOptions::new("project", error.to_string()))?;
        let agent = Self {
            condition: Arc::new(watch::Sender::new(stage.condition(why.as_deref()))),
            project: Arc::new(watch::Sender::new(stage)),
            model: options.model()?,
            endpoints: Arc::new(endpoints),
            patience: PATIENCE,
        };
        Ok((agent, faulty))
    }

    /// The same for a worker that ends its runs after this: whoever is asked must have answered before, so that the turn can
    /// go where it goes when nobody answers.
    #[must_use]
    pub fn within(mut self, run: Duration) -> Self {
        self.patience = run.saturating_sub(SPARE.min(run / 5));
        self
    }

    /// The same for a worker that has so many runs at once: half of them may wait for this agent's endpoints, half as many
    /// in line for that, and the others go on, whoever is slow.
    #[must_use]
    pub fn among(mut self, runs: u16) -> Self {
        let calls = usize::from(runs / 2);
        self.endpoints = Arc::new(self.endpoints.with_hands(calls));
        self
    }

    /// Learns what the project teaches, and takes it anew whenever its files have changed and have no
    /// faults. Conversations in which a flow runs go on with the version that it began with. Ends never.
    pub async fn watch(&self) {
        watching::watch(&self.project, &self.condition).await;
    }

    /// How its project fares. It says when that changes, as long as somebody [watches](Self::watch).
    #[must_use]
    pub fn condition(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }

    /// The project, as soon as it is ready; none where it is not going to be.
    async fn learnt(&self) -> Option<Arc<Loaded>> {
        let mut project = self.project.subscribe();
        let is_ready = |stage: &Stage| matches!(stage, Stage::Ready(_));
        match project.wait_for(is_ready).await.as_deref() {
            Ok(Stage::Ready(loaded)) => Some(loaded.clone()),
            _ => None,
        }
    }

    /// The same for a run, which does not wait for ever: where it is not begun by a worker, which waits before.
    async fn loaded(&self) -> Result<Arc<Loaded>, Error> {
        let learnt = timeout(LEARNT_WITHIN, self.learnt()).await;
        match learnt {
            Ok(Some(loaded)) => Ok(loaded),
            _ => Err(Error::transient(
                "project_not_ready",
                "what the assistant's project teaches is still being learnt",
            )),
        }
    }
}

#[async_trait]
impl Agent for FlowAgent {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let until = Instant::now() + self.patience;
        let mut ledger = Ledger::open(run)?;
        let loaded = self.loaded().await?;
        // What failed runs have done counts from now on, whatever becomes of this one.
        ledger.note(run).await?;
        let performance = Performance {
            loaded: &loaded,
            model: self.model.as_ref(),
            endpoints: &self.endpoints,
            until,
        };
        if ledger.state().is_half_way() {
            performance
                .turn(run, &mut ledger, Input::Resumed, None)
                .await?;
        }
        let people = hearing::people(&run.context().conversation.participants);
        if let Some(left) = hearing::left(ledger.state().engaged(), &people) {
            performance.turn(run, &mut ledger, left, None).await?;
        }
        let engine = Engine::new(loaded.projects());
        let inputs = run.context().inputs.clone();
        for message in &inputs {
            let taken = loaded.take(ledger.state(), message, run);
            if taken.is_nothing() {
                continue;
            }
            if engine.is_given_back_by(ledger.state(), None) {
                performance
                    .turn(run, &mut ledger, Input::HandedBack, None)
                    .await?;
            }
            let inputs = match taken {
                Taken::Acts(acts) => acts,
                Taken::Said {
                    who,
                    text,
                    called,
                    context,
                } => {
                    vec![Input::Heard(match ledger.heard_before(message, &text) {
                        Some(heard) => heard,
                        None => loaded.understand((who, text), called, context).await,
                    })]
                }
            };
            for mut input in inputs {
                if let Input::Heard(heard) = &mut input {
                    ledger.understood(run, &message.id, heard).await?;
                }
                let zone = hearing::zone(message);
                performance.turn(run, &mut ledger, input, zone).await?;
            }
        }
        let happened = run.happened().and_then(hearing::happened);
        let rung = match &happened {
            Some(Input::Timer { timer }) => Some(*timer),
            _ => None,
        };
        if let Some(input) = happened {
            if engine.is_given_back_by(ledger.state(), Some(&input)) {
                performance
                    .turn(run, &mut ledger, Input::HandedBack, None)
                    .await?;
            }
            performance.turn(run, &mut ledger, input, None).await?;
        }
        timers::set_again(run, ledger.state(), rung)?;
        ledger.close(run).await
    }

    async fn ready(&self) {
        self.learnt().await;
    }

    fn keeps_notes(&self) -> bool {
        true
    }

    fn title(&self) -> Option<String> {
        let stage = self.project.borrow();
        Some(stage.project()?.assistant().name.value.clone())
    }

    fn trouble(&self) -> Option<String> {
        self.condition.borrow().trouble()
    }

    fn description(&self) -> String {
        let stage = self.project.borrow();
        let Some(project) = stage.project() else {
            return String::new();
        };
        let assistant = project.assistant();
        let described = assistant.description.clone();
        described.unwrap_or_else(|| format!("{}: answers as its flows say", assistant.name.value))
    }

    fn suggestions(&self) -> Vec<Suggestion> {
        let stage = self.project.borrow();
        let said = stage.project().map(|project| project.suggestions());
        let said = said.into_iter().flatten();
        said.map(|(locale, text)| Suggestion::new(text, locale.as_str()))
            .collect()
    }

    fn model(&self) -> Option<String> {
        self.model
            .as_ref()
            .map(|model| model.chat.name().to_owned())
    }
}
