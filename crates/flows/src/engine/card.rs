//! Cards: written as texts are, in the language of the conversation.

use convene_source::At;

use super::{effect::Card, turn::Turn};
use crate::{
    bounds::{LONGEST_CARD, LONGEST_LABEL, MOST_FIELDS},
    name::TextKey,
    phrase::Names,
    project::CardSpec,
};

impl Turn<'_> {
    /// The card as it is shown now; none where it has no title.
    pub(super) fn card(&self, card: Option<&CardSpec>, names: &Names) -> Option<Card> {
        let card = card?;
        let (project, locale) = (self.project(), self.locale());
        let written = |text: String, most: usize| {
            Some(short(text, most)).filter(|text| !text.trim().is_empty())
        };
        let label = |key: &At<TextKey>| {
            let label = project.speech.say(&locale, key.as_str(), 0, names);
            written(label, LONGEST_LABEL)
        };
        let text = |key: &At<TextKey>| {
            let text = project.speech.fill(&locale, key.as_str(), 0, names);
            written(text.ok()?, LONGEST_CARD)
        };
        // What was filled in may not make an address of it, which is no reason to say nothing.
        let plain = self.plain();
        let address = |url: &At<String>| {
            let url = project.speech.templates.address(url, &plain).ok()??;
            (url.len() <= LONGEST_LABEL).then_some(url)
        };
        let fields = card.fields.iter();
        let links = card.links.iter();
        Some(Card {
            title: label(&card.title)?,
            subtitle: card.subtitle.as_ref().and_then(label),
            image: card.image.as_ref().and_then(address),
            text: card.text.as_ref().and_then(text),
            fields: fields
                .filter_map(|(name, value)| Some((label(name)?, label(value)?)))
                .take(MOST_FIELDS)
                .collect(),
            links: links
                .filter_map(|(name, url)| Some((label(name)?, address(url)?)))
                .collect(),
        })
    }
}

/// The beginning of a text, in so many bytes.
fn short(mut text: String, most: usize) -> String {
    const MORE: &str = "…";
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most - MORE.len()));
        text.push_str(MORE);
    }
    text
}
