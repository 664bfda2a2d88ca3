//! One person: says what there is to say until it is accepted, reads on whatever gateway there is,
//! goes and comes back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use convene_invariants::{Answer, Fate, Said, Stop, View};
use convene_proto::{
    error::ErrorCode,
    event::{EventBody, Message, Part},
    frame::{ClientFrame, NewAct, NewMessage, RequestId, ServerFrame},
    id::{ConversationId, MessageId, RunId},
    position::Seq,
};
use convene_runtime::clock::now_ms;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    agent::{PRESSED, action, answer, question},
    plan::Life,
    socket::Socket,
    stage::Stage,
    world::World,
};

/// What was not accepted by then is said again.
const AGAIN: Duration = Duration::from_secs(3);
/// How long a reader may take over a frame, and somebody who left stays away.
const SLOW: Duration = Duration::from_millis(800);
const AWAY: Duration = Duration::from_millis(800);

/// How likely somebody presses what they see offered.
const PRESSES: f64 = 0.7;

/// See the module.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) conversation: ConversationId,
    pub(crate) view: View,
    pub(crate) said: Vec<Said>,
    pub(crate) stops: Vec<Stop>,
    life: Life,
    /// They were shown what must not be, and begin anew: who goes on from there is shown it again, and
    /// nothing else is found.
    doubts: bool,
    stage: Arc<Stage>,
    /// When each of `said` is to be said next; none: its fate is known.
    due: Vec<Option<Instant>>,
    /// Of `said`, what presses something.
    acts: BTreeMap<usize, NewAct>,
    /// Of those, what was refused, since somebody else was first or it was taken back: it may not be said.
    outdone: BTreeSet<usize>,
    asked: BTreeMap<RequestId, usize>,
    /// Of `stops`, those of which they have not heard on this connection.
    stopping: BTreeMap<RequestId, usize>,
    requests: RequestId,
    progress: watch::Sender<Progress>,
}

/// How far a person is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) head: Seq,
    /// Nothing is left to be said.
    pub(crate) settled: bool,
}

impl Person {
    pub(crate) fn new(
        stage: &Arc<Stage>,
        index: usize,
        life: Life,
        conversation: ConversationId,
    ) -> (Self, watch::Receiver<Progress>) {
        let name = ["ada", "bob", "cyd", "dan"][index].to_owned();
        let begin = Instant::now();
        let said = life.says.iter().enumerate().map(|(number, (_, words))| {
            let text = question(&format!("{name}{number}"), *words);
            Said {
                message: format!("{name}-{number}").parse().unwrap(),
                answer: Answer::Text(answer(&text)),
                text,
                has_effect: true,
                interrupts: false,
                asked: u64::MAX,
                settled: u64::MAX,
                fate: Fate::Unheard,
            }
        });
        let (progress, watched) = watch::channel(Progress::default());
        let mut view = View::new(name.clone());
        view.reads_to_the_end();
        let person = Self {
            conversation,
            view,
            said: said.collect(),
            stops: Vec::new(),
            due: life.says.iter().map(|(at, _)| Some(begin + *at)).collect(),
            life,
            doubts: false,
            stage: stage.clone(),
            acts: BTreeMap::new(),
            outdone: BTreeSet::new(),
            asked: BTreeMap::new(),
            stopping: BTreeMap::new(),
            requests: 0,
            progress,
            name,
        };
        (person, watched)
    }

    /// Lives until the schedule is over.
    pub(crate) async fn live(mut self, world: Arc<World>) -> Self {
        let over = self.stage.over.clone();
        let living = async {
            loop {
                self.visit(&world).await;
                self.view.detach();
                self.asked.clear();
                self.stopping.clear();
                sleep(self.stage.up_to(AWAY)).await;
            }
        };
        over.run_until_cancelled(living).await;
        let outdone = std::mem::take(&mut self.outdone);
        let said = std::mem::take(&mut self.said).into_iter().enumerate();
        let stands = said.filter(|(index, _)| !outdone.contains(index));
        self.said = stands.map(|(_, said)| said).collect();
        self
    }

    /// One connection, from its beginning to its end.
    async fn visit(&mut self, world: &World) {
        let gate = world.gate(self.stage.below(self.stage.plan.gateways));
        if gate.link.is_dead() {
            return;
        }
        let Some(mut socket) = Socket::open(&self.stage, &gate, &self.name).await else {
            return;
        };
        let subscribe = ClientFrame::Subscribe {
            request: self.request(),
            conversation: self.conversation.clone(),
            after: self.view.position().filter(|_| !self.doubts).cloned(),
        };
        self.stage
            .note(format_args!("{} comes to {}", self.name, gate.name));
        if !socket.say(&subscribe).await {
            return;
        }
        let stays = self.life.stays / 2 + self.stage.up_to(self.life.stays / 2);
        let leaves_at = Instant::now() + stays;
        loop {
            let next = self.due.iter().flatten().min().copied();
            let next = next.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
            let frame = tokio::select! {
                biased;
                () = gate.link.dead() => return,
                () = sleep_until(leaves_at), if !self.stage.is_calm() => {
                    self.stage.note(format_args!("{} leaves {}", self.name, gate.name));
                    return;
                }
                () = sleep_until(next) => {
                    if !self.say(&mut socket).await {
                        return;
                    }
                    continue;
                }
                frame = socket.hear() => frame,
            };
            let Some(frame) = frame else {
                self.stage
                    .note(format_args!("{} is turned out of {}", self.name, gate.name));
                return;
            };
            if !self.take(&frame, &mut socket).await {
                return;
            }
            if self.stage.hit(self.stage.plan.slow_reader) {
                sleep(self.stage.up_to(SLOW)).await;
            }
        }
    }

    fn request(&mut self) -> RequestId {
        self.requests += 1;
        self.requests
    }

    /// Says what is due. False where the socket is closed.
    async fn say(&mut self, socket: &mut Socket) -> bool {
        let now = Instant::now();
        for index in 0..self.said.len() {
            if self.due[index].is_none_or(|due| due > now) {
                continue;
            }
            self.due[index] = Some(now + AGAIN);
            let request = self.request();
            self.asked.insert(request, index);
            let said = &mut self.said[index];
            said.asked = said.asked.min(now_ms());
            self.stage
                .note(format_args!("{} says {}", self.name, said.message));
            let conversation = self.conversation.clone();
            let frame = match self.acts.get(&index) {
                Some(act) => ClientFrame::Act {
                    request,
                    conversation,
                    act: act.clone(),
                    traceparent: None,
                },
                None => ClientFrame::Send {
                    request,
                    conversation,
                    message: new_message(&said.message, &said.text),
                    traceparent: None,
                },
            };
            if !socket.say(&frame).await {
                return false;
            }
        }
        true
    }

    /// Takes a frame in. False where this connection is of no use any more.
    async fn take(&mut self, frame: &ServerFrame, socket: &mut Socket) -> bool {
        self.stage.check_log_has(frame);
        if let Err(violation) = self.view.take(frame) {
            let (name, stage) = (&self.name, &self.stage);
            stage.note(format_args!(
                "{name} is shown what must not be: {violation}: {frame:?}"
            ));
            self.doubts = true;
            return false;
        }
        match frame {
            ServerFrame::Accepted {
                request,
                seq: Some(seq),
                ..
            } => {
                self.settle(*request, Fate::Accepted(*seq));
            }
            ServerFrame::Accepted { request, .. } => {
                if let Some(index) = self.stopping.remove(request) {
                    let stop = &mut self.stops[index];
                    (stop.settled, stop.accepted) = (now_ms(), true);
                }
            }
            ServerFrame::Error {
                request: Some(request),
                problem,
            } => {
                let name = &self.name;
                self.stage
                    .note(format_args!("{name} is refused: {}", problem.message));
                if !self.asked.contains_key(request) {
                    // It is the subscription, or a cancel that came too late.
                    return self.view.position().is_some();
                }
                let is_outdone = matches!(
                    problem.code,
                    ErrorCode::AlreadyPressed | ErrorCode::NotOffered
                );
                if is_outdone
                    && let Some(index) = self.asked.get(request)
                    && self.acts.contains_key(index)
                {
                    self.outdone.insert(*index);
                }
                if !problem.retryable {
                    self.settle(*request, Fate::Refused);
                }
            }
            ServerFrame::Ended { .. } | ServerFrame::Drain { .. } => return false,
            ServerFrame::Event { event, .. } => {
                self.stage.note(format_args!(
                    "{} sees {} {}",
                    self.name,
                    event.seq,
                    kind(&event.body)
                ));
                if let EventBody::MessageCompleted { message, .. } = &event.body {
                    self.meet_offer(event.seq, message);
                }
                if let EventBody::RunStarted { run, .. } = &event.body
                    && self.stage.hit(self.life.cancels)
                {
                    return self.cancel(run.clone(), socket).await;
                }
            }
            ServerFrame::Delta { offset, text, .. } => {
                let (name, end) = (&self.name, offset + text.len() as u64);
                self.stage
                    .note(format_args!("{name} sees text from {offset} to {end}"));
            }
            ServerFrame::Resumed { position, .. } => {
                self.stage
                    .note(format_args!("{} goes on from {position}", self.name));
            }
            ServerFrame::Snapshot { position, .. } | ServerFrame::Reset { position, .. } => {
                self.doubts = false;
                self.stage
                    .note(format_args!("{} begins at {position}", self.name));
            }
            _ => {}
        }
        self.tell();
        true
    }

    /// Presses what is offered, at once.
    fn meet_offer(&mut self, seq: Seq, message: &Message) {
        let offers = message.parts.iter().any(|part| part.offer().is_some());
        let is_known = self.acts.values().any(|act| act.seq == seq);
        if !offers || is_known || !self.stage.hit(PRESSES) {
            return;
        }
        let index = self.said.len();
        let id: MessageId = format!("{}-press-{index}", self.name).parse().unwrap();
        self.said.push(Said {
            message: id.clone(),
            text: PRESSED.to_owned(),
            answer: Answer::Text(answer(PRESSED)),
            has_effect: true,
            interrupts: false,
            asked: u64::MAX,
            settled: u64::MAX,
            fate: Fate::Unheard,
        });
        self.due.push(Some(Instant::now()));
        let act = NewAct {
            id,
            seq,
            message: Some(message.id.clone()),
            action: action(),
            value: None,
            policy: None,
            timezone: None,
        };
        self.acts.insert(index, act);
    }

    async fn cancel(&mut self, run: RunId, socket: &mut Socket) -> bool {
        let request = self.request();
        self.stopping.insert(request, self.stops.len());
        self.stops.push(Stop {
            run: Some(run.clone()),
            asked: now_ms(),
            settled: u64::MAX,
            accepted: false,
        });
        self.stage.note(format_args!("{} cancels {run}", self.name));
        let frame = ClientFrame::Cancel {
            request,
            conversation: self.conversation.clone(),
            run: Some(run),
        };
        socket.say(&frame).await
    }

    fn settle(&mut self, request: RequestId, fate: Fate) {
        let Some(index) = self.asked.remove(&request) else {
            return;
        };
        let said = &mut self.said[index];
        if said.fate == Fate::Unheard {
            said.fate = fate;
            said.settled = now_ms();
            self.stage.note(format_args!("{}: {fate:?}", said.message));
        }
        self.due[index] = None;
    }

    fn tell(&self) {
        self.progress.send_replace(Progress {
            head: self.view.head(),
            settled: self.due.iter().all(Option::is_none),
        });
    }
}

fn new_message(id: &MessageId, text: &str) -> NewMessage {
    NewMessage {
        id: id.clone(),
        parts: vec![Part::Text {
            text: text.to_owned(),
        }],
        to: None,
        policy: None,
        timezone: None,
    }
}

/// What an event is about, in a word.
fn kind(body: &EventBody) -> String {
    let json = serde_json::to_value(body).unwrap();
    json["type"].as_str().unwrap_or_default().to_owned()
}
