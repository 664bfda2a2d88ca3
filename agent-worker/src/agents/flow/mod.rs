//! The agent `flow`: holds conversations as a project folder says. What it understands, `convene_nlu`
//! has learnt from the project's training data; what it does about that, the engine of
//! `convene_flows` says; here both are joined, and carried out in a run.
//!
//! All that it knows of a conversation is what it has noted in it: its state is the fold of those
//! notes. A run that died is begun again with what its attempt had noted, so no endpoint is asked twice.

mod calls;
mod hearing;
mod ledger;
mod loaded;
mod options;
mod performing;
mod timers;
mod watching;

use std::sync::Arc;

use convene_agent::{Agent, ChatModel, Error, Run, async_trait};
use convene_flows::{Engine, Input};
use parking_lot::RwLock;

use self::{ledger::Ledger, loaded::Loaded, performing::Performance};
pub use self::{loaded::Unloadable, options::Options};
use super::InvalidOptions;

/// Holds conversations as a project says. Clones share it.
#[derive(Clone)]
pub struct FlowAgent {
    project: Arc<RwLock<Arc<Loaded>>>,
    model: Option<Arc<dyn ChatModel>>,
    http: reqwest::Client,
}

impl FlowAgent {
    /// The agent that these settings describe: the project is read, and its understanding trained.
    /// Takes seconds where the training data is large, so not for a thread that others wait for.
    ///
    /// # Errors
    /// Where the project has faults, or a setting makes no sense.
    pub fn load(options: &Options) -> Result<Self, InvalidOptions> {
        let loaded = Loaded::read(&options.project, options.zone()?)
            .map_err(|error| InvalidOptions::new("project", error.to_string()))?;
        Ok(Self {
            project: Arc::new(RwLock::new(Arc::new(loaded))),
            model: options.chat_model()?,
            http: calls::client()
                .map_err(|error| InvalidOptions::new("project", error.to_string()))?,
        })
    }

    /// Takes the project anew whenever its files have changed and have no faults. Conversations in
    /// which a flow runs go on with the version that it began with.
    pub async fn watch(&self) {
        watching::watch(&self.project).await;
    }

    fn loaded(&self) -> Arc<Loaded> {
        self.project.read().clone()
    }

    async fn turn(
        &self,
        run: &mut Run,
        loaded: &Loaded,
        ledger: &mut Ledger,
        input: Input,
    ) -> Result<(), Error> {
        let performance = Performance {
            engine: Engine::new(loaded.projects()),
            model: self.model.as_deref(),
            http: &self.http,
        };
        performance.turn(run, ledger, input, loaded.now()).await
    }
}

#[async_trait]
impl Agent for FlowAgent {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let loaded = self.loaded();
        let mut ledger = Ledger::open(run)?;
        let inputs = run.context().inputs.clone();
        for message in &inputs {
            if ledger.state().is_handed_off() {
                // Nobody can be called yet: the assistant goes on, rather than fall silent for ever.
                self.turn(run, &loaded, &mut ledger, Input::HandedBack)
                    .await?;
            }
            for input in loaded.inputs(ledger.state(), message, run) {
                if let Input::Heard(heard) = &input {
                    ledger.understood(run, heard).await?;
                }
                self.turn(run, &loaded, &mut ledger, input).await?;
            }
        }
        if let Some(input) = run.happened().and_then(hearing::happened) {
            self.turn(run, &loaded, &mut ledger, input).await?;
        }
        ledger.close(run).await
    }

    fn keeps_notes(&self) -> bool {
        true
    }

    fn description(&self) -> String {
        let loaded = self.loaded();
        let assistant = loaded.projects().current().assistant();
        format!("{}: answers as its flows say", assistant.name)
    }

    fn model(&self) -> Option<String> {
        self.model.as_ref().map(|model| model.name().to_owned())
    }
}
