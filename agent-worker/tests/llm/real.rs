//! The agent with a real model, where there is one: `CONVENE_TEST_LLM=http://127.0.0.1:8399/v1`.

use std::time::{Duration, Instant};

use convene_agent::{
    ChatModel as _, ChatRequest, ChatRole, ChatTurn, ModelEvent, testing::Rehearsal,
};
use convene_agent_worker::agents::llm::{LlmAgent, OpenAi, Options};
use futures_util::StreamExt as _;
use serde_json::json;

fn options() -> Option<Options> {
    let base_url = std::env::var("CONVENE_TEST_LLM").ok()?;
    Some(Options {
        base_url,
        parameters: [("max_tokens".to_owned(), json!(40))].into_iter().collect(),
        ..Options::new("smol")
    })
}

#[tokio::test]
async fn a_real_model_streams_and_is_let_go_of() {
    let Some(options) = options() else {
        println!("skipped: set CONVENE_TEST_LLM to the base URL of a model");
        return;
    };
    let agent = LlmAgent::from_options(&options).unwrap();
    let said = Rehearsal::new("Name three colours.").perform(&agent).await;
    assert_eq!(said.result, Ok(()));
    assert!(!said.text().trim().is_empty());
    println!("{:?}, {:?}", said.text(), said.usage);

    // Dropped in mid-answer, the server must be free for the next one at once.
    let long = Options {
        parameters: [("max_tokens".to_owned(), json!(1500))]
            .into_iter()
            .collect(),
        ..options.clone()
    };
    let model = OpenAi::new(&long).unwrap();
    let turn = ChatTurn {
        role: ChatRole::User,
        text: "Tell me a very long story.".into(),
        name: None,
    };
    let mut stream = model
        .chat(ChatRequest {
            system: None,
            turns: vec![turn],
        })
        .await
        .unwrap();
    assert!(matches!(
        stream.next().await.unwrap().unwrap(),
        ModelEvent::Text(_)
    ));
    drop(stream);
    let begun = Instant::now();
    let said = Rehearsal::new("Hi").perform(&agent).await;
    assert_eq!(said.result, Ok(()));
    println!("answered {:?} after the abort", begun.elapsed());
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "the aborted answer still runs"
    );
}
