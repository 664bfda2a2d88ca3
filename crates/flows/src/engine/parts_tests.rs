//! Values of several wishes in one message: each has what stands in its part.

use convene_source::Sources;

use super::{
    desk::{HOURS, TRACK, flows, told},
    tests::{goes, taught, with_assistant},
};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ncommands: {affirm: [yes], deny: [no], correct: [correct], cancel: [cancel]}\n";

const FLOWS: &str = "
  back:
    description: To send back
    start: {intents: [back]}
    slots:
      order: {pattern: '[A-Z]{2}[0-9]{2,3}', entities: [order]}
      day: {type: integer, entities: [day]}
    steps: [{ask: order}, {ask: day}, {say: sent}]
  book:
    description: To book
    start: {intents: [book]}
    slots:
      service: {type: choice, values: [checkup, cleaning, filling], entities: [service]}
      guest: {entities: [guest]}
      day: {type: integer, entities: [day]}
    steps: [{ask: service}, {ask: guest}, {ask: day}, {say: booked}]
";

const TEXTS: &str =
    "ask: {order: 'Order?', day: 'Which day?', service: 'Which service?', guest: 'For whom?'}
tracked: 'Tracked {order}'
sent: 'Sent {order} on {day}'
booked: '{service} for {guest} on {day}'
hours: From nine
";

fn with(steps: &str) -> Sources {
    let files = with_assistant(
        ASSISTANT,
        &flows(&[HOURS, TRACK], FLOWS),
        TEXTS,
        &told(steps),
    );
    let intents = [
        "track", "back", "book", "hours", "yes", "no", "correct", "cancel",
    ];
    taught(
        &files,
        &intents,
        "x [1](day) [cleaning](service) [Ann](guest) [AB12](order)",
    )
}

/// What is said and taken for, and what comes of it.
#[track_caller]
fn each_goes(rows: &[(&str, &str, &[&str])]) {
    for (said, intent, answers) in rows {
        let mut marked = String::new();
        for word in said.split_inclusive(' ') {
            let end = word.find([',', ';', '.', ' ', '?']).unwrap_or(word.len());
            let (core, rest) = word.split_at(end);
            let entity = match core {
                "checkup" | "cleaning" | "filling" => Some("service"),
                "Ann" | "Bob" | "Cy" => Some("guest"),
                day if day.parse::<u8>().is_ok() => Some("day"),
                order if order.len() == 4 && order.ends_with(char::is_numeric) => Some("order"),
                _ => None,
            };
            match entity {
                Some(entity) => marked += &format!("[{core}]({entity}){rest}"),
                None => marked += word,
            }
        }
        let mut steps = format!("{{user: \"{marked}\", intent: {intent}}}\n");
        for answer in *answers {
            steps += &format!("bot: '{answer}'\n");
        }
        goes(&with(&steps));
    }
}

const NEXT: &str = "convene.next";

#[test]
fn two_bookings_of_one_message_have_their_own_values() {
    each_goes(&[
        (
            "a checkup for Ann on 7 and a cleaning for Bob on 8",
            "book",
            &["checkup for Ann on 7", NEXT, "cleaning for Bob on 8"],
        ),
        (
            "a checkup for Ann on 7, a cleaning for Bob on 8, please",
            "book",
            &["checkup for Ann on 7", NEXT, "cleaning for Bob on 8"],
        ),
        (
            "a checkup for Ann on 7; then on 8 an cleaning for Bob",
            "book",
            &["Which service?"],
        ),
        (
            "book a checkup for Ann on 7. Book a cleaning for Bob on 8. Book a filling for Cy on 9.",
            "book",
            &[
                "checkup for Ann on 7",
                NEXT,
                "cleaning for Bob on 8",
                NEXT,
                "filling for Cy on 9",
            ],
        ),
    ]);
}

#[test]
fn what_is_said_once_before_or_behind_several_bookings_is_for_each() {
    each_goes(&[
        (
            "a checkup for Ann and a cleaning for Bob on 8",
            "book",
            &["checkup for Ann on 8", NEXT, "cleaning for Bob on 8"],
        ),
        (
            "a cleaning for Ann on 7 and one for Bob on 8",
            "book",
            &["cleaning for Ann on 7", NEXT, "cleaning for Bob on 8"],
        ),
        // Whose the cleaning is was not said, nor when it is to be.
        (
            "a checkup for Ann on 7 and a cleaning on 8",
            "book",
            &["checkup for Ann on 7", NEXT, "For whom?"],
        ),
        (
            "a checkup for Ann on 7 and a cleaning for Bob",
            "book",
            &["checkup for Ann on 7", NEXT, "Which day?"],
        ),
        (
            "a checkup on 7 and a cleaning for Bob on 8",
            "book",
            &["For whom?"],
        ),
    ]);
}

#[test]
fn a_mark_alone_sets_no_correction_no_alternative_and_no_story_apart() {
    each_goes(&[
        (
            "a checkup on 7, no, a cleaning on 8",
            "book",
            &["Which service?"],
        ),
        (
            "a checkup on 7, or a cleaning on 8",
            "book",
            &["Which service?"],
        ),
        (
            "a checkup or a cleaning on 7, or a filling on 8",
            "book",
            &["Which service?"],
        ),
        (
            "a checkup on 7, a cleaning on 8 instead",
            "book",
            &["Which service?"],
        ),
        (
            "I had a checkup on 7, now I need a cleaning on 8",
            "book",
            &["Which service?"],
        ),
        (
            "a checkup for Ann on 7, Bob comes on 8",
            "book",
            &["For whom?"],
        ),
        (
            "a checkup on 7? a cleaning on 8?",
            "book",
            &["Which service?"],
        ),
    ]);
}

#[test]
fn of_two_wishes_each_has_the_value_in_its_part() {
    each_goes(&[
        (
            "where is AB12 and can I return CD34 on 8",
            "track+back",
            &["Tracked AB12", NEXT, "Sent CD34 on 8"],
        ),
        (
            "return AB12 on 8, where is CD34?",
            "back+track",
            &["Sent AB12 on 8", NEXT, "Tracked CD34"],
        ),
        (
            "return AB12, which is late, and track CD34",
            "back+track",
            &["Which day?"],
        ),
    ]);
}

#[test]
fn of_two_wishes_for_a_list_none_has_a_part_of_it() {
    each_goes(&[
        (
            "track and return AB12 and CD34",
            "track+back",
            &["Tracked AB12", NEXT, "Tracked CD34", NEXT, "Order?"],
        ),
        (
            "where is AB12 and return it on 8",
            "track+back",
            &["Tracked AB12", NEXT, "Order?"],
        ),
    ]);
}
