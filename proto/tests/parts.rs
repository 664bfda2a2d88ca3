//! What may be offered, and what is an answer to it.
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use convene_proto::part::{
    Act, Action, Actions, Card, Choice, FaultCode, Field, Form, Input, Part,
    answer::{self, Wrong},
    bounds,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn action(id: &str) -> Action {
    Action::new(id.parse().unwrap(), id)
}

fn field(name: &str, input: Input) -> Field {
    Field::new(name.parse().unwrap(), name, input)
}

fn form(fields: impl IntoIterator<Item = Field>) -> Form {
    Form::new("order".parse().unwrap(), "Order", fields)
}

fn number(min: Option<f64>, max: Option<f64>) -> Input {
    Input::Number { min, max }
}

fn text(min: u32, max: u32, pattern: Option<&str>) -> Input {
    Input::Text {
        min_length: Some(min),
        max_length: Some(max),
        pattern: pattern.map(str::to_owned),
        multiline: false,
    }
}

fn choice(multiple: bool) -> Input {
    let options = [("r", "Red"), ("b", "Blue")].map(|(value, label)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
    });
    Input::Choice {
        options: options.into(),
        multiple,
    }
}

fn why_not(part: impl Into<Part>) -> String {
    bounds::check(&[part.into()]).unwrap_err().to_string()
}

#[test]
fn what_is_offered_stays_within_bounds_and_the_fault_is_named() {
    assert_eq!(
        bounds::check(&[Actions::buttons([action("a")]).into()]),
        Ok(())
    );
    assert!(why_not(Actions::buttons([])).contains("no action"));
    assert!(why_not(Actions::buttons([action("a"), action("a")])).contains("the id a"));
    let many = (0..=bounds::ACTIONS).map(|n| action(&format!("a{n}")));
    assert!(why_not(Actions::buttons(many)).contains("at most 64"));
    let nested = action("a").with_value(json!({ "a": 1 }));
    assert!(why_not(Actions::buttons([nested])).contains("The value of the action a"));
    let link = |url: &str| Actions::buttons([Action::link("a".parse().unwrap(), "Go", url)]);
    assert!(why_not(link("javascript:alert(1)")).contains("https:"));
    assert_eq!(bounds::check(&[link("HTTPS://example.org").into()]), Ok(()));
    assert!(why_not(Actions::buttons([action("a")]).only_for([])).contains("1 to 64"));
    let mut card = Card::new("x");
    card.image = Some("http://example.org/x.png".to_owned());
    assert!(why_not(card).contains("https:"));
    assert!(why_not(Card::new(" ")).contains("title"));
    assert!(why_not(Part::Text { text: "x".into() }).contains("in front"));
    assert!(why_not(Part::Unknown).contains("actions, cards and forms"));
    let cards = vec![Card::new("x").into(); bounds::OFFERS + 1];
    assert!(bounds::check(&cards).is_err());
    let mut long = Card::new("x");
    long.text = Some("x".repeat(bounds::TEXT));
    assert!(
        bounds::check(&vec![long.into(); 9])
            .unwrap_err()
            .to_string()
            .contains("bytes")
    );
}

#[test]
fn a_form_that_nobody_can_answer_is_not_offered() {
    let out = form([field("f", text(0, 9, Some("a)|(?:b")))]);
    assert!(why_not(out).contains("pattern"), "it must match whole");
    for (input, why) in [
        (text(0, 9, Some("(")), "cannot be used"),
        (text(0, 9, Some("(a{1000}){1000}")), "cannot be used"),
        (text(9, 3, None), "No answer is enough"),
        (text(0, 5000, None), "at most 4000"),
        (number(Some(2.0), Some(1.0)), "No answer is enough"),
        (
            Input::Date {
                min: Some("2026-02-30".into()),
                max: None,
            },
            "no date",
        ),
        (
            Input::Time {
                min: Some("24:00".into()),
                max: None,
            },
            "no time",
        ),
        (
            Input::Time {
                min: Some("14:00".into()),
                max: Some("09:00".into()),
            },
            "No answer is enough",
        ),
        (
            Input::Choice {
                options: vec![],
                multiple: false,
            },
            "no option",
        ),
    ] {
        let refused = why_not(form([field("f", input)]));
        assert!(refused.contains(why), "{refused}");
    }
    let mut wrong = field("f", number(None, Some(3.0)));
    wrong.value = Some(json!(4));
    assert!(why_not(form([wrong])).contains("at first"));
    let twice = [field("f", Input::Email), field("f", Input::Email)];
    assert!(why_not(form(twice)).contains("called f"));
}

#[test]
fn each_kind_of_field_takes_what_it_asks_for() {
    use FaultCode::{
        NotAnOption, Pattern, Required, TooLarge, TooLong, TooShort, TooSmall, WrongType,
    };
    let dates = Input::Date {
        min: Some("2026-01-01".into()),
        max: Some("2028-12-31".into()),
    };
    let times = Input::Time {
        min: Some("09:00".into()),
        max: Some("17:30".into()),
    };
    let whole = Input::Integer {
        min: Some(1),
        max: Some(6),
    };
    let cases = [
        (text(2, 4, Some("[a-z]+")), json!("abc"), Ok("abc")),
        (text(2, 4, Some("[a-z]+")), json!("abC"), Err(Pattern)),
        (text(2, 4, Some("a|b")), json!("ab"), Err(Pattern)),
        (text(2, 4, None), json!("ä"), Err(TooShort)),
        (text(2, 4, None), json!("äöüß"), Ok("äöüß")),
        (text(2, 4, None), json!("abcde"), Err(TooLong)),
        (text(0, 9, None), json!("a\nb"), Err(Pattern)),
        (text(0, 9, None), json!(1), Err(WrongType)),
        (
            Input::Email,
            json!("ada@example.org"),
            Ok("ada@example.org"),
        ),
        (Input::Email, json!("ada@example"), Err(Pattern)),
        (Input::Email, json!("a b@example.org"), Err(Pattern)),
        (Input::Phone, json!("+1 (555) 0100"), Ok("+1 (555) 0100")),
        (Input::Phone, json!("call me"), Err(Pattern)),
        (number(Some(0.5), Some(2.0)), json!(1.25), Ok("1.25")),
        (number(Some(0.5), Some(2.0)), json!(0.25), Err(TooSmall)),
        (number(None, Some(2.0)), json!(3), Err(TooLarge)),
        (number(None, None), json!("3"), Err(WrongType)),
        (whole.clone(), json!(6), Ok("6")),
        (whole.clone(), json!(7), Err(TooLarge)),
        (whole.clone(), json!(0), Err(TooSmall)),
        (whole, json!(1.5), Err(WrongType)),
        (times.clone(), json!("17:30"), Ok("17:30")),
        (times.clone(), json!("08:59"), Err(TooSmall)),
        (times.clone(), json!("17:31"), Err(TooLarge)),
        (times.clone(), json!("9:30"), Err(WrongType)),
        (times.clone(), json!("12:60"), Err(WrongType)),
        (times, json!(9), Err(WrongType)),
        (Input::Boolean, json!(false), Ok("false")),
        (Input::Boolean, json!("no"), Err(WrongType)),
        (dates.clone(), json!("2028-02-29"), Ok("2028-02-29")),
        (dates.clone(), json!("2027-02-29"), Err(WrongType)),
        (dates.clone(), json!("2025-12-31"), Err(TooSmall)),
        (dates.clone(), json!("2029-01-01"), Err(TooLarge)),
        (dates, json!("1.1.2027"), Err(WrongType)),
        (choice(false), json!("b"), Ok("Blue")),
        (choice(false), json!("Blue"), Err(NotAnOption)),
        (choice(true), json!(["b", "r"]), Ok("Red, Blue")),
        (choice(true), json!(["b", "b"]), Err(NotAnOption)),
        (choice(true), json!(["x"]), Err(NotAnOption)),
        (choice(true), json!("b"), Err(WrongType)),
        (choice(true), json!([]), Err(Required)),
        (Input::Email, json!("  "), Err(Required)),
        (Input::Email, Value::Null, Err(Required)),
    ];
    for (input, value, expected) in cases {
        let parts = [form([field("f", input.clone()).required()]).into()];
        assert_eq!(bounds::check(&parts), Ok(()), "{input:?}");
        let offered = answer::find(&parts, &"order".parse().unwrap()).unwrap();
        let answered = offered.answer(Some(json!({ "f": value })));
        match (answered, expected) {
            (Ok(answer), Ok(reads)) => {
                assert_eq!(answer.label, format!("f: {reads}"));
                assert_eq!(answer.value, Some(json!({ "f": value })));
            }
            (Err(Wrong::Fields(faults)), Err(code)) => {
                assert_eq!(faults.len(), 1);
                assert_eq!((faults[0].code, faults[0].field.as_str()), (code, "f"));
                assert!(!faults[0].message.is_empty());
            }
            (answered, expected) => {
                panic_with(&format!(
                    "{input:?} {value}: {answered:?}, not {expected:?}"
                ));
            }
        }
    }
}

#[track_caller]
fn panic_with(why: &str) {
    assert!(why.is_empty(), "{why}");
}

#[test]
fn every_fault_of_a_form_is_told_at_once() {
    let fields = [
        field("name", Input::text()).required(),
        field("age", number(None, Some(9.0))),
        field("note", Input::text()),
    ];
    let parts = [form(fields).into()];
    let offered = answer::find(&parts, &"order".parse().unwrap()).unwrap();
    let wrong = offered.answer(Some(json!({ "age": 10, "more": 1 })));
    let Err(Wrong::Fields(faults)) = wrong else {
        return panic_with(&format!("{wrong:?}"));
    };
    let faults: Vec<_> = faults
        .iter()
        .map(|one| (one.field.as_str(), one.code))
        .collect();
    let expected = [
        ("name", FaultCode::Required),
        ("age", FaultCode::TooLarge),
        ("more", FaultCode::UnknownField),
    ];
    assert_eq!(faults, expected);
    assert!(matches!(
        offered.answer(Some(json!("Ada"))),
        Err(Wrong::Value(_))
    ));
    let answered = offered
        .answer(Some(json!({ "name": "Ada", "note": "" })))
        .unwrap();
    assert_eq!(answered.label, "name: Ada");
    assert_eq!(answered.value, Some(json!({ "name": "Ada" })));

    let mut question = field("f", text(1, 9, None));
    question.label = "Whose?".to_owned();
    let parts = [Part::from(form([question]))];
    let offered = answer::find(&parts, &"order".parse().unwrap()).unwrap();
    let answered = offered.answer(Some(json!({ "f": "mine" }))).unwrap();
    assert_eq!(answered.label, "Whose? mine");
}

#[test]
fn a_field_says_in_its_own_words_what_does_not_fit() {
    let own = |name: &str, input| Field {
        invalid: Some(format!("Not such a {name}.")),
        ..field(name, input).required()
    };
    let fields = [
        own("code", text(1, 9, Some("[A-Z]+"))),
        own("age", number(None, Some(9.0))),
        own("mail", Input::Email),
        field("day", Input::Boolean),
    ];
    let parts = [form(fields).into()];
    assert_eq!(bounds::check(&parts), Ok(()));
    let offered = answer::find(&parts, &"order".parse().unwrap()).unwrap();
    let wrong = offered.answer(Some(json!({ "code": "12", "age": 10, "day": 1 })));
    let Err(Wrong::Fields(faults)) = wrong else {
        return panic_with(&format!("{wrong:?}"));
    };
    let told: Vec<_> = faults.iter().map(|one| one.message.as_str()).collect();
    // What is not answered at all is nothing that does not fit.
    let expected = [
        "Not such a code.",
        "Not such a age.",
        "this must be answered",
        "true or false is asked for",
    ];
    assert_eq!(told, expected);
    let mut long = field("f", Input::text());
    long.invalid = Some("x".repeat(bounds::LABEL + 1));
    assert!(why_not(form([long])).contains("what is said of a field's answer"));
}

#[test]
fn what_is_told_of_a_form_fits_into_a_trailer_whatever_was_answered() {
    let names: Vec<_> = (0..bounds::FIELDS).map(|n| format!("{n:a>64}")).collect();
    let fields = names.iter().map(|name| Field {
        invalid: Some("x".repeat(bounds::LABEL / 2)),
        ..field(name, text(1, 1, None))
    });
    let parts = [Part::from(form(fields))];
    let offered = answer::find(&parts, &"order".parse().unwrap()).unwrap();
    let unknown = (0..4000).map(|n| (format!("{n:b>64}"), json!(0)));
    let unknown = unknown.chain(names.iter().map(|name| (name.clone(), json!("two"))));
    let wrong = offered.answer(Some(Value::Object(unknown.collect())));
    let Err(wrong) = wrong else {
        return panic_with("nothing of it is right");
    };
    let told = wrong.to_string();
    let Wrong::Fields(faults) = wrong else {
        return panic_with(&told);
    };
    let size = told.len() + serde_json::to_vec(&faults).unwrap().len() * 4 / 3;
    assert!(faults.len() > bounds::FIELDS && size < 12 << 10, "{size}");
}

#[test]
fn an_action_brings_its_own_value_and_a_link_is_nothing_to_press() {
    let link = Action::link("site".parse().unwrap(), "Site", "https://example.org");
    let mut card = Card::new("x").once();
    card.actions = vec![action("buy").with_value(7), link];
    let parts = [Actions::buttons([action("hi")]).into(), card.into()];
    let find = |id: &str| answer::find(&parts, &id.parse().unwrap());
    let buy = find("buy").unwrap();
    assert_eq!((buy.part, buy.offer.once), (1, true));
    for value in [None, Some(json!(7)), Some(json!(7.0))] {
        assert_eq!(buy.answer(value).unwrap().value, Some(json!(7)));
    }
    assert!(matches!(buy.answer(Some(json!(8))), Err(Wrong::Value(_))));
    assert!(!find("hi").unwrap().offer.once);
    assert!(find("site").is_none() && find("none").is_none());
}

#[test]
fn offers_are_flat_json_and_what_is_newer_is_passed_over() {
    let part: Part = Actions::quick_replies([action("a")]).once().into();
    let json = serde_json::to_string(&part).unwrap();
    assert_eq!(
        json,
        r#"{"type":"actions","layout":"quick_replies","actions":[{"id":"a","label":"a"}],"once":true}"#
    );
    assert_eq!(serde_json::from_str::<Part>(&json).unwrap(), part);
    let part: Part = form([field("f", number(Some(1.0), None)).required()]).into();
    let json = serde_json::to_value(&part).unwrap();
    assert_eq!(
        json["fields"][0],
        json!({ "name": "f", "label": "f", "input": "number", "min": 1.0, "required": true })
    );
    assert_eq!(serde_json::from_value::<Part>(json).unwrap(), part);
    let newer = json!({ "type": "hologram", "voxels": [1, 2] });
    assert_eq!(
        serde_json::from_value::<Part>(newer).unwrap(),
        Part::Unknown
    );
}

proptest! {
    #[test]
    fn whatever_is_answered_is_judged_and_what_is_taken_is_taken_again(
        text in "\\PC{0,40}", number in any::<f64>(), pick in 0_usize..6,
    ) {
        let values = [json!(text), json!(number), json!([text]), json!(null), json!(true), json!({})];
        let inputs = [Input::text(), Input::Email, Input::Phone, Input::Boolean, choice(true)];
        let fields = (0..).zip(inputs).map(|(n, input): (usize, _)| field(&format!("f{n}"), input));
        let parts: [Part; 1] = [form(fields).into()];
        let offered = answer::find(&parts, &"order".parse().unwrap()).unwrap();
        for n in 0..5 {
            let value = json!({ format!("f{n}"): values[pick].clone() });
            if let Ok(answer) = offered.answer(Some(value)) {
                prop_assert_eq!(offered.answer(answer.value.clone()), Ok(answer));
            }
        }
    }

    #[test]
    fn no_part_makes_parsing_panic(text in "\\PC{0,200}") {
        drop(serde_json::from_str::<Part>(&text));
        drop(serde_json::from_str::<Act>(&text));
    }
}
