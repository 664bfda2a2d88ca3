//! Projects of a few lines, made here: much that is kept, and events.

use std::fs;

use convene_agent::{
    Happened, MessageId, Note, Part,
    testing::{Rehearsal, Said},
};
use convene_agent_worker::agents::flow::{FlowAgent, Options};
use convene_runtime::Tasks;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Plain {
    pub(crate) agent: FlowAgent,
    notes: Vec<Note>,
    _project: TempDir,
    _tasks: Tasks,
}

/// An agent with these settings, of a project of these files, which it learns from by now.
pub(crate) fn load(mut settings: Value, files: &[(&str, &str)]) -> (FlowAgent, TempDir, Tasks) {
    let project = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = project.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    settings["project"] = json!(project.path());
    let options: Options = serde_json::from_value(settings).unwrap();
    let agent = FlowAgent::load(&options).unwrap();
    let (learning, tasks) = (agent.clone(), Tasks::new());
    tasks.spawn_until_stop(async move { learning.watch().await });
    (agent, project, tasks)
}

/// What was noted counts, as the worker keeps it: from the run of the last base on.
pub(crate) fn keep(kept: &mut Vec<Note>, notes: &[Note]) {
    if notes.iter().any(|note| note.base) {
        kept.clear();
    }
    kept.extend_from_slice(notes);
}

impl Plain {
    pub(crate) fn begin(assistant: &str, flows: &str, texts: &str) -> Self {
        Self::begin_with(json!({}), assistant, flows, texts)
    }

    /// With these settings.
    pub(crate) fn begin_with(settings: Value, assistant: &str, flows: &str, texts: &str) -> Self {
        let files = [
            ("assistant.yaml", assistant),
            ("flows/a.yaml", flows),
            ("texts/en.yaml", texts),
        ];
        let (agent, project, tasks) = load(settings, &files);
        Self {
            agent,
            notes: Vec::new(),
            _project: project,
            _tasks: tasks,
        }
    }

    /// A run that ends well.
    pub(crate) async fn goes(&mut self, scene: Rehearsal) -> Said {
        let notes = self.notes.clone();
        let scene = scene.with(|context| context.notes = notes);
        let said = scene.perform(&self.agent).await;
        assert_eq!(said.result, Ok(()));
        keep(&mut self.notes, &said.notes);
        said
    }

    pub(crate) async fn says(&mut self, text: &str) -> String {
        let text = text.to_owned();
        let scene = Rehearsal::new("").with(|context| {
            for input in &mut context.inputs {
                input.parts = vec![Part::Text { text: text.clone() }];
            }
        });
        self.goes(scene).await.messages.join(" / ")
    }

    async fn happens(&mut self, name: &str) -> String {
        let event = json!({
            "id": MessageId::random(), "name": name, "by": "user:shop", "data": { "parcel": "P1" },
        });
        let happening = serde_json::from_value(event).unwrap();
        let scene = Rehearsal::about(Happened::Event(happening));
        self.goes(scene).await.messages.join(" / ")
    }
}

#[tokio::test]
async fn however_much_is_kept_a_base_is_noted_now_and_then() {
    let slots = 12;
    let of = |what: fn(usize) -> String| (0..slots).map(what).collect::<String>();
    let assistant = format!(
        "name: Plain\nlanguages: [en]\nfallback: a\nslots:\n{}",
        of(|n| format!("  s{n}: {{}}\n"))
    );
    let flows = format!(
        "flows:\n  a:\n    steps:\n      - id: first\n        ask: {{slot: s0, again: true}}\n{}      - say: done\n        next: first\n",
        of(|n| format!("      - ask: {{slot: s{n}, again: true}}\n"))
    );
    let texts = format!("done: Done\nask:\n{}", of(|n| format!("  s{n}: S{n}?\n")));
    let mut talk = Plain::begin(&assistant, &flows, &texts);
    assert_eq!(talk.says("hello").await, "S0?");
    let (mut bases, mut most) = (0, 0);
    for count in 0..60 {
        let long = format!("{count} {}", "ü".repeat(7_900));
        assert!(talk.says(&long).await.ends_with('?'));
        bases += usize::from(talk.notes.iter().any(|note| note.base));
        most = most.max(talk.notes.len());
    }
    let facts: Vec<_> = talk
        .notes
        .iter()
        .filter(|note| note.name.as_str() == "flow")
        .collect();
    let bytes: usize = facts.iter().map(|note| note.value.to_string().len()).sum();
    assert!(bytes > 128 << 10, "it is much: {bytes} bytes");
    assert!(bases > 1, "{bases} runs behind a base");
    assert!(most < 80, "{most} notes are read");
    assert_eq!(
        talk.says(&"x".repeat(8_001))
            .await
            .matches("too long")
            .count(),
        1
    );
}

#[tokio::test]
async fn an_event_is_answered_though_nobody_took_over() {
    let flows = "flows:\n  a:\n    steps: [{handoff: desk}]\n  shipped:\n    start: {events: [order_shipped]}\n    slots: {parcel: {}}\n    steps: [{say: shipped}]\n";
    let assistant = "name: Plain\nlanguages: [en]\nfallback: a\n";
    let mut talk = Plain::begin(
        assistant,
        flows,
        "shipped: 'Parcel {parcel} is on its way.'\n",
    );
    assert!(talk.says("help").await.contains("person"));
    assert_eq!(talk.happens("unheard_of").await, "");
    assert_eq!(
        talk.happens("order_shipped").await,
        "Parcel P1 is on its way."
    );
}

#[tokio::test]
async fn what_the_person_is_told_who_takes_over_stands_in_the_notes() {
    let flows = "flows:\n  a:\n    slots: {what: {}}\n    steps: [{ask: what}, {handoff: {to: desk, reason: 'About {what}'}}]\n";
    let assistant = "name: Plain\nlanguages: [en]\nfallback: a\n";
    let mut talk = Plain::begin(assistant, flows, "ask: {what: What?}\n");
    assert_eq!(talk.says("help").await, "What?");
    assert!(talk.says("the saddle").await.contains("person"));
    let facts = talk.notes.iter().filter_map(|note| note.value.as_array());
    let told = facts.flatten().find(|fact| fact["type"] == "handed.off");
    let told = told.unwrap();
    assert_eq!(told["to"], "desk");
    assert_eq!(told["reason"], "About the saddle");
}

#[tokio::test]
async fn in_a_group_it_hears_the_name_of_its_project_and_is_called_by_its_key() {
    let flows = "flows:\n  a:\n    steps: [{say: hello}]\n";
    let assistant = "name: Velo\nlanguages: [en]\nfallback: a\n";
    let mut talk = Plain::begin(assistant, flows, "hello: Hello\n");
    let mut hears = async |text: &str| {
        let scene = Rehearsal::new(text).with(|context| {
            let mut bob = context.conversation.participants[0].clone();
            bob.id = "user:bob".parse().unwrap();
            bob.name = "Bob".to_owned();
            context.conversation.participants.push(bob);
            context.agent = "desk".parse().unwrap();
        });
        !talk.goes(scene).await.messages.is_empty()
    };
    for text in ["Velo, when are you open?", "desk, when?", "I ask @desk"] {
        assert!(hears(text).await, "{text}");
    }
    for text in ["I put it on my desk", "when is it open?"] {
        assert!(!hears(text).await, "{text}");
    }
}
