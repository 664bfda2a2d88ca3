//! A project that was read: what its files say, with every name found.

mod call;
mod draft;
mod file;
mod flow;
mod items;
mod layout;
mod lower;
mod read;
mod resolve;
mod scene;
mod slots;
mod texts;
mod uses;
mod version;
mod vocabulary;
mod wanted;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use convene_source::{Place, ReadError, Severity, Sources};

use self::draft::Draft;
pub(crate) use self::{
    call::may_save_nothing,
    scene::{GLOBALS, Scene},
    texts::{FAILED, Phrase, Speech},
    uses::{Formula, Uses},
    wanted::Wanted,
};
pub use self::{
    flow::{
        CallSpec, CardSpec, ChoiceTarget, FlowSpec, HeaderPiece, Op, StepSpec, Target, WaitTime,
    },
    vocabulary::Vocabulary,
};
use crate::{
    check,
    fault::{Code, Fault, Faults},
    folder::Assistant,
    name::{EnvironmentName, EventName, FlowName, IntentName, Locale, SlotName},
    phrase::Names,
    slot::SlotSpec,
};

/// A project without errors.
#[derive(Debug)]
pub struct Project {
    pub(crate) sources: Sources,
    pub(crate) assistant: Assistant,
    pub(crate) flows: BTreeMap<FlowName, Arc<FlowSpec>>,
    pub(crate) shared: BTreeMap<SlotName, SlotSpec>,
    pub(crate) intents: BTreeMap<IntentName, FlowName>,
    pub(crate) events: BTreeMap<EventName, FlowName>,
    pub(crate) speech: Speech,
    pub(crate) wanted: Wanted,
}

/// What came of looking at a project.
#[derive(Debug)]
pub struct Checked {
    /// The project, if it has no errors.
    pub project: Option<Arc<Project>>,
    /// All that is wrong with it, warnings too, in the order of files and lines.
    pub faults: Vec<Fault>,
}

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The project has errors.
    #[error("{}", told(.0))]
    Faults(Vec<Fault>),
}

/// How many errors there are, and the first: what is but advised keeps nobody from anything.
fn told(faults: &[Fault]) -> String {
    let mut errors = faults
        .iter()
        .filter(|fault| fault.code.severity() == Severity::Error);
    let first = errors.next().map(ToString::to_string).unwrap_or_default();
    match errors.count() {
        0 => format!("the project has a fault: {first}"),
        more => format!("the project has {} faults; the first: {first}", more + 1),
    }
}

impl Project {
    /// Reads a project's folder. The names of intents and entities are those in its training data.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the project has errors.
    pub fn load(folder: &Path) -> Result<Arc<Self>, LoadError> {
        Self::from_sources(&Sources::read(folder)?)
    }

    /// The same of files that were read already.
    ///
    /// # Errors
    ///
    /// When the project has errors.
    pub fn from_sources(sources: &Sources) -> Result<Arc<Self>, LoadError> {
        let checked = Self::check(sources, &Vocabulary::of(sources));
        checked.project.ok_or(LoadError::Faults(checked.faults))
    }

    /// Looks at a project whole: every fault in one go.
    #[must_use]
    pub fn check(sources: &Sources, vocabulary: &Vocabulary) -> Checked {
        let mut faults = Faults::default();
        let draft = Draft::read(sources, &mut faults);
        let project = draft.compile(sources, vocabulary, &mut faults);
        if let Some(project) = &project {
            check::run(project, vocabulary, &mut faults);
        }
        check::spare_followers(&mut faults);
        let project = project.filter(|_| !faults.has_errors());
        Checked {
            project: project.map(Arc::new),
            faults: faults.into_sorted(),
        }
    }

    /// `assistant.yaml`.
    #[must_use]
    pub fn assistant(&self) -> &Assistant {
        &self.assistant
    }

    /// The files that it was read from.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The flows, by their names.
    pub fn flows(&self) -> impl Iterator<Item = &FlowSpec> {
        self.flows.values().map(Arc::as_ref)
    }

    /// A flow.
    #[must_use]
    pub fn flow(&self, name: &FlowName) -> Option<&Arc<FlowSpec>> {
        self.flows.get(name)
    }

    /// The flow that an intent starts.
    #[must_use]
    pub fn flow_of(&self, intent: &IntentName) -> Option<&FlowName> {
        self.intents.get(intent)
    }

    /// The flow that an event starts.
    #[must_use]
    pub fn flow_of_event(&self, event: &EventName) -> Option<&FlowName> {
        self.events.get(event)
    }

    /// The variables of a worker's environment that its calls need.
    #[must_use]
    pub fn environment(&self) -> BTreeSet<&EnvironmentName> {
        let steps = self.flows().flat_map(|flow| &flow.steps);
        let calls = steps.filter_map(|step| match &step.op {
            Op::Call(call) => Some(call),
            _ => None,
        });
        let headers = calls.flat_map(|call| call.headers.values());
        let pieces = headers.flat_map(|header| &header.value);
        pieces
            .filter_map(|piece| match piece {
                HeaderPiece::Environment(variable) => Some(variable),
                HeaderPiece::Text(_) => None,
            })
            .collect()
    }

    /// The language that is spoken at first.
    #[must_use]
    pub fn first_language(&self) -> Locale {
        let first = self.assistant.languages.first();
        first.map_or_else(|| "en".into(), |locale| locale.value.clone())
    }

    /// What people could say first, with the language that it is in; its first language comes first.
    #[must_use]
    pub fn suggestions(&self) -> Vec<(Locale, String)> {
        let locales = self.assistant.languages.iter();
        let all = locales.flat_map(|locale| {
            let texts = self.assistant.suggestions.iter();
            texts.map(|key| {
                let text = self
                    .speech
                    .say(&locale.value, key.as_str(), 0, &Names::new());
                (locale.value.clone(), text)
            })
        });
        all.collect()
    }

    /// These flows and those that they call, over any number of calls.
    pub(crate) fn with_called(
        &self,
        flows: impl IntoIterator<Item = FlowName>,
    ) -> impl Iterator<Item = &FlowSpec> {
        let mut rest: Vec<FlowName> = flows.into_iter().collect();
        let mut found: BTreeSet<FlowName> = rest.iter().cloned().collect();
        while let Some(next) = rest.pop() {
            let steps = self.flow(&next).into_iter().flat_map(|flow| &flow.steps);
            let called = steps.filter_map(StepSpec::called).cloned();
            rest.extend(called.filter(|name| found.insert(name.clone())));
        }
        let found = found.into_iter();
        found.filter_map(|name| self.flow(&name).map(AsRef::as_ref))
    }

    /// All slots, with the files that they stand in.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (&str, &SlotSpec)> {
        let shared = self.shared.values().map(|slot| ("assistant.yaml", slot));
        let own = self
            .flows()
            .flat_map(|flow| flow.slots.values().map(|slot| (flow.file.as_str(), slot)));
        shared.chain(own)
    }

    /// A slot as a flow sees it, or where there is none.
    pub(crate) fn slot_of<'a>(
        &'a self,
        flow: Option<&'a FlowSpec>,
        slot: &str,
    ) -> Option<&'a SlotSpec> {
        match flow {
            Some(flow) => self.slot(flow, slot),
            None => self.shared.get(slot),
        }
    }

    /// A slot as a flow sees it: its own, or one of the whole conversation.
    pub(crate) fn slot<'a>(&'a self, flow: &'a FlowSpec, slot: &str) -> Option<&'a SlotSpec> {
        flow.slots.get(slot).or_else(|| self.shared.get(slot))
    }
}

impl Draft {
    /// Puts the pieces together. Nothing, if there is no assistant to put them to.
    fn compile(
        self,
        sources: &Sources,
        vocabulary: &Vocabulary,
        faults: &mut Faults,
    ) -> Option<Project> {
        let assistant = self.assistant?;
        let speech = Speech::new(&assistant, self.texts, faults)?;
        let file = "assistant.yaml";
        let shared = slots::compile(
            file,
            &assistant.slots,
            &self.shared_places,
            vocabulary,
            faults,
        );
        let mut flows = BTreeMap::new();
        let mut intents = BTreeMap::new();
        let mut events = BTreeMap::new();
        for drawn in self.flows {
            let flow = lower::flow(&drawn, vocabulary, faults);
            let starts = &drawn.flow.start;
            let both = starts.intents.iter().map(|intent| (true, intent));
            for (is_intent, start) in both.chain(starts.events.iter().map(|event| (false, event))) {
                let other = if is_intent {
                    intents.insert(IntentName::from(start.as_str()), flow.name.clone())
                } else {
                    events.insert(EventName::from(start.as_str()), flow.name.clone())
                };
                if let Some(other) = other {
                    faults.add(
                        &drawn.file,
                        start.place,
                        Code::AmbiguousStart,
                        format!("`{}` starts the flow `{other}` already", start.value),
                        "let one of them start with it, and branch there",
                    );
                }
            }
            flows.insert(flow.name.clone(), flow);
        }
        if flows.is_empty() && !faults.has_errors() {
            faults.add(
                "flows/main.yaml",
                Place::default(),
                Code::Unreadable,
                "the project has no flows",
                "write one in flows/, such as flows/main.yaml",
            );
        }
        let wanted = Wanted::learn(&vocabulary.sentences, &speech.small);
        let mut project = Project {
            sources: sources.clone(),
            assistant,
            flows: flows
                .into_iter()
                .map(|(name, flow)| (name, Arc::new(flow)))
                .collect(),
            shared,
            intents,
            events,
            speech,
            wanted,
        };
        let flows = project.flows.values();
        let written = &project.assistant.slots;
        let versions: Vec<_> = flows
            .map(|flow| version::with_shared(&project, flow, written))
            .collect();
        for (flow, version) in project.flows.values_mut().zip(versions) {
            if let Some(flow) = Arc::get_mut(flow) {
                flow.version = version;
            }
        }
        Some(project)
    }
}
