//! The server is as well as its store, and says so to balancers, operators and the curious.

use convene_context_service::Options;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::{Setup, fake::Ping, until};

#[tokio::test]
async fn the_server_is_red_while_its_store_is_away() {
    let setup = Setup::new(Options::default());
    let status = async |service: &str| {
        let mut client = HealthClient::new(setup.channel.clone());
        let request = HealthCheckRequest {
            service: service.into(),
        };
        client.check(request).await.unwrap().get_ref().status()
    };
    let service = "convene.context.v1.ContextService";
    let turns = async |wanted| {
        until(&format!("{wanted:?}"), async || {
            status("").await == wanted && status(service).await == wanted
        })
        .await;
    };
    turns(ServingStatus::Serving).await;
    assert!(setup.health.ready().is_green());
    for ping in [Ping::Fails, Ping::Hangs] {
        setup.store.answer_pings(ping);
        turns(ServingStatus::NotServing).await;
        assert!(!setup.health.ready().is_green());
        setup.store.answer_pings(Ping::Answers);
        turns(ServingStatus::Serving).await;
        assert!(setup.health.ready().is_green());
    }
}

#[tokio::test]
async fn the_server_describes_itself() {
    let setup = Setup::new(Options::default());
    let mut client = ServerReflectionClient::new(setup.channel.clone());
    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answers = client.server_reflection_info(tokio_stream::iter([question]));
    let answer = answers
        .await
        .unwrap()
        .into_inner()
        .message()
        .await
        .unwrap()
        .unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        unreachable!("{answer:?}")
    };
    let names: Vec<_> = list.service.iter().map(|one| one.name.as_str()).collect();
    assert!(
        names.contains(&"convene.context.v1.ContextService"),
        "{names:?}"
    );
}
