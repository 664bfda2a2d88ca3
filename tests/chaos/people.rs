//! People who talk, read, go offline and come back, by WebSocket or by server-sent events and REST.
//! What they said and what they were shown is kept for the judgement.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use convene_client::{
    Client, Error, Options, Rest, Update,
    proto::{
        event::{Part, TurnPolicy},
        frame::{NewMessage, ServerFrame},
        id::{ConversationId, MessageId},
        position::Seq,
    },
};
use convene_invariants::{Answer, Fate, Said, View};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    cluster::{Cluster, PATIENCE},
    plan::{Act, Agent, Course, Line, Protocol, To, answer},
    proxy::Wire,
    teller,
    trace::Trace,
};

const PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a large message.
const LARGE: usize = 30_000;

/// A person, over all their connections.
#[derive(Clone)]
pub(crate) struct Person(Arc<Shared>);

struct Shared {
    name: String,
    conversation: ConversationId,
    agent: Agent,
    protocol: Protocol,
    wire: Wire,
    gateways: Vec<u16>,
    options: Options,
    trace: Trace,
    view: Mutex<View>,
    said: Mutex<Vec<Said>>,
    /// The client of who is online by WebSocket.
    online: watch::Sender<Option<Client>>,
    reading: Mutex<JoinSet<()>>,
    asked_to_stop: Mutex<bool>,
    tasks: Mutex<JoinSet<()>>,
}

impl Person {
    /// Somebody who has joined the conversation, and is not online yet.
    pub(crate) fn new(
        cluster: &Cluster,
        course: &Course,
        user: &str,
        talk: &(ConversationId, Agent),
        trace: &Trace,
    ) -> Self {
        let wire = cluster.wire_of(&course.name, course.gateway);
        let gateways = (0..2).map(|index| cluster.stack.gateway(index).port());
        Self(Arc::new(Shared {
            name: course.name.clone(),
            conversation: talk.0.clone(),
            agent: talk.1,
            protocol: course.protocol,
            options: cluster.options(user, wire.port()),
            wire,
            gateways: gateways.collect(),
            trace: trace.clone(),
            view: Mutex::new(View::new(&course.name)),
            said: Mutex::default(),
            online: watch::Sender::new(None),
            reading: Mutex::default(),
            asked_to_stop: Mutex::default(),
            tasks: Mutex::default(),
        }))
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.0.wire
    }

    pub(crate) fn conversation(&self) -> &ConversationId {
        &self.0.conversation
    }

    /// How far they have read.
    pub(crate) fn head(&self) -> Seq {
        self.0.view.lock().unwrap().head()
    }

    /// What they were shown; who is asked for it stays to the end.
    pub(crate) fn view(&self) -> View {
        let mut view = self.0.view.lock().unwrap().clone();
        view.reads_to_the_end();
        view
    }

    pub(crate) fn said(&self) -> Vec<Said> {
        self.0.said.lock().unwrap().clone()
    }

    pub(crate) fn has_stopped_runs(&self) -> bool {
        *self.0.asked_to_stop.lock().unwrap()
    }

    /// Whether the fate of everything that they said is known, or never will be.
    pub(crate) fn is_settled(&self) -> bool {
        let mut tasks = self.0.tasks.lock().unwrap();
        while tasks.try_join_next().is_some() {}
        tasks.is_empty()
    }

    /// Leaves for good.
    pub(crate) fn go_home(&self) {
        self.go_offline();
        self.0.tasks.lock().unwrap().abort_all();
    }

    /// Does what the course says, and is online at its end.
    pub(crate) async fn follow(&self, course: &Course) {
        self.come_online();
        for (at, act) in &course.acts {
            let due = Duration::from_millis(*at).saturating_sub(self.0.trace.elapsed());
            tokio::time::sleep(due).await;
            self.act(act);
        }
        if self.0.reading.lock().unwrap().is_empty() {
            self.come_online();
        }
    }

    fn act(&self, act: &Act) {
        let shared = &self.0;
        shared.trace.note(format!("{} does {act:?}", shared.name));
        match act {
            Act::Say(line) => self.say(line),
            Act::Flood(count) => (0..*count).for_each(|number| {
                let text = format!("{number} {}", "x".repeat(LARGE));
                let (to, again) = (To::Nobody, false);
                self.say(&Line { text, to, again });
            }),
            Act::Cancel => {
                *shared.asked_to_stop.lock().unwrap() = true;
                let shared = shared.clone();
                self.spawn(async move { shared.stop().await });
            }
            Act::Leave => self.go_offline(),
            Act::Return(gateway) => {
                shared.wire.lead_to(shared.gateways[*gateway]);
                self.go_offline();
                self.come_online();
            }
            Act::Move(gateway) => {
                shared.wire.lead_to(shared.gateways[*gateway]);
                shared.wire.cut();
            }
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.lock().unwrap().spawn(task);
    }

    fn come_online(&self) {
        let shared = self.0.clone();
        self.0.reading.lock().unwrap().spawn(async move {
            match shared.protocol {
                Protocol::Socket => shared.read_socket().await,
                Protocol::Stream => shared.read_stream().await,
            }
        });
    }

    fn go_offline(&self) {
        *self.0.reading.lock().unwrap() = JoinSet::new();
        self.0.online.send_replace(None);
        self.0.view.lock().unwrap().detach();
    }

    fn say(&self, line: &Line) {
        let shared = self.0.clone();
        let message = NewMessage {
            id: MessageId::random(),
            parts: vec![Part::Text {
                text: line.text.clone(),
            }],
            to: (line.to == To::Nobody).then(Vec::new),
            policy: (line.to == To::TheAgentAtOnce).then_some(TurnPolicy::Interrupt),
        };
        if line.to == To::TheAgentAtOnce {
            *shared.asked_to_stop.lock().unwrap() = true;
        }
        let comes = match (line.to, answer(shared.agent, &line.text)) {
            (To::Nobody, _) => Answer::None,
            (_, Some(text)) => Answer::Text(text),
            (_, None) => Answer::Any,
        };
        let said = Said {
            message: message.id.clone(),
            text: line.text.clone(),
            has_effect: comes != Answer::None && shared.agent.name() == teller::NAME,
            answer: comes,
            asked: shared.trace.now(),
            settled: u64::MAX,
            fate: Fate::Unknown,
        };
        let again = line.again.then(|| said.clone());
        let index = shared.begins_to_say(said);
        self.spawn(async move {
            let fate = shared.hand_in(message.clone()).await;
            shared.heard(index, &message.id, fate);
            let (Some(mut again), Fate::Accepted(_)) = (again, fate) else {
                return;
            };
            // Whoever did not hear that it was accepted says it again, wherever they are by then.
            again.asked = shared.said.lock().unwrap()[index].asked;
            let index = shared.begins_to_say(again);
            let saying = shared.say_by_rest(shared.elsewhere(), &message);
            let seq = tokio::time::timeout(PATIENCE, saying).await;
            let fate = match seq {
                Ok(Ok(seq)) => Fate::Accepted(seq),
                _ => Fate::Unknown,
            };
            shared.heard(index, &message.id, fate);
        });
    }
}

impl Shared {
    /// Shows a frame. False: it broke the server's word.
    fn show(&self, frame: &ServerFrame) -> bool {
        self.trace.frame(&self.name, frame);
        let shown = self.view.lock().unwrap().take(frame);
        if let Err(violation) = &shown {
            self.trace.note(format!("{} ! {violation}", self.name));
        }
        shown.is_ok()
    }

    fn rest(&self) -> Rest {
        Rest::new(&self.options).unwrap()
    }

    async fn read_socket(&self) {
        loop {
            let client = loop {
                match Client::connect(self.options.clone()).await {
                    Ok(client) => break client,
                    Err(error) => self.trace.note(format!("{} ~ {error}", self.name)),
                }
                tokio::time::sleep(PAUSE).await;
            };
            self.online.send_replace(Some(client.clone()));
            let after = self.view.lock().unwrap().position().cloned();
            let subscribed = client.subscribe(&self.conversation, after).await;
            let Ok(mut updates) = subscribed else {
                self.trace.note(format!("{} ~ {subscribed:?}", self.name));
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            while let Some(update) = updates.next().await {
                match update {
                    Update::Frame(frame) => {
                        self.show(&frame);
                    }
                    Update::Violation(violation) => {
                        self.trace.note(format!("{} ! {violation}", self.name));
                        self.view.lock().unwrap().breaks(violation);
                    }
                    Update::Ended(problem) => {
                        self.trace
                            .note(format!("{} ~ ended {problem:?}", self.name));
                    }
                }
            }
            self.view.lock().unwrap().detach();
        }
    }

    async fn read_stream(&self) {
        let rest = self.rest();
        loop {
            let after = self.view.lock().unwrap().position().cloned();
            match rest.events(&self.conversation, after.as_ref()).await {
                Ok(mut events) => {
                    while let Ok(Some(received)) = events.next().await {
                        if !self.show(&received.frame) {
                            break;
                        }
                    }
                }
                Err(error) => self.trace.note(format!("{} ~ {error}", self.name)),
            }
            self.view.lock().unwrap().detach();
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn begins_to_say(&self, what: Said) -> usize {
        let mut said = self.said.lock().unwrap();
        said.push(what);
        said.len() - 1
    }

    fn heard(&self, index: usize, id: &MessageId, fate: Fate) {
        let name = &self.name;
        self.trace.note(format!("{name} heard of {id}: {fate:?}"));
        let mut said = self.said.lock().unwrap();
        said[index].fate = fate;
        said[index].settled = self.trace.now();
    }

    /// By another gateway than that of now, and past all faults on the way there.
    fn elsewhere(&self) -> Rest {
        let mut options = self.options.clone();
        let port = self
            .gateways
            .iter()
            .find(|port| !self.wire.leads_to(**port));
        options.url = format!("http://127.0.0.1:{}", port.unwrap());
        Rest::new(&options).unwrap()
    }

    /// Says it until it is accepted or refused for good.
    async fn hand_in(&self, message: NewMessage) -> Fate {
        let said = async {
            match self.protocol {
                Protocol::Socket => self.hand_in_by_socket(message).await,
                Protocol::Stream => self.say_by_rest(self.rest(), &message).await,
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, said).await;
        match outcome {
            Ok(Ok(seq)) => Fate::Accepted(seq),
            Ok(Err(Error::Refused(problem))) if !problem.retryable => {
                self.trace.note(format!("{} ~ {problem:?}", self.name));
                Fate::Refused
            }
            Ok(Err(error)) => {
                self.trace.note(format!("{} ~ {error}", self.name));
                Fate::Unknown
            }
            Err(_) => Fate::Unknown,
        }
    }

    /// By the client of now; should they go offline, nobody knows what came of it.
    async fn hand_in_by_socket(&self, message: NewMessage) -> Result<Seq, Error> {
        let client = self.client().await?;
        let mut online = self.online.subscribe();
        online.mark_unchanged();
        tokio::select! {
            sent = client.send(&self.conversation, message) => sent,
            _ = online.wait_for(Option::is_none) => Err(Error::Stopped),
        }
    }

    async fn say_by_rest(&self, rest: Rest, message: &NewMessage) -> Result<Seq, Error> {
        loop {
            match rest.say(&self.conversation, message).await {
                Ok(sent) => return Ok(sent.seq),
                Err(error) if error.may_pass() => {
                    self.trace.note(format!("{} ~ {error}", self.name));
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn client(&self) -> Result<Client, Error> {
        let mut online = self.online.subscribe();
        let client = online.wait_for(Option::is_some).await;
        let client = client.map_err(|_| Error::Stopped)?;
        client.clone().ok_or(Error::Stopped)
    }

    /// Asks once, and does not care what comes of it.
    async fn stop(&self) {
        let stopping = async {
            match self.protocol {
                Protocol::Socket => {
                    let client = self.client().await?;
                    client.cancel(&self.conversation, None).await
                }
                Protocol::Stream => self.rest().cancel(&self.conversation, None).await,
            }
        };
        let stopped = tokio::time::timeout(Duration::from_secs(10), stopping).await;
        self.trace
            .note(format!("{} heard of stopping: {stopped:?}", self.name));
    }
}
