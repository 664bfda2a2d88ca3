//! Nothing is done without a plain yes, and nothing is lost by a no that is about something else.

use convene_source::Sources;

use super::{
    Heard, Input, Ranked,
    desk::{self, HOURS, flows},
    tests::{checked, feed, goes_with_more, hear, taught, with_assistant},
};
use crate::projects::Projects;

const ASSISTANT: &str = "name: Test\nlanguages: [en, de, es, fr]\nmodel: {use_for: generate}\ngroups: always\ncommands: {affirm: [yes], deny: [no], correct: [correct], cancel: [cancel]}\n";

const FLOWS: &str = "
  book:
    description: To book
    start: {intents: [book]}
    slots:
      course: {type: choice, values: [yoga, boxing], entities: [course]}
      ok: {type: boolean, intents: {'yes': 'true', 'no': 'false'}}
    steps:
      - ask: course
      - ask: ok
      - branch:
          - if: ok
            then: booked
          - else: left
      - {id: booked, say: booked, next: end}
      - {id: left, say: left}
  move:
    description: To move
    start: {intents: [move]}
    slots: {day: {type: integer, entities: [day]}}
    steps: [{ask: {slot: day, confirm: right}}, {say: moved}]
  thanks:
    description: To thank
    start: {intents: [thank]}
    steps: [{say: welcome}]
";

const TEXTS: &str =
    "ask: {course: 'Which course?', ok: 'Shall I book {course}?', day: 'Which day?'}
right: 'Day {day}: right?'
booked: 'Booked {course}'
left: Nothing is booked
moved: 'Moved to {day}'
hours: From nine
welcome: Any time
";

fn sources(stories: &str) -> Sources {
    let intents = [
        "book", "move", "hours", "thank", "yes", "no", "correct", "cancel",
    ];
    let files = with_assistant(ASSISTANT, &flows(&[HOURS], FLOWS), TEXTS, stories);
    let others = ["de", "es", "fr"].map(|locale| (format!("texts/{locale}.yaml"), TEXTS));
    let others = others.iter().map(|(file, texts)| (file.as_str(), *texts));
    let files = files.iter().chain(others).collect();
    taught(&files, &intents, "x [yoga](course) [3](day)")
}

fn told(steps: &str) -> Sources {
    sources(&desk::told(steps))
}

/// What is said to "Shall I book yoga?" comes to: booked, left, or asked again.
fn comes_to(projects: &Projects, said: Input) -> &'static str {
    let mut log = Vec::new();
    let mut wish = hear("book [yoga]", Some("book"));
    if let Input::Heard(heard) = &mut wish {
        heard.entities = vec![super::Entity {
            name: "course".into(),
            value: "yoga".into(),
            role: None,
            start: None,
            end: None,
            wish: None,
        }];
    }
    let asked = feed(projects, &mut log, wish);
    assert_eq!(asked, ["Shall I book yoga?"]);
    let answers = feed(projects, &mut log, said);
    match answers.first().map(String::as_str) {
        Some("Booked yoga") => "yes",
        Some("Nothing is booked") => "no",
        _ if answers.last() == asked.first() => "asked again",
        _ => "otherwise",
    }
}

#[test]
fn words_say_yes_or_no_or_neither() {
    let projects = Projects::new(checked(&sources("stories: []")));
    for (words, nod) in [
        ("yes!", "yes"),
        ("Yes please", "yes"),
        ("y", "yes"),
        ("yes, thank you very much!", "yes"),
        ("yes, no problem", "yes"),
        ("yes I would like that", "yes"),
        ("that's right", "yes"),
        ("well, yes", "yes"),
        ("why not", "yes"),
        ("of course", "yes"),
        ("👍", "yes"),
        ("👍🏽!", "yes"),
        ("ja gerne", "yes"),
        ("ja, das bin ich", "yes"),
        ("yes I'm sure", "yes"),
        ("das stimmt", "yes"),
        ("passt", "yes"),
        ("claro que sí", "yes"),
        ("d’accord", "yes"),
        ("no", "no"),
        ("no thanks", "no"),
        ("no, I don't want that", "no"),
        ("no, the right one is broken", "no"),
        ("not really", "no"),
        ("not right", "no"),
        ("that is not correct", "no"),
        ("of course not", "no"),
        ("absolutely not", "no"),
        ("👎", "no"),
        ("stimmt nicht", "no"),
        ("natürlich nicht", "no"),
        ("klar nicht", "no"),
        ("auf keinen Fall", "no"),
        ("lieber nicht", "no"),
        ("claro que no", "no"),
        ("bien sûr que non", "no"),
        ("yes, but not for 6 pm", "asked again"),
        ("yes but later", "asked again"),
        ("yes no", "asked again"),
        ("ok no", "asked again"),
        ("ja nein", "asked again"),
        ("ja, aber nein", "asked again"),
        ("no, that's right", "asked again"),
        ("sí pero no", "asked again"),
        ("sí, mejor mañana", "asked again"),
        ("oui, plutôt demain", "asked again"),
        ("why not later", "asked again"),
        ("oui non", "asked again"),
        ("yeah nah", "asked again"),
        ("no problem", "asked again"),
        ("not wrong", "asked again"),
        ("not sure", "asked again"),
        ("not no", "asked again"),
        ("not 6, 7", "asked again"),
        ("I want the right one", "asked again"),
        ("go back", "asked again"),
    ] {
        assert_eq!(comes_to(&projects, hear(words, None)), nod, "{words}");
    }
}

#[test]
fn what_a_message_is_taken_for_is_no_more_than_its_words_leave_open() {
    let projects = Projects::new(checked(&sources("stories: []")));
    for (words, intent, confidence, nod) in [
        ("go for it", "yes", 0.9, "yes"),
        ("go back", "yes", 0.59, "asked again"),
        ("yes no", "yes", 0.99, "asked again"),
        ("claro que no", "yes", 0.99, "asked again"),
        ("stimmt nicht", "no", 0.6, "no"),
        ("forget about that one", "no", 0.6, "no"),
        ("not 6, 7", "no", 0.87, "asked again"),
    ] {
        let said = Input::Heard(Heard {
            intents: vec![Ranked {
                intent: intent.into(),
                confidence,
                score: None,
            }],
            ..match hear(words, Some(intent)) {
                Input::Heard(heard) => heard,
                _ => Heard::default(),
            }
        });
        assert_eq!(comes_to(&projects, said), nod, "{words}");
    }
}

#[test]
fn a_yes_that_stands_apart_is_one_whatever_follows() {
    goes_with_more(&told(
        "
        {user: 'book [yoga](course)', intent: book}
        bot: ask.ok
        {user: 'yes, thank you very much!', intent: thank}
        bot: booked
        bot: convene.next
        bot: welcome
        {user: 'book [yoga](course)', intent: book}
        bot: ask.ok
        {user: 'yes please, and also book [boxing](course)', intent: book}
        bot: Booked yoga
        bot: convene.next
        bot: 'Shall I book boxing?'
        {user: 'yes, book [boxing](course)', intent: book}
        bot: Booked boxing
        ",
    ));
}

#[test]
fn what_is_confirmed_wants_a_plain_yes() {
    goes_with_more(&told(
        "
        {user: 'move to day [3](day)', intent: move}
        bot: 'Day 3: right?'
        {user: 'yes, but not so early', intent: 'yes'}
        bot: convene.invalid.boolean
        bot: 'Day 3: right?'
        {user: 'yes, but [4](day)', intent: 'yes'}
        bot: 'Day 4: right?'
        {user: 'yes, thanks a lot for that', intent: thank}
        bot: Moved to 4
        bot: convene.next
        bot: welcome
        ",
    ));
}

#[test]
fn a_yes_to_several_choices_is_no_answer_to_what_was_asked_before() {
    goes_with_more(&told(
        "
        {user: 'book [yoga](course)', intent: book}
        bot: ask.ok
        {user: 'is it for beginners?', torn: [hours, move]}
        bot: convene.which
        user: 'yes'
        bot: convene.which
        {user: 'no', intent: 'no'}
        bot: ask.ok
        user: 'yes'
        bot: booked
        {user: 'is it for beginners?', torn: [hours, move]}
        bot: convene.which
        {user: ja genau, intent: 'yes'}
        bot: convene.which
        user: To know the hours
        bot: hours
        ",
    ));
}

#[test]
fn a_command_that_has_nothing_to_do_is_the_next_wish() {
    let projects = Projects::new(checked(&sources("stories: []")));
    let said = |text: &str, others: &[(&str, f64)]| {
        let ranked = others.iter().map(|(intent, confidence)| Ranked {
            intent: (*intent).into(),
            confidence: *confidence,
            score: None,
        });
        let intents = ranked.collect();
        let said = match hear(text, Some("correct")) {
            Input::Heard(heard) => Input::Heard(Heard { intents, ..heard }),
            other => other,
        };
        feed(&projects, &mut Vec::new(), said)
    };
    let book = [("correct", 0.63), ("book", 0.28)];
    assert_eq!(
        said("yoga is what I came here for today", &book),
        ["Which course?"]
    );
    let far = [("correct", 0.97), ("book", 0.01)];
    assert_ne!(
        said("something else entirely is meant by this", &far),
        ["Which course?"]
    );
}
