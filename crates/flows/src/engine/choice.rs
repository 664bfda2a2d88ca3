//! One of several buttons is chosen, in words, too.

use super::{
    correct::Corrected,
    corrections::Tone,
    effect::Button,
    frame::Question,
    input::Heard,
    meant::Meant,
    record::{About, Why},
    say::Offer,
    turn::Turn,
};
use crate::{
    folder::Layout,
    folder::SlotType,
    name::{IntentName, SlotName},
    project::Op,
    slot::{Misfit, Nod, bare, called, folded, mentions},
};

impl Turn<'_> {
    /// The option of the `choose` step on top whose label, or whose number, these words are.
    pub(super) fn option_said(&self, text: &str) -> Option<usize> {
        let (project, flow) = self.top()?;
        let Op::Choose { options, .. } = &self.step_on_top(flow)?.op else {
            return None;
        };
        let (said, same) = (bare(text), folded(text));
        let labels = self.labels();
        let is_said = |label: &str| bare(label) == said || folded(label) == same;
        let by_label = labels.iter().find(|(label, _)| is_said(label));
        let by_label = by_label.map(|(_, index)| *index);
        let by_label = by_label
            .or_else(|| self.left_by_denial(text, &labels))
            .or_else(|| self.mistyped(text, labels.into_iter()));
        let by_number = said.parse::<usize>().ok();
        let by_number = by_number.and_then(|number| number.checked_sub(1));
        let by_number =
            by_number.or_else(|| project.speech.small.place_in_list(text, options.len()));
        by_label.or(by_number.filter(|index| *index < options.len()))
    }

    /// The labels of the options of the `choose` step on top, in all languages, with the places of the options.
    fn labels(&self) -> Vec<(String, usize)> {
        let top = self.top();
        let Some((project, Op::Choose { options, .. })) = top.and_then(|(project, flow)| {
            let step = self.step_on_top(flow)?;
            Some((project, &step.op))
        }) else {
            return Vec::new();
        };
        let names = self.spoken();
        let labels = options.iter().enumerate().flat_map(|(index, option)| {
            let (locales, names) = (project.speech.locales(), &names);
            locales.map(move |locale| {
                let label = option.label.as_str();
                (project.speech.say(locale, label, 0, names), index)
            })
        });
        labels.collect()
    }

    /// "No refund, just track it": where one option is denied in words, the only other one that is named.
    fn left_by_denial(&self, text: &str, labels: &[(String, usize)]) -> Option<usize> {
        let speech = &self.project().speech;
        let small = &speech.small;
        let is_named = |label: &str| mentions(text, label).next().is_some();
        let named = labels.iter().map(|(label, index)| (bare(label), *index));
        let (denied, meant): (Vec<_>, Vec<_>) = named
            .filter(|(label, _)| is_named(label) && !speech.nods.are_all(label, small))
            .partition(|(label, _)| small.take_back(text, label));
        let is_denied = |index: &usize| denied.iter().any(|(_, other)| other == index);
        let mut meant = meant.into_iter().map(|(_, index)| index);
        let first = meant
            .next()
            .filter(|first| !denied.is_empty() && !is_denied(first))?;
        meant.all(|other| other == first).then_some(first)
    }

    /// The option that is meant: by an intent of its own, or else by its words.
    pub(super) fn option_meant(&self, heard: &Heard, meant: &Meant) -> Option<usize> {
        let (_, flow) = self.top()?;
        let Op::Choose { options, .. } = &self.step_on_top(flow)?.op else {
            return None;
        };
        let nod = self.nod_to_options(heard, meant);
        let is_meant = |intent: &IntentName| match (nod, self.flag_of_intent(intent)) {
            (nod, Some(flag)) => nod == if flag { Nod::Yes } else { Nod::No },
            (_, None) => meant.intents.contains(intent),
        };
        // Of several that are meant the one that was said first.
        let place = |intent: &IntentName| meant.intents.iter().position(|one| one == intent);
        let by_intent = options.iter().enumerate().filter_map(|(index, option)| {
            let intents = option.intents.iter().map(|intent| &intent.value);
            let said = intents.filter(|intent| is_meant(intent)).map(place).min()?;
            Some((said, index))
        });
        let by_intent = by_intent.min().map(|(_, index)| index);
        let by_denial = self.left_by_denial(&heard.text, &self.labels());
        by_denial
            .or(by_intent)
            .or_else(|| self.option_said(&heard.text))
    }

    /// "I don't mind" to what is to be chosen: it cancels nothing, whatever it is taken for.
    pub(super) fn leaves_a_choice_open(
        &self,
        heard: &Heard,
        meant: &Meant,
        question: &Question,
    ) -> bool {
        let is_choice = match &question.about {
            About::Choice => self.option_meant(heard, meant).is_none(),
            About::Slot(slot) => self.spec(slot).is_some_and(|spec| {
                let mut meant = meant.intents.iter();
                spec.kind == SlotType::Choice
                    && !meant.any(|intent| spec.intents.contains_key(intent))
                    && self.read(&spec, &heard.text).is_err()
            }),
            About::Confirm { .. } => false,
        };
        let small = &self.project().speech.small;
        is_choice && small.leave_open(&heard.text, &self.words_around(question))
    }

    /// The words of a question, and those by which what it asks for and what it offers is called.
    fn words_around(&self, question: &Question) -> Vec<String> {
        let speech = &self.project().speech;
        let words_of = |key: &str| speech.words_of(key, || self.spoken());
        let step = self.top().and_then(|(_, flow)| self.step_on_top(flow));
        match (&question.about, step.map(|step| &step.op)) {
            (About::Choice, Some(Op::Choose { text, options, .. })) => {
                let labels = options.iter().map(|option| option.label.as_str());
                let keys = std::iter::once(text.as_str()).chain(labels);
                keys.flat_map(words_of).collect()
            }
            _ => {
                let Some(spec) = self.spec_asked(question) else {
                    return Vec::new();
                };
                let asking = self.asking(&spec);
                let values = called(&spec, &asking).into_iter();
                let names = values.map(|(name, _)| name).chain(self.names_of(&spec));
                let names: Vec<String> = names.collect();
                let words = names.iter().flat_map(|name| name.split_whitespace());
                let words = words.map(bare).chain(words_of(spec.ask.as_str()));
                words.collect()
            }
        }
    }

    /// What a message says to options of which one is a yes, or a no.
    fn nod_to_options(&self, heard: &Heard, meant: &Meant) -> Nod {
        let told = (meant.affirm, meant.deny);
        self.nod_beside(heard, told, !meant.wants.is_empty())
    }

    pub(super) fn answer_choice(
        &mut self,
        heard: &Heard,
        meant: Meant,
        question: &Question,
        is_same: bool,
    ) {
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        let Some(Op::Choose { options, .. }) = self.step_on_top(flow).map(|step| &step.op) else {
            return self.outdated();
        };
        let said = self.option_said(&heard.text);
        // "No, three of them" is no to what was said, and not to what is offered; and "yes, three of them" is no yes.
        let nod = self.nod_to_options(heard, &meant);
        let is_about_earlier = meant.correct || nod != Nod::Nothing;
        if said.is_none() && is_about_earlier && meant.wants.is_empty() {
            let said = self.corrections(Tone::Wrong, &SlotName::default());
            if !said.anew.is_empty() {
                self.say("convene.corrected");
                return self.set_anew(said, heard.who.as_ref());
            }
            if said.is_restated && !meant.affirm && nod != Nod::Yes {
                return self.nothing_changes();
            }
        }
        if said.is_none()
            && meant.wants.is_empty()
            && (is_about_earlier || self.option_meant(heard, &meant).is_none())
            && let Some((frame, slot)) = self.taken_back(&heard.text, &SlotName::default())
        {
            return self.ask_anew(frame, slot, heard.who.as_ref());
        }
        if let Some(index) = self.option_meant(heard, &meant) {
            // What was wanted is what is chosen.
            self.entities.append(&mut self.aside);
            let own = |intent: &IntentName| {
                options
                    .get(index)
                    .is_some_and(|option| option.intents.iter().any(|one| one.value == *intent))
            };
            let rest: Vec<_> = meant
                .wants
                .into_iter()
                .filter(|intent| !own(intent))
                .collect();
            self.chosen(index);
            self.queue(rest);
            // What was said in the clause of what is chosen is for whatever that leads to.
            for entity in &mut self.entities {
                entity.wish.take_if(|wish| own(wish));
            }
            return;
        }
        let corrected = self.correct(heard, &meant, &SlotName::default(), None);
        if corrected == Corrected::Asked {
            return self.queue(meant.wants);
        }
        let is_plain = !is_same && corrected == Corrected::Nothing && meant.wants.is_empty();
        // What could only be kept for a flow that may be called is asked for below now.
        if is_plain && !self.fills_what_runs() && self.answers_below(heard) {
            return;
        }
        let is_filled = self.fill_from_entities() || corrected == Corrected::Beside;
        if is_same && meant.wants.is_empty() {
            return self.ask_again(question, question.tries);
        }
        if nod == Nod::Mixed && meant.wants.is_empty() && !is_filled {
            return self.misfit(question, &Misfit::NotOffered);
        }
        self.answer_misfits(heard, meant, question, &Misfit::NotOffered, is_filled);
    }

    /// One of the buttons of the `choose` step on top.
    pub(super) fn chosen(&mut self, index: usize) {
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        let Some(Op::Choose { options, .. }) = self.step_on_top(flow).map(|step| &step.op) else {
            return;
        };
        if let Some(option) = options.get(index) {
            self.go(flow, option.then, Why::Chosen(option.label.to_string()));
        }
    }

    pub(super) fn ask_choice(&mut self, tries: u32) {
        let Some((project, flow)) = self.top() else {
            return;
        };
        let Some(Op::Choose {
            text,
            layout,
            card,
            options,
            ..
        }) = self.step_on_top(flow).map(|step| &step.op)
        else {
            return;
        };
        let question = self.asked(About::Choice, tries);
        let (names, locale) = (self.spoken(), self.locale());
        let buttons = options.iter().enumerate().map(|(index, option)| Button {
            label: project
                .speech
                .say(&locale, option.label.as_str(), 0, &names),
            question,
            value: index.to_string(),
        });
        let offer = Offer {
            buttons: buttons.collect(),
            layout: Layout::of(layout.as_deref().copied(), options.len()),
            card: self.card(card.as_deref(), &names),
            form: None,
        };
        self.offer(text.as_str(), &names, offer);
    }
}
