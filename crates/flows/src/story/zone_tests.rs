//! Where people are: whose days and hours count, and until when a flow waits.

use convene_source::Sources;

use super::{Hearing, Story, run, teller::Teller, tests::load};
use crate::engine::replay;

/// A project that takes a day, not before today, and tells it with what it knows of the time.
fn days(story: &str) -> Sources {
    let tests = format!("stories:\n{story}");
    [
        ("assistant.yaml", "name: Test\nlanguages: [en]\ngroups: always\n"),
        ("flows/a.yaml", "flows:\n  a:\n    start: {intents: [a]}\n    slots: {day: {type: date, min: today, entities: [time]}}\n    steps:\n      - ask: day\n      - wait: 1h\n      - say: done\n"),
        ("texts/en.yaml", "ask: {day: Which day?}\ndone: 'It is {now}.'\n"),
        ("tests/a.yaml", &tests),
    ]
    .into_iter()
    .collect()
}

#[test]
fn each_person_s_days_are_those_of_where_they_are() {
    let story = "  - story: it
    now: 2026-11-26T23:30
    timezone: Europe/Berlin
    steps:
      - {user: a, intent: a, who: 'user:ada', timezone: Asia/Tokyo}
      - bot: Which day?
      - {user: 2026-11-26, who: 'user:ada'}
      - bot: convene.invalid.not_before_today
      - bot: Which day?
      - {user: 2026-11-27, who: 'user:ada'}
      - {user: a, intent: a, who: 'user:bob'}
      - bot: Which day?
      - {user: 2026-11-26, who: 'user:bob', timezone: Nowhere/AtAll}
      - after: 1h
      - bot: It is 2026-11-27T08:30.
      - bot: It is 2026-11-27T00:30.
";
    let known = story.replace(", timezone: Nowhere/AtAll", "");
    let sources = days(&known);
    let projects = load(&sources);
    let (stories, faults) = Story::all(&sources);
    assert_eq!(faults, []);
    let report = run(&projects, &stories, Hearing::AsTold);
    assert_eq!(report.failures(), 0, "{report}");
    let mut teller = Teller::new(&projects, stories[0].begins(), None);
    teller.tell(&stories[0]).unwrap();
    replay::prove(&projects, &teller.turns, &teller.records);

    let (_, faults) = Story::all(&days(story));
    let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("there is no time zone `Nowhere/AtAll`"),
        "{told:?}"
    );
}

/// A project that reminds somebody of a day and an hour.
fn reminders(until: &str, story: &str) -> Sources {
    let flow = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{day: {{type: date}}, hour: {{type: time}}}}\n    steps:\n      - ask: day\n      - ask: hour\n      - wait: {until}\n      - say: now\n"
    );
    let tests = format!("stories:\n{story}");
    [
        (
            "assistant.yaml",
            "name: Test\nlanguages: [en]\ngroups: always\n",
        ),
        ("flows/a.yaml", flow.as_str()),
        (
            "texts/en.yaml",
            "ask: {day: Which day?, hour: When?}\nnow: 'It is {now}.'\n",
        ),
        ("tests/a.yaml", tests.as_str()),
    ]
    .into_iter()
    .collect()
}

/// Of somebody in Berlin, on the day before the clocks go forward.
const REMINDER: &str = "  - story: it
    now: 2027-03-27T12:00
    steps:
      - {user: a, intent: a, who: 'user:ada', timezone: Europe/Berlin}
      - bot: Which day?
      - {user: DAY, who: 'user:ada'}
      - bot: When?
      - {user: HOUR, who: 'user:ada'}
";

#[test]
fn a_flow_waits_until_the_moment_that_somebody_has_told_where_they_are() {
    for (until, day, hour, then) in [
        // 13 h behind 13:00 in Berlin it is 03:00 there.
        (
            "{until: day, at: hour}",
            "2027-03-28",
            "03:00",
            "      - after: 12h 59m\n      - after: 1m\n      - bot: It is 2027-03-28T03:00.\n",
        ),
        // An hour that there is not.
        (
            "{until: day, at: hour}",
            "2027-03-28",
            "02:30",
            "      - after: 13h 29m\n      - after: 1m\n      - bot: It is 2027-03-28T03:30.\n",
        ),
        (
            "{until: day}",
            "2027-03-28",
            "09:00",
            "      - after: 10h 59m\n      - after: 1m\n      - bot: It is 2027-03-28T00:00.\n",
        ),
        (
            "{until: hour}",
            "2027-03-30",
            "14:00",
            "      - after: 59m\n      - after: 1m\n      - bot: It is 2027-03-27T14:00.\n",
        ),
        // It is 13:00 there.
        (
            "{until: hour}",
            "2027-03-30",
            "12:30",
            "      - after: 22h 29m\n      - after: 1m\n      - bot: It is 2027-03-28T12:30.\n",
        ),
        // It is past, or now.
        (
            "{until: day, at: hour}",
            "2027-03-27",
            "13:00",
            "      - bot: It is 2027-03-27T13:00.\n",
        ),
        (
            "{until: day}",
            "2027-03-27",
            "13:00",
            "      - bot: It is 2027-03-27T13:00.\n",
        ),
        (
            "{until: day, at: hour, event: paid, otherwise: end}",
            "2027-03-27",
            "09:00",
            "      - ended: {a: completed}\n",
        ),
        (
            "{until: day, at: hour, event: paid, otherwise: end}",
            "2027-03-28",
            "09:00",
            "      - event: {name: paid}\n      - bot: It is 2027-03-27T13:00.\n",
        ),
        // Nobody waits for longer than a year and a day.
        (
            "{until: day, at: hour}",
            "2028-03-27",
            "13:00",
            "      - after: 8784h\n      - bot: It is 2028-03-27T13:00.\n",
        ),
        (
            "{until: day, at: hour}",
            "2028-03-28",
            "13:30",
            "      - bot: convene.failed\n",
        ),
    ] {
        let story = REMINDER.replace("DAY", day).replace("HOUR", hour) + then;
        let sources = reminders(until, &story);
        let projects = load(&sources);
        let (stories, faults) = Story::all(&sources);
        assert_eq!(faults, [], "{story}");
        let report = run(&projects, &stories, Hearing::AsTold);
        assert_eq!(report.failures(), 0, "{until}\n{story}\n{report}");
        let mut teller = Teller::new(&projects, stories[0].begins(), None);
        teller.tell(&stories[0]).unwrap();
        replay::prove(&projects, &teller.turns, &teller.records);
    }
}
