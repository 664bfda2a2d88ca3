//! What flows offer to press and to fill in, as parts of a message.

use convene_agent::{
    ParticipantId,
    part::{Action, Actions, Choice, Field, Form, Input, Part, bounds},
};
use convene_flows::{Button, FormField, Saying, folder::SlotType};

use super::hearing;

/// What stands under a text, if something does: a form, or else buttons. Only who was asked may use it.
pub(super) fn offer(saying: &Saying) -> Option<Part> {
    let only_for = saying
        .only_for
        .as_ref()
        .and_then(|who| who.as_str().parse::<ParticipantId>().ok());
    if let Some(form) = saying.form.as_ref().and_then(form) {
        let form = match only_for {
            Some(person) => form.once().only_for([person]),
            None => form.once(),
        };
        return within_bounds(form.into());
    }
    let buttons = saying.buttons.iter().enumerate();
    let actions: Vec<_> = buttons
        .filter_map(|(index, button)| action(index, button))
        .collect();
    if actions.is_empty() {
        return None;
    }
    let actions = Actions::buttons(actions).once();
    let part = Part::from(match only_for {
        Some(person) => actions.only_for([person]),
        None => actions,
    });
    within_bounds(part)
}

/// What is more than a message may offer is answered in words.
fn within_bounds(part: Part) -> Option<Part> {
    bounds::check(std::slice::from_ref(&part))
        .is_ok()
        .then_some(part)
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
    Some(Field::new(name, &*field.label, input(field)).required())
}

fn input(field: &FormField) -> Input {
    let (min, max) = (field.min.clone(), field.max.clone());
    let number = |bound: Option<String>| bound.and_then(|bound| bound.parse().ok());
    match field.kind {
        SlotType::Text => Input::Text {
            min_length: min.and_then(|length| length.parse().ok()),
            max_length: max.and_then(|length| length.parse().ok()),
            pattern: field.pattern.clone(),
            multiline: false,
        },
        // The engine reads what people write.
        SlotType::Time | SlotType::Money => Input::text(),
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
    }
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
            min: min.map(ToOwned::to_owned),
            max: None,
        };
        Saying {
            key: None,
            text: "How many?".to_owned(),
            buttons: Vec::new(),
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
            (Time, Some("09:00"), "text"),
            (Money, Some("10"), "text"),
            (Email, None, "email"),
            (Phone, None, "phone"),
            (Choice, None, "choice"),
        ] {
            let part = offer(&saying(kind, min)).unwrap();
            let json = serde_json::to_value(&part).unwrap();
            assert_eq!(json["fields"][1]["input"], input, "{kind:?}");
            assert_eq!(json["fields"][1]["required"], true);
            assert_eq!(json["for"], serde_json::json!(["user:ada"]));
            assert_eq!(json["id"], "q7-form");
            assert_eq!(json["once"], true);
        }
        let whole = offer(&saying(Integer, Some("0.5"))).unwrap();
        assert_eq!(serde_json::to_value(whole).unwrap()["fields"][0]["min"], 1);
    }
}
