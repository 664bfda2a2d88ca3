//! How a project understands what is said outside of conversations: in its stories, and in conversations that
//! are replayed.

use convene_agent::Message;
use convene_flows::{Entity, Heard, Input, Locale, Project, Projects, Who};
use convene_nlu::{Context, EntityRules, Understanding};
use jiff::{civil::DateTime, tz::TimeZone};

use super::{
    files::{Lessons, Unloadable},
    hearing,
};

/// What a message is to the flows: each press and each form, else what was said.
pub fn inputs(
    ear: Option<&Ear>,
    projects: &Projects,
    message: &Message,
    spoken: &Locale,
    now: DateTime,
) -> Vec<Input> {
    let who = Who::from(message.author.to_string());
    let acts = hearing::presses(&who, message);
    let text = message.text();
    if !acts.is_empty() || text.trim().is_empty() {
        return acts;
    }
    let heard = ear.map(|ear| ear.hear(projects, &text, spoken, now));
    vec![Input::Heard(Heard {
        who: Some(who),
        text,
        ..heard.unwrap_or_default()
    })]
}

/// What a project has learnt to understand.
pub struct Ear {
    understanding: Understanding,
    zone: TimeZone,
}

impl Ear {
    /// Learns what the project teaches; none where it teaches nothing. Takes seconds where that is much.
    ///
    /// # Errors
    /// Where the training data has faults, or nothing can be learnt from it.
    pub fn train(project: &Project, zone: TimeZone) -> Result<Option<Self>, Unloadable> {
        let lessons = Lessons::of(project)?;
        let understanding = lessons.map(|lessons| lessons.learn(None)).transpose()?;
        Ok(understanding.map(|understanding| Self {
            understanding,
            zone,
        }))
    }

    /// What a text means that is said at a time, where a language is spoken.
    pub fn hear(&self, projects: &Projects, text: &str, spoken: &Locale, now: DateTime) -> Heard {
        let context = context(projects, spoken, &self.zone, now);
        let understood = self.understanding.understand(text, &context);
        hearing::heard(projects, text.to_owned(), &understood)
    }
}

/// What a project finds in words without having learnt anything: patterns, word lists, and what every project has.
pub struct Finder {
    rules: EntityRules,
    zone: TimeZone,
}

impl Finder {
    /// Of a project's training data; none where it has none, since then nothing is looked for in what is said to it.
    ///
    /// # Errors
    /// Where the training data has faults, or nothing can be learnt from it.
    pub fn of(project: &Project, zone: TimeZone) -> Result<Option<Self>, Unloadable> {
        let rules = Lessons::of(project)?.map(|lessons| lessons.rules(project));
        Ok(rules.map(|rules| Self { rules, zone }))
    }

    /// What a text names that is said at a time, where a language is spoken.
    pub fn find(
        &self,
        projects: &Projects,
        text: &str,
        spoken: &Locale,
        now: DateTime,
    ) -> Vec<Entity> {
        let context = context(projects, spoken, &self.zone, now);
        let found = self.rules.find(text, &context);
        found.iter().map(hearing::entity).collect()
    }
}

fn context(projects: &Projects, spoken: &Locale, zone: &TimeZone, now: DateTime) -> Context {
    let now = zone.to_ambiguous_timestamp(now).compatible();
    hearing::context(projects, Some(spoken), zone, now.unwrap_or_default())
}
