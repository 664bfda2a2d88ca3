//! What is said, in the words of the project and with the names that it may use.

use super::{
    effect::{Button, Card, Effect, Form, Saying},
    turn::Turn,
};
use crate::{
    bounds::cut,
    folder::{Layout, WhoMayAnswer},
    name::{Locale, Who},
    phrase::{BadTemplate, Names},
    project::{FAILED, Scene},
};

/// What is under a text.
#[derive(Debug, Default)]
pub(super) struct Offer {
    pub(super) card: Option<Card>,
    pub(super) buttons: Vec<Button>,
    pub(super) layout: Layout,
    pub(super) form: Option<Form>,
}

impl Turn<'_> {
    /// What somebody is called; whose name nobody knows, by the end of their id.
    pub(super) fn name_of<'a>(&'a self, who: &'a Who) -> &'a str {
        let id = who.as_str();
        let own = id.split_once(':').map_or(id, |(_, own)| own);
        self.called.get(who).map_or(own, String::as_str)
    }

    /// Names for texts.
    pub(super) fn spoken(&self) -> Names {
        let locale = self.locale();
        let flow = self.top().map(|(_, flow)| flow.as_ref());
        let to = self.spoken_to.clone().or_else(|| self.owner());
        self.scene(&locale, to.as_ref())
            .spoken(self.project(), flow, |slot| self.value(slot))
    }

    /// Names for expressions.
    pub(super) fn plain(&self) -> Names {
        let locale = self.locale();
        let flow = self.top().map(|(_, flow)| flow.as_ref());
        self.scene(&locale, self.state.who.as_ref())
            .plain(self.project(), flow, |slot| self.value(slot))
    }

    pub(super) fn scene<'a>(&'a self, locale: &'a Locale, who: Option<&'a Who>) -> Scene<'a> {
        Scene {
            locale,
            now: self.now().datetime(),
            who,
            name: who.map(|who| self.name_of(who)),
            waiting: self.waiting(),
        }
    }

    /// A text of the project as it is said now.
    pub(super) fn text(&mut self, key: &str, names: &Names) -> Result<String, BadTemplate> {
        self.said += 1;
        let turn = self.state.turn.wrapping_sub(1) + self.said.wrapping_sub(1);
        let text = self.project().speech.fill(&self.locale(), key, turn, names);
        text.map(cut)
    }

    /// Says a text.
    pub(super) fn say(&mut self, key: &str) {
        let names = self.spoken();
        self.say_with(key, &names, Vec::new());
    }

    pub(super) fn say_with(&mut self, key: &str, names: &Names, buttons: Vec<Button>) {
        let offer = Offer {
            buttons,
            ..Offer::default()
        };
        self.offer(key, names, offer);
    }

    /// Says a text with what is shown and can be pressed or filled in under it.
    pub(super) fn offer(&mut self, key: &str, names: &Names, offer: Offer) {
        let (key, text, offer) = match self.text(key, names) {
            Ok(text) => (key, text, offer),
            // The flow that would say it ends before it does anything else.
            Err(_) => {
                self.is_speechless = true;
                let text = self.project().speech.failed(&self.locale());
                (FAILED, text, Offer::default())
            }
        };
        let Offer {
            card,
            buttons,
            layout,
            form,
        } = offer;
        let is_for_anyone = self.project().assistant().ask.who_may_answer == WhoMayAnswer::Anyone;
        let offered = form.as_ref().map(|form| form.question);
        let offered = offered.or_else(|| buttons.first().map(|button| button.question));
        let asked = offered.and_then(|question| self.state.asked_by(question));
        let only_for = asked.filter(|_| !is_for_anyone).cloned();
        self.effect(Effect::Say(Saying {
            key: Some(key.into()),
            text,
            card: card.map(Box::new),
            buttons,
            layout,
            form,
            only_for,
        }));
    }
}
