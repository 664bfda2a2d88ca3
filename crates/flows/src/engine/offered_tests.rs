//! Choices whose values come from a list that a call has answered.

use super::tests::{goes, sources, taught};

const BOOK: &str = "
flows:
  book:
    title: title
    start: {intents: [a]}
    slots:
      day: {pattern: '(mon|tues|wednes)day', case: lower}
      free: {type: list, item: {value: id, label: 'hour ~ \" with \" ~ dentist.name'}}
      when: {type: choice, from: free}
    steps:
      - ask: day
      - call: {url: 'http://x/free/{day}', save: {free: body.free}, on_error: down}
      - ask: {slot: when, otherwise: none}
      - say: booked
        next: end
      - id: none
        say: none
        next: end
      - id: down
        say: down
";

const TEXTS: &str = "
title: Book
ask: {day: Which day?, when: 'There are {free | length}: {free}. When?'}
booked: 'Booked: {when} ({when.value}) on {day}'
none: Nothing is free on {day}
down: We cannot look now
";

const MONDAY: &str = "- call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: [
          {id: 7, hour: '9:00', dentist: {name: Ann}}, {id: 8, hour: '10:30', dentist: {name: Bob}}]}}}";

fn told(stories: &str) {
    let stories = stories.replace("- monday", MONDAY);
    goes(&sources(BOOK, TEXTS, &format!("stories:\n{stories}")));
}

#[test]
fn a_choice_is_offered_from_what_a_call_has_answered() {
    told(
        "
  - story: Pressed
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: 'There are 2: 9:00 with Ann and 10:30 with Bob. When?'
      - buttons: [9:00 with Ann, 10:30 with Bob]
      - press: 10:30 with Bob
      - bot: 'Booked: 10:30 with Bob (8) on monday'
  - story: Said by its label
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: ask.when
      - user: 9:00 with ann please
      - bot: 'Booked: 9:00 with Ann (7) on monday'
  - story: Said by its place, and read by its value before its place
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: ask.when
      - user: the second one
      - bot: 'Booked: 10:30 with Bob (8) on monday'
  - story: What it is to the endpoint is no name of it
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: ask.when
      - user: '7'
      - bot: convene.invalid.choice
      - bot: ask.when
      - user: there are 8 of us
      - bot: convene.invalid.choice
      - bot: ask.when
      - user: the last one
      - bot: 'Booked: 10:30 with Bob (8) on monday'
  - story: Who says more about one is asked whether it is meant
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: ask.when
      - user: 9:00 with Ann is too early
      - bot: '9:00 with Ann: is that right?'
      - {user: 'no', intent: no}
      - bot: convene.rejected
      - bot: ask.when
      - user: ok then 10:30 please
      - bot: 'Booked: 10:30 with Bob (8) on monday'
  - story: What is not offered is asked again with the same buttons
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: ask.when
      - user: five in the morning
      - bot: convene.invalid.choice
      - bot: ask.when
      - buttons: [9:00 with Ann, 10:30 with Bob]
      - user: '9'
      - bot: 'Booked: 9:00 with Ann (7) on monday'
",
    );
}

#[test]
fn a_list_that_is_another_one_is_chosen_from_anew() {
    told(
        "
  - story: The day is corrected, and the list is called for again
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: ask.when
      - {user: 'no, tuesday', intent: correct}
      - bot: convene.corrected
      - call: {url: 'http://x/free/tuesday', returns: {status: 200, body: {free: [{id: 9, hour: '8:00', dentist: {name: Cy}}, {id: 8, hour: '9:00', dentist: {name: Di}}]}}}
      - bot: ask.when
      - buttons: [8:00 with Cy, 9:00 with Di]
      - user: 9:00 with ann
      - bot: convene.invalid.choice
      - bot: ask.when
      - user: 8:00 with cy
      - bot: 'Booked: 8:00 with Cy (9) on tuesday'
",
    );
}

#[test]
fn who_is_named_with_another_day_is_chosen_from_that_day_s_list() {
    let told = sources(
        &BOOK.replace("from: free}", "from: free, entities: [person]}"),
        TEXTS,
        &"
stories:
  - story: Bob of the new list
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - monday
      - bot: ask.when
      - {user: 'no, tuesday with [Bob](person)', intent: correct}
      - bot: convene.corrected
      - call: {url: 'http://x/free/tuesday', returns: {status: 200, body: {free: [{id: 9, hour: '8:00', dentist: {name: Cy}}, {id: 3, hour: '9:00', dentist: {name: Bob}}]}}}
      - bot: 'Booked: 9:00 with Bob (3) on tuesday'
".replace("- monday\n      - bot", &format!("{MONDAY}\n      - bot")),
    );
    let intents = ["a", "yes", "no", "human", "cancel", "correct"];
    goes(&taught(&told, &intents, "[Ann](person)"));
}

#[test]
fn where_nothing_is_offered_nothing_is_asked() {
    told(
        "
  - story: Nothing is free
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: []}}}
      - bot: Nothing is free on monday
      - flow: none
  - story: No list
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: soon}}}
      - bot: down
  - story: What has no value is no item
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: [{hour: '9:00', dentist: {name: Ann}}]}}}
      - bot: down
",
    );
    goes(&sources(
        &BOOK.replace(r#"hour ~ " with " ~ dentist.name"#, "hour"),
        TEXTS,
        "
stories:
  - story: What has no label is none either
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: [{id: 7, dentist: {name: Ann}}]}}}
      - bot: down
",
    ));
    let flows = BOOK.replace("{slot: when, otherwise: none}", "when");
    let flows = flows.replace(
        "      - id: none\n        say: none\n        next: end\n",
        "",
    );
    let texts = TEXTS.replace("none: Nothing is free on {day}\n", "");
    goes(&sources(
        &flows,
        &texts,
        "
stories:
  - story: The way out, for want of an own one
    steps:
      - {user: x, intent: a}
      - bot: ask.day
      - user: monday
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: []}}}
      - bot: convene.nothing_to_choose
      - bot: convene.handoff
      - ended: {book: handed_off}
",
    ));
}

#[test]
fn lists_are_set_given_to_other_flows_and_looked_at() {
    goes(&sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots:
      sizes: {type: list}
      size: {type: choice, from: sizes}
    steps:
      - set: {sizes: [small, {value: l, label: large}]}
      - flow: {name: choose, with: {from: sizes}, save: {size: one}}
      - set: {sizes: [small]}
      - branch:
          - if: size
            then: [{say: kept}]
          - else: [{say: gone}]
      - call: {url: 'http://x', method: POST, body: {all: '{sizes}'}}
  choose:
    slots:
      from: {type: list}
      one: {type: choice, from: from}
    steps:
      - branch: [{if: from | length == 2 and 'small' in from, then: [{say: two}]}]
      - ask: one
",
        "ask: {one: Which?}\nkept: 'Kept {size}'\ngone: Gone\ntwo: Two\n",
        "
stories:
  - story: What stays on the list stays chosen
    steps:
      - {user: x, intent: a}
      - bot: two
      - bot: ask.one
      - buttons: [small, large]
      - user: small
      - bot: Kept small
      - call: {url: 'http://x', body: {all: [small]}, returns: {status: 200}}
      - ended: {choose: completed, a: completed}
  - story: What is not on it any more is forgotten
    steps:
      - {user: x, intent: a}
      - bot: two
      - bot: ask.one
      - user: large
      - bot: gone
      - call: {url: 'http://x', body: {all: [small]}, returns: {status: 200}}
",
    ));
}

#[test]
fn forms_offer_lists_and_a_choice_of_one_is_confirmed() {
    goes(&sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots:
      free: {type: list}
      when: {type: choice, from: free, label: when}
      name: {label: name}
    steps:
      - call: {url: 'http://x', save: {free: body}}
      - ask: {slot: name, form: [when]}
      - ask: {slot: when, confirm: sure}
      - say: done
",
        "ask: {name: Name?, when: When?}\nwhen: When\nname: Name\nsure: '{value}?'\ndone: '{name}, {when}'\n",
        "
stories:
  - story: In a form
    steps:
      - {user: x, intent: a}
      - call: {url: 'http://x', returns: {status: 200, body: [{value: m, label: morning}, {value: e, label: evening}]}}
      - bot: ask.name
      - form: [name, when]
      - submit: {name: Ada, when: e}
      - bot: Ada, evening
  - story: In words
    steps:
      - {user: x, intent: a}
      - call: {url: 'http://x', returns: {status: 200, body: [{value: m, label: morning}, {value: e, label: evening}]}}
      - bot: ask.name
      - user: Ada
      - bot: ask.when
      - user: in the morning
      - bot: morning?
      - {user: x, intent: yes}
      - bot: Ada, morning
",
    ));
}

#[test]
fn an_option_is_named_by_its_day_its_hour_or_a_part_of_its_label() {
    let mut stories = "stories:\n".to_owned();
    for (said, value) in [
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
    ] {
        let outcome = match value {
            Some(value) => format!("      - bot: It is {value}\n"),
            None => "      - bot: convene.invalid.choice\n      - bot: ask.when\n".to_owned(),
        };
        stories += &format!(
            "  - story: {said:?}\n    steps:\n      - {{user: x, intent: a}}\n      - bot: ask.when\n      - user: '{said}'\n{outcome}"
        );
    }
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
    let mut stories = "stories:\n".to_owned();
    for (said, value) in [
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
    ] {
        let outcome = match value {
            Some("ask") => "      - bot: convene.confirm\n".to_owned(),
            Some(value) => format!("      - bot: It is {value}\n"),
            None => "      - bot: convene.invalid.choice\n      - bot: ask.when\n".to_owned(),
        };
        stories += &format!(
            "  - story: {said:?}\n    steps:\n      - {{user: x, intent: a}}\n      - bot: ask.when\n      - user: '{said}'\n{outcome}"
        );
    }
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

#[test]
fn a_list_of_the_conversation_stays_as_it_was_to_a_flow_that_waits() {
    let sources = sources(
        "
flows:
  a:
    start: {intents: [a]}
    title: a
    steps:
      - set: {free: [{value: 1, label: nine}, {value: 2, label: ten}]}
      - ask: when
      - ask: name
      - say: done
  b:
    start: {intents: [b]}
    title: b
    steps:
      - set: {free: [{value: 2, label: noon}]}
      - say: other
  c:
    start: {intents: [c]}
    title: c
    steps:
      - ask: when
      - say: known
",
        "ask: {when: When?, name: Name?}\na: A\nb: B\nc: C\ndone: '{name}: {when} of {free}'\nother: Now {free}\nknown: Still {when}\n",
        "
stories:
  - story: In the middle another flow asks for another list
    steps:
      - {user: x, intent: a}
      - bot: ask.when
      - user: ten
      - bot: ask.name
      - {user: x, intent: b}
      - bot: Now noon
      - bot: convene.resumed
      - bot: ask.name
      - user: Ada
      - bot: 'Ada: ten of nine and ten'
      - {user: x, intent: c}
      - bot: ask.when
      - buttons: [noon]
  - story: What was chosen stays with the next message
    steps:
      - {user: x, intent: a}
      - bot: ask.when
      - user: ten
      - bot: ask.name
      - user: Ada
      - bot: 'Ada: ten of nine and ten'
      - {user: x, intent: c}
      - bot: Still ten
",
    );
    let shared = "slots:\n  free: {type: list, of: conversation}\n  when: {type: choice, from: free, of: conversation}\n  name: {}\n";
    let files = sources.iter().map(|(path, text)| {
        let more = if path == "assistant.yaml" { shared } else { "" };
        (path.to_owned(), format!("{text}{more}"))
    });
    goes(&files.collect());
}

#[test]
fn what_is_chosen_from_an_answer_is_from_the_list_in_it() {
    goes(&sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots:
      free: {type: list}
      best: {type: choice, from: free}
    steps:
      - call: {url: 'http://x', save: {best: body.best, free: body.free}}
      - say: best
      - set: {best: c, free: [b, c]}
      - say: best
",
        "best: '{best} of {free}'\n",
        "
stories:
  - story: In whichever order
    steps:
      - {user: x, intent: a}
      - call: {url: 'http://x', returns: {status: 200, body: {best: b, free: [a, b]}}}
      - bot: b of a and b
      - bot: c of b and c
",
    ));
}
