//! A project that is ready for conversations, with what it has learnt to understand.

use std::{collections::BTreeSet, env, sync::Arc};

use convene_agent::{Message, Run};
use convene_flows::{Called, Clock, Heard, Input, Projects, State, Who};
use convene_nlu::{Context, Understanding};
use jiff::{Timestamp, tz::TimeZone};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{
    files::{Draft, Home, Stamp, Unloadable},
    hearing,
};

/// See the module.
#[derive(Clone)]
pub(super) struct Loaded {
    home: Home,
    zone: TimeZone,
    projects: Projects,
    /// The names of the former versions that were taken from the archive.
    kept: BTreeSet<String>,
    pub(super) understanding: Option<Arc<Understanding>>,
    stamp: Stamp,
    faulty: Option<Arc<str>>,
    /// One may make what a language's first message needs.
    readying: Arc<Semaphore>,
}

/// What has become of a project's files.
pub(super) enum Looked {
    /// They are as they were.
    Same,
    /// They say what they said; other workers may have kept versions of their own.
    Touched(Loaded),
    /// They say something else.
    Changed(Loaded),
}

/// What a message is to the flows.
pub(super) enum Taken {
    /// Nothing, or each press and each form.
    Acts(Vec<Input>),
    /// Words that are still to be understood.
    Said {
        who: Who,
        text: String,
        called: Called,
        context: Context,
    },
}

impl Taken {
    /// Whether it is nothing to the assistant.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Acts(acts) if acts.is_empty())
    }
}

impl Loaded {
    /// Learns what the project teaches: takes seconds where that is much.
    pub(super) fn learn(draft: &Draft, home: Home, zone: TimeZone) -> Result<Self, Unloadable> {
        let understanding = home.learn(draft, None)?;
        let mut loaded = Self {
            home,
            zone,
            projects: Projects::new(draft.project.clone()),
            kept: BTreeSet::new(),
            understanding,
            stamp: draft.stamp.clone(),
            faulty: draft.faulty.clone(),
            readying: Arc::new(Semaphore::new(1)),
        };
        loaded.remember();
        loaded.begin();
        Ok(loaded)
    }

    /// Looks at the files again.
    pub(super) fn look(&self) -> Result<Looked, Unloadable> {
        let mut next = self.clone();
        let has_more = next.remember();
        let is_awaited = self.home.awaits_encoder(self.understanding.as_deref());
        if self.home.place.stamp()? == self.stamp && !is_awaited {
            return Ok(if has_more {
                Looked::Touched(next)
            } else {
                Looked::Same
            });
        }
        let draft = self.home.place.read()?;
        next.understanding = self.home.learn(&draft, self.understanding.as_ref())?;
        next.stamp = draft.stamp;
        next.faulty = draft.faulty;
        let [known, now] = [&self.understanding, &next.understanding]
            .map(|one| one.as_ref().map(|one| one.fingerprint()));
        if known == now && draft.project.sources() == self.projects.current().sources() {
            return Ok(Looked::Touched(next));
        }
        next.projects.reload(draft.project);
        next.begin();
        Ok(Looked::Changed(next))
    }

    /// Takes what the archive has beyond what was taken from it. Whether there was something.
    fn remember(&mut self) -> bool {
        let former = self.home.archive.unknown(&mut self.kept);
        for project in &former {
            self.projects.remember(project);
        }
        !former.is_empty()
    }

    /// What has to be done before anybody is talked to.
    fn begin(&self) {
        let project = self.projects.current();
        self.home.archive.keep(project);
        for variable in project.environment() {
            if env::var_os(variable.as_str()).is_none() {
                tracing::warn!(%variable, "flows name it, and it is not set in the environment: calls that need it fail");
            }
        }
    }

    /// What is wrong with the files, where this is what the project was before.
    pub(super) fn faulty(&self) -> Option<&str> {
        self.faulty.as_deref()
    }

    pub(super) fn projects(&self) -> &Projects {
        &self.projects
    }

    /// The time where the assistant is.
    pub(super) fn clock(&self) -> Clock {
        Clock::new(Timestamp::now().to_zoned_datetime(self.zone.clone()))
    }

    /// What a message is; nothing where it is not for the assistant.
    pub(super) fn take(&self, state: &State, message: &Message, run: &Run) -> Taken {
        let who = Who::from(message.author.to_string());
        let acts = hearing::presses(&who, message);
        let text = message.text();
        let is_silent = text.trim().is_empty();
        if !acts.is_empty() || is_silent || !hearing::is_for_us(&self.projects, state, message, run)
        {
            return Taken::Acts(acts);
        }
        let clock = self.clock().told(hearing::zone(message));
        let now = clock.for_whom(state, Some(&who));
        let context = hearing::context(&self.projects, state.language_of(Some(&who)), &now);
        let told = hearing::Us::of(run).told(&self.projects, message, &text);
        Taken::Said {
            who,
            text: told.text.to_owned(),
            called: told.called,
            context,
        }
    }

    /// What somebody has said, and what it is taken for.
    pub(super) async fn understand(
        self: &Arc<Self>,
        (who, text): (Who, String),
        called: Called,
        context: Context,
    ) -> Heard {
        let who = Some(who);
        let understanding = self.understanding.as_ref();
        // Its name means nothing.
        let Some(understanding) = understanding.filter(|_| called != Called::Alone) else {
            return Heard {
                who,
                text,
                called,
                ..Heard::default()
            };
        };
        let embedding = match &self.home.encoder {
            Some(encoder) if understanding.is_encoded() => encoder.of_message(&text).await,
            _ => None,
        };
        self.get_ready(understanding, &text, &context).await;
        let understood = hearing::understand(understanding, &text, embedding, context).await;
        Heard {
            who,
            called,
            ..hearing::heard(&self.projects, text, &understood)
        }
    }

    /// Nobody else waits while what the first message of a language needs is made, and one thread makes it however
    /// many such messages there are.
    async fn get_ready(&self, understanding: &Arc<Understanding>, text: &str, context: &Context) {
        if understanding.is_ready_for(text, context) {
            return;
        }
        // It is never closed.
        let _place = self.readying.acquire().await;
        if !understanding.is_ready_for(text, context) {
            let (understanding, text, context) =
                (understanding.clone(), text.to_owned(), context.clone());
            let made = spawn_blocking(move || understanding.get_ready_for(&text, &context));
            if let Err(error) = made.await {
                tracing::error!(%error, "what a message needs to be understood cannot be made");
            }
        }
    }
}
