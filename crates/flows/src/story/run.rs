//! Runs stories. Nothing is waited for, called or asked: the story says what time it is and what is
//! answered.

use jiff::civil::DateTime;

use super::{
    file::Story,
    report::{Report, Told},
    teller::Teller,
};
use crate::{engine::Heard, name::Locale, projects::Projects};

/// What somebody says in a story that names no intent.
#[derive(Debug, Clone, Copy)]
pub struct Utterance<'a> {
    /// The words.
    pub text: &'a str,
    /// The language that is spoken so far.
    pub language: &'a Locale,
    /// The time.
    pub now: DateTime,
}

/// Runs stories against a project. `understand` is asked for what the words mean where a story does not
/// say.
pub fn run(
    projects: &Projects,
    stories: &[Story],
    understand: &dyn Fn(Utterance<'_>) -> Heard,
) -> Report {
    let told = stories.iter().map(|story| Told {
        story: story.story.clone(),
        file: story.file.clone(),
        line: story.place.line,
        failure: Teller::new(projects, story.now, understand)
            .tell(story)
            .err(),
    });
    Report {
        stories: told.collect(),
    }
}
