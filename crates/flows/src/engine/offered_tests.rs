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

/// What stories begin with.
fn written_out(stories: &str) -> String {
    let begun = "- {user: x, intent: a}\n      - bot: ask.day\n      - user: monday";
    let asked = format!("{begun}\n      - monday\n      - bot: ask.when");
    let stories = stories.replace("- asked", &asked).replace("- begun", begun);
    stories.replace("- monday\n", &format!("{MONDAY}\n"))
}

fn told(stories: &str) {
    let stories = format!("stories:\n{}", written_out(stories));
    goes(&sources(BOOK, TEXTS, &stories));
}

#[test]
fn a_choice_is_offered_from_what_a_call_has_answered() {
    told(
        "
  - story: Pressed
    steps:
      - begun
      - monday
      - bot: 'There are 2: 9:00 with Ann and 10:30 with Bob. When?'
      - buttons: [9:00 with Ann, 10:30 with Bob]
      - press: 10:30 with Bob
      - bot: 'Booked: 10:30 with Bob (8) on monday'
  - story: Said by its label
    steps:
      - asked
      - user: 9:00 with ann please
      - bot: 'Booked: 9:00 with Ann (7) on monday'
  - story: Said by its place, and read by its value before its place
    steps:
      - asked
      - user: the second one
      - bot: 'Booked: 10:30 with Bob (8) on monday'
  - story: What it is to the endpoint is no name of it
    steps:
      - asked
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
      - asked
      - user: 9:00 with Ann is too early
      - bot: '9:00 with Ann: is that right?'
      - {user: 'no', intent: no}
      - bot: convene.rejected
      - bot: ask.when
      - user: ok then 10:30 please
      - bot: 'Booked: 10:30 with Bob (8) on monday'
  - story: What is not offered is asked again with the same buttons
    steps:
      - asked
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
      - asked
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
        &written_out("
stories:
  - story: Bob of the new list
    steps:
      - asked
      - {user: 'no, tuesday with [Bob](person)', intent: correct}
      - bot: convene.corrected
      - call: {url: 'http://x/free/tuesday', returns: {status: 200, body: {free: [{id: 9, hour: '8:00', dentist: {name: Cy}}, {id: 3, hour: '9:00', dentist: {name: Bob}}]}}}
      - bot: 'Booked: 9:00 with Bob (3) on tuesday'
"),
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
      - begun
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: []}}}
      - bot: Nothing is free on monday
      - flow: none
  - story: No list
    steps:
      - begun
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: soon}}}
      - bot: down
  - story: What has no value is no item
    steps:
      - begun
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: [{hour: '9:00', dentist: {name: Ann}}]}}}
      - bot: down
",
    );
    goes(&sources(
        &BOOK.replace(r#"hour ~ " with " ~ dentist.name"#, "hour"),
        TEXTS,
        &written_out("
stories:
  - story: What has no label is none either
    steps:
      - begun
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: [{id: 7, dentist: {name: Ann}}]}}}
      - bot: down
"),
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
        &written_out(
            "
stories:
  - story: The way out, for want of an own one
    steps:
      - begun
      - call: {url: 'http://x/free/monday', returns: {status: 200, body: {free: []}}}
      - bot: convene.nothing_to_choose
      - bot: convene.handoff
      - ended: {book: handed_off}
",
        ),
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
