//! How the answers of a question are shown.

use super::tests::{goes, sources};

const TEXTS: &str =
    "what: What?\nask: {size: Which size?, sure: Sure?, many: Which one?}\nyes: Yes\nno: No\n";

#[test]
fn answers_are_shown_as_the_step_says_and_many_are_a_list() {
    let values = |many: usize| {
        let names: Vec<_> = (1..=many).map(|number| format!("v{number}")).collect();
        names.join(", ")
    };
    let flows = format!(
        "flows:
  a:
    start: {{intents: [a]}}
    slots:
      size: {{type: choice, values: [big, small]}}
      sure: {{type: boolean}}
      many: {{type: choice, values: [{}]}}
      row: {{type: choice, values: [{}], ask: what}}
    steps:
      - ask: {{slot: size, as: choices}}
      - ask: {{slot: sure, as: quick_replies}}
      - ask: many
      - ask: row
      - choose:
          text: what
          as: quick_replies
          options: [{{label: 'yes', then: end}}, {{label: 'no', then: end}}]
",
        values(9),
        values(8)
    );
    let stories = format!(
        "stories:
  - story: it
    steps:
      - {{user: go, intent: a}}
      - bot: Which size?
      - {{buttons: [big, small], as: choices}}
      - user: purple
      - bot: convene.invalid.choice
      - bot: Which size?
      - {{buttons: [big, small], as: choices}}
      - press: small
      - bot: Sure?
      - {{buttons: ['Yes', 'No'], as: quick_replies}}
      - press: 'Yes'
      - bot: Which one?
      - {{buttons: [{}], as: choices}}
      - user: v7
      - bot: What?
      - {{buttons: [{}], as: buttons}}
      - press: v1
      - bot: What?
      - {{buttons: ['Yes', 'No'], as: quick_replies}}
      - press: 'No'
      - flow: none
",
        values(9),
        values(8)
    );
    goes(&sources(&flows, TEXTS, &stories));
}
