//! What people say to what a list offers: hours, parts of labels, places, and what was said before it was there.

use super::tests::{goes, sources, taught};

/// What is chosen by what is said: `ask` where it is asked whether it is meant, and nothing where it is asked again.
fn chosen(rows: &[(&str, Option<&str>)]) -> String {
    let story = |(said, value): &(&str, Option<&str>)| {
        let outcome = match value {
            Some("ask") => "      - bot: convene.confirm\n".to_owned(),
            Some(value) => format!("      - bot: It is {value}\n"),
            None => "      - bot: convene.invalid.choice\n      - bot: ask.when\n".to_owned(),
        };
        format!(
            "  - story: {said:?}\n    steps:\n      - {{user: x, intent: a}}\n      - bot: ask.when\n      - user: '{said}'\n{outcome}"
        )
    };
    let stories: String = rows.iter().map(story).collect();
    format!("stories:\n{stories}")
}

#[test]
fn an_option_is_named_by_its_day_its_hour_or_a_part_of_its_label() {
    let stories = chosen(&[
        (
            "[monday at nine]{\"entity\":\"time\",\"value\":\"2026-11-30T09:00\"}",
            Some("2026-11-30T09:00"),
        ),
        (
            "[at nine]{\"entity\":\"time\",\"value\":\"09:00\"}",
            Some("2026-11-30T09:00"),
        ),
        (
            "[tuesday]{\"entity\":\"time\",\"value\":\"2026-12-01\"}",
            Some("c"),
        ),
        (
            "[monday]{\"entity\":\"time\",\"value\":\"2026-11-30\"}",
            None,
        ),
        ("[at four]{\"entity\":\"time\",\"value\":\"16:00\"}", None),
        (
            "not [at nine]{\"entity\":\"time\",\"value\":\"09:00\"}",
            None,
        ),
        ("14:30", Some("b")),
        ("Cy, please", Some("c")),
        ("the one with Bob", Some("b")),
        ("not the one with Bob", None),
        ("anyone but Bob", None),
        ("any but the one with Bob", None),
        ("with", None),
        ("please", None),
        ("Ann or Bob", None),
        ("Dan", None),
        ("the third one", Some("c")),
    ]);
    goes(&sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots:
      free: {type: list}
      when: {type: choice, from: free}
    steps:
      - set:
          free:
            - {value: '2026-11-30T09:00', label: monday morning with Ann}
            - {value: b, label: 14:30 with Bob}
            - {value: c, label: 2026-12-01 with Cy}
            - {value: '2026-11-30T16:30', label: monday afternoon with Ann}
      - ask: when
      - say: done
",
        "ask: {when: When?}\ndone: 'It is {when.value}'\n",
        &stories,
    ));
}

#[test]
fn hours_are_those_that_people_see() {
    let stories = chosen(&[
        (
            r#"[9 am]{"entity":"time","value":"09:00"}"#,
            Some("morning"),
        ),
        (
            r#"[9 pm]{"entity":"time","value":"21:00"}"#,
            Some("evening"),
        ),
        (
            r#"[at three]{"entity":"time","value":"15:00"}"#,
            Some("three"),
        ),
        (
            r#"[today at eight]{"entity":"time","value":"2026-11-26T08:00"}"#,
            Some("2026-11-26T07:00:00Z"),
        ),
        (
            r#"[tomorrow at eight]{"entity":"time","value":"2026-11-27T08:00"}"#,
            None,
        ),
        ("3", Some("three")),
        ("five", None),
        ("for Zoe", Some("three")),
        ("anyone but Zoe", None),
        ("with Zoe?", Some("ask")),
        (r#"[3 pm]{"entity":"time","value":"15:00"} with Ann"#, None),
        (
            r#"[3 pm]{"entity":"time","value":"15:00"} with Zoe"#,
            Some("three"),
        ),
        ("yes", None),
    ]);
    goes(&sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots:
      day: {type: date}
      free: {type: list}
      when: {type: choice, from: free}
    steps:
      - set:
          day: '2026-11-26'
          free:
            - {value: evening, label: '9:00 pm with Ann'}
            - {value: morning, label: '9:00 am with Ann'}
            - {value: three, label: '3:00 pm with Zoe'}
            - {value: '2026-11-26T07:00:00Z', label: '8:00 with Bob'}
      - ask: when
      - say: done
",
        "ask: {when: When?}\ndone: 'It is {when.value}'\n",
        &stories,
    ));
}

#[test]
fn what_was_said_for_a_list_waits_with_its_wish_and_begins_it_again() {
    let told = sources(
        "
flows:
  a:
    start: {intents: [a]}
    title: a
    slots:
      all: {type: list}
      whom: {type: choice, from: all, entities: [person]}
    steps:
      - call: {url: 'http://x', save: {all: body}}
      - ask: whom
      - say: done
  b:
    start: {intents: [b]}
    title: b
    slots: {n: {type: integer}}
    steps: [{ask: n}]
",
        "ask: {whom: With whom?, n: How many?}\na: A\nb: B\ndone: 'With {whom}'\n",
        "
stories:
  - story: The second wish is for Bob
    steps:
      - {user: 'x [Bob](person)', intent: b+a}
      - bot: ask.n
      - user: '3'
      - bot: convene.next
      - call: {url: 'http://x', returns: {status: 200, body: [{value: 1, label: Ann Lee}, {value: 2, label: Bob Stone}]}}
      - bot: With Bob Stone
      - user: and [Ann](person)?
      - call: {url: 'http://x', returns: {status: 200, body: [{value: 1, label: Ann Lee}, {value: 2, label: Bob Stone}]}}
      - bot: With Ann Lee
  - story: Of two nobody knows which
    steps:
      - {user: 'x [Ann](person) or [Bob](person)', intent: a}
      - call: {url: 'http://x', returns: {status: 200, body: [{value: 1, label: Ann Lee}, {value: 2, label: Bob Stone}]}}
      - bot: ask.whom
      - user: '[Dan](person)'
      - bot: convene.invalid.choice
      - bot: ask.whom
      - user: Ann
      - bot: With Ann Lee
",
    );
    let intents = ["a", "b", "yes", "no", "human", "cancel", "correct"];
    goes(&taught(&told, &intents, "[Ann](person)"));
}

#[test]
fn an_hour_that_is_said_with_the_day_is_chosen_when_there_are_hours() {
    let told = sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots:
      day: {type: date, entities: [time]}
      free: {type: list, item: {value: id, label: '(hour ~ \" h\") if language == \"en\" else hour'}}
      when: {type: choice, from: free}
    steps:
      - ask: day
      - call: {url: 'http://x/{day}', save: {free: body}}
      - ask: when
      - say: done
",
        "ask: {day: Which day?, when: When?}\ndone: 'At {when} on {day.value}'\n",
        r#"
stories:
  - story: At an hour that is there
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: '[monday at 11]{"entity":"time","value":"2026-11-30T11:00"}'
      - call: {url: 'http://x/2026-11-30', returns: {status: 200, body: [{id: 1, hour: '9:00'}, {id: 2, hour: '11:00'}]}}
      - bot: At 11:00 h on 2026-11-30
  - story: The second is a place, and no day
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: '[monday]{"entity":"time","value":"2026-11-30"}'
      - call: {url: 'http://x/2026-11-30', returns: {status: 200, body: [{id: 1, hour: '9:00'}, {id: 2, hour: '11:00'}]}}
      - bot: ask.when
      - user: '[the second]{"entity":"time","value":"2026-12-02"}'
      - bot: At 11:00 h on 2026-11-30
  - story: At an hour that is not, and the only one that is left
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: '[monday at 11]{"entity":"time","value":"2026-11-30T11:00"}'
      - call: {url: 'http://x/2026-11-30', returns: {status: 200, body: [{id: 1, hour: '9:00'}]}}
      - bot: ask.when
      - user: 'yes'
      - bot: At 9:00 h on 2026-11-30
"#,
    );
    goes(&told);
}

#[test]
fn what_was_said_before_there_was_anything_to_choose_is_chosen_then() {
    let story = |name: &str, asked: &str| {
        format!(
            "
  - story: {name}
    steps:
      - {{user: 'x [{name}](person)', intent: a}}
      - bot: ask.day
      - user: monday
      - call: {{url: 'http://x', returns: {{status: 200, body: [{{value: 1, label: Ann}}, {{value: 2, label: Bob}}]}}}}
{asked}      - bot: With Bob
"
        )
    };
    let asked = "      - bot: ask.whom\n      - buttons: [Ann, Bob]\n      - user: bob\n";
    let (known, unknown) = (story("Bob", ""), story("Dan", asked));
    let told = sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots:
      day: {}
      all: {type: list}
      whom: {type: choice, from: all, entities: [person]}
    steps:
      - ask: day
      - call: {url: 'http://x', save: {all: body}}
      - ask: whom
      - say: done
",
        "ask: {day: Which day?, whom: With whom?}\ndone: 'With {whom}'\n",
        &format!("stories:\n{known}{unknown}"),
    );
    let intents = ["a", "yes", "no", "human", "cancel", "correct"];
    goes(&taught(&told, &intents, "[Ann](person)"));
}
