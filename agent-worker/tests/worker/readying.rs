//! Agents that are not ready yet: what is said to them waits.

use convene_agent::{Agent, Agents, Error, Run, async_trait};
use convene_agent_worker::Options;
use convene_proto::event::TurnPolicy;
use tokio::sync::watch;

use crate::{
    actors::Calls,
    house::{House, OwnWorker, endless, name, until_at_least},
    log::{answers, attempts, outcomes},
};

/// Answers once it has learnt.
#[derive(Clone)]
struct Pupil {
    has_learnt: watch::Sender<bool>,
    asked: Calls,
}

impl Pupil {
    fn new() -> Self {
        Self {
            has_learnt: watch::Sender::new(false),
            asked: Calls::default(),
        }
    }

    fn at_work_in(&self, house: &House) -> OwnWorker {
        let options = Options {
            max_attempts: 2,
            ..endless()
        };
        house.worker(options, Agents::new().with(name(), self.clone()))
    }

    /// Until somebody waits for it who did not before: beside the one that each worker tells people by whether it is
    /// ready.
    async fn awaited(&self, times: usize) {
        until_at_least(2 * times, || self.asked.so_far()).await;
    }
}

#[async_trait]
impl Agent for Pupil {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        assert!(*self.has_learnt.borrow());
        run.write("learnt").await
    }

    fn title(&self) -> Option<String> {
        Some("Pupil".to_owned())
    }

    async fn ready(&self) {
        self.asked.count();
        let mut learning = self.has_learnt.subscribe();
        learning.wait_for(|has_learnt| *has_learnt).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_an_agent_learns_is_answered_once_it_has() {
    let house = House::new();
    let pupil = Pupil::new();
    let _worker = pupil.at_work_in(&house);
    let room = house.conversation().await;
    room.say("go").await;
    pupil.awaited(1).await;
    assert!(attempts(&room.log().await).is_empty());
    pupil.has_learnt.send_replace(true);
    let log = room.finished(1).await;
    assert_eq!(
        (answers(&log), attempts(&log)),
        (vec!["learnt".to_owned()], vec![1])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_what_an_agent_is_called_and_whether_it_still_learns() {
    let house = House::new();
    let pupil = Pupil::new();
    let _worker = pupil.at_work_in(&house);
    let learning = house.announced(|agent| agent.learning).await;
    assert_eq!(learning.title, "Pupil");
    pupil.has_learnt.send_replace(true);
    let ready = house.announced(|agent| !agent.learning).await;
    assert_eq!(ready.title, "Pupil");
    let titled = Agents::new()
        .with(name(), pupil.clone())
        .titled(name(), "Bachelor");
    let _other = house.worker(endless(), titled);
    house.announced(|agent| agent.title == "Bachelor").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_die_while_an_agent_learns_use_up_no_attempts() {
    let house = House::new();
    let pupil = Pupil::new();
    let room = house.conversation().await;
    room.say("go").await;
    for deaths in 1..=4 {
        let worker = pupil.at_work_in(&house);
        pupil.awaited(deaths).await;
        worker.kill().await;
    }
    pupil.has_learnt.send_replace(true);
    let _worker = pupil.at_work_in(&house);
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["completed"]);
    assert_eq!(attempts(&log), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_while_its_agent_learns_leaves_what_waits_to_one_that_has_learnt() {
    let house = House::new();
    let (pupil, graduate) = (Pupil::new(), Pupil::new());
    graduate.has_learnt.send_replace(true);
    let worker = pupil.at_work_in(&house);
    let room = house.conversation().await;
    room.say("go").await;
    pupil.awaited(1).await;
    worker.drain().await;
    let _other = graduate.at_work_in(&house);
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["completed"]);
    assert_eq!(attempts(&log), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doorbell_that_names_no_agent_waits_for_it_too() {
    let house = House::new();
    let pupil = Pupil::new();
    let room = house.conversation().await;
    room.submit("user:ada", "go", TurnPolicy::Enqueue)
        .await
        .unwrap();
    let _worker = pupil.at_work_in(&house);
    room.ring_for_nothing().await;
    pupil.awaited(1).await;
    pupil.has_learnt.send_replace(true);
    let log = room.finished(1).await;
    assert_eq!(attempts(&log), [1]);
}
