//! What people say to what is offered: mistyped, left open, or denied for another.

use super::{
    desk::told,
    tests::{goes_with_more, taught, with_assistant},
};

const ASSISTANT: &str = "name: Test\nlanguages: [en, de]\nmodel: {use_for: generate}\ncommands: {affirm: ['yes'], deny: ['no'], human: [human], cancel: [cancel], correct: [correct]}\n";

const FLOWS: &str = "
flows:
  visit:
    description: A visit
    start: {intents: [visit]}
    slots:
      doctor: {type: choice, values: [{value: lopez, label: doctor.lopez}, {value: berger, label: doctor.berger}], label: label.doctor}
      reason: {type: choice, entities: [reason], intents: {urgent: emergency}, values: [{value: emergency, label: reason.emergency}, {value: checkup, label: reason.checkup}]}
      plan: {type: choice, values: [standard, premium, free]}
    steps:
      - ask: doctor
      - ask: reason
      - ask: plan
      - choose:
          text: next
          options:
            - {label: go.refund, intents: [refund], then: [{say: refunded}]}
            - {label: go.track, then: [{say: tracked}]}
";

const EN: &str = "ask: {doctor: 'Which dentist would you like?', reason: 'What is it about?', plan: 'Which plan?'}
doctor: {lopez: Dr Lopez, berger: Dr Berger}
label: {doctor: Doctor}
reason: {emergency: An emergency, checkup: A check-up}
next: What next?
go: {refund: Refund, track: Track it}
refunded: Refunded
tracked: Tracked
";

const DE: &str =
    "ask: {doctor: 'Welcher Zahnarzt?', reason: 'Worum geht es?', plan: 'Welcher Tarif?'}
doctor: {lopez: Dr. Lopez, berger: Dr. Berger}
label: {doctor: Arzt}
reason: {emergency: Ein Notfall, checkup: Eine Vorsorge}
next: Was nun?
go: {refund: Erstattung, track: Verfolgen}
refunded: Erstattet
tracked: Verfolgt
";

#[track_caller]
fn go(steps: &str) {
    let begin = "{user: x, intent: visit}\nbot: ask.doctor\n";
    let files = with_assistant(ASSISTANT, FLOWS, EN, &told(&format!("{begin}{steps}")));
    let files = files.iter().chain([("texts/de.yaml", DE)]).collect();
    let intents = [
        "visit", "yes", "no", "human", "cancel", "correct", "bergen", "urgent", "refund",
    ];
    goes_with_more(&taught(&files, &intents, "x [emergency](reason)"));
}

const REASON: &str = "user: lopez\nbot: ask.reason\n";

#[test]
fn a_letter_that_is_mistyped_is_understood() {
    for (said, doctor) in [
        ("Dr Lopes", "lopez"),
        ("dr bergre please", "berger"),
        ("brger", "berger"),
    ] {
        go(&format!(
            "user: {said}\nbot: ask.reason\nslot_was_set: {{doctor: {doctor}}}"
        ));
    }
    go(&format!(
        "{REASON}user: an emergnecy
        bot: ask.plan
        slot_was_set: {{reason: emergency}}
        {{user: standrad, intent: cancel}}
        bot: next
        slot_was_set: {{plan: standard}}
        user: refnud
        bot: Refunded"
    ));
}

#[test]
fn what_is_another_word_is_no_slip() {
    for said in ["bergen", "is it lopes or not", "lops", "dr lope bergen"] {
        go(&format!(
            "user: {said}\nbot: convene.invalid.choice\nbot: ask.doctor"
        ));
    }
    go(&format!(
        "{REASON}user: checkup
        bot: ask.plan
        user: fre
        bot: convene.invalid.choice
        bot: ask.plan"
    ));
}

#[test]
fn that_any_will_do_is_said_beside_what_is_offered() {
    for said in [
        "any dentist is fine",
        "whichever",
        "whichever doctor",
        "either Dr Lopez or Dr Berger",
        "any of them",
        "egal welcher",
        "egal, welcher Zahnarzt",
        "der Arzt ist mir egal",
    ] {
        go(&format!(
            "{{user: '{said}', intent: cancel}}\nbot: convene.invalid.choice\nbot: ask.doctor"
        ));
    }
    for said in [
        "any dentist but not this one",
        "cancel it, whatever",
        "is any time fine",
    ] {
        go(&format!(
            "{{user: '{said}', intent: cancel}}\nbot: convene.cancelled\nflow: none"
        ));
    }
}

#[test]
fn what_is_denied_is_not_chosen() {
    for said in [
        "no emergency, just a check-up",
        "no emergency, a checkup",
        "{user: 'no [emergency](reason), just a check-up', intent: 'no'}",
        "{user: 'no [emergency](reason), just a [check-up](reason)', intent: 'no'}",
        "{user: 'no emergency, just a check-up', intent: urgent}",
        "not an emergency, a check-up",
        "kein Notfall, nur eine Vorsorge",
    ] {
        let step = if said.starts_with('{') {
            said.to_owned()
        } else {
            format!("user: '{said}'")
        };
        go(&format!(
            "{REASON}{step}\nbot: ask.plan\nslot_was_set: {{reason: checkup}}"
        ));
    }
    go(&format!(
        "{REASON}user: no emergency\nbot: convene.invalid.choice\nbot: ask.reason"
    ));
    let plans = format!("{REASON}user: checkup\nbot: ask.plan\nuser: free\nbot: next");
    for (said, bot) in [
        ("user: 'no refund, just track it'", "Tracked"),
        (
            "{user: 'no refund, just track it', intent: refund}",
            "Tracked",
        ),
        (
            "{user: 'a refund, do not track it', intent: refund}",
            "Refunded",
        ),
        (
            "{user: 'a refund for what I track', intent: refund}",
            "Refunded",
        ),
        ("user: 'no refund'", "convene.invalid.choice\nbot: next"),
    ] {
        go(&format!("{plans}\n{said}\nbot: {bot}"));
    }
}
