//! Codes that nothing has taught: they have the form of a slot's pattern.

use convene_source::Sources;

use super::{
    desk::{flows, told},
    tests::{goes_with_more, sources, taught},
};

const TEXTS: &str = "ask: {order: 'Order?', member: 'Number?', year: 'Year?'}\nsent: 'Sent {order}'\njoined: 'Joined {member}'\nset: 'Set {year}'\n";

const BACK: &str = "
  back:
    description: To send back
    start: {intents: [back]}
    slots: {order: {pattern: '[A-Z]{2}[0-9]{3}', entities: [order]}}
    steps: [{ask: order}, {say: sent}]
";

fn with(own: &str, steps: &str) -> Sources {
    let files = sources(&flows(&[BACK], own), TEXTS, &told(steps));
    let intents = [
        "back", "join", "year", "yes", "no", "human", "cancel", "correct",
    ];
    taught(
        &files,
        &intents,
        "x [AB123](order) [XY123](member) [1999](year)",
    )
}

#[test]
fn a_code_with_the_form_of_a_slots_pattern_is_for_that_slot() {
    goes_with_more(&with(
        "",
        "
        {user: 'send [CD456](order-number) back', intent: back}
        bot: Sent CD456
        {user: 'send [CD45678](order-number) back', intent: back}
        bot: ask.order
        ",
    ));
}

#[test]
fn a_code_that_could_be_something_else_is_asked_for() {
    let join = "
  join:
    description: To join
    start: {intents: [join]}
    slots: {member: {pattern: '[A-Z]{2}[0-9]{3}', entities: [member]}}
    steps: [{ask: member}, {say: joined}]
";
    goes_with_more(&with(
        join,
        "
        {user: 'send [CD456](order-number) back', intent: back}
        bot: ask.order
        ",
    ));
    let year = "
  year:
    description: To set a year
    start: {intents: [year]}
    slots: {year: {pattern: '[0-9]{4}', entities: [year]}}
    steps: [{ask: year}, {say: set}]
";
    goes_with_more(&with(
        year,
        "
        {user: 'for [1000](order-number) people', intent: year}
        bot: ask.year
        ",
    ));
}
