//! Which times name their day, said on a Tuesday noon in Berlin.

use convene_nlu::{Context, Understanding, Value};
use jiff::tz::TimeZone;

use crate::lessons::{ENGLISH, Folder, GERMAN, settings};

/// The text, and whether it says an hour without its day.
const SAID: &[(&str, &str, bool)] = &[
    ("en", "at 7 pm", true),
    ("en", "at 7", true),
    ("en", "19:30", true),
    ("en", "half past seven", true),
    ("en", "between 7 and 8 pm", true),
    ("en", "a table between 7 and 8 pm please", true),
    ("en", "tomorrow between 7 and 8 pm", false),
    ("en", "from 7 to 8 pm", true),
    ("en", "today at 7 pm", false),
    ("en", "tonight at 8", false),
    ("en", "tomorrow at 10 am", false),
    ("en", "wednesday at 10 am", false),
    ("en", "saturday at 8 pm", false),
    ("en", "saturday evening", false),
    ("en", "in two hours", false),
    ("en", "tuesday at 6 pm", false),
    ("en", "on tuesday at 6", false),
    ("en", "tuesday half past seven", false),
    ("en", "tuesday 23:00", false),
    ("en", "23:00", true),
    ("en", "at 23:30", true),
    ("en", "midnight", true),
    ("en", "12 am", true),
    ("en", "in the evening", true),
    ("en", "tomorrow at midnight", false),
    ("de", "23:30", true),
    ("de", "um Mitternacht", true),
    ("de", "gegen acht", true),
    ("de", "früh um sechs", true),
    ("de", "am Abend", true),
    ("de", "morgen um Mitternacht", false),
    ("de", "um 19 Uhr", true),
    ("de", "halb acht", true),
    ("de", "um acht", true),
    ("de", "zwischen sieben und acht Uhr", true),
    ("de", "am Freitag um acht", false),
    ("de", "heute um 19 Uhr", false),
    ("de", "heute Abend um 8", false),
    ("de", "morgen um 9", false),
    ("de", "am Samstagabend", false),
    ("de", "in zwei Stunden", false),
];

#[test]
fn an_hour_that_names_no_day_says_so() {
    let lessons = [("en", ENGLISH), ("de", GERMAN)];
    let wrong = lessons.into_iter().flat_map(|(language, lessons)| {
        let data = Folder::with(&[(&format!("{language}.yml"), lessons)]).load();
        let model = Understanding::train(&data, &settings(), None).unwrap();
        let said = SAID.iter().filter(move |(of, ..)| *of == language);
        said.filter_map(move |(_, text, expected)| {
            let found = any_day(&model, text);
            (found != [*expected]).then(|| format!("{text:?}: {found:?}"))
        })
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn any_day(model: &Understanding, text: &str) -> Vec<bool> {
    let context = Context {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        ..Context::at("2026-11-24T11:00:00Z".parse().unwrap())
    };
    let entities = model.understand(text, &context).entities;
    let times = entities.iter().filter_map(|entity| match &entity.value {
        Value::Time { at } => Some(at.any_day),
        Value::Interval { from, to } => from.as_ref().or(to.as_ref()).map(|at| at.any_day),
        _ => None,
    });
    times.collect()
}
