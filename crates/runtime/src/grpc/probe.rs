//! Asks one server, again and again, whether it wants calls.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// What is known of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Not asked yet.
    Unknown,
    Green,
    /// It does not answer, or says that it does not serve.
    Red,
}

/// Asks for ever, over a connection of its own, and reports each change.
pub(super) async fn watch(
    endpoint: Endpoint,
    every: Duration,
    limit: Duration,
    report: impl AsyncFn(State),
) {
    let mut client = HealthClient::new(endpoint.connect_lazy());
    let mut known = State::Unknown;
    loop {
        let state = timeout(limit, ask(&mut client)).await.unwrap_or(State::Red);
        if state != known {
            known = state;
            report(state).await;
        }
        sleep(every).await;
    }
}

/// Asks once, over a channel that calls are made on, whether whoever answers there serves.
///
/// It waits for as long as the channel does: give it a deadline.
pub async fn serves(channel: &Channel) -> bool {
    ask(&mut HealthClient::new(channel.clone())).await == State::Green
}

async fn ask(client: &mut HealthClient<Channel>) -> State {
    let question = HealthCheckRequest::default();
    match client.check(question).await {
        Ok(answer) if answer.get_ref().status() == ServingStatus::Serving => State::Green,
        // It answers, and knows no health service: then answering is all that can be asked.
        Err(status) if status.code() == Code::Unimplemented => State::Green,
        Ok(_) | Err(_) => State::Red,
    }
}
