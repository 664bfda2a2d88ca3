//! What a model reads of a message: its text, and in words what it offered beside it.

use convene_proto::{
    event::{Message, Part},
    part::{Action, Card, Form},
};

/// The message in words.
pub(super) fn of(message: &Message) -> String {
    let pieces = message.parts.iter().filter_map(|part| match part {
        Part::Text { text } => Some(text.clone()),
        Part::Act(act) => Some(act.label.clone()),
        Part::Actions(offered) => Some(format!("[to choose from: {}]", labels(&offered.actions))),
        Part::Card(offered) => Some(card(offered)),
        Part::Form(offered) => Some(form(offered)),
        Part::Unknown => None,
    });
    pieces.collect::<Vec<_>>().join("\n")
}

fn labels(actions: &[Action]) -> String {
    let labels: Vec<_> = actions.iter().map(|action| action.label.as_str()).collect();
    labels.join(" | ")
}

fn card(card: &Card) -> String {
    let mut lines = vec![card.title.clone()];
    lines.extend(card.subtitle.clone());
    lines.extend(card.text.clone());
    let fields = card.fields.iter();
    lines.extend(fields.map(|fact| format!("{}: {}", fact.label, fact.value)));
    if !card.actions.is_empty() {
        lines.push(format!("to choose from: {}", labels(&card.actions)));
    }
    format!("[card: {}]", lines.join("\n"))
}

fn form(form: &Form) -> String {
    let fields: Vec<_> = form
        .fields
        .iter()
        .map(|field| field.label.as_str())
        .collect();
    let title = form.title.as_deref().unwrap_or(&form.submit);
    format!("[form {title:?}: {}]", fields.join(" | "))
}

#[cfg(test)]
mod tests {
    use convene_proto::part::{Actions, Field, Input};

    use super::*;

    #[test]
    fn what_was_offered_is_told_in_words() {
        let id = |id: &str| id.parse().unwrap();
        let yes_or_no = ["Yes", "No"].map(|label| Action::new(id(label), label));
        let mut shown = Card::new("Pizza");
        shown.actions = vec![Action::new(id("buy"), "Buy it")];
        let field = Field::new("city".parse().unwrap(), "Where to?", Input::text());
        let message = Message {
            id: "m".parse().unwrap(),
            author: "agent:llm".parse().unwrap(),
            to: None,
            parts: vec![
                Part::Text {
                    text: "Hungry?".to_owned(),
                },
                Actions::buttons(yes_or_no).into(),
                shown.into(),
                Form::new(id("order"), "Order", [field]).into(),
            ],
            timezone: None,
        };
        let read = of(&message);
        for piece in [
            "Hungry?",
            "Yes | No",
            "Pizza",
            "Buy it",
            "Order",
            "Where to?",
        ] {
            assert!(read.contains(piece), "{piece}: {read}");
        }
    }
}
