//! Which times name their day, said on a Tuesday noon in Berlin.

use convene_nlu::{Context, Moment, Understanding, Value};
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

/// The text, and whether it says an hour without its half of the day.
const HALVES: &[(&str, &str, bool)] = &[
    ("en", "half past two", true),
    ("en", "quarter to three", true),
    ("en", "10.30", true),
    ("en", "around eight", true),
    ("en", "half past seven", true),
    ("en", "half past two in the afternoon", false),
    ("en", "2:30 pm", false),
    ("en", "14:30", false),
    ("en", "by five pm", false),
    ("en", "before 10 a.m.", false),
    ("en", "tuesday half past two", false),
    ("de", "um halb drei", true),
    ("de", "um drei", true),
    ("de", "halb zehn", true),
    ("de", "um 15 Uhr", false),
    ("de", "nachmittags um drei", false),
];

#[test]
fn an_hour_that_names_no_half_of_the_day_says_so_at_any_hour() {
    let lessons = [("en", ENGLISH), ("de", GERMAN)];
    for (language, lessons) in lessons {
        let data = Folder::with(&[(&format!("{language}.yml"), lessons)]).load();
        let model = Understanding::train(&data, &settings(), None).unwrap();
        let hours = ["00:30", "08:00", "13:00", "20:00"];
        let said = HALVES.iter().filter(|(of, ..)| *of == language);
        let wrong = said.flat_map(|(_, text, expected)| hours.map(|hour| (*text, hour, *expected)));
        let wrong = wrong.filter_map(|(text, hour, expected)| {
            let found = moments(&model, text, hour);
            let halves: Vec<_> = found.iter().map(|at| at.any_half).collect();
            (halves != [expected]).then(|| format!("{text:?} at {hour}: {found:?}"))
        });
        let wrong: Vec<_> = wrong.collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

fn any_day(model: &Understanding, text: &str) -> Vec<bool> {
    let found = moments(model, text, "12:00");
    found.iter().map(|at| at.any_day).collect()
}

/// The times of a text that is said at an hour, and of spans the beginning.
fn moments(model: &Understanding, text: &str, hour: &str) -> Vec<Moment> {
    let context = Context {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        ..Context::at(format!("2026-11-24T{hour}:00+01:00").parse().unwrap())
    };
    let entities = model.understand(text, &context).entities;
    let times = entities
        .into_iter()
        .filter_map(|entity| match entity.value {
            Value::Time { at } => Some(at),
            Value::Interval { from, to } => from.or(to),
            _ => None,
        });
    times.collect()
}
