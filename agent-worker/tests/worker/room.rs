//! A conversation, as its people see it: what a gateway does for them is done here.

use std::{sync::Arc, time::Duration};

use convene_agent::{AgentName, ConversationId, Message, MessageId, Part};
use convene_bus::{Arrival, Bus as _, Letters, local::LocalBus};
use convene_proto::{
    bus::{CancelRun, Command, Doorbell, Item, Letter, item::What},
    context::{
        self, Act, AddParticipantRequest, CancelRequest, ListAgentsRequest, ReadEventsRequest,
        SubmitReply, SubmitRequest, SubscribeRequest, context_service_client::ContextServiceClient,
    },
    error::ErrorCode,
    event::{EventBody, TurnPolicy},
    id::Pool,
};
use convene_runtime::trace::TraceContext;
use tokio::time::{sleep, timeout};
use tonic::{Status, transport::Channel};

use crate::{house::PATIENCE, log::outcomes};

/// A conversation of Ada, Bob and an agent.
pub(crate) struct Room {
    pub(crate) id: ConversationId,
    pub(crate) context: ContextServiceClient<Channel>,
    pub(crate) bus: Arc<LocalBus>,
}

impl Room {
    /// Says something and rings, as a gateway does. Returns the event's number.
    pub(crate) async fn say(&self, text: &str) -> u64 {
        let (seq, doorbell) = self
            .submit("user:ada", text, TurnPolicy::Enqueue)
            .await
            .unwrap();
        self.ring(&doorbell).await;
        seq
    }

    pub(crate) async fn say_as(&self, author: &str, text: &str, policy: TurnPolicy) -> u64 {
        let (seq, doorbell) = self.submit(author, text, policy).await.unwrap();
        self.ring(&doorbell).await;
        seq
    }

    pub(crate) async fn ring(&self, doorbell: &Doorbell) {
        self.bus
            .ring(doorbell, &TraceContext::default())
            .await
            .unwrap();
    }

    /// Rings as a sweeper does.
    pub(crate) async fn ring_for_nothing(&self) {
        let doorbell = Doorbell {
            conversation: self.id.to_string(),
            pool: Pool::default().to_string(),
            command: None,
        };
        self.ring(&doorbell).await;
    }

    /// Brings in an agent, and waits until some worker is known to host it.
    pub(crate) async fn bring(&self, agent: &AgentName) {
        let mut context = self.context.clone();
        let participant = context::Participant {
            id: format!("agent:{agent}"),
            name: agent.to_string(),
            role: "agent".to_owned(),
        };
        let request = AddParticipantRequest {
            conversation: self.id.to_string(),
            viewer: String::new(),
            participant: Some(participant),
            ..AddParticipantRequest::default()
        };
        context.add_participant(request).await.unwrap();
        let hosted = async {
            loop {
                let known = context.list_agents(ListAgentsRequest {}).await.unwrap();
                let mut known = known.into_inner().agents.into_iter();
                if known.any(|known| known.name == agent.as_str()) {
                    return;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, hosted).await.unwrap();
    }

    /// Says something to one agent, and rings.
    pub(crate) async fn say_to(&self, agent: &AgentName, text: &str) {
        let to = Some(agent);
        let said = self.submit_to("user:ada", text, TurnPolicy::Enqueue, to);
        self.ring(&said.await.unwrap().1).await;
    }

    /// Says something, and leaves the ringing to others.
    pub(crate) async fn submit(
        &self,
        author: &str,
        text: &str,
        policy: TurnPolicy,
    ) -> Result<(u64, Doorbell), ErrorCode> {
        self.submit_to(author, text, policy, None).await
    }

    /// Presses an action, or submits a form, and rings. `Err` with the code where it is refused.
    pub(crate) async fn press(
        &self,
        author: &str,
        (seq, action): (u64, &str),
        value: Option<serde_json::Value>,
    ) -> Result<u64, ErrorCode> {
        let id = MessageId::random().to_string();
        let request = SubmitRequest {
            conversation: self.id.to_string(),
            author: author.to_owned(),
            message: id.clone(),
            act: Some(Act {
                seq,
                message: String::new(),
                action: action.to_owned(),
                value: value
                    .map(|value| value.to_string())
                    .unwrap_or_default()
                    .into(),
                timezone: String::new(),
            }),
            ..SubmitRequest::default()
        };
        let reply = self.context.clone().submit(request).await;
        let reply = reply
            .map_err(|status: Status| ErrorCode::of(&status))?
            .into_inner();
        let doorbell = rung(self.id.as_str(), author, id, reply);
        self.ring(&doorbell).await;
        Ok(doorbell.command.map_or(0, |command| command.seq))
    }

    async fn submit_to(
        &self,
        author: &str,
        text: &str,
        policy: TurnPolicy,
        to: Option<&AgentName>,
    ) -> Result<(u64, Doorbell), ErrorCode> {
        let message = Message {
            id: MessageId::random(),
            author: author.parse().unwrap(),
            parts: vec![Part::Text {
                text: text.to_owned(),
            }],
            to: None,
            timezone: None,
        };
        let id = message.id.to_string();
        let body = EventBody::MessageCreated { message }.encode().unwrap();
        let request = SubmitRequest {
            conversation: self.id.to_string(),
            author: author.to_owned(),
            message: id.clone(),
            body,
            agent: to.map(ToString::to_string).unwrap_or_default(),
            wake_default: to.is_none(),
            policy: policy.as_str().to_owned(),
            ..SubmitRequest::default()
        };
        let reply = self.context.clone().submit(request).await;
        let reply = reply
            .map_err(|status: Status| ErrorCode::of(&status))?
            .into_inner();
        if !reply.holder.is_empty() {
            self.tell_holder(&reply.holder, &reply.interrupted_run)
                .await;
        }
        let seq = reply.entry.as_ref().unwrap().seq;
        Ok((seq, rung(self.id.as_str(), author, id, reply)))
    }

    /// Presses stop.
    pub(crate) async fn cancel(&self) {
        let (holder, run) = self.cancel_unheard().await;
        if !holder.is_empty() {
            self.tell_holder(&holder, &run).await;
        }
    }

    /// Presses stop, and the letter to the worker is lost. Returns to whom it would have gone, and
    /// about which run.
    pub(crate) async fn cancel_unheard(&self) -> (String, String) {
        let request = CancelRequest {
            conversation: self.id.to_string(),
            ..CancelRequest::default()
        };
        let reply = self
            .context
            .clone()
            .cancel(request)
            .await
            .unwrap()
            .into_inner();
        (reply.holder, reply.run)
    }

    async fn tell_holder(&self, holder: &str, run: &str) {
        let letter = Letter {
            items: vec![Item {
                conversation: self.id.to_string(),
                epoch: 0,
                what: Some(What::Cancel(CancelRun {
                    run: run.to_owned(),
                })),
            }],
        };
        let holder = [holder.parse().unwrap()];
        self.bus
            .send(&holder, &letter, &TraceContext::default())
            .await
            .unwrap();
    }

    /// The whole log. Its numbers have no hole.
    pub(crate) async fn log(&self) -> Vec<EventBody> {
        let mut bodies = Vec::new();
        loop {
            let request = ReadEventsRequest {
                conversation: self.id.to_string(),
                after: bodies.len() as u64,
                limit: 1000,
                ..ReadEventsRequest::default()
            };
            let reply = self
                .context
                .clone()
                .read_events(request)
                .await
                .unwrap()
                .into_inner();
            if reply.entries.is_empty() {
                return bodies;
            }
            for entry in reply.entries {
                assert_eq!(entry.seq, bodies.len() as u64 + 1, "the log has a hole");
                bodies.push(EventBody::decode(&entry.body).unwrap());
            }
        }
    }

    /// Waits until the log is as one wants it, and returns it.
    pub(crate) async fn until(
        &self,
        what: &str,
        wanted: impl Fn(&[EventBody]) -> bool,
    ) -> Vec<EventBody> {
        let mut last = Vec::new();
        let waiting = async {
            loop {
                last = self.log().await;
                if wanted(&last) {
                    return;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        let reached = timeout(PATIENCE, waiting).await;
        assert!(reached.is_ok(), "in vain: {what}; the log is {last:#?}");
        last
    }

    /// Waits until an agent has begun to write.
    pub(crate) async fn writes(&self) {
        let begins = |body: &EventBody| matches!(body, EventBody::MessageStarted { .. });
        self.until("it writes", |log| log.iter().any(begins)).await;
    }

    /// Waits until so many runs are over.
    pub(crate) async fn finished(&self, runs: usize) -> Vec<EventBody> {
        self.until(&format!("{runs} runs are over"), |log| {
            outcomes(log).len() >= runs
        })
        .await
    }

    /// Listens as a gateway does.
    pub(crate) async fn listen(&self) -> Listener {
        let mut letters = self.bus.open_inbox("test").await.unwrap();
        let Some(Arrival::Opened(inbox)) = letters.next().await else {
            panic!("the inbox does not open");
        };
        let request = SubscribeRequest {
            conversation: self.id.to_string(),
            viewer: "user:ada".to_owned(),
            inbox: inbox.to_string(),
            tail: 100,
            ttl_ms: 90_000,
            ..SubscribeRequest::default()
        };
        self.context.clone().subscribe(request).await.unwrap();
        Listener { letters }
    }
}

/// The doorbell of a message that was taken.
fn rung(conversation: &str, author: &str, message: String, reply: SubmitReply) -> Doorbell {
    let entry = reply.entry.unwrap();
    Doorbell {
        conversation: conversation.to_owned(),
        pool: reply.pool,
        command: Some(Command {
            epoch: reply.epoch,
            seq: entry.seq,
            eid: entry.eid,
            author: author.to_owned(),
            author_name: reply.author_name,
            message,
            body: entry.body,
            agent: reply.agent,
            policy: reply.policy,
            replay: String::new(),
            prev: entry.prev,
        }),
    }
}

/// An inbox in the audience.
pub(crate) struct Listener {
    letters: Box<dyn Letters>,
}

impl Listener {
    /// The items of the next letter.
    pub(crate) async fn next(&mut self) -> Vec<Item> {
        loop {
            match timeout(PATIENCE, self.letters.next()).await.unwrap() {
                Some(Arrival::Letter(letter, _)) => return letter.items,
                Some(_) => {}
                None => panic!("the bus closed"),
            }
        }
    }

    /// Everything up to the end of a run.
    pub(crate) async fn run(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            for item in self.next().await {
                let over = matches!(&item.what, Some(What::Event(entry))
                    if matches!(EventBody::decode(&entry.body), Ok(EventBody::RunFinished { .. })));
                items.push(item);
                if over {
                    return items;
                }
            }
        }
    }
}
