//! How a project understands what is said outside of conversations: in its stories, and in conversations that
//! are replayed.

use convene_agent::Message;
use convene_flows::{Called, Entity, Heard, Input, Locale, Project, Projects, Who};
use convene_nlu::{Encoder, EntityRules, Understanding};
use jiff::ZonedDateTime;

use super::{
    files::{Lessons, Unloadable},
    hearing::{self, Us},
};

/// What a message is to the flows: each press and each form, else what was said.
pub fn inputs(
    ear: Option<&Ear>,
    projects: &Projects,
    (message, us): (&Message, &Us),
    spoken: &Locale,
    now: &ZonedDateTime,
) -> Vec<Input> {
    let who = Who::from(message.author.to_string());
    let acts = hearing::presses(&who, message);
    let text = message.text();
    if !acts.is_empty() || text.trim().is_empty() {
        return acts;
    }
    let told = us.told(projects, message, &text);
    let ear = ear.filter(|_| told.called != Called::Alone);
    let heard = ear.map(|ear| ear.hear(projects, told.text, spoken, now));
    vec![Input::Heard(Heard {
        who: Some(who),
        text: told.text.to_owned(),
        called: told.called,
        ..heard.unwrap_or_default()
    })]
}

/// What a project has learnt to understand.
pub struct Ear {
    understanding: Understanding,
    encoder: Option<Box<dyn Encoder>>,
}

impl Ear {
    /// Learns what the project teaches, with an encoder if there is one; none where it teaches nothing. Takes seconds where that
    /// is much, and an encoder may be waited for, here and where something is heard.
    ///
    /// # Errors
    /// Where the training data has faults, or nothing can be learnt from it.
    pub fn train(
        project: &Project,
        encoder: Option<Box<dyn Encoder>>,
    ) -> Result<Option<Self>, Unloadable> {
        let lessons = Lessons::of(project)?;
        let learnt = lessons.map(|lessons| lessons.learn(encoder.as_deref()));
        Ok(learnt.transpose()?.map(|understanding| Self {
            understanding,
            encoder,
        }))
    }

    /// What a text means that is said at a time and a place, where a language is spoken.
    pub fn hear(
        &self,
        projects: &Projects,
        text: &str,
        spoken: &Locale,
        now: &ZonedDateTime,
    ) -> Heard {
        let context = hearing::context(projects, Some(spoken), now);
        // As where people talk: without the encoder's word, the words alone are judged.
        let encode = |encoder: &dyn Encoder| encoder.encode(&[text]).ok()?.pop();
        let embedding = self.encoder.as_deref().and_then(encode);
        let understood = self
            .understanding
            .understand_with(text, embedding.as_ref(), &context);
        hearing::heard(projects, text.to_owned(), &understood)
    }
}

/// What a project finds in words without having learnt anything: patterns, word lists, and what every project has.
pub struct Finder {
    rules: EntityRules,
}

impl Finder {
    /// Of a project's training data; none where it has none, since then nothing is looked for in what is said to it.
    ///
    /// # Errors
    /// Where the training data has faults, or nothing can be learnt from it.
    pub fn of(project: &Project) -> Result<Option<Self>, Unloadable> {
        let rules = Lessons::of(project)?.map(|lessons| lessons.rules());
        Ok(rules.map(|rules| Self { rules }))
    }

    /// What a text names that is said at a time and a place, where a language is spoken.
    pub fn find(
        &self,
        projects: &Projects,
        text: &str,
        spoken: &Locale,
        now: &ZonedDateTime,
    ) -> Vec<Entity> {
        let context = hearing::context(projects, Some(spoken), now);
        let found = self.rules.find(text, &context);
        found.iter().map(hearing::entity).collect()
    }
}
