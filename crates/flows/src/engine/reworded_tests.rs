//! Answers that are corrected in words, and words that are no answer.

use convene_source::Sources;

use super::tests::{goes_with_more, taught, with_assistant};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ncommands: {affirm: ['yes'], deny: ['no'], correct: [correct]}\n";

const FLOWS: &str = "
flows:
  table:
    description: To book a table
    start: {intents: [table]}
    slots:
      name: {label: name}
      street: {label: street}
      persons: {type: integer, entities: [persons]}
      insurance: {type: choice, values: [public, private], entities: [insurance]}
      number: {pattern: 'P[0-9]{3}', entities: [number-of]}
      day: {type: choice, values: [monday, tuesday], entities: [day]}
      sure: {type: boolean}
    steps: [{ask: name}, {ask: street}, {ask: persons}, {ask: insurance}, {ask: number}, {ask: day}, {ask: sure}, {say: booked}]
";

const TEXTS: &str = "name: Name\nstreet: Street\nask: {name: 'Name?', street: 'Street?', persons: 'How many?', insurance: 'Insured?', number: 'Which number?', day: 'Which day?', sure: 'For {name} in {street}?'}\nbooked: 'Booked for {name} in {street}, {persons}, {number}'\n";

fn with(stories: &str) -> Sources {
    let files = with_assistant(ASSISTANT, FLOWS, TEXTS, stories);
    let example = "x [3](persons) [private](insurance) [P123](number-of) [monday](day)";
    taught(&files, &["table", "yes", "no", "correct"], example)
}

#[test]
fn an_answer_of_any_words_is_corrected_by_its_name() {
    goes_with_more(&with(
        "
stories:
  - story: The name is Bob
    steps:
      - {user: a table, intent: table}
      - bot: ask.name
      - user: Ada
      - bot: ask.street
      - user: Main Street 5
      - bot: ask.persons
      - {user: 'change the street to Park Lane [7](persons)'}
      - bot: convene.corrected
      - bot: ask.persons
      - slot_was_set: {street: Park Lane 7, persons: null}
      - user: '3'
      - bot: ask.insurance
      - user: public
      - bot: ask.number
      - user: P123
      - bot: ask.day
      - user: monday
      - bot: For Ada in Park Lane 7?
      - {user: 'no, the name is Bob, not Ada', intent: 'no'}
      - bot: convene.corrected
      - bot: For Bob in Park Lane 7?
      - {user: 'yes, the name is right', intent: 'yes'}
      - bot: Booked for Bob in Park Lane 7, 3, P123
  - story: Where any words are an answer, they are one
    steps:
      - {user: a table, intent: table}
      - bot: ask.name
      - user: Ada
      - bot: ask.street
      - user: 'the name: Bob'
      - bot: ask.persons
      - slot_was_set: {name: Ada, street: 'the name: Bob'}
",
    ));
}

#[test]
fn several_values_and_what_asks_after_one_or_takes_it_out_are_no_answer() {
    goes_with_more(&with(
        "
stories:
  - story: Asked again
    steps:
      - {user: a table, intent: table}
      - bot: ask.name
      - user: Ada
      - bot: ask.street
      - user: Main Street
      - bot: ask.persons
      - user: '[2](persons) adults and [2](persons) children'
      - bot: convene.invalid.integer
      - bot: ask.persons
      - user: '4'
      - bot: ask.insurance
      - user: what is [private](insurance)?
      - bot: convene.invalid.choice
      - bot: ask.insurance
      - user: what does [private](insurance) mean
      - bot: convene.invalid.choice
      - bot: ask.insurance
      - user: what about [private](insurance)?
      - bot: ask.number
      - user: '[P123](number-of) and [P124](number-of)'
      - bot: convene.invalid.pattern
      - bot: ask.number
      - user: '[P123](number-of)'
      - bot: ask.day
      - user: any day but [monday](day)
      - bot: convene.invalid.choice
      - bot: ask.day
      - user: instead of [monday](day), if you have to know
      - bot: convene.invalid.choice
      - bot: ask.day
      - user: '[tuesday](day)'
      - bot: ask.sure
",
    ));
}
