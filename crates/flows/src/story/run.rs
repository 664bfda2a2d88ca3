//! Runs stories. Nothing is waited for, called or asked: the story says what time it is and what is
//! answered.

use jiff::ZonedDateTime;

use super::{
    file::Story,
    report::{Report, Told},
    teller::Teller,
};
use crate::{
    engine::{Entity, Heard},
    name::Locale,
    projects::Projects,
};

/// What somebody says in a story that is understood.
#[derive(Debug, Clone, Copy)]
pub struct Utterance<'a> {
    /// The words.
    pub text: &'a str,
    /// The language that is spoken so far.
    pub language: &'a Locale,
    /// The time where whoever says it is.
    pub now: &'a ZonedDateTime,
}

/// Finds the entities of what is said.
pub type Find<'a> = dyn Fn(Utterance<'_>) -> Vec<Entity> + 'a;

/// Who hears what is said in stories.
#[derive(Clone, Copy)]
pub enum Hearing<'a> {
    /// Nobody: words mean what a story says that they mean, else nothing.
    AsTold,
    /// Nobody; but where a story marks nothing in what is said, this finds its entities.
    Found(&'a Find<'a>),
    /// The project's own understanding.
    Understood {
        /// What words mean.
        by: &'a dyn Fn(Utterance<'_>) -> Heard,
        /// Whether it is asked in stories, too, that do not say whether it is.
        always: bool,
    },
}

/// Runs stories against a project.
pub fn run(projects: &Projects, stories: &[Story], hearing: Hearing<'_>) -> Report {
    let told = stories.iter().map(|story| Told {
        story: story.story.clone(),
        file: story.file.clone(),
        line: story.place.line,
        failure: Teller::new(projects, story.begins(), hearing.of(story))
            .finding(hearing.found())
            .tell(story)
            .err(),
    });
    Report {
        stories: told.collect(),
    }
}

impl<'a> Hearing<'a> {
    fn of(self, story: &Story) -> Option<&'a dyn Fn(Utterance<'_>) -> Heard> {
        match self {
            Self::AsTold | Self::Found(_) => None,
            Self::Understood { by, always } => story.understand.unwrap_or(always).then_some(by),
        }
    }

    fn found(self) -> Option<&'a Find<'a>> {
        match self {
            Self::Found(by) => Some(by),
            Self::AsTold | Self::Understood { .. } => None,
        }
    }
}
