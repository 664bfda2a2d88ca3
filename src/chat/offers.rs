//! What agents offer, as lines of a transcript; and what is made of it by `/1` and `/form a=b`.

use std::fmt::Display;

use convene_client::{
    ConversationView, MessageView, press,
    proto::{
        event::Part,
        frame::NewAct,
        part::{Action, Card, Field, Form, Input},
    },
};
use serde_json::{Map, Value};

use super::words::Offers;

/// The lines below a message that offers something. Its actions are numbered from 1.
pub(super) fn lines(message: &MessageView, words: &Offers) -> Vec<String> {
    let mut lines = Vec::new();
    let mut number = 0;
    for part in &message.parts {
        match part {
            Part::Actions(offered) => actions(&offered.actions, &mut number, &mut lines),
            Part::Card(offered) => {
                card(offered, &mut lines);
                actions(&offered.actions, &mut number, &mut lines);
            }
            Part::Form(offered) => questions(offered, words, &mut lines),
            Part::Text { .. } | Part::Act(_) | Part::Unknown => {}
        }
    }
    lines
}

fn actions(offered: &[Action], number: &mut usize, lines: &mut Vec<String>) {
    for Action { label, url, .. } in offered {
        lines.push(match url {
            Some(url) => format!("  -  {label}: {url}"),
            None => {
                *number += 1;
                format!("  /{number} {label}")
            }
        });
    }
}

fn card(card: &Card, lines: &mut Vec<String>) {
    lines.push(format!("  == {}", card.title));
    let further = [&card.subtitle, &card.text, &card.image];
    let further = further.into_iter().flatten().flat_map(|text| text.lines());
    lines.extend(further.map(|line| format!("     {line}")));
    let fields = card.fields.iter();
    lines.extend(fields.map(|fact| format!("     {}: {}", fact.label, fact.value)));
}

fn questions(form: &Form, words: &Offers, lines: &mut Vec<String>) {
    let title = form.title.as_deref();
    let title = title.map(|title| format!("{title}: ")).unwrap_or_default();
    lines.push(format!("  == {title}{}", words.fill_in));
    for field in &form.fields {
        let Field { name, label, .. } = field;
        let asked = asked_for(field, words);
        lines.push(match field.required {
            true => format!("     {name}= {label} ({asked}, {})", words.required),
            false => format!("     {name}= {label} ({asked})"),
        });
    }
}

fn asked_for(field: &Field, words: &Offers) -> String {
    let limited = |what: &str, min: Option<String>, max: Option<String>| match (
        min.as_deref(),
        max.as_deref(),
    ) {
        (Some(min), Some(max)) => format!("{what}{}", (words.within)(min, max)),
        (Some(min), None) => format!("{what}{}", (words.or_more)(min)),
        (None, Some(max)) => format!("{what}{}", (words.or_less)(max)),
        (None, None) => what.to_owned(),
    };
    match &field.input {
        Input::Text { .. } => words.text.to_owned(),
        Input::Email => words.email.to_owned(),
        Input::Phone => words.phone.to_owned(),
        Input::Number { min, max } => limited(words.number, written(min), written(max)),
        Input::Integer { min, max } => limited(words.integer, written(min), written(max)),
        Input::Boolean => words.boolean.to_owned(),
        Input::Date { .. } => words.date.to_owned(),
        Input::Time { min, max } => limited(words.time, min.clone(), max.clone()),
        Input::Choice { options, multiple } => {
            let values: Vec<_> = options.iter().map(|option| option.value.as_str()).collect();
            let values = values.join(", ");
            match multiple {
                true => (words.some_of)(&values),
                false => (words.one_of)(&values),
            }
        }
    }
}

fn written<T: Display>(bound: &Option<T>) -> Option<String> {
    bound.as_ref().map(T::to_string)
}

/// The last message that offers something and is not closed.
fn offering<'a>(view: &'a ConversationView, words: &Offers) -> Result<&'a MessageView, String> {
    let is_open = |message: &&MessageView| message.offered().next().is_some();
    let found = view.messages().iter().rfind(is_open);
    found.ok_or_else(|| {
        let offers =
            |message: &MessageView| message.parts.iter().any(|part| part.offer().is_some());
        let why = if view.messages().iter().any(offers) {
            words.closed
        } else {
            words.nothing
        };
        why.to_owned()
    })
}

/// The press of the action with this number, of the last message that offers something.
///
/// # Errors
/// A sentence, where there is none.
pub(super) fn pressed(
    view: &ConversationView,
    number: usize,
    words: &Offers,
) -> Result<NewAct, String> {
    let message = offering(view, words)?;
    let offered = message.parts.iter().flat_map(|part| match part {
        Part::Actions(offered) => &offered.actions[..],
        Part::Card(offered) => &offered.actions[..],
        _ => &[],
    });
    let mut numbered = offered.filter(|action| action.url.is_none());
    let action = number
        .checked_sub(1)
        .and_then(|place| numbered.nth(place))
        .ok_or_else(|| (words.no_such)(&format!("/{number}")))?;
    Ok(press(message, action.id.clone(), None))
}

/// What a line of `name=value` makes of the last message's form. A value goes on until the next name
/// of a field.
///
/// # Errors
/// A sentence, where there is no form, or the line names no field of it.
pub(super) fn submitted(
    view: &ConversationView,
    line: &str,
    words: &Offers,
) -> Result<NewAct, String> {
    let message = offering(view, words)?;
    let form = form_of(message).ok_or(words.no_form)?;
    let named = |word: &str| {
        let (name, value) = word.split_once('=')?;
        let field = form
            .fields
            .iter()
            .find(|field| field.name.as_str() == name)?;
        Some((field, value.to_owned()))
    };
    let mut answers: Vec<(&Field, String)> = Vec::new();
    for word in line.split_whitespace() {
        match (named(word), answers.last_mut()) {
            (Some(answer), _) => answers.push(answer),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(word);
            }
            (None, None) => return Err((words.no_field)(word)),
        }
    }
    let values: Map<_, _> = answers
        .into_iter()
        .map(|(field, text)| (field.name.to_string(), value(field, &text, words)))
        .collect();
    Ok(press(message, form.id.clone(), Some(values.into())))
}

/// The form that would be filled in now.
pub(super) fn form(view: &ConversationView) -> Option<&Form> {
    view.messages().iter().rev().find_map(form_of)
}

fn form_of(message: &MessageView) -> Option<&Form> {
    message.offered().find_map(|part| match part {
        Part::Form(form) => Some(form),
        _ => None,
    })
}

/// What is not of the field's kind goes as it is: the server says what is wrong with it.
fn value(field: &Field, text: &str, words: &Offers) -> Value {
    let text = text.trim();
    match &field.input {
        Input::Number { .. } | Input::Integer { .. } => {
            serde_json::from_str::<serde_json::Number>(text)
                .map_or_else(|_| text.into(), Value::Number)
        }
        Input::Boolean => match text {
            "yes" | "true" => true.into(),
            "no" | "false" => false.into(),
            own if own == words.yes => true.into(),
            own if own == words.no => false.into(),
            other => other.into(),
        },
        Input::Choice { multiple: true, .. } => {
            let chosen = text.split(',').map(str::trim);
            chosen.filter(|one| !one.is_empty()).collect()
        }
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use convene_client::{
        MessageStatus,
        proto::{
            event::{EventBody, Message, Outcome},
            frame::ServerFrame,
            part::{Actions, Choice},
            position::{Eid, Epoch, Position, Seq},
        },
    };
    use serde_json::json;

    use super::{super::words::en, *};

    const WORDS: &Offers = &en::WORDS.offers;

    fn view(parts: Vec<Part>) -> ConversationView {
        let mut view = ConversationView::default();
        view.apply(&ServerFrame::Event {
            conversation: "c".parse().unwrap(),
            position: Position {
                epoch: Epoch(1),
                seq: Seq(4),
                eid: Eid(1),
                text: None,
            },
            event: convene_client::proto::event::Event {
                seq: Seq(4),
                eid: Eid(1),
                at: 0,
                body: EventBody::MessageCompleted {
                    message: Message {
                        id: "m".parse().unwrap(),
                        author: "agent:guide".parse().unwrap(),
                        parts,
                        to: None,
                        timezone: None,
                    },
                    run: "r".parse().unwrap(),
                    whole: true,
                },
            },
        });
        assert_eq!(view.messages()[0].status, MessageStatus::Whole);
        view
    }

    fn closes(name: &str) -> ServerFrame {
        ServerFrame::Event {
            conversation: "c".parse().unwrap(),
            position: Position {
                epoch: Epoch(1),
                seq: Seq(5),
                eid: Eid(2),
                text: None,
            },
            event: convene_client::proto::event::Event {
                seq: Seq(5),
                eid: Eid(2),
                at: 0,
                body: EventBody::RunFinished {
                    run: "r".parse().unwrap(),
                    outcome: Outcome::Completed,
                    usage: None,
                    closes: vec![name.parse().unwrap()],
                },
            },
        }
    }

    #[test]
    fn what_is_closed_is_not_pressed() {
        let parts = || {
            vec![
                Actions::buttons([action("y", "Yes")])
                    .named("q1".parse().unwrap())
                    .into(),
            ]
        };
        let mut open = view(parts());
        open.apply(&closes("q2"));
        assert_eq!(pressed(&open, 1, WORDS).unwrap().action.as_str(), "y");
        let mut closed = view(parts());
        closed.apply(&closes("q1"));
        let why = "what was offered is closed; say it in words";
        assert_eq!(pressed(&closed, 1, WORDS), Err(why.to_owned()));
        assert_eq!(submitted(&closed, "a=b", WORDS), Err(why.to_owned()));
    }

    fn action(id: &str, label: &str) -> Action {
        Action::new(id.parse().unwrap(), label)
    }

    #[test]
    fn actions_have_numbers_over_all_parts_and_links_have_none() {
        let link = Action::link("l".parse().unwrap(), "More", "https://example.org");
        let mut card = Card::new("Train");
        card.actions = vec![action("take", "Take it")];
        let view = view(vec![
            Actions::buttons([action("y", "Yes"), link, action("n", "No")]).into(),
            card.into(),
        ]);
        assert_eq!(
            lines(&view.messages()[0], WORDS),
            [
                "  /1 Yes",
                "  -  More: https://example.org",
                "  /2 No",
                "  == Train",
                "  /3 Take it"
            ]
        );
        for (number, id) in [(1, "y"), (2, "n"), (3, "take")] {
            let act = pressed(&view, number, WORDS).unwrap();
            assert_eq!((act.action.as_str(), act.seq), (id, Seq(4)));
        }
        assert_eq!(pressed(&view, 4, WORDS), Err("there is no /4".to_owned()));
        assert_eq!(pressed(&view, 0, WORDS), Err("there is no /0".to_owned()));
        assert!(pressed(&ConversationView::default(), 1, WORDS).is_err());
        assert!(
            submitted(&view, "a=b", WORDS)
                .unwrap_err()
                .contains("no form")
        );
    }

    #[test]
    fn a_form_is_filled_in_by_name_and_values_may_have_spaces() {
        let field = |name: &str, input| Field::new(name.parse().unwrap(), name, input);
        let options = ["a", "b"].map(|value| Choice {
            value: value.to_owned(),
            label: value.to_owned(),
        });
        let fields = [
            field("name", Input::text()).required(),
            field(
                "count",
                Input::Integer {
                    min: Some(1),
                    max: Some(6),
                },
            ),
            field("quiet", Input::Boolean),
            field(
                "extras",
                Input::Choice {
                    options: options.into(),
                    multiple: true,
                },
            ),
        ];
        let form = Form::new("order".parse().unwrap(), "Order", fields);
        let view = view(vec![form.into()]);
        let shown = lines(&view.messages()[0], WORDS);
        assert_eq!(shown[0], "  == answer with /form name=value ...");
        assert_eq!(shown[1], "     name= name (text, required)");
        assert_eq!(shown[2], "     count= count (a whole number from 1 to 6)");
        let act = submitted(
            &view,
            "name=Ada  Lovelace x=1 count=2 quiet=yes extras=a, b",
            WORDS,
        )
        .unwrap();
        let filled = json!({
            "name": "Ada Lovelace x=1", "count": 2, "quiet": true, "extras": ["a", "b"]
        });
        assert_eq!(act.value, Some(filled));
        let wrong = submitted(&view, "count=two", WORDS).unwrap();
        assert_eq!(wrong.value, Some(json!({ "count": "two" })));
        assert!(
            submitted(&view, "city=Rome", WORDS)
                .unwrap_err()
                .contains("city=Rome")
        );
    }
}
