//! A project that understands with a sentence encoder behind an endpoint: what is said in other words, and what
//! becomes of it when the encoder dies.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use convene_runtime::Tasks;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{sleep, timeout},
};

use crate::{
    flow::{hears, notes},
    harness::{Kind, Role, Run, Stack, convene},
    people::{PATIENCE, Person},
};

/// Words that mean the same; each of a group has the group's direction, and all others share one.
pub(crate) const ALIKE: [&[&str]; 3] = [
    &["parcel", "package", "order", "delivery", "consignment"],
    &["return", "back", "refund", "reimbursement"],
    &["open", "opening", "close", "hours", "admittance"],
];

#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Answers,
    Fails,
    /// It takes calls, and never answers.
    Hangs,
}

/// The encoder.
#[derive(Clone)]
struct Thesaurus {
    mood: watch::Sender<Mood>,
    /// Every sentence that it was asked about, and how often it was asked.
    heard: Arc<Mutex<BTreeSet<String>>>,
    calls: Arc<AtomicUsize>,
    tasks: Tasks,
}

impl Thesaurus {
    async fn start() -> (Self, String) {
        let thesaurus = Self {
            mood: watch::Sender::new(Mood::Answers),
            heard: Arc::default(),
            calls: Arc::default(),
            tasks: Tasks::new(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/v1/embeddings", post(embed))
            .with_state(thesaurus.clone());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        thesaurus.tasks.spawn_until_stop(serving);
        (thesaurus, format!("http://{address}/v1"))
    }

    async fn heard_more_than(&self, sentences: usize) {
        let heard = async {
            while self.heard.lock().unwrap().len() <= sentences {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, heard).await.unwrap();
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn embed(
    State(thesaurus): State<Thesaurus>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    thesaurus.calls.fetch_add(1, Ordering::Relaxed);
    if headers["authorization"] != "Bearer sesame" || body["model"] != "thesaurus" {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let mut mood = thesaurus.mood.subscribe();
    drop(mood.wait_for(|mood| *mood != Mood::Hangs).await.unwrap());
    if *thesaurus.mood.borrow() == Mood::Fails {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let sentences = body["input"].as_array().unwrap();
    let rows = sentences.iter().enumerate().rev().map(|(index, sentence)| {
        let sentence = sentence.as_str().unwrap();
        thesaurus.heard.lock().unwrap().insert(sentence.to_owned());
        json!({ "index": index, "embedding": vector(sentence) })
    });
    // Not in order: the index says which is which.
    Ok(Json(json!({ "data": rows.collect::<Vec<_>>() })))
}

fn vector(sentence: &str) -> Vec<f32> {
    let mut vector = vec![0.0; ALIKE.len() + 1];
    for word in sentence
        .to_lowercase()
        .split(|sign: char| !sign.is_alphabetic())
    {
        let group = ALIKE.iter().position(|group| group.contains(&word));
        vector[group.unwrap_or(ALIKE.len())] += if group.is_some() { 3.0 } else { 0.2 };
    }
    vector
}

/// A desk with three intents, each of which has a text of its own.
pub(crate) fn desk(folder: &Path) {
    let nlu = r#"version: "3.1"
nlu:
- intent: track
  examples: |
    - where is my order
    - where is my parcel
    - when does my order arrive
    - has my package been sent yet
    - what is the status of my parcel
    - I am still waiting for my delivery
    - is my parcel on its way
    - how long until my package comes
- intent: give_back
  examples: |
    - I want to return a jacket
    - how can I send something back
    - I would like to return the shoes
    - this is broken, I want a refund
    - please take the lamp back
    - I want my money back
    - return the red shirt
    - can I return the dress
- intent: hours
  examples: |
    - when do you open
    - what are your opening hours
    - are you open on sundays
    - until when is the shop open
    - at what time do you close
    - is the store open tomorrow
    - when do you close on fridays
    - opening hours please
"#;
    let flows = "flows:
  track: {start: {intents: [track]}, steps: [{say: on_its_way}]}
  give_back: {start: {intents: [give_back]}, steps: [{say: send_it}]}
  hours: {start: {intents: [hours]}, steps: [{say: nine_to_five}]}
";
    let texts =
        "on_its_way: It is on its way\nsend_it: Send it to us\nnine_to_five: From nine to five\n";
    for (path, text) in [
        (
            "assistant.yaml",
            "name: Desk\nlanguages: [en]\nthresholds: {sure: 0.3, lost: 0}\n",
        ),
        ("nlu/en.yaml", nlu),
        ("flows/desk.yaml", flows),
        ("texts/en.yaml", texts),
    ] {
        let path = folder.join("desk").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn settings(folder: &Path, url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("agents.desk.kind", "flow".to_owned()),
        (
            "agents.desk.project",
            folder.join("desk").display().to_string(),
        ),
        (
            "agents.desk.versions",
            folder.join("kept").display().to_string(),
        ),
        ("agents.desk.encoder.base_url", url.to_owned()),
        ("agents.desk.encoder.model", "thesaurus".to_owned()),
        ("agents.desk.encoder.api_key", "sesame".to_owned()),
        ("agents.desk.encoder.message_timeout_ms", "300".to_owned()),
        ("agents.desk.encoder.attempts", "1".to_owned()),
    ]
}

pub(crate) async fn customer(stack: &Stack, user: &str) -> Person {
    Person::with_agent(stack, &stack.gateway(0).url(), user, "desk").await
}

/// Its words are those of another intent's examples.
pub(crate) const PARAPHRASE: &str = "at what time is the consignment here";

/// The encoder is there again, and after a while it is asked.
pub(crate) async fn becomes_right(person: &mut Person) {
    let right = async {
        while hears(person, PARAPHRASE).await != "It is on its way" {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, right).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_in_other_words_is_understood_until_the_encoder_dies_and_nothing_is_lost_then()
{
    let folder = tempfile::tempdir().unwrap();
    let (thesaurus, url) = Thesaurus::start().await;
    desk(folder.path());
    let stack = Stack::embedded_with(&settings(folder.path(), &url)).await;
    let mut ada = customer(&stack, "ada").await;
    assert_eq!(hears(&mut ada, PARAPHRASE).await, "It is on its way");

    for mood in [Mood::Fails, Mood::Hangs] {
        thesaurus.mood.send_replace(mood);
        assert_eq!(
            hears(&mut ada, "where is my parcel").await,
            "It is on its way"
        );
        assert_eq!(hears(&mut ada, PARAPHRASE).await, "From nine to five");
        // It is not asked about each message while it is away.
        let calls = thesaurus.calls();
        for _ in 0..3 {
            assert_eq!(
                hears(&mut ada, "I want my money back").await,
                "Send it to us"
            );
        }
        assert!(
            thesaurus.calls() <= calls + 1,
            "{} {calls}",
            thesaurus.calls()
        );
    }
    thesaurus.mood.send_replace(Mood::Answers);
    becomes_right(&mut ada).await;
    ada.saw_the_log().await;
    let logs = stack.logs();
    let told = logs.matches("understood by their words alone").count();
    assert_eq!(told, 1, "{logs}");
    let notes = notes(&stack, &ada, Role::Operator).await;
    let mut alone = notes.iter().filter(|(name, _)| name == "understood");
    let is_alone = |value: &Value| value["by_words_alone"] == true;
    assert!(!is_alone(&alone.next().unwrap().1), "{notes:?}");
    assert!(is_alone(&alone.next().unwrap().1), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_encoder_has_said_of_the_examples_is_not_asked_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (thesaurus, url) = Thesaurus::start().await;
    desk(folder.path());
    // It is away at first: then the project is learnt without it.
    thesaurus.mood.send_replace(Mood::Fails);
    let mut stack = Stack::embedded_with(&settings(folder.path(), &url)).await;
    let mut ada = customer(&stack, "ada").await;
    assert_eq!(hears(&mut ada, PARAPHRASE).await, "From nine to five");
    thesaurus.mood.send_replace(Mood::Answers);
    becomes_right(&mut ada).await;
    assert!(
        thesaurus
            .heard
            .lock()
            .unwrap()
            .contains("where is my parcel")
    );

    thesaurus.heard.lock().unwrap().clear();
    stack.kill(Kind::Gateway, 0);
    stack.start_again(Kind::Gateway, 0).await;
    assert_eq!(hears(&mut ada, PARAPHRASE).await, "It is on its way");
    let heard = thesaurus.heard.lock().unwrap().clone();
    assert_eq!(heard, BTreeSet::from([PARAPHRASE.to_owned()]));

    // Another sentence is the only one that is new.
    let more = "text,intent\nwhere has my consignment got to,track\n";
    fs::write(folder.path().join("desk/nlu/more.csv"), more).unwrap();
    thesaurus.heard_more_than(1).await;
    let heard = thesaurus.heard.lock().unwrap().clone();
    let new = ["where has my consignment got to", PARAPHRASE];
    assert_eq!(heard, new.map(str::to_owned).into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tools_understand_with_an_encoder_and_settings_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (_thesaurus, url) = Thesaurus::start().await;
    desk(folder.path());
    let nlu = |arguments: &[&str], key: &str| {
        let mut command = convene(folder.path());
        command.args([
            "nlu",
            arguments[0],
            "--train",
            "desk/nlu",
            "--encoder",
            &url,
        ]);
        command
            .args(["--encoder-model", "thesaurus", "--json"])
            .args(&arguments[1..]);
        Run::from(command.env("CONVENE_ENCODER_KEY", key).output().unwrap())
    };
    let parsed = nlu(&["parse", PARAPHRASE], "sesame").expect_success();
    let parsed: Value = serde_json::from_str(&parsed).unwrap();
    assert_eq!(parsed["intents"][0]["intent"], "track", "{parsed:#}");
    assert_eq!(parsed["encoding"], "joined", "{parsed:#}");
    let report = nlu(&["evaluate", "--folds", "3"], "sesame").expect_success();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["accuracy"], 1.0, "{report:#}");
    let refused = nlu(&["parse", PARAPHRASE], "simsalabim").expect_complaint();
    assert!(
        refused.contains("does not accept the API key (401)"),
        "{refused}"
    );

    let mut settings = settings(folder.path(), &url);
    settings.push(("agents.desk.encoder.batch", "0".to_owned()));
    let mut check = convene(folder.path());
    for (key, value) in settings {
        check.env(
            format!("CONVENE_{}", key.to_uppercase().replace('.', "__")),
            value,
        );
    }
    let refused = Run::from(check.args(["config", "check"]).output().unwrap());
    let refused = refused.expect_complaint();
    assert!(
        refused.contains("agents.desk.encoder.batch") && refused.contains("1 to 2048"),
        "{refused}"
    );
}
