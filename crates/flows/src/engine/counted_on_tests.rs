//! "One more guest": a number that is no number of its own, but counts on from what was answered.

use super::{
    desk::told,
    tests::{ASSISTANT, goes_with_more, taught, with_assistant},
};

const FLOWS: &str = "
flows:
  table:
    description: To reserve
    start: {intents: [table]}
    slots:
      guests: {type: integer, min: 1, max: 8, entities: [number]}
      chairs: {type: number, label: label.chairs}
      name: {type: email}
    steps:
      - ask: {slot: guests, confirm: right}
      - ask: chairs
      - ask: name
      - say: done
";

const EN: &str = "ask: {guests: 'How many?', chairs: 'How many chairs?', name: 'Which address?'}\nright: '{guests}?'\nlabel: {chairs: chairs}\ndone: Done\n";
const DE: &str = "ask: {guests: 'Wie viele?', chairs: 'Wie viele Stühle?', name: 'Adresse?'}\nright: '{guests}?'\nlabel: {chairs: Stühle}\ndone: Fertig\n";

#[track_caller]
fn go(steps: &str) {
    let assistant = ASSISTANT.replace("[en]", "[en, de, es, fr]");
    let other = "ask: {guests: 'N?', chairs: 'N?', name: 'N?'}\nright: '{guests}?'\nlabel: {chairs: N}\ndone: D\n";
    // `<3>` is a number that was found.
    let steps = steps
        .replace('<', "[")
        .replace('>', "]{\"entity\":\"number\"}");
    let files = with_assistant(&assistant, FLOWS, EN, &told(&steps));
    let texts = [
        ("texts/de.yaml", DE),
        ("texts/es.yaml", other),
        ("texts/fr.yaml", other),
    ];
    let files = files.iter().chain(texts).collect();
    let intents = ["table", "yes", "no", "human", "cancel", "correct"];
    goes_with_more(&taught(&files, &intents, "x"));
}

const KNOWN: &str = "
{user: 'a table for <4>', intent: table}
bot: right
{user: 'yes', intent: 'yes'}
bot: ask.chairs
user: '5'
bot: ask.name
";

#[test]
fn so_many_more_are_a_sum() {
    for (said, guests) in [
        ("<1> more", 5),
        ("and <2> more guests, please", 6),
        ("<2> people more", 6),
        ("another <2>", 6),
        ("<1> less", 3),
        ("<2> guests fewer", 2),
        ("<2> mehr", 6),
        ("<2> Personen weniger", 2),
        ("weitere <2>", 6),
        ("<2> más", 6),
        ("<2> personas menos", 2),
        ("<2> de plus", 6),
        ("<2> personnes de moins", 2),
    ] {
        go(&format!(
            "{KNOWN}user: '{said}'\nbot: convene.corrected\nbot: '{guests}?'"
        ));
    }
    for (said, chairs) in [("<2> more chairs", 7), ("<2> chairs less", 3)] {
        go(&format!(
            "{KNOWN}user: '{said}'\nbot: convene.corrected\nbot: ask.name\nslot_was_set: {{guests: 4, chairs: {chairs}}}"
        ));
    }
}

#[test]
fn other_numbers_are_what_they_were() {
    for (said, guests) in [
        ("at most <3>", 3),
        ("<3> or more", 3),
        ("<3> more or less", 3),
        ("<3> mehr oder weniger", 3),
        ("<3>, more is too much", 3),
        ("<3> and one dog more", 3),
    ] {
        go(&format!(
            "{KNOWN}user: '{said}'\nbot: convene.corrected\nbot: '{guests}?'"
        ));
    }
}

#[test]
fn what_counts_on_from_nothing_is_no_number() {
    for said in ["<1> more", "one guest less", "2 more"] {
        go(&format!(
            "{{user: a table, intent: table}}\nbot: ask.guests\nuser: '{said}'\nbot: convene.invalid.integer\nbot: ask.guests\nslot_was_set: {{guests: null}}"
        ));
    }
    go("{user: 'a table for <1> more', intent: table}\nbot: ask.guests");
}

#[test]
fn what_is_being_confirmed_is_counted_on_from() {
    go("{user: 'a table for <4>', intent: table}
        bot: 4?
        user: '<2> more'
        bot: 6?
        user: 'no, <1> less'
        bot: 5?
        {user: 'yes', intent: 'yes'}
        bot: ask.chairs
        slot_was_set: {guests: 5}");
}
