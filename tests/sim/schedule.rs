//! One schedule, from its seed to its verdict.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use convene_context_service::store::{Range, Store as _, Viewer};
use convene_invariants::{
    Broken, History,
    Invariant::{AcceptedIsDurable, NoLostWakeUp, NoWindow},
    Ledger, Loss, Order, Said, Woken,
};
use convene_proto::{
    event::{Event, EventBody},
    id::{ConversationId, ParticipantId},
    position::Seq,
};
use tokio::{
    sync::watch,
    time::{sleep, sleep_until, timeout},
};

use crate::{
    agent::WAKING,
    lateness,
    people::{Person, Progress},
    plan::{Plan, Trouble},
    stage::Stage,
    world::{Which, World},
};

/// The wall clock's beginning, since 1970.
const BEGIN: Duration = Duration::from_secs(1_800_000_000);

/// Once it is calm everything is done within this.
const SETTLES_WITHIN: Duration = Duration::from_secs(120);

/// What troubles have put off, leases and pauses, is over so long after it is calm.
const RECOVERED: Duration = Duration::from_secs(3);

/// What is left over of troubles shows itself within this.
const AFTERMATH: Duration = Duration::from_millis(1500);

/// What became of a schedule.
pub(crate) struct Outcome {
    pub(crate) broken: Vec<Broken>,
    pub(crate) trace: Vec<String>,
    /// Of the trace.
    pub(crate) digest: u64,
    pub(crate) events: usize,
    pub(crate) frames: usize,
    pub(crate) took: Duration,
}

/// Runs the schedule of this seed, on a thread of its own.
///
/// # Errors
/// With what a part of it panicked with.
pub(crate) fn run(seed: u64) -> Result<Outcome, String> {
    convene_seeded::run(seed, BEGIN, move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(Box::pin(play(seed)))
    })
}

async fn play(seed: u64) -> Outcome {
    let stage = Arc::new(Stage::new(Plan::of(seed)));
    let world = World::start(&stage).await;
    let mut rooms = Vec::new();
    for index in 0..stage.plan.conversations {
        rooms.push(world.conversation(index).await);
    }
    let mut living = Vec::new();
    let mut watched = Vec::new();
    for (index, life) in stage.plan.people.iter().enumerate() {
        let room = rooms[life.conversation].clone();
        let (person, progress) = Person::new(&stage, index, life.clone(), room.clone());
        living.push(stage.tasks.spawn(Box::pin(person.live(world.clone()))));
        watched.push((room, progress));
    }
    let burst = stage
        .tasks
        .spawn(burst(stage.clone(), world.clone(), rooms[0].clone()));
    trouble(&stage, &world).await;
    let written = burst.await.unwrap();
    let settled = timeout(SETTLES_WITHIN, settle(&stage, &world, &mut watched)).await;
    let under_way = match settled {
        Ok(()) => Vec::new(),
        Err(_) => unsettled(&stage, &world, &watched).await,
    };
    stage.over.cancel();
    let mut people = Vec::new();
    for person in living {
        people.push(person.await.unwrap());
    }
    judge(&stage, &world, rooms, (people, written), under_way).await
}

/// Writes what nobody is told of, in its time.
async fn burst(stage: Arc<Stage>, world: Arc<World>, room: ConversationId) -> Vec<Said> {
    let Some((at, count)) = stage.plan.burst else {
        return Vec::new();
    };
    sleep(at).await;
    world.burst(&room, count).await
}

/// Has the plan's troubles come, and ends them.
async fn trouble(stage: &Arc<Stage>, world: &Arc<World>) {
    let begin = tokio::time::Instant::now();
    for (at, trouble) in stage.plan.troubles.clone() {
        sleep_until(begin + at).await;
        match trouble {
            Trouble::KillWorker(index) => world.kill(Which::Worker(index)).await,
            Trouble::FreezeWorker(index, pause) => world.freeze(Which::Worker(index), pause).await,
            Trouble::CutWorker(index) => world.cut(Which::Worker(index)).await,
            Trouble::HangUpWorker(index) => world.hang_up(Which::Worker(index)),
            Trouble::KillGateway(index) => world.kill(Which::Gateway(index)).await,
            Trouble::FreezeGateway(index, pause) => {
                world.freeze(Which::Gateway(index), pause).await;
            }
            Trouble::CutGateway(index) => world.cut(Which::Gateway(index)).await,
            Trouble::HangUpGateway(index) => world.hang_up(Which::Gateway(index)),
        }
    }
    sleep_until(begin + stage.plan.calm_at).await;
    stage.calm_down();
}

/// What is still under way where it does not settle.
async fn unsettled(
    stage: &Stage,
    world: &World,
    watched: &[(ConversationId, watch::Receiver<Progress>)],
) -> Vec<Broken> {
    let mut found = Vec::new();
    for (room, progress) in watched {
        let Progress { head, settled } = *progress.borrow();
        let mut breaks = |invariant, what| found.push(Broken::new(invariant, room, what));
        if !settled {
            let what = "somebody still asks, long after it is calm".to_owned();
            breaks(AcceptedIsDurable, what);
        }
        let end = stage.head(room);
        if head != end {
            let what = format!("somebody stands at {head} and the log at {end}, long after");
            breaks(NoWindow, what);
        }
        if !is_answered(room, &log(world, room).await) {
            let what =
                "something is not answered, or has not rung, long after it is calm".to_owned();
            breaks(NoLostWakeUp, what);
        }
    }
    if let (true, Some((room, _))) = (found.is_empty(), watched.first()) {
        let what = "there is no end of what happens, long after it is calm";
        found.push(Broken::new(NoLostWakeUp, room, what));
    }
    found
}

/// Waits until everything that was said is answered and shown, and stays so for a while.
async fn settle(
    stage: &Stage,
    world: &World,
    watched: &mut [(ConversationId, watch::Receiver<Progress>)],
) {
    let mut quiet = false;
    loop {
        for (room, progress) in watched.iter_mut() {
            loop {
                let progress = *progress.borrow_and_update();
                let is_shown = progress.settled && progress.head == stage.head(room);
                if is_shown && is_answered(room, &log(world, room).await) {
                    break;
                }
                quiet = false;
                sleep(Duration::from_millis(250)).await;
            }
        }
        if quiet {
            return;
        }
        quiet = true;
        sleep(AFTERMATH).await;
    }
}

/// Whether everything that wakes the agent has a run that is over, and every timer has rung.
fn is_answered(room: &ConversationId, log: &[Event]) -> bool {
    let ledger = Ledger::of(room, Order::AsSaid, log);
    let is_over = |at: Seq| ledger.run_for(at).is_some_and(|run| run.outcome.is_some());
    let is_agent = |who: &ParticipantId| matches!(who, ParticipantId::Agent(_));
    let wakes = |to: Option<&Vec<_>>| to.is_none_or(|to| to.iter().any(is_agent));
    let mut waking = ledger
        .everything_said()
        .filter(|(_, said)| wakes(said.to.as_ref()))
        .map(|(at, _)| at)
        .chain(ledger.everything_that_woke().map(|(at, _)| at));
    waking.all(is_over) && ledger.timers().next().is_none()
}

/// A log as people see it: when timers are to ring is for staff.
fn for_people(log: &[Event]) -> Vec<Event> {
    let mut log = log.to_vec();
    for event in &mut log {
        if let EventBody::TimerSet { rings, .. } = &mut event.body {
            *rings = None;
        }
    }
    log
}

async fn log(world: &World, room: &ConversationId) -> Vec<Event> {
    let range = Range::After {
        seq: Seq(0),
        limit: 1000,
    };
    let read = world.store.read_events(room, &Viewer::Service, range).await;
    let entries = read.unwrap().entries.into_iter();
    let event = |entry: convene_context_service::store::Entry| Event {
        seq: entry.seq,
        eid: entry.eid,
        at: entry.at,
        body: EventBody::decode(&entry.body).unwrap(),
    };
    entries.map(event).collect()
}

/// From when on nothing is late because of troubles, on the clock of the events.
fn calm_ms(stage: &Stage) -> u64 {
    let calm = BEGIN + stage.plan.calm_at + RECOVERED;
    u64::try_from(calm.as_millis()).unwrap()
}

async fn judge(
    stage: &Stage,
    world: &World,
    rooms: Vec<ConversationId>,
    (people, mut written): (Vec<Person>, Vec<Said>),
    under_way: Vec<Broken>,
) -> Outcome {
    let mut broken = stage.broken();
    let mut events = 0;
    for room in rooms {
        let here = people.iter().filter(|person| person.conversation == room);
        let mut said: Vec<_> = here
            .clone()
            .flat_map(|person| person.said.clone())
            .collect();
        // All that was written like this was written to the first room.
        said.append(&mut written);
        let effects = stage.effects.lock().clone().into_iter();
        let own = |effect: &convene_invariants::Effect| {
            said.iter().any(|said| said.message == effect.message)
        };
        let log = log(world, &room).await;
        broken.extend(lateness::of(&room, &log, calm_ms(stage)));
        let history = History {
            log: for_people(&log),
            order: Order::AsSaid,
            loss: Loss::Nothing,
            stops: here
                .clone()
                .flat_map(|person| person.stops.clone())
                .collect(),
            effects: effects.filter(own).collect(),
            ended: BTreeMap::new(),
            woken: Woken {
                log,
                waking: Some(WAKING),
                ..Woken::default()
            },
            views: here.map(|person| person.view.clone()).collect(),
            said,
            conversation: room,
        };
        events += history.log.len();
        broken.extend(history.judge());
    }
    // The finer finding first.
    broken.extend(under_way);
    for promise in &broken {
        stage.note(format_args!("{promise}"));
    }
    let (trace, digest) = stage.trace();
    Outcome {
        broken,
        trace,
        digest,
        events,
        frames: stage.frames.load(Relaxed),
        took: stage.elapsed(),
    }
}
