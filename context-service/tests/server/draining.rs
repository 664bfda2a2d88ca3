//! The end of a server that others outlive.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use convene_context_service::Options;
use convene_proto::{context::ListAgentsRequest, error::ErrorCode};
use tokio::task::JoinSet;

use crate::{
    Setup,
    fake::GATED,
    until,
    working::{append, open},
};

#[tokio::test]
async fn a_draining_server_answers_what_it_has_read_and_sends_workers_elsewhere() {
    let options = Options {
        drain_ms: 500,
        ..Options::default()
    };
    let mut setup = Setup::new(options);
    let (requests, mut replies) = open(&setup).await.unwrap();
    requests.send(append(1, GATED.0)).await.unwrap();
    until("the append is under way", async || {
        setup.store.appends.load(SeqCst) == 1
    })
    .await;

    let stopping = setup.tasks.clone();
    let mut stopped = JoinSet::new();
    stopped.spawn(async move { stopping.stop(Duration::from_secs(10)).await });
    until("new streams are refused", async || {
        let refused = open(&setup).await.err();
        refused.is_some_and(|status| ErrorCode::of(&status) == ErrorCode::Unavailable)
    })
    .await;
    // Calls that people wait for are still served, until clients have noticed.
    let answer = setup.client.list_agents(ListAgentsRequest {}).await;
    assert_eq!(ErrorCode::of(&answer.unwrap_err()), ErrorCode::NotFound);

    setup.store.gate.add_permits(1);
    assert_eq!(replies.message().await.unwrap().unwrap().id, 1);
    assert!(replies.message().await.unwrap().is_none());
    assert_eq!(stopped.join_all().await, [0]);
    setup.server.await.unwrap().unwrap();
}
