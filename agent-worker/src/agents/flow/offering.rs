//! What flows offer to press and to fill in, as parts of a message.

use convene_agent::{
    ParticipantId,
    part::{Action, Actions, Card, Choice, Fact, Field, Form, Input, Layout, Offer, Part, bounds},
};
use convene_flows::{
    Button, FormField, Saying,
    folder::{self, SlotType},
};

use super::hearing;

/// What the engine offers and cuts is what a message may have.
const _: () = {
    use convene_flows::bounds as engine;
    assert!(engine::MOST_BUTTONS == bounds::ACTIONS);
    assert!(engine::MOST_OPTIONS == bounds::OPTIONS);
    assert!(engine::MOST_FIELDS == bounds::FIELDS);
    assert!(engine::LONGEST_LABEL == bounds::LABEL);
    assert!(engine::LONGEST_CARD == bounds::TEXT);
    assert!(engine::LONGEST_ANSWER == bounds::ANSWER as usize);
};

/// What stands under a text: a card, and a form or buttons. Only who was asked may use it, once.
pub(super) fn offer(saying: &Saying) -> Vec<Part> {
    let question = match &saying.form {
        Some(form) => Some(form.question),
        None => saying.buttons.first().map(|button| button.question),
    };
    let asked = saying.only_for.as_ref();
    let asked = asked.and_then(|who| who.as_str().parse::<ParticipantId>().ok());
    let offer = Offer {
        once: true,
        only_for: asked.map(|person| vec![person]),
        name: question.and_then(hearing::offer_name),
    };
    let buttons = saying.buttons.iter().enumerate();
    let actions: Vec<_> = buttons
        .filter_map(|(index, button)| action(index, button))
        .collect();
    let form = saying.form.as_ref().and_then(form);
    let asks: Vec<Part> = match form {
        Some(form) => vec![
            Form {
                offer: offer.clone(),
                ..form
            }
            .into(),
        ],
        None if actions.is_empty() => Vec::new(),
        None => vec![
            Actions {
                layout: layout(saying.layout),
                actions: actions.clone(),
                offer: offer.clone(),
            }
            .into(),
        ],
    };
    let Some(card) = &saying.card else {
        return within_bounds(asks).unwrap_or_default();
    };
    let is_on_card = saying.layout == folder::Layout::Buttons && saying.form.is_none();
    let parts = if is_on_card && !actions.is_empty() {
        vec![
            Card {
                offer,
                ..shown(card, actions)
            }
            .into(),
        ]
    } else {
        let shown = Part::from(shown(card, Vec::new()));
        [shown].into_iter().chain(asks.clone()).collect()
    };
    // Where a card is more than a message may show, what is asked stands without it.
    within_bounds(parts)
        .or_else(|| within_bounds(asks))
        .unwrap_or_default()
}

const fn layout(layout: folder::Layout) -> Layout {
    match layout {
        folder::Layout::Buttons => Layout::Buttons,
        folder::Layout::QuickReplies => Layout::QuickReplies,
        folder::Layout::Choices => Layout::Choices,
    }
}

/// What is more than a message may offer is answered in words.
fn within_bounds(parts: Vec<Part>) -> Option<Vec<Part>> {
    bounds::check(&parts).is_ok().then_some(parts)
}

fn shown(card: &convene_flows::Card, mut actions: Vec<Action>) -> Card {
    let links = card.links.iter().enumerate();
    actions.extend(links.filter_map(|(index, (label, url))| {
        let id = format!("link-{index}").parse().ok()?;
        Some(Action::link(id, &**label, &**url))
    }));
    let fields = card.fields.iter().map(|(label, value)| Fact {
        label: label.clone(),
        value: value.clone(),
    });
    Card {
        subtitle: card.subtitle.clone(),
        image: card.image.clone(),
        text: card.text.clone(),
        fields: fields.collect(),
        actions,
        ..Card::new(&*card.title)
    }
}

fn action(index: usize, button: &Button) -> Option<Action> {
    let id = hearing::action_id(button.question, index)?;
    Some(Action::new(id, &*button.label).with_value(&*button.value))
}

fn form(form: &convene_flows::Form) -> Option<Form> {
    let fields: Option<Vec<_>> = form.fields.iter().map(field).collect();
    let id = hearing::form_id(form.question)?;
    Some(Form::new(id, &*form.submit, fields?))
}

fn field(field: &FormField) -> Option<Field> {
    let name = field.slot.as_str().parse().ok()?;
    Some(Field {
        // One that is longer than a field may have is said in the conversation alone.
        invalid: field
            .invalid
            .clone()
            .filter(|text| text.len() <= bounds::LABEL),
        ..Field::new(name, &*field.label, input(field)?).required()
    })
}

/// What a person enters; nobody enters a list.
fn input(field: &FormField) -> Option<Input> {
    let (min, max) = (field.min.clone(), field.max.clone());
    let number = |bound: Option<String>| bound.and_then(|bound| bound.parse().ok());
    Some(match field.kind {
        SlotType::List => return None,
        SlotType::Text => Input::Text {
            min_length: min.and_then(|length| length.parse().ok()),
            max_length: max.and_then(|length| length.parse().ok()),
            pattern: field.pattern.clone(),
            multiline: false,
        },
        // The engine reads what people write, and knows its bounds.
        SlotType::Money => Input::Text {
            min_length: None,
            max_length: None,
            pattern: field.pattern.clone(),
            multiline: false,
        },
        SlotType::Number => Input::Number {
            min: number(min),
            max: number(max),
        },
        SlotType::Integer => Input::Integer {
            min: number(min).map(|least: f64| least.ceil() as i64),
            max: number(max).map(|most: f64| most.floor() as i64),
        },
        SlotType::Boolean => Input::Boolean,
        SlotType::Date => Input::Date { min, max },
        // A client knows hours and minutes, and the engine its bounds.
        SlotType::Time => {
            let minutes =
                |bound: Option<String>| bound.filter(|bound| bound.len() == "14:30".len());
            Input::Time {
                min: minutes(min),
                max: minutes(max),
            }
        }
        SlotType::Email => Input::Email,
        SlotType::Phone => Input::Phone,
        SlotType::Choice => Input::Choice {
            options: field
                .choices
                .iter()
                .map(|(value, label)| Choice {
                    value: value.clone(),
                    label: label.clone(),
                })
                .collect(),
            multiple: false,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saying(kind: SlotType, min: Option<&str>) -> Saying {
        let field = |slot: &str| FormField {
            slot: slot.into(),
            label: "How many?".to_owned(),
            kind,
            choices: vec![("a".to_owned(), "A".to_owned())],
            pattern: None,
            invalid: Some("Between 1 and 6.".to_owned()),
            min: min.map(ToOwned::to_owned),
            max: None,
        };
        Saying {
            key: None,
            text: "How many?".to_owned(),
            card: None,
            buttons: Vec::new(),
            layout: folder::Layout::Buttons,
            form: Some(convene_flows::Form {
                question: 7,
                submit: "Send".to_owned(),
                fields: vec![field("one"), field("other")],
            }),
            only_for: Some("user:ada".into()),
        }
    }

    #[test]
    fn fields_are_of_the_slots_types_and_for_who_was_asked() {
        use SlotType::{Boolean, Choice, Date, Email, Integer, Money, Number, Phone, Text, Time};
        for (kind, min, input) in [
            (Text, Some("3"), "text"),
            (Number, Some("0.5"), "number"),
            (Integer, Some("0.5"), "integer"),
            (Boolean, None, "boolean"),
            (Date, Some("2026-11-26"), "date"),
            (Time, Some("09:00"), "time"),
            (Money, Some("10"), "text"),
            (Email, None, "email"),
            (Phone, None, "phone"),
            (Choice, None, "choice"),
        ] {
            let parts = offer(&saying(kind, min));
            let json = serde_json::to_value(&parts[0]).unwrap();
            assert_eq!(json["fields"][1]["input"], input, "{kind:?}");
            assert_eq!(json["fields"][1]["required"], true);
            assert_eq!(json["fields"][1]["invalid"], "Between 1 and 6.");
            assert_eq!(json["for"], serde_json::json!(["user:ada"]));
            assert_eq!(json["id"], "q7-form");
            assert_eq!(json["once"], true);
            assert_eq!(json["offer"], "q7");
        }
        let time = serde_json::to_value(offer(&saying(Time, Some("09:00")))).unwrap();
        assert_eq!(time[0]["fields"][0]["min"], "09:00");
        let mut money = saying(Money, Some("9"));
        for field in &mut money.form.as_mut().unwrap().fields {
            field.pattern = Some("[0-9:]+".to_owned());
        }
        let json = serde_json::to_value(offer(&money)).unwrap();
        assert_eq!(json[0]["fields"][0]["pattern"], "[0-9:]+");
        let whole = offer(&saying(Integer, Some("0.5")));
        let json = serde_json::to_value(whole).unwrap();
        assert_eq!(json[0]["fields"][0]["min"], 1);
    }

    #[test]
    fn buttons_are_on_the_card_and_a_form_is_under_it() {
        let card = convene_flows::Card {
            title: "Order AB1234".to_owned(),
            subtitle: None,
            image: Some("https://shop.example/1.png".to_owned()),
            text: None,
            fields: vec![("Day".to_owned(), "Monday".to_owned())],
            links: vec![("Look".to_owned(), "https://shop.example/1".to_owned())],
        };
        let button = Button {
            label: "Yes".to_owned(),
            question: 7,
            value: "yes".to_owned(),
        };
        let mut saying = saying(SlotType::Text, None);
        saying.card = Some(Box::new(card));
        let json = serde_json::to_value(offer(&saying)).unwrap();
        let kinds = [&json[0]["type"], &json[1]["type"]];
        assert_eq!(kinds, ["card", "form"]);
        assert_eq!(json[0].get("once"), None, "a look is no answer: {json}");

        saying.form = None;
        saying.buttons = vec![button.clone()];
        let json = serde_json::to_value(offer(&saying)).unwrap();
        assert_eq!(json.as_array().unwrap().len(), 1);
        assert_eq!(json[0]["actions"][0]["id"], "q7-0");
        assert_eq!(json[0]["actions"][1]["url"], "https://shop.example/1");
        assert_eq!(json[0]["once"], true);
        assert_eq!(json[0]["offer"], "q7");
        assert_eq!(json[0]["for"], serde_json::json!(["user:ada"]));

        saying.layout = folder::Layout::QuickReplies;
        let json = serde_json::to_value(offer(&saying)).unwrap();
        assert_eq!(json[0]["actions"][0]["url"], "https://shop.example/1");
        assert_eq!(json[1]["layout"], "quick_replies", "{json}");
        assert_eq!(json[1]["actions"][0]["id"], "q7-0");
        saying.layout = folder::Layout::Buttons;

        if let Some(card) = &mut saying.card {
            card.image = Some("no address".to_owned());
        }
        let json = serde_json::to_value(offer(&saying)).unwrap();
        assert_eq!(json[0]["type"], "actions", "{json}");
        saying.buttons = vec![button; bounds::ACTIONS + 1];
        assert_eq!(offer(&saying), []);
    }
}
