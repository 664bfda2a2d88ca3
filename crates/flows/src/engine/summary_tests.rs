//! What is said at a summary about what was answered before: questions, corrections that name what they mean, and a no to it.

use convene_source::Sources;

use super::desk;
use super::tests::{checked, feed, goes_with_more, hear, taught, with_assistant};
use super::{Clause, Entity, Heard, Input, Ranked};
use crate::projects::Projects;

const ASSISTANT: &str = "name: Test\nlanguages: [en, de]\nmodel: {use_for: generate}\ngroups: always\ncommands: {affirm: ['yes'], deny: ['no'], correct: [correct], cancel: [cancel]}\n";

const FLOWS: &str = "
  book:
    description: To book
    start: {intents: [book]}
    slots:
      treatment: {type: choice, values: [cleaning, filling], entities: [treatment], label: label.treatment}
      day: {type: date, min: today, entities: [time], label: label.day}
      hour: {type: time, min: '08:00', max: '17:30', entities: [time], label: label.hour, depends_on: [day]}
      patient: {pattern: 'P[0-9]{5}', label: label.patient}
      insurance: {type: choice, values: [public, private], entities: [insurance], label: label.insurance}
      ok: {type: boolean, intents: {'yes': 'true', 'no': 'false'}}
    steps:
      - ask: treatment
      - ask: day
      - ask: hour
      - ask: patient
      - ask: insurance
SUMMARY
      - {id: booked, say: booked, next: end}
      - {id: left, say: left}
";

const ASKS: &str = "      - ask: ok
      - branch: [{if: ok, then: booked}, {else: left}]";

const OFFERS: &str = "      - choose:
          text: ask.ok
          options:
            - {label: convene.yes, intents: ['yes'], then: booked}
            - {label: convene.no, intents: ['no'], then: left}";

const EN: &str = "ask: {treatment: 'What is it about?', day: 'Which day?', hour: 'What time?', patient: 'Which number?', insurance: 'How are you insured?', ok: 'Shall I book {treatment}, {day.value}, {hour.value}, {patient}, {insurance}?'}
label: {treatment: Treatment, day: Day, hour: Time, patient: Patient number, insurance: Insurance}
booked: 'Booked {day.value}'
left: Nothing is booked
hours: From nine
";

const DE: &str = "ask: {treatment: 'Worum geht es?', day: 'Welcher Tag?', hour: 'Wie viel Uhr?', patient: 'Welche Nummer?', insurance: 'Wie versichert?', ok: 'Buchen?'}
label: {treatment: Behandlung, day: Tag, hour: Uhrzeit, patient: Patientennummer, insurance: Versicherung}
booked: 'Gebucht {day.value}'
left: Nichts gebucht
hours: Ab neun
";

const BOOK: &str = r#"{user: '[cleaning](treatment) [Monday at 9]{"entity":"time","value":"2026-11-30T09:00"}', intent: book}
bot: ask.patient
user: P12345
bot: ask.insurance
user: '[private](insurance)'
bot: ask.ok
"#;

fn told(asks: &str, steps: &str) -> Sources {
    let stories = desk::told(steps);
    let flows = desk::flows(&[desk::HOURS], &FLOWS.replace("SUMMARY", asks));
    let files = with_assistant(ASSISTANT, &flows, EN, &stories);
    let files: Sources = files.iter().chain([("texts/de.yaml", DE)]).collect();
    let intents = ["book", "hours", "yes", "no", "correct", "cancel"];
    let example = "x [cleaning](treatment) [private](insurance)";
    taught(&files, &intents, example)
}

/// What follows what is booked up to the summary: `AGAIN` says that it is no answer, in a flow that asks for yes or no, and in
/// one that offers them as buttons.
#[track_caller]
fn at_the_summary(steps: &str) {
    for (asks, again) in [
        (ASKS, "bot: convene.invalid.boolean\nbot: ask.ok"),
        (OFFERS, "bot: convene.invalid.choice\nbot: ask.ok"),
    ] {
        let steps = steps.replace("AGAIN", again);
        goes_with_more(&told(asks, &format!("{BOOK}{steps}")));
    }
}

#[test]
fn a_question_why_not_something_else_is_no_yes() {
    for said in [
        r#"{user: 'why not [tuesday]{"entity":"time","value":"2026-12-01"}?', torn: ['no', 'yes']}"#,
        r#"{user: 'why not [tuesday]{"entity":"time","value":"2026-12-01"}?', intent: 'yes'}"#,
        r#"{user: 'warum nicht [Dienstag]{"entity":"time","value":"2026-12-01"}?'}"#,
        "{user: 'why not later'}",
        "{user: 'yes? or do you need anything else?'}",
    ] {
        at_the_summary(&format!("{said}\nAGAIN"));
    }
    at_the_summary("user: why not?\nbot: Booked 2026-11-30");
    at_the_summary("user: yes, why not\nbot: Booked 2026-11-30");
    at_the_summary("user: yes I'm sure\nbot: Booked 2026-11-30");
}

#[test]
fn a_yes_with_another_value_is_a_correction() {
    at_the_summary("user: 'yes, a filling'\nbot: convene.corrected\nbot: ask.ok");
    at_the_summary(
        r#"{user: 'yes for [tuesday at 9]{"entity":"time","value":"2026-12-01T09:00"}', intent: 'yes'}
        bot: convene.corrected
        bot: ask.ok"#,
    );
    at_the_summary("user: 'yes, a cleaning'\nbot: Booked 2026-11-30");
}

#[test]
fn a_correction_that_names_its_slot_asks_for_that_one() {
    for (said, slot) in [
        ("change the day", "day"),
        ("I want to change the treatment", "treatment"),
        ("die Uhrzeit stimmt nicht", "hour"),
        ("please change my patient number", "patient"),
        ("that's not my number", "patient"),
    ] {
        at_the_summary(&format!(
            "{{user: \"{said}\", intent: correct}}\nbot: convene.rejected\nbot: ask.{slot}"
        ));
    }
    at_the_summary(
        "{user: change the treatment, intent: correct}
        bot: convene.rejected
        bot: ask.treatment
        user: filling
        bot: Shall I book filling, 2026-11-30, 09:00, P12345, private?",
    );
}

#[test]
fn a_correction_of_what_was_not_asked_yet_empties_nothing() {
    goes_with_more(&told(
        ASKS,
        r#"{user: '[cleaning](treatment) [Monday at 9]{"entity":"time","value":"2026-11-30T09:00"}', intent: book}
        bot: ask.patient
        {user: change the insurance, intent: correct}
        bot: ask.patient
        {user: 'change the insurance to [public](insurance)', intent: correct}
        bot: ask.patient
        user: P12345
        bot: Shall I book cleaning, 2026-11-30, 09:00, P12345, public?"#,
    ));
}

#[test]
fn a_no_that_names_what_is_wrong_asks_for_it() {
    for (said, slot) in [
        ("'insurance is wrong', intent: 'no'", "insurance"),
        ("'no, the insurance is wrong', intent: 'no'", "insurance"),
        ("\"that's not my number\", intent: 'no'", "patient"),
        ("'Uhrzeit ist falsch', intent: 'no'", "hour"),
        (
            r#"'no, not on [monday]{"entity":"time","value":"2026-11-30"}', intent: 'no'"#,
            "day",
        ),
        (
            r#"'nein, nicht am [Montag]{"entity":"time","value":"2026-11-30"}', intent: 'no'"#,
            "day",
        ),
        (
            r#"'nein, nicht im [November]{"entity":"time","value":"2026-11-30"}', intent: 'no'"#,
            "day",
        ),
        (
            r#"'not on [monday]{"entity":"time","value":"2026-11-30"}', intent: correct"#,
            "day",
        ),
    ] {
        at_the_summary(&format!(
            "{{user: {said}}}\nbot: convene.rejected\nbot: ask.{slot}"
        ));
    }
    for said in [
        "no",
        "no thank you",
        "no, don't book the day",
        "no, I have no insurance card with me",
    ] {
        at_the_summary(&format!("{{user: \"{said}\", intent: 'no'}}\nbot: left"));
    }
    at_the_summary(
        r#"{user: 'no, not on [monday]{"entity":"time","value":"2026-11-30"} but on [tuesday at 9]{"entity":"time","value":"2026-12-01T09:00"}', intent: 'no'}
        bot: convene.corrected
        bot: ask.ok"#,
    );
}

#[test]
fn a_number_behind_a_no_is_the_hour_that_was_answered() {
    for said in [
        r#"{user: 'no, make it [10]{"entity":"number","value":"10"}', intent: 'no'}"#,
        r#"{user: 'sorry, I meant [10]{"entity":"number","value":"10"}', intent: correct}"#,
    ] {
        at_the_summary(&format!(
            "{said}\nbot: convene.corrected\nbot: Shall I book cleaning, 2026-11-30, 10:00, P12345, private?"
        ));
    }
    at_the_summary(
        r#"{user: 'no, we are [10]{"entity":"number","value":"10"} people', intent: 'no'}
        bot: left"#,
    );
}

#[test]
fn a_number_behind_a_no_is_no_other_wish() {
    for asks in [ASKS, OFFERS] {
        let projects = Projects::new(checked(&told(asks, "user: x")));
        let mut log = Vec::new();
        let mut say = |text: &str, entities: &[(&str, &str, &str)], clauses: &[(&str, &str)]| {
            let place = |part: &str| {
                let start = text.find(part).unwrap();
                (start, start + part.len())
            };
            let entities = entities.iter().map(|(part, name, value)| Entity {
                name: (*name).into(),
                value: (*value).into(),
                role: None,
                start: Some(place(part).0),
                end: Some(place(part).1),
                wish: None,
            });
            let clauses = clauses.iter().map(|(part, intent)| Clause {
                start: place(part).0,
                end: place(part).1,
                meant: Ranked {
                    intent: (*intent).into(),
                    confidence: 0.9,
                    score: None,
                },
            });
            let intent = clauses.len() == 0;
            let heard = Heard {
                entities: entities.collect(),
                clauses: clauses.collect(),
                ..match hear(text, intent.then_some("book")) {
                    Input::Heard(heard) => heard,
                    _ => Heard::default(),
                }
            };
            feed(&projects, &mut log, Input::Heard(heard))
        };
        let asked = say(
            "cleaning monday at 9 P12345 private",
            &[
                ("cleaning", "treatment", "cleaning"),
                ("monday at 9", "time", "2026-11-30T09:00"),
                ("private", "insurance", "private"),
            ],
            &[],
        );
        assert_eq!(asked, ["Which number?"]);
        say("P12345", &[], &[]);
        let said = say(
            "no, make it 10",
            &[("10", "number", "10")],
            &[("no", "no"), ("make it 10", "hours")],
        );
        assert_eq!(
            said,
            [
                "All right, I have changed that.",
                "Shall I book cleaning, 2026-11-30, 10:00, P12345, private?"
            ]
        );
    }
}

#[test]
fn a_no_takes_nothing_of_what_somebody_is() {
    goes_with_more(&told(
        ASKS,
        r#"{user: '[cleaning](treatment) [Monday at 9]{"entity":"time","value":"2026-11-30T09:00"}', intent: book}
        bot: ask.patient
        user: P12345
        bot: ask.insurance
        {user: "no I'm [public](insurance)", intent: 'no'}
        bot: Shall I book cleaning, 2026-11-30, 09:00, P12345, public?"#,
    ));
}

#[test]
fn an_hour_may_be_said_with_a_hedge() {
    for said in [
        "maybe [9]",
        "let's say [9]",
        "is [9] ok?",
        "or better [9]?",
        "no, [9]",
        "[9]",
    ] {
        let said = said.replace("[9]", r#"[9]{\"entity\":\"number\",\"value\":\"9\"}"#);
        goes_with_more(&told(
            ASKS,
            &format!(
                r#"{{user: '[cleaning](treatment) [Monday]{{"entity":"time","value":"2026-11-30"}}', intent: book}}
                bot: ask.hour
                {{user: "{said}", intent: 'yes'}}
                bot: ask.patient
                slot_was_set: {{hour: '09:00'}}"#
            ),
        ));
    }
}
