//! Names in steps: slots, flows, placeholders.

use std::collections::BTreeSet;

use convene_source::{At, Place};

use super::{comparisons, has_errors, samples};
use crate::{
    fault::{Code, Faults, did_you_mean},
    folder::SlotType,
    name::{FlowName, SlotName},
    phrase::BadTemplate,
    project::{FlowSpec, Formula, GLOBALS, Op, Project, StepSpec, Uses, WaitTime},
};

/// The names that an expression over a call's answer may use in addition.
const ANSWER: [&str; 2] = ["body", "status"];

/// Flow and slot, or no flow where it is the conversation's.
pub(super) type Used = BTreeSet<(Option<FlowName>, SlotName)>;

/// Answers the slots that are used.
pub(super) fn check(project: &Project, faults: &mut Faults) -> Used {
    let mut used = Used::new();
    for flow in project.flows() {
        let mut checker = Checker {
            project,
            flow,
            faults,
            used: &mut used,
            told: BTreeSet::new(),
        };
        for step in &flow.steps {
            checker.step(step);
        }
        checker.slots();
    }
    used
}

struct Checker<'a> {
    project: &'a Project,
    flow: &'a FlowSpec,
    faults: &'a mut Faults,
    used: &'a mut Used,
    /// Slots that are not there: each is told once, wherever else it is named.
    told: BTreeSet<String>,
}

impl Checker<'_> {
    fn add(
        &mut self,
        place: Place,
        code: Code,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults
            .add(&self.flow.file, place, code, message, remedy);
    }

    fn visible(&self) -> BTreeSet<&str> {
        let own = self.flow.slots.keys().chain(self.project.shared.keys());
        own.map(SlotName::as_str).collect()
    }

    fn mark(&mut self, slot: &str) {
        let own = self
            .flow
            .slots
            .contains_key(slot)
            .then(|| self.flow.name.clone());
        self.used.insert((own, slot.into()));
    }

    fn slot(&mut self, slot: &str, place: Place) {
        self.mark(slot);
        if self.project.slot(self.flow, slot).is_none() && self.told.insert(slot.to_owned()) {
            let remedy = did_you_mean(
                slot,
                self.visible(),
                "add it to the `slots` of this flow or of assistant.yaml",
            );
            self.add(
                place,
                Code::UnknownSlot,
                format!("there is no slot `{slot}` here"),
                remedy,
            );
        }
    }

    fn step(&mut self, step: &StepSpec) {
        let uses = Uses::of(self.project, self.flow, step);
        for (slot, place) in uses.sets.iter().chain(&uses.clears).chain(&uses.needs) {
            self.slot(slot.as_str(), *place);
        }
        for (formula, place) in &uses.formulas {
            self.formula(*formula, *place);
        }
        for text in &uses.texts {
            self.text(text);
        }
        if let Op::Ask { form, .. } = &step.op {
            self.form(form);
        }
        if let Op::Wait {
            time: Some(WaitTime::Until { slot, hour }),
            ..
        } = &step.op
        {
            self.moment(slot, hour.as_ref());
        }
        if let Op::Flow { name, with, save } = &step.op {
            self.called(name, with, save);
        }
        if let Op::Set(values) = &step.op {
            for (slot, value) in values {
                let spec = self.project.slot(self.flow, slot.as_str());
                if let Some(why) = spec.and_then(|spec| samples::misfit(self.project, spec, value))
                {
                    let message = format!("this is no value for the slot `{slot}`: {why}");
                    self.add(
                        value.place,
                        Code::WrongType,
                        message,
                        "write a value of the slot's type",
                    );
                }
            }
        }
    }

    /// What stands in a form is asked for in words as well.
    fn form(&mut self, form: &[At<SlotName>]) {
        for slot in form {
            self.slot(slot.as_str(), slot.place);
            let is_asked = |step: &StepSpec| matches!(&step.op, Op::Ask { slot: asked, .. } if asked.value == slot.value);
            // What cannot be read may ask for it.
            if !has_errors(self.project, self.flow, self.faults)
                && !self.flow.steps.iter().any(is_asked)
            {
                self.add(
                    slot.place,
                    Code::WrongForm,
                    format!(
                        "`{}` stands in a form, and no step of this flow asks for it",
                        slot.value
                    ),
                    format!(
                        "add `ask: {}` behind this step, for whoever answers in words",
                        slot.value
                    ),
                );
            }
        }
    }

    /// A day, an hour, or an hour of a day.
    fn moment(&mut self, slot: &At<SlotName>, hour: Option<&At<SlotName>>) {
        let days: &[SlotType] = match hour {
            Some(_) => &[SlotType::Date],
            None => &[SlotType::Date, SlotType::Time],
        };
        let hours = hour.map(|hour| (hour, &[SlotType::Time] as &[_]));
        for (slot, kinds) in std::iter::once((slot, days)).chain(hours) {
            let spec = self.project.slot(self.flow, slot.as_str());
            if spec.is_some_and(|spec| !kinds.contains(&spec.kind)) {
                let message = format!("nobody can wait until `{}`", slot.value);
                let remedy = "give `until` a slot of type `date` or `time`, and `at` one of type `time` for an `until` that is a date";
                self.add(slot.place, Code::WrongType, message, remedy);
            }
        }
    }

    fn called(
        &mut self,
        name: &At<FlowName>,
        with: &[(SlotName, At<String>)],
        save: &[(SlotName, At<SlotName>)],
    ) {
        let project = self.project;
        let Some(other) = project.flow(name) else {
            let known = project.flows.keys().map(FlowName::as_str);
            let remedy = did_you_mean(
                name.as_str(),
                known,
                "write that flow, or take this step away",
            );
            self.add(
                name.place,
                Code::UnknownFlow,
                format!("there is no flow `{}`", name.value),
                remedy,
            );
            return;
        };
        let theirs = with.iter().map(|(slot, value)| (slot, value.place));
        for (slot, place) in
            theirs.chain(save.iter().map(|(_, theirs)| (&theirs.value, theirs.place)))
        {
            self.used.insert((Some(other.name.clone()), slot.clone()));
            if !other.slots.contains_key(slot) {
                let known = other.slots.keys().map(SlotName::as_str);
                let remedy = did_you_mean(slot.as_str(), known, "add it to that flow's `slots`");
                let message = format!("the flow `{}` has no slot `{slot}` of its own", other.name);
                self.add(place, Code::UnknownSlot, message, remedy);
            }
        }
    }

    fn formula(&mut self, formula: Formula<'_>, place: Place) {
        let names = match formula.names(&self.project.speech.templates) {
            Ok(names) => names,
            Err(error) => return self.unreadable(place, &error),
        };
        let extra: &[&str] = if matches!(formula, Formula::Answer(_)) {
            &ANSWER
        } else {
            &[]
        };
        for name in &names {
            self.placeholder(name, extra, &self.flow.file.clone(), place);
        }
        if let Formula::Expression(text) = formula
            && let Some(message) = comparisons::impossible(self.project, self.flow, text)
        {
            self.add(
                place,
                Code::WrongType,
                message,
                "compare the slot with a value of its type",
            );
        }
        let mut tried = samples::try_formula(self.project, self.flow, formula);
        if let (Ok(()), Formula::Expression(text)) = (&tried, formula) {
            tried = samples::try_parts(self.project, self.flow, text);
        }
        match (tried, formula) {
            (Err(error), _) => self.unreadable(place, &error),
            (Ok(()), Formula::Expression(text)) => {
                let members = self.project.speech.templates.members_in_expression(text);
                self.members(
                    &members.unwrap_or_default(),
                    false,
                    (&self.flow.file, place),
                );
            }
            _ => {}
        }
    }

    /// Members that values of slots do not have.
    fn members(&mut self, members: &BTreeSet<String>, is_said: bool, (file, place): (&str, Place)) {
        for member in members {
            let path: Vec<_> = member.split('.').collect();
            let Some((slot, path)) = path.split_first() else {
                continue;
            };
            let slot = self.project.slot(self.flow, slot);
            let missing = slot.and_then(|slot| comparisons::no_member(slot, path, is_said));
            if let Some(message) = missing {
                let remedy = "write the slot alone; an amount has `amount` and `currency`, and in texts all but numbers a `value`, as machines write it";
                self.faults
                    .add(file, place, Code::UnknownPlaceholder, message, remedy);
            }
        }
    }

    fn unreadable(&mut self, place: Place, error: &BadTemplate) {
        let remedy = "expressions are as in Python: `total > 100 and kind == \"big\"`; words stand in quotes";
        self.add(
            place,
            Code::BadExpression,
            format!("this cannot be read: {error}"),
            remedy,
        );
    }

    fn placeholder(&mut self, name: &str, extra: &[&str], file: &str, place: Place) {
        if GLOBALS.contains(&name) || extra.contains(&name) {
            return;
        }
        self.mark(name);
        if self.project.slot(self.flow, name).is_none() && !self.told.contains(name) {
            let message = format!("`{name}` is no slot of the flow `{}`", self.flow.name);
            let known = self.visible().into_iter().chain(GLOBALS);
            let remedy = did_you_mean(
                name,
                known,
                "name a slot of that flow or of assistant.yaml; words stand in quotes",
            );
            self.faults
                .add(file, place, Code::UnknownPlaceholder, message, remedy);
        }
    }

    /// The placeholders of a text, in all languages.
    fn text(&mut self, text: &At<crate::name::TextKey>) {
        let project = self.project;
        for locale in project.speech.locales() {
            let Some(phrase) = project.speech.phrase(locale, text.as_str()) else {
                continue;
            };
            let Some((file, place)) = &phrase.written else {
                continue;
            };
            let is_known = phrase.names.iter().all(|name| {
                name == "value"
                    || GLOBALS.contains(&name.as_str())
                    || project.slot(self.flow, name).is_some()
            });
            for name in &phrase.names {
                self.placeholder(name, &["value"], file, *place);
            }
            let templates = &project.speech.templates;
            let mut variants = phrase.variants.iter();
            // Else it was told when it was read.
            let can_be_read = variants.all(|text| templates.names_in_text(text).is_ok());
            if is_known
                && can_be_read
                && let Err(error) = samples::try_text(project, self.flow, locale, phrase)
            {
                let message = format!("the text `{}` cannot be said: {error}", text.value);
                let remedy = "look at its filters: `plural(one=\"order\", other=\"orders\")` goes with numbers alone";
                self.faults
                    .add(file, *place, Code::BadExpression, message, remedy);
            }
            if is_known && can_be_read {
                for text in &phrase.variants {
                    let members = templates.members_in_text(text).unwrap_or_default();
                    self.members(&members, true, (file, *place));
                }
            }
        }
    }

    fn slots(&mut self) {
        for (name, slot) in &self.flow.slots {
            if self.project.shared.contains_key(name) {
                let message = format!("assistant.yaml has a slot `{name}`, too");
                self.add(
                    slot.place,
                    Code::Duplicate,
                    message,
                    "call one of them otherwise",
                );
            }
            for other in slot.rests_on() {
                self.slot(other.as_str(), other.place);
            }
        }
    }
}

/// Slots that nothing uses.
pub(super) fn unused(project: &Project, used: &Used, faults: &mut Faults) {
    let remedy = "ask for it or set it somewhere, or take it away";
    for flow in project.flows() {
        for (name, slot) in &flow.slots {
            if !used.contains(&(Some(flow.name.clone()), name.clone())) {
                let message = format!("nothing uses the slot `{name}`");
                faults.add(&flow.file, slot.place, Code::UnusedSlot, message, remedy);
            }
        }
    }
    for (name, slot) in &project.shared {
        if !used.contains(&(None, name.clone())) {
            let message = format!("nothing uses the slot `{name}`");
            faults.add(
                "assistant.yaml",
                slot.place,
                Code::UnusedSlot,
                message,
                remedy,
            );
        }
    }
}
