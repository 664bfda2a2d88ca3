//! How a project understands what is said outside of conversations: in its stories, and in conversations that
//! are replayed.

use convene_agent::Message;
use convene_flows::{Heard, Input, Locale, Project, Projects, Who};
use convene_nlu::{Context, Language, Understanding};
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
    let acts: Vec<_> = message
        .acts()
        .filter_map(|act| hearing::pressed(&who, act))
        .collect();
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
        let understanding = lessons.as_ref().map(Lessons::learn).transpose()?;
        Ok(understanding.map(|understanding| Self {
            understanding,
            zone,
        }))
    }

    /// What a text means that is said at a time, where a language is spoken.
    pub fn hear(&self, projects: &Projects, text: &str, spoken: &Locale, now: DateTime) -> Heard {
        let locales = projects.current().assistant().languages.iter();
        let context = Context {
            languages: locales
                .filter_map(|locale| Language::new(locale.value.as_str()).ok())
                .collect(),
            last: Language::new(spoken.as_str()).ok(),
            zone: self.zone.clone(),
            now: self
                .zone
                .to_ambiguous_timestamp(now)
                .compatible()
                .unwrap_or_default(),
        };
        let understood = self.understanding.understand(text, &context);
        let said = (Who::from(""), text.to_owned());
        match hearing::heard(projects, said, &understood) {
            Input::Heard(heard) => Heard { who: None, ..heard },
            _ => Heard::default(),
        }
    }
}
