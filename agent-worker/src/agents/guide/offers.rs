//! What the guide offers to press and to fill in, and what it takes that for.

use convene_agent::{
    Message,
    part::{Action, Actions, Card, Choice, Fact, Field, Form, Input, Part, Style},
};
use convene_proto::id::{ActionId, InvalidId};

use super::command::Command;

/// What its form is submitted as.
const ORDER: &str = "order";

/// What to try next; each is a command that is sent by itself.
pub(super) fn suggestions() -> Vec<Part> {
    let commands = [
        ("stream", "Count to 200", "/stream 200 at 50"),
        ("card", "Show a card", "/card"),
        ("form", "Show a form", "/form"),
        ("help", "What else?", "/help"),
    ];
    let actions = commands.into_iter().filter_map(|(id, label, command)| {
        let action = Action::new(id.parse().ok()?, label);
        Some(action.with_value(command))
    });
    vec![Actions::quick_replies(actions).into()]
}

/// A card that one of them may take.
pub(super) fn card() -> Vec<Part> {
    parts(|| {
        let mut card = Card::new("The night train to Lisbon").once();
        card.subtitle = Some("Leaves at 21:43".to_owned());
        card.fields = [("Seat", "61, by the window"), ("Price", "48 euros")]
            .map(|(label, value)| Fact {
                label: label.to_owned(),
                value: value.to_owned(),
            })
            .into();
        card.actions = vec![
            Action::new(id("take")?, "Take the seat").with_style(Style::Primary),
            Action::new(id("leave")?, "Let it go"),
        ];
        Ok(card.into())
    })
}

/// A form with a field of most kinds.
pub(super) fn form() -> Vec<Part> {
    parts(|| {
        let menu =
            [("none", "Nothing"), ("soup", "Soup"), ("cake", "Cake")].map(|(value, label)| {
                Choice {
                    value: value.to_owned(),
                    label: label.to_owned(),
                }
            });
        let tickets = Input::Integer {
            min: Some(1),
            max: Some(6),
        };
        let day = Input::Date {
            min: None,
            max: None,
        };
        let menu = Input::Choice {
            options: menu.into(),
            multiple: false,
        };
        let mut form = Form::new(
            id(ORDER)?,
            "Order",
            [
                Field::new("name".parse()?, "Name", Input::text()).required(),
                Field::new("email".parse()?, "E-mail", Input::Email),
                Field::new("tickets".parse()?, "Tickets", tickets).required(),
                Field::new("day".parse()?, "Day", day),
                Field::new("meal".parse()?, "Meal", menu),
                Field::new("quiet".parse()?, "In the quiet carriage", Input::Boolean),
            ],
        );
        form.title = Some("Tickets for the night train".to_owned());
        Ok(form.once().into())
    })
}

/// What a message means: of what was pressed, the command that is its value.
pub(super) fn meant_by(input: &Message) -> Command {
    let Some(act) = input.acts().next() else {
        return Command::parse(&input.text());
    };
    match act.value.as_ref() {
        Some(value) if value.is_object() => Command::Submitted(act.label.clone()),
        Some(value) => Command::parse(value.as_str().unwrap_or_default()),
        None => Command::Pressed(act.label.clone()),
    }
}

fn id(text: &str) -> Result<ActionId, InvalidId> {
    text.parse()
}

/// The names in here are good ones.
fn parts(make: impl FnOnce() -> Result<Part, InvalidId>) -> Vec<Part> {
    make().into_iter().collect()
}
