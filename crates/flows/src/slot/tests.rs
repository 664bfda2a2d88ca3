use std::collections::BTreeMap;

use convene_source::{At, Place};
use jiff::civil::Date;
use serde_json::json;

use super::{
    Asking, ChoiceSpec, Limit, Misfit, NodWords, Pattern, SlotSpec, SmallWords, is_all, read,
};
use crate::{
    folder::{LetterCase, SlotType},
    value::Value,
};

const TODAY: Date = Date::constant(2026, 11, 26);

fn slot(kind: SlotType) -> SlotSpec {
    let choice = |value: &str, synonyms: &[&str]| ChoiceSpec {
        value: value.into(),
        label: None,
        synonyms: synonyms.iter().map(|word| (*word).to_owned()).collect(),
    };
    SlotSpec {
        name: "it".into(),
        place: Place::default(),
        kind,
        choices: match kind {
            SlotType::Choice => vec![choice("broken", &["defect"]), choice("late", &["too late"])],
            _ => Vec::new(),
        },
        from: None,
        item: None,
        entities: Vec::new(),
        role: None,
        intents: BTreeMap::new(),
        ask: At::new("ask.it".into(), Place::default()),
        label: None,
        invalid: None,
        depends_on: Vec::new(),
        is_everybodys: false,
        case: None,
        without: String::new(),
        pattern: None,
        min: None,
        max: None,
    }
}

fn asking<T>(decimal_comma: bool, ask: impl FnOnce(&Asking<'_>) -> T) -> T {
    let list = |words: &str| words.split(' ').map(ToOwned::to_owned).collect();
    let yes = vec!["yes".into(), "ja".into(), "of course".into()];
    let no = vec!["no".into(), "nein".into()];
    ask(&Asking {
        today: TODAY,
        decimal_comma,
        nods: &NodWords::new(yes, no, Vec::new()),
        small: &SmallWords {
            courtesy: list("please it is my order or"),
            negations: list("not don't"),
            denials: list("no"),
            contrasts: list("but"),
            names: vec!["my name is".into()],
            ordinals: vec![("first".into(), 0), ("second".into(), 1)],
            ..SmallWords::default()
        },
        labels: vec![("Es ist kaputt".into(), "broken".into())],
    })
}

fn say(slot: &SlotSpec, text: &str, decimal_comma: bool) -> Result<String, Misfit> {
    asking(decimal_comma, |asking| read(slot, text, asking)).map(|value| value.to_string())
}

fn order() -> SlotSpec {
    let mut order = slot(SlotType::Text);
    order.pattern = Pattern::new("[A-Z]{2}[0-9]{4}", false).ok();
    order
}

#[test]
fn a_negation_takes_back_what_follows() {
    for text in [
        "not broken",
        "It is not broken!",
        "no defect please",
        "I don’t think it is broken",
    ] {
        let said = say(&slot(SlotType::Choice), text, false);
        assert_eq!(said, Err(Misfit::NotOffered), "{text}");
    }
    for (text, value) in [
        ("not broken but late", "late"),
        ("no, it is broken", "broken"),
        ("it does not work: broken", "broken"),
    ] {
        let said = say(&slot(SlotType::Choice), text, false);
        assert_eq!(said.as_deref(), Ok(value), "{text}");
    }
    assert_eq!(
        say(&slot(SlotType::Integer), "not 3", false),
        Err(Misfit::Type)
    );
    for (text, value) in [("not 3, 4", "4"), ("no 3", "3"), ("not more than 3", "3")] {
        let said = say(&slot(SlotType::Integer), text, false);
        assert_eq!(said.as_deref(), Ok(value), "{text}");
    }
    assert_eq!(say(&order(), "not AB1234", false), Err(Misfit::Type));
}

#[test]
fn a_plain_answer_says_nothing_else() {
    let is_plain =
        |slot: &SlotSpec, text: &str| asking(false, |asking| is_all(slot, text, asking, &[]));
    for (kind, text, plain) in [
        (SlotType::Integer, "3, please", true),
        (SlotType::Integer, "3 or 4", true),
        (SlotType::Integer, "cancel all 3", false),
        (SlotType::Money, "20 euros please", true),
        (SlotType::Money, "cancel 20 euros", false),
        (SlotType::Email, "it is ada@example.org", true),
        (SlotType::Email, "human! ada@example.org", false),
        (SlotType::Phone, "+49 30 123456", true),
        (SlotType::Phone, "stop 030123456", false),
        (SlotType::Choice, "It is too late.", true),
        (SlotType::Choice, "broken or late", true),
        (SlotType::Choice, "not broken", false),
        (SlotType::Choice, "2", true),
    ] {
        assert_eq!(is_plain(&slot(kind), text), plain, "{text}");
    }
    assert!(is_plain(&order(), "my order is AB1234!"));
    for text in ["cancel order AB1234", "human! AB1234", "not AB1234"] {
        assert!(!is_plain(&order(), text), "{text}");
    }
}

#[test]
fn digits_of_other_scripts_are_digits() {
    let read = |kind, text| say(&slot(kind), text, false);
    assert_eq!(read(SlotType::Integer, "３"), Ok("3".into()));
    assert_eq!(read(SlotType::Integer, "٣"), Ok("3".into()));
    assert_eq!(read(SlotType::Number, "१२.५"), Ok("12.5".into()));
    assert_eq!(read(SlotType::Choice, "２"), Ok("late".into()));
    assert_eq!(read(SlotType::Text, "３"), Ok("３".into()));
}

#[test]
fn answers_are_read_as_people_write_them() {
    for (kind, text, value) in [
        (SlotType::Text, "  two words ", "two words"),
        (SlotType::Number, "about 2.5 please", "2.5"),
        (SlotType::Number, "1,234.5", "1234.5"),
        (SlotType::Number, "-3", "-3.0"),
        (SlotType::Integer, "I take 12.", "12"),
        (SlotType::Boolean, "Yes, please!", "true"),
        (SlotType::Boolean, "of course", "true"),
        (SlotType::Boolean, "Nein", "false"),
        (SlotType::Date, "2026-12-01", "2026-12-01"),
        (SlotType::Date, "1.12.26", "2026-12-01"),
        (SlotType::Time, "2:30 pm", "14:30"),
        (SlotType::Time, "9 Uhr", "09:00"),
        (SlotType::Time, "9", "09:00"),
        (SlotType::Time, "5", "17:00"),
        (SlotType::Time, "20", "20:00"),
        (
            SlotType::Money,
            "€12.50",
            r#"{"amount":12.5,"currency":"EUR"}"#,
        ),
        (
            SlotType::Money,
            "20 usd",
            r#"{"amount":20.0,"currency":"USD"}"#,
        ),
        (
            SlotType::Money,
            "20 for that",
            r#"{"amount":20.0,"currency":""}"#,
        ),
        (SlotType::Email, "It is ada@example.org.", "ada@example.org"),
        (SlotType::Phone, "+49 (30) 12 34-56", "+4930123456"),
        (SlotType::Choice, "Defect!", "broken"),
        (SlotType::Choice, "it came too late", "late"),
        (SlotType::Choice, "es ist KAPUTT", "broken"),
        (SlotType::Choice, "2", "late"),
    ] {
        assert_eq!(
            say(&slot(kind), text, false).as_deref(),
            Ok(value),
            "{text}"
        );
    }
    assert_eq!(
        say(&slot(SlotType::Number), "1.234,5", true).as_deref(),
        Ok("1234.5")
    );
    assert_eq!(
        say(&slot(SlotType::Number), "2.5", true).as_deref(),
        Ok("2.5")
    );
}

#[test]
fn an_entity_is_a_choice_whatever_its_case_and_by_its_synonyms() {
    let spec = slot(SlotType::Choice);
    let accepted = |called: &str| spec.accept(Value::Choice(called.into()), Date::default());
    for called in ["broken", "Broken", "DEFECT"] {
        assert_eq!(accepted(called), Ok(Value::Choice("broken".into())));
    }
    assert_eq!(accepted("stolen"), Err(Misfit::NotOffered));
}

#[test]
fn what_is_no_answer_is_refused_with_the_reason() {
    for (kind, text) in [
        (SlotType::Text, "  "),
        (SlotType::Number, "2 or 3"),
        (SlotType::Integer, "2.5"),
        (SlotType::Boolean, "perhaps"),
        (SlotType::Date, "30.2.2026"),
        (SlotType::Time, "25:00"),
        (SlotType::Email, "ada@example"),
        (SlotType::Email, "a@b.de or c@d.de"),
        (SlotType::Phone, "123"),
    ] {
        assert_eq!(say(&slot(kind), text, false), Err(Misfit::Type), "{text}");
    }
    for text in ["broken and late", "3", "0", "nothing"] {
        let said = say(&slot(SlotType::Choice), text, false);
        assert_eq!(said, Err(Misfit::NotOffered), "{text}");
    }
}

#[test]
fn bounds_and_patterns_hold() {
    let mut count = slot(SlotType::Integer);
    count.min = Limit::read(count.kind, "1").ok();
    count.max = Limit::read(count.kind, "10").ok();
    assert_eq!(say(&count, "0", false), Err(Misfit::Below("1".into())));
    assert_eq!(say(&count, "11", false), Err(Misfit::Above("10".into())));
    let mut day = slot(SlotType::Date);
    day.min = Limit::read(day.kind, "today").ok();
    assert_eq!(
        say(&day, "2026-11-25", false),
        Err(Misfit::Below("today".into()))
    );
    assert!(say(&day, "2026-11-26", false).is_ok());
    let order = order();
    assert_eq!(say(&order, "AB123", false), Err(Misfit::Pattern));
    assert!(say(&order, "AB1234", false).is_ok());
    assert_eq!(say(&order, "it is AB1234!", false).as_deref(), Ok("AB1234"));
    assert_eq!(say(&order, "AB1234 or CD5678", false), Err(Misfit::Pattern));
    assert!(Limit::read(SlotType::Boolean, "1").is_err());
}

#[test]
fn json_of_another_type_is_no_value() {
    assert_eq!(Value::from_json(SlotType::Integer, &json!(2.5)), None);
    assert_eq!(
        Value::from_json(SlotType::Integer, &json!(2.0)),
        Some(Value::Integer(2))
    );
    assert_eq!(Value::from_json(SlotType::Boolean, &json!("yes")), None);
    assert_eq!(Value::from_json(SlotType::Text, &json!([1])), None);
    let moment = |grain: &str| json!({ "type": "time", "at": { "time": "2026-12-01T09:30:00+01:00", "grain": grain } });
    let of = |kind, grain| Value::from_json(kind, &moment(grain)).map(|value| value.to_string());
    assert_eq!(of(SlotType::Date, "day").as_deref(), Some("2026-12-01"));
    assert_eq!(of(SlotType::Date, "week"), None);
    assert_eq!(of(SlotType::Time, "minute").as_deref(), Some("09:30"));
    assert_eq!(of(SlotType::Time, "day"), None);
    let number = json!({ "type": "number", "number": 5.0 });
    assert_eq!(
        Value::from_json(SlotType::Integer, &number),
        Some(Value::Integer(5))
    );
    let stamp = json!("2026-12-01T09:30:00");
    assert_eq!(
        Value::from_json(SlotType::Date, &stamp)
            .unwrap()
            .to_string(),
        "2026-12-01"
    );
    assert_eq!(
        Value::from_json(SlotType::Time, &stamp)
            .unwrap()
            .to_string(),
        "09:30"
    );
}

#[test]
fn a_text_is_kept_in_one_spelling() {
    let order = SlotSpec {
        pattern: Pattern::new("[A-Z]{2}[0-9]{4}", true).ok(),
        case: Some(LetterCase::Upper),
        without: " -".into(),
        ..slot(SlotType::Text)
    };
    for text in ["AB1234", "ab1234", "it is aB1234!", "ab 1234", "AB-1234"] {
        assert_eq!(say(&order, text, false).as_deref(), Ok("AB1234"), "{text}");
    }
    for text in [
        "it is ab 1234",
        "my order: AB - 1234, please",
        "ab 12-34 is the one that I mean",
    ] {
        assert_eq!(say(&order, text, false).as_deref(), Ok("AB1234"), "{text}");
    }
    for text in [
        "abc 1234",
        "my order is 1234",
        "it is ab, 1234",
        "it is ab 1234 or cd 5678",
        "it is ab 12345",
        "not ab 1234",
        "the number is no 1234",
    ] {
        let said = say(&order, text, false);
        assert!(said.is_err(), "{text}: {said:?}");
    }
    let is_plain = |text: &str| asking(false, |asking| is_all(&order, text, asking, &[]));
    for text in ["my order is ab1234, please", "my order is ab 1234, please"] {
        assert!(is_plain(text), "{text}");
    }
    for text in ["cancel order ab1234", "cancel order ab 1234"] {
        assert!(!is_plain(text), "{text}");
    }
    let any = SlotSpec {
        without: " -".into(),
        ..slot(SlotType::Text)
    };
    assert_eq!(say(&any, "a-b", false).as_deref(), Ok("ab"));
    assert_eq!(say(&any, "- -", false), Err(Misfit::Type));
    let small = SlotSpec {
        case: Some(LetterCase::Lower),
        ..slot(SlotType::Email)
    };
    let said = say(&small, "Ada@Example.org", false);
    assert_eq!(said.as_deref(), Ok("ada@example.org"));
    // What was kept by an earlier declaration is kept anew.
    let kept = order.outdates(&Value::Text("ab1234".into()));
    assert_eq!(kept, Some(Some(Value::Text("AB1234".into()))));
}

#[test]
fn of_a_name_that_is_given_the_name_is_kept() {
    let any = slot(SlotType::Text);
    for (said, kept) in [
        ("My name is Anna", "Anna"),
        ("it is my order, my name is Ada Lovelace.", "Ada Lovelace"),
        ("Anna", "Anna"),
        ("my name is", "my name is"),
        (
            "my name is Ada and this is a long story",
            "my name is Ada and this is a long story",
        ),
        ("they say my name is mud", "they say my name is mud"),
    ] {
        assert_eq!(say(&any, said, false).as_deref(), Ok(kept));
    }
}

#[test]
fn the_half_of_the_day_is_the_one_that_fits() {
    let mut hour = slot(SlotType::Time);
    hour.min = Limit::read(SlotType::Time, "11:30").ok();
    hour.max = Limit::read(SlotType::Time, "22:00").ok();
    for (text, meant) in [
        ("8", "20:00"),
        ("12", "12:00"),
        ("7:30", "19:30"),
        ("8 Uhr", "20:00"),
        ("7 pm", "19:00"),
    ] {
        assert_eq!(say(&hour, text, false).as_deref(), Ok(meant), "{text}");
    }
    for (text, misfit) in [
        ("8 am", Misfit::Below("11:30".into())),
        ("08:30", Misfit::Below("11:30".into())),
        ("11", Misfit::Below("11:30".into())),
        ("23:00", Misfit::Above("22:00".into())),
        ("25", Misfit::Type),
    ] {
        assert_eq!(say(&hour, text, false), Err(misfit), "{text}");
    }
}

#[test]
fn of_an_hour_of_either_half_the_one_that_fits_is_meant_and_of_both_the_afternoon() {
    let today = jiff::civil::date(2026, 11, 27);
    let at = |hour, minute| jiff::civil::time(hour, minute, 0, 0);
    let any = slot(SlotType::Time);
    let mut surgery = slot(SlotType::Time);
    surgery.min = Limit::read(SlotType::Time, "08:00").ok();
    surgery.max = Limit::read(SlotType::Time, "17:30").ok();
    for (said, of_any, of_surgery) in [
        (at(2, 30), at(14, 30), at(14, 30)),
        (at(14, 30), at(14, 30), at(14, 30)),
        (at(21, 30), at(21, 30), at(9, 30)),
        (at(9, 30), at(9, 30), at(9, 30)),
        (at(7, 0), at(7, 0), at(7, 0)),
    ] {
        assert_eq!(any.either_half(said, today), of_any);
        assert_eq!(surgery.either_half(said, today), of_surgery);
    }
}
