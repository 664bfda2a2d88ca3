//! The examples of docs/flows.md are a project that is good, and its story goes as it is told.

use std::{fs, path::PathBuf};

use convene_flows::{Hearing, Project, Projects, Sources, Story, Vocabulary, run_stories};

#[test]
fn the_guide_s_flow_and_story_run() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/flows.md");
    let guide = fs::read_to_string(path).unwrap();
    let blocks = guide.split("```yaml\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect();
    let flows = blocks
        .iter()
        .find(|block| block.starts_with("flows:"))
        .unwrap();
    let stories = blocks
        .iter()
        .find(|block| block.starts_with("stories:"))
        .unwrap();
    let sources: Sources = [
        ("assistant.yaml", "name: Guide\nlanguages: [en]\n"),
        (
            "nlu/en.yaml",
            "nlu:\n- intent: track_order\n  examples: '- [AB1234](order_number)'\n",
        ),
        (
            "texts/en.yaml",
            "ask: {order_number: Which?}\nshipped: Shipped\npacked: Packed\nsorry: Sorry\n",
        ),
        ("flows/guide.yaml", flows),
        ("tests/guide.yaml", stories),
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
