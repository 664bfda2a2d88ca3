//! People who talk, read, go offline and come back, by WebSocket or by server-sent events and REST.
//! What they said and what they were shown is kept for the judgement.

mod reading;
mod saying;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use convene_client::{
    Client, Options, Rest,
    proto::{
        event::{Part, TurnPolicy},
        frame::{NewEvent, NewMessage},
        id::{ConversationId, MessageId},
        position::Seq,
    },
};
use convene_invariants::{Answer, Fate, Said, Stop, Told, View};
use convene_runtime::clock::now_ms;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    cluster::Cluster,
    desk,
    plan::{Act, Agent, Course, Line, Protocol, To, guides_answer},
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
    /// Whoever began the conversation, past all faults on the way to a gateway.
    host: Rest,
    /// Who tells what happens outside, in the same way.
    backend: Rest,
    view: Mutex<View>,
    said: Mutex<Vec<Said>>,
    told: Mutex<Vec<Told>>,
    /// The client of who is online by WebSocket.
    online: watch::Sender<Option<Client>>,
    reading: Mutex<JoinSet<()>>,
    stops: Mutex<Vec<Stop>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Person {
    /// Somebody who has joined the conversation, and is not online yet.
    pub(crate) fn new(
        cluster: &Cluster,
        course: &Course,
        (user, host): (&str, Rest),
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
            host,
            backend: cluster.staff("backend", course.gateway),
            view: Mutex::new(View::new(&course.name)),
            said: Mutex::default(),
            told: Mutex::default(),
            online: watch::Sender::new(None),
            reading: Mutex::default(),
            stops: Mutex::default(),
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

    pub(crate) fn told(&self) -> Vec<Told> {
        self.0.told.lock().unwrap().clone()
    }

    pub(crate) fn stops(&self) -> Vec<Stop> {
        self.0.stops.lock().unwrap().clone()
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
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
        if let Some(at) = course.joins_at {
            self.0.trace.reaches(at).await;
            self.0.join().await;
        }
        self.come_online();
        for (at, act) in &course.acts {
            self.0.trace.reaches(*at).await;
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
                let shared = shared.clone();
                self.spawn(async move { shared.stop().await });
            }
            Act::Stamp(number) => {
                let event = NewEvent {
                    id: MessageId::random(),
                    name: desk::STAMP.parse().unwrap(),
                    data: serde_json::json!({ "word": desk::stamped(*number) }),
                };
                let shared = shared.clone();
                self.spawn(async move { shared.tell(&event).await });
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
            policy: match line.to {
                To::TheAgentAtOnce => Some(TurnPolicy::Interrupt),
                To::TheAgentTogether => Some(TurnPolicy::Merge),
                To::TheAgent | To::Nobody => None,
            },
            timezone: None,
        };
        let comes = match (line.to, shared.agent) {
            (To::Nobody, _) => Answer::None,
            (_, Agent::Guide) => Answer::Of(guides_answer),
            (_, Agent::Teller) => Answer::Of(teller::answer),
            (_, Agent::Desk) => Answer::After(desk::answer),
        };
        let said = Said {
            message: message.id.clone(),
            text: line.text.clone(),
            has_effect: !comes.is_none() && shared.agent == Agent::Teller,
            interrupts: line.to == To::TheAgentAtOnce,
            answer: comes,
            asked: now_ms(),
            settled: u64::MAX,
            fate: Fate::Unheard,
        };
        let again = line.again.then(|| said.clone());
        let index = shared.begins_to_say(said);
        self.spawn(async move {
            let fate = shared.hand_in(&message).await;
            shared.heard(index, &message.id, fate);
            let (Some(mut again), Fate::Accepted(_)) = (again, fate) else {
                return;
            };
            // Whoever did not hear that it was accepted says it again, wherever they are by then.
            again.asked = shared.said.lock().unwrap()[index].asked;
            let index = shared.begins_to_say(again);
            let fate = shared.say_by_rest(shared.elsewhere(), &message).await;
            shared.heard(index, &message.id, fate);
        });
    }
}

impl Shared {
    fn rest(&self) -> Rest {
        Rest::new(&self.options).unwrap()
    }
}
