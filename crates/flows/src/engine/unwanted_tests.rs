//! What is said not to be wanted begins nothing.

use convene_source::Sources;

use super::{
    Decision,
    tests::{feed, goes, hear_as, sources},
};
use crate::story::tests::load;

const FLOWS: &str = "
flows:
  back:
    title: back
    start: {intents: [back]}
    slots:
      order: {pattern: '[A-Z]{2}[0-9]{2}', entities: [order]}
      why: {type: choice, values: [broken, wrong]}
    steps: [{ask: order}, {ask: why}, {say: sent}]
  track:
    title: track
    start: {intents: [track]}
    slots: {order: {pattern: '[A-Z]{2}[0-9]{2}', entities: [order]}}
    steps: [{ask: order}, {say: tracked}]
";

const TEXTS: &str = "ask: {order: 'Order?', why: 'Why?'}\nback: Return an item\ntrack: Track an order\nsent: Sent\ntracked: 'Tracked {order}'\n";

fn with(steps: &str) -> Sources {
    let steps = steps.lines().map(str::trim).filter(|line| !line.is_empty());
    let steps: String = steps.map(|line| format!("      - {line}\n")).collect();
    let stories = format!("stories:\n  - story: Told\n    steps:\n{steps}");
    let taught = [
        (
            "back",
            "I want to return [AB12](order)\n    - send it back\n    - I no longer want it, can I return it\n    - please return it",
        ),
        (
            "track",
            "where is my parcel\n    - track my parcel\n    - how long must I wait for my parcel\n    - I want to know where it is\n    - please don't hide it",
        ),
        ("cancel", "cancel"),
        ("yes", "yes"),
        ("no", "no"),
        ("human", "I want to talk to somebody"),
        ("correct", "wrong"),
    ];
    let taught = taught
        .map(|(intent, examples)| format!("- intent: {intent}\n  examples: |\n    - {examples}\n"));
    let nlu = format!("nlu:\n{}", taught.concat());
    let files = sources(FLOWS, TEXTS, &stories);
    files
        .iter()
        .chain([("nlu/en.yaml", nlu.as_str())])
        .collect()
}

#[test]
fn a_wish_that_is_negated_is_asked_about() {
    goes(&with(
        "
        {user: \"I don't want to return it\", intent: back}
        bot: convene.which
        buttons: [Return an item, None of these]
        user: none of these
        bot: convene.handoff
        handoff: support
        {user: please do not send it back, intent: back}
        bot: convene.which
        press: Return an item
        bot: ask.order
        {user: \"I don't want to return it\", intent: back}
        bot: convene.which
        buttons: ['Yes, cancel it', None of these]
        user: 'no'
        bot: ask.order
        {user: \"don't track it\", intent: track}
        bot: convene.which
        buttons: [Track an order, None of these]
        ",
    ));
}

#[test]
fn what_is_negative_by_nature_is_the_wish_that_it_was_taken_for() {
    for text in [
        "my parcel has not arrived",
        "I don't know where my parcel is",
        "please don't hide it",
        "I don't want to wait, where is my parcel",
        "I want to return it, not wait",
    ] {
        let story = format!("{{user: \"{text}\", intent: track}}\nbot: ask.order\n");
        goes(&with(&story));
    }
}

#[test]
fn what_is_wanted_instead_begins() {
    let projects = load(&with("flow: none"));
    let text = "I don't want to return anything, just tell me about AB12";
    let likely = hear_as(Decision::Sure, text, &[("back", 0.7), ("track", 0.25)]);
    assert_eq!(feed(&projects, &mut Vec::new(), likely), ["Order?"]);
    let unlikely = hear_as(Decision::Sure, text, &[("back", 0.9), ("track", 0.05)]);
    let said = feed(&projects, &mut Vec::new(), unlikely);
    assert_eq!(said, ["I am not sure what you mean. Which of these is it?"]);
}
