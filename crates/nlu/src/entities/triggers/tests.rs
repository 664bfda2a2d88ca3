use std::{fs, path::PathBuf};

use convene_training_data::{BuiltIn, Language, TrainingData, load};
use jiff::{Timestamp, tz::TimeZone};

use super::may_hold_values;
use crate::entities::{Known, built_in};

/// Of so many sentences one is looked through, as long as `EVERY_SENTENCE` is not set.
const STEP: usize = 61;

fn root() -> PathBuf {
    let root: PathBuf = env!("CARGO_MANIFEST_DIR").into();
    root.ancestors().nth(2).unwrap().to_owned()
}

fn sentences(place: &str) -> Vec<(String, Language)> {
    let path = root().join(place);
    if !path.exists() {
        eprintln!("skipped: there is no {}", path.display());
        return Vec::new();
    }
    let data: TrainingData = load(&path).unwrap_or_else(|faults| panic!("{faults}"));
    let all = data.examples.into_iter().map(|one| {
        let language = one.language.unwrap_or(Language::new("en").unwrap());
        (one.text, language)
    });
    all.collect()
}

/// It is said of words; here are real sentences, of which most have no value.
#[test]
fn what_is_not_looked_through_holds_no_value() {
    let step = match std::env::var_os("EVERY_SENTENCE") {
        Some(_) => 1,
        None => STEP,
    };
    let mut all = Vec::new();
    for place in ["clinc150", "banking77", "snips"] {
        let place = format!("../shared/nlu/{place}");
        all.extend(sentences(&place).into_iter().step_by(step));
    }
    for place in ["examples/shop/nlu", "crates/nlu/tests/shop"] {
        all.extend(sentences(place).into_iter().step_by(step.min(9)));
    }
    for language in ["de", "en"] {
        let place = root().join(format!("crates/nlu/src/intents/background/{language}.txt"));
        let lines = fs::read_to_string(place).unwrap();
        let of = |line: &str| (line.to_owned(), Language::new(language).unwrap());
        all.extend(lines.lines().map(of).step_by(step.min(3)));
    }
    let now: Timestamp = "2026-11-27T15:08:00Z".parse().unwrap();
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let (mut skipped, mut lost) = (0, Vec::new());
    for (text, language) in &all {
        let known = Known {
            intent: None,
            language,
            built_ins: &BuiltIn::ALL,
            zone: &zone,
            now,
        };
        let found = |may_be| built_in::find_where(may_be, text, &known);
        if !may_hold_values(text, language) {
            skipped += 1;
            let all = found(|_, _| true);
            if all != found(may_hold_values) {
                lost.push((text, all));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(skipped * 2 > all.len(), "most have no value: {skipped}");
}
