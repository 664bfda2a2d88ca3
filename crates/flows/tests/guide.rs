//! The examples of docs/flows.md are a project that is good, and its story goes as it is told.

use std::{fs, path::PathBuf};

use convene_flows::{Hearing, Project, Projects, Sources, Story, Vocabulary, run_stories};

/// How the guide's choice from a list goes.
const BOOKED: &str = r#"
stories:
  - story: What is free is offered, and another day where nothing is
    now: 2026-11-26T10:00
    steps:
      - {user: a visit please, intent: book}
      - bot: ask.day
      - user: 2026-11-27
      - call: {url: https://clinic.example/free/2026-11-27, returns: {body: {hours: []}}}
      - bot: full
      - bot: ask.day
      - user: 2026-11-30
      - call:
          url: https://clinic.example/free/2026-11-30
          returns:
            body:
              hours:
                - {id: 7, hour: '9:00', dentist: {name: Ann}}
                - {id: 8, hour: '10:30', dentist: {name: Bob}}
      - bot: 9:00 with Ann and 10:30 with Bob, which?
      - buttons: [9:00 with Ann, 10:30 with Bob]
      - user: the one with Bob
      - call: {method: POST, url: https://clinic.example/visits, body: {visit: '8'}, returns: {}}
      - bot: 10:30 with Bob on November 30, 2026
"#;

#[test]
fn the_guide_s_flows_and_stories_run() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/flows.md");
    let guide = fs::read_to_string(path).unwrap();
    let blocks = guide.split("```yaml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap_or_default());
    let (flows, others): (Vec<_>, Vec<_>) = blocks.partition(|block| block.starts_with("flows:"));
    let stories = others
        .into_iter()
        .find(|block| block.starts_with("stories:"));
    let [track, book] = flows.try_into().unwrap();
    let sources: Sources = [
        ("assistant.yaml", "name: Guide\nlanguages: [en]\n"),
        (
            "nlu/en.yaml",
            "nlu:\n- intent: track_order\n  examples: '- [AB1234](order_number)'\n- intent: book\n  examples: '- a visit'\n",
        ),
        (
            "texts/en.yaml",
            "ask: {order_number: Which?, day: When?, visit: '{free}, which?'}\nshipped: Shipped\npacked: Packed\nsorry: Sorry\nbooked: '{visit} on {day}'\nfull: Nothing is free on {day}.\nno_answer: Sorry\n",
        ),
        ("flows/track.yaml", track),
        ("flows/book.yaml", book),
        ("tests/track.yaml", stories.unwrap()),
        ("tests/book.yaml", BOOKED),
    ]
    .into_iter()
    .collect();
    let checked = Project::check(&sources, &Vocabulary::of(&sources));
    assert_eq!(checked.faults, []);
    let (stories, faults) = Story::all(&sources);
    assert_eq!(faults, []);
    let projects = Projects::new(checked.project.unwrap());
    let report = run_stories(&projects, &stories, Hearing::AsTold);
    assert_eq!(report.failures(), 0, "{report}");
}
