//! People in tests: a client each, and what they have seen, held against the log.

use std::{collections::BTreeMap, time::Duration};

use convene_client::{
    Agent, Client, ConversationView, Live, MessageStatus, NewConversation, Options, Update,
    message,
    proto::{
        event::{Conversation, Event},
        frame::ServerFrame,
        id::ConversationId,
        position::Seq,
    },
};

pub(crate) use crate::harness::{PATIENCE, retried};
use crate::harness::{Role, Stack};

/// Somebody with a conversation open.
pub(crate) struct Person {
    pub(crate) client: Client,
    live: Live,
    /// Every event that was shown, by number.
    seen: BTreeMap<Seq, Event>,
    /// How often the server said that the log is not the one that was shown. A single process that
    /// is killed loses the text under way since its last commit, and says so in this way.
    pub(crate) resets: usize,
}

/// Options that connect again quickly.
pub(crate) fn options(url: &str, token: String) -> Options {
    let mut options = Options::new(url, token);
    options.backoff_min = Duration::from_millis(50);
    options.backoff_max = Duration::from_millis(500);
    options
}

/// A client of somebody at an address.
pub(crate) async fn client(stack: &Stack, url: &str, user: &str) -> Client {
    let token = stack.token(user, Role::User);
    Client::connect(options(url, token)).await.unwrap()
}

/// The agent of this sort, as soon as one is announced.
pub(crate) async fn announced(stack: &Stack, url: &str, is_so: impl Fn(&Agent) -> bool) -> Agent {
    let anybody = client(stack, url, "anybody").await;
    let comes = async {
        loop {
            let agents = anybody.rest().agents().await.unwrap();
            match agents.into_iter().find(&is_so) {
                Some(agent) => return agent,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, comes)
        .await
        .expect("the agent is announced")
}

/// A conversation that `client` owns.
pub(crate) async fn begin(client: &Client) -> Conversation {
    client
        .rest()
        .create(&NewConversation::default())
        .await
        .unwrap()
}

impl Person {
    /// Opens a conversation.
    pub(crate) async fn open(client: Client, conversation: &ConversationId) -> Self {
        let live = client.open(conversation, None).await.unwrap();
        Self {
            client,
            live,
            seen: BTreeMap::new(),
            resets: 0,
        }
    }

    /// Somebody who begins a conversation at an address and has it open.
    pub(crate) async fn beginning(stack: &Stack, url: &str, user: &str) -> Self {
        let client = client(stack, url, user).await;
        let conversation = begin(&client).await;
        Self::open(client, &conversation.id).await
    }

    /// Somebody who begins a conversation with an agent at an address and has it open.
    pub(crate) async fn with_agent(stack: &Stack, url: &str, user: &str, agent: &str) -> Self {
        let client = client(stack, url, user).await;
        let with_agent = NewConversation {
            agent: Some(agent.to_owned()),
            ..NewConversation::default()
        };
        let conversation = client.rest().create(&with_agent).await.unwrap();
        Self::open(client, &conversation.id).await
    }

    /// Somebody whom this person invites, at another address.
    pub(crate) async fn invites(&self, stack: &Stack, url: &str, user: &str) -> Self {
        let invite = self
            .client
            .rest()
            .invite(self.conversation())
            .await
            .unwrap();
        let client = client(stack, url, user).await;
        client.rest().join(&invite.invite).await.unwrap();
        Self::open(client, self.conversation()).await
    }

    pub(crate) fn conversation(&self) -> &ConversationId {
        self.live.conversation()
    }

    pub(crate) fn view(&self) -> &ConversationView {
        self.live.view()
    }

    /// Says something; returns once it is accepted.
    pub(crate) async fn says(&self, text: &str) -> Seq {
        self.client
            .send(self.conversation(), message(text))
            .await
            .unwrap()
    }

    /// Reads until the view is as wished for. A violation of the wire's promises fails the test.
    pub(crate) async fn until(
        &mut self,
        what: &str,
        mut wish: impl FnMut(&ConversationView) -> bool,
    ) {
        let reading = async {
            while !wish(self.live.view()) {
                let update = self.live.next().await;
                match update {
                    Some(Update::Frame(frame)) => self.note(&frame),
                    other => panic!("while waiting until {what}: {other:?}"),
                }
            }
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        assert!(
            read.is_ok(),
            "waited in vain until {what}; saw {:#?}",
            self.live.view()
        );
    }

    /// Reads until the message at `input` is answered, and returns the answer's text.
    pub(crate) async fn answer_to(&mut self, input: Seq) -> String {
        self.until("it is answered", |view| view.is_answered(input))
            .await;
        answer(self.view(), input)
    }

    /// Reads until some of the answer to `input` has come, `bytes` at least.
    pub(crate) async fn some_answer(&mut self, input: Seq, bytes: usize) {
        self.until("some of the answer has come", |view| {
            partial(view, input).len() >= bytes
        })
        .await;
    }

    fn note(&mut self, frame: &ServerFrame) {
        let events = match frame {
            ServerFrame::Event { event, .. } => std::slice::from_ref(event),
            ServerFrame::Snapshot { state, .. } => &state.events,
            ServerFrame::Reset { state, .. } => {
                self.resets += 1;
                self.seen.clear();
                &state.events
            }
            _ => return,
        };
        for event in events {
            if let Some(known) = self.seen.insert(event.seq, event.clone()) {
                assert_eq!(known.eid, event.eid, "two events at {}", event.seq);
            }
        }
    }

    /// Everything seen is in the log, and nothing of the log is missing in what was seen.
    pub(crate) async fn saw_the_log(&self) {
        let mut events = Vec::new();
        loop {
            let after = Seq(events.len() as u64);
            let rest = self.client.rest();
            let page = retried(|| rest.history_after(self.conversation(), after, 1000)).await;
            if page.events.is_empty() {
                break;
            }
            events.extend(page.events);
        }
        for (index, event) in events.iter().enumerate() {
            assert_eq!(event.seq, Seq(index as u64 + 1), "the log has a hole");
        }
        let seen: Vec<_> = self.seen.values().cloned().collect();
        let same = events.iter().zip(&seen).filter(|(one, other)| one == other);
        assert_eq!(
            same.count(),
            seen.len(),
            "what was seen is no prefix of the log"
        );
    }
}

/// The whole messages of the run that answers `input`.
pub(crate) fn answer(view: &ConversationView, input: Seq) -> String {
    texts(view, input, |status| status != MessageStatus::Streaming)
}

/// What the run that answers `input` has said so far.
pub(crate) fn partial(view: &ConversationView, input: Seq) -> String {
    texts(view, input, |_| true)
}

fn texts(view: &ConversationView, input: Seq, counts: impl Fn(MessageStatus) -> bool) -> String {
    let Some(run) = view.run_for(input) else {
        return String::new();
    };
    view.messages()
        .iter()
        .filter(|message| message.run.as_ref() == Some(&run.id) && counts(message.status))
        .map(convene_client::MessageView::text)
        .collect()
}

/// What the guide answers to `/stream <tokens> ...`: every number once and in order, and nothing
/// else but white space.
pub(crate) fn assert_counts(text: &str, tokens: usize) {
    let numbers: Vec<usize> = text
        .split_whitespace()
        .map(|word| {
            word.parse()
                .unwrap_or_else(|_| panic!("{word:?} in {text:?}"))
        })
        .collect();
    assert_eq!(numbers, (1..=tokens).collect::<Vec<_>>());
}
