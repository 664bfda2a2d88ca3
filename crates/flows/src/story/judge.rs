//! What a story says must have happened.

use super::{
    file::{CallStub, CardShown, StoryStep},
    teller::{Otherwise, Teller},
};
use crate::{
    engine::{Answer, Card, HttpCall, Request},
    folder::Layout,
    phrase::unescaped,
};

impl Teller<'_> {
    /// A step that says what must have happened, or what a request brings.
    pub(super) fn judge(&mut self, step: &StoryStep) -> Result<(), Otherwise> {
        if let Some(expected) = &step.bot {
            return self.bot(expected);
        }
        if let Some(call) = &step.call {
            return self.call(call);
        }
        if let Some(text) = &step.model {
            if !matches!(self.open, Some(Request::Generate(_))) {
                return Err(("the model is asked".into(), self.what_now()));
            }
            self.transcript.push(format!("model: {text}"));
            self.answer(Answer::Written(text.clone()));
            return Ok(());
        }
        if let Some(expected) = &step.buttons {
            return self.buttons(expected, step.layout);
        }
        if let Some(expected) = &step.card {
            let shown = self.last.last().and_then(|saying| saying.card.as_deref());
            return match shown {
                Some(card) => shows(card, expected),
                None => Err(("a card".into(), "there is none".into())),
            };
        }
        if let Some(expected) = &step.form {
            let shown = self.last.last().and_then(|saying| saying.form.as_ref());
            let fields = shown.into_iter().flat_map(|form| &form.fields);
            let found: Vec<_> = fields.map(|field| field.slot.clone()).collect();
            return if found == *expected {
                Ok(())
            } else {
                Err((format!("a form of {expected:?}"), format!("{found:?}")))
            };
        }
        if let Some(slots) = &step.slot_was_set {
            for (slot, expected) in slots {
                let found = self
                    .state
                    .slot(slot)
                    .map_or(serde_json::Value::Null, crate::value::Value::to_json);
                if !same(&found, expected) {
                    return Err((
                        format!("the slot {slot} is {expected}"),
                        format!("it is {found}"),
                    ));
                }
            }
        }
        if let Some(expected) = &step.flow {
            let top = self
                .state
                .stack()
                .last()
                .map_or("none", |frame| frame.flow.as_str());
            if top != expected {
                return Err((
                    format!("the flow on top is {expected}"),
                    format!("it is {top}"),
                ));
            }
        }
        for (flow, outcome) in step.ended.iter().flatten() {
            let found = self
                .ended
                .get(flow.as_str())
                .map_or("it has not ended", String::as_str);
            if found != outcome {
                return Err((
                    format!("the flow {flow} has ended: {outcome}"),
                    found.into(),
                ));
            }
        }
        if let Some(team) = &step.handoff {
            self.handed_off(team, step.reason.as_deref())?;
        }
        Ok(())
    }

    fn handed_off(&self, team: &str, told: Option<&str>) -> Result<(), Otherwise> {
        let mut handoffs = self.handoffs.iter();
        let is_it = |(to, reason): &(String, Option<String>)| {
            to == team && (told.is_none() || reason.as_deref() == told)
        };
        if handoffs.any(is_it) {
            return Ok(());
        }
        let told = told.map_or_else(String::new, |told| format!(" and told {told:?}"));
        let found = self.handoffs.iter().map(|(to, reason)| match reason {
            Some(reason) => format!("{to} was asked for and told {reason:?}"),
            None => format!("{to} was asked for"),
        });
        let found: Vec<_> = found.collect();
        let found = match found.as_slice() {
            [] => "nobody was asked for".to_owned(),
            found => found.join(", "),
        };
        Err((format!("a person of {team} is asked for{told}"), found))
    }

    fn bot(&mut self, expected: &str) -> Result<(), Otherwise> {
        if self.said.is_empty() {
            self.no_model();
        }
        if self.said.is_empty() {
            return Err((format!("the bot says {expected:?}"), self.what_now()));
        }
        let saying = self.said.remove(0);
        let is_key = saying
            .key
            .as_ref()
            .is_some_and(|key| key.as_str() == expected);
        if is_key || plain(&saying.text) == plain(expected) {
            return Ok(());
        }
        let key = saying
            .key
            .map(|key| format!(" ({key})"))
            .unwrap_or_default();
        Err((
            format!("the bot says {expected:?}"),
            format!("it said {:?}{key}", saying.text),
        ))
    }

    fn call(&mut self, stub: &CallStub) -> Result<(), Otherwise> {
        let Some(Request::Call(call)) = self.open.clone() else {
            return Err(("a call".into(), self.what_now()));
        };
        differs(stub, &call)?;
        self.transcript
            .push(format!("call: {} {}", call.method, call.url));
        self.answer(match &stub.returns {
            Some(returns) => Answer::Http {
                status: returns.status,
                body: Some(returns.body.clone()),
            },
            None => Answer::NoAnswer("no connection in this story".into()),
        });
        Ok(())
    }

    /// Before something new happens, everything must have been told.
    pub(super) fn nothing_left(&mut self, before: &str) -> Result<(), Otherwise> {
        if self.said.is_empty() {
            self.no_model();
        }
        if let Some(saying) = self.said.first() {
            let key = saying
                .key
                .as_ref()
                .map(|key| format!(" ({key})"))
                .unwrap_or_default();
            return Err((
                format!("nothing more is said before {before}"),
                format!("the bot said {:?}{key}", saying.text),
            ));
        }
        match &self.open {
            Some(Request::Call(call)) => {
                let found = format!(
                    "the flow calls {} {}: add a `call` step",
                    call.method, call.url
                );
                Err((before.into(), found))
            }
            _ => Ok(()),
        }
    }

    fn what_now(&self) -> String {
        match (&self.open, self.said.first()) {
            (Some(Request::Call(call)), _) => format!(
                "the flow calls {} {}: add a `call` step",
                call.method, call.url
            ),
            (_, Some(saying)) => format!("the bot says {:?}", saying.text),
            _ => "nothing happens".into(),
        }
    }

    fn buttons(&self, expected: &[String], layout: Option<Layout>) -> Result<(), Otherwise> {
        let last = self.last.last();
        let buttons = last.into_iter().flat_map(|saying| &saying.buttons);
        let found: Vec<_> = buttons.map(|button| &button.label).collect();
        let shown = last.map(|saying| saying.layout);
        if found.iter().copied().ne(expected) {
            return Err((format!("the buttons {expected:?}"), format!("{found:?}")));
        }
        match (layout, shown) {
            (Some(layout), Some(shown)) if layout != shown => Err((
                format!("answers as {}", layout.as_str()),
                format!("they are shown as {}", shown.as_str()),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn buttons_there(&self) -> String {
        let labels: Vec<_> = self
            .shown
            .iter()
            .flat_map(|saying| &saying.buttons)
            .map(|button| &button.label)
            .collect();
        format!("the buttons are {labels:?}")
    }
}

/// A no-break space is a space to whoever writes a story, and a sign that is escaped is the sign.
fn plain(text: &str) -> String {
    unescaped(text.trim()).replace(['\u{a0}', '\u{202f}'], " ")
}

fn same(found: &serde_json::Value, expected: &serde_json::Value) -> bool {
    if let (Some(one), Some(other)) = (found.as_f64(), expected.as_f64()) {
        return one == other;
    }
    // What looks like a number in YAML may be a text.
    let written = expected.to_string();
    found == expected || found.as_str() == Some(written.as_str())
}

fn shows(card: &Card, expected: &CardShown) -> Result<(), Otherwise> {
    let members = [
        ("title", &expected.title, Some(&card.title)),
        ("subtitle", &expected.subtitle, card.subtitle.as_ref()),
        ("image", &expected.image, card.image.as_ref()),
        ("text", &expected.text, card.text.as_ref()),
    ];
    let members = members
        .into_iter()
        .filter_map(|(name, expected, found)| Some((name, expected.as_ref()?, found)));
    let lines = |shown: &[(String, String)], label: &String| {
        let line = shown.iter().find(|(other, _)| plain(other) == plain(label));
        line.map(|(_, value)| value.clone())
    };
    let fields = expected.fields.iter();
    let fields = fields.map(|(label, value)| (label, value, lines(&card.fields, label)));
    let links = expected.links.iter();
    let links = links.map(|(label, url)| (label, url, lines(&card.links, label)));
    let all = members
        .map(|(name, expected, found)| (name.to_owned(), expected, found.cloned()))
        .chain(
            fields
                .chain(links)
                .map(|(label, expected, found)| (format!("{label:?}"), expected, found)),
        );
    for (what, expected, found) in all {
        if found.as_deref().map(plain) != Some(plain(expected)) {
            let found = found.map_or_else(|| "nothing".to_owned(), |found| format!("{found:?}"));
            return Err((
                format!("a card with {what} {expected:?}"),
                format!("it has {found}"),
            ));
        }
    }
    Ok(())
}

fn differs(stub: &CallStub, call: &HttpCall) -> Result<(), Otherwise> {
    if let Some(method) = stub.method
        && method != call.method
    {
        return Err((
            format!("a call with {method}"),
            format!("it is {}", call.method),
        ));
    }
    if let Some(url) = &stub.url
        && *url != call.url
    {
        return Err((format!("a call of {url}"), format!("it is {}", call.url)));
    }
    match (&stub.body, &call.body) {
        (Some(expected), found) if found.as_ref() != Some(expected) => {
            let found = found
                .as_ref()
                .map_or_else(|| "nothing".into(), ToString::to_string);
            Err((
                format!("a call with the body {expected}"),
                format!("it is {found}"),
            ))
        }
        _ => Ok(()),
    }
}
