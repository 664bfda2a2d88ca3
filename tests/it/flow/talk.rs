//! Says, presses and fills in, and looks at what is offered.

use convene_client::{
    ConversationView, MessageView, press,
    proto::{
        frame::NewAct,
        part::{Layout, Part},
    },
};
use serde_json::Value;

use crate::people::Person;

pub(crate) async fn hears(person: &mut Person, says: &str) -> String {
    let said = person.says(says).await;
    person.answer_to(said).await
}

/// Presses what is labelled so in the last message that offers it.
pub(crate) async fn presses(person: &mut Person, label: &str) -> String {
    let act = offered(person.view(), label);
    let id = person.conversation().clone();
    let pressed = person.client.act(&id, act).await.unwrap();
    person.answer_to(pressed).await
}

pub(crate) fn offered(view: &ConversationView, label: &str) -> NewAct {
    let found = view.messages().iter().rev().find_map(|message| {
        let action = message.parts.iter().find_map(|part| match part {
            Part::Actions(offer) => offer.actions.iter().find(|action| action.label == label),
            _ => None,
        })?;
        Some(press(message, action.id.clone(), None))
    });
    found.unwrap_or_else(|| panic!("nothing is labelled {label:?}"))
}

/// The last form that is there, filled in.
pub(super) fn form(view: &ConversationView, filled: Value) -> NewAct {
    let found = view.messages().iter().rev().find_map(|message| {
        let form = message.parts.iter().find_map(|part| match part {
            Part::Form(form) => Some(form),
            _ => None,
        })?;
        Some(press(message, form.id.clone(), Some(filled.clone())))
    });
    found.expect("there is a form")
}

/// How the answers of the question that is open are shown.
pub(super) fn offered_as(view: &ConversationView) -> Option<Layout> {
    let open = view.messages().iter().flat_map(MessageView::offered);
    let layouts = open.filter_map(|part| match part {
        Part::Actions(actions) => Some(actions.layout),
        _ => None,
    });
    layouts.last()
}

/// What the fields of the last form are called.
pub(super) fn labels_of_form(view: &ConversationView) -> Vec<String> {
    let parts = view.messages().iter().flat_map(|message| &message.parts);
    let mut forms = parts.filter_map(|part| match part {
        Part::Form(form) => Some(form),
        _ => None,
    });
    let form = forms.next_back().expect("there is a form");
    form.fields
        .iter()
        .map(|field| field.label.clone())
        .collect()
}

pub(super) fn open_forms(view: &ConversationView) -> usize {
    let open = view.messages().iter().flat_map(MessageView::offered);
    open.filter(|part| matches!(part, Part::Form(_))).count()
}
