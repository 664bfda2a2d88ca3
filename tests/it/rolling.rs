//! Every tier restarted, one process after the other, while people talk and read along: nothing is
//! lost, and no user of the client packages sees an error. How long anybody waited is printed.

mod node;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use convene_client::{
    ConversationView, Cursor, Rest, RunStatus,
    proto::{event::Outcome, frame::ServerFrame, id::ConversationId, position::Seq},
};
use convene_runtime::Tasks;
use tokio::{sync::watch, time::timeout};

use self::node::Node;
use crate::{
    harness::{Kind, Role, Shape, Stack, promised},
    people::{PATIENCE, Person, assert_counts, options, partial},
};

const TALKERS: usize = 4;
const TOKENS: usize = 60;
/// What nobody waits longer for, where nothing else runs.
const PROMISED: Duration = Duration::from_secs(2);
/// The phase in which there is no broker for as long as it takes to start: eight seconds, of RabbitMQ's own.
const ALONE: &str = "rabbitmq, a single one";
/// A node of a cluster that stops in a hurry may take doorbells along that it had confirmed (rabbitmq-server
/// #15473). The sweeper rings for their work `store::DUE_AFTER` after it came; 16.3 s were seen, once in six.
const NODE_BY_NODE: [&str; 3] = [
    "rabbitmq, the first",
    "rabbitmq, the second",
    "rabbitmq, the third",
];
const SWEPT: Duration = Duration::from_secs(25);
/// How long a machine takes that is busy with other tests says nothing of Convene, unless it is for ever.
const BUSY: Duration = PATIENCE;

/// What is going on, and the longest wait in each of its phases.
#[derive(Default)]
struct Tally {
    /// Since when which.
    phases: Mutex<Vec<(Instant, &'static str)>>,
    longest: Mutex<BTreeMap<&'static str, (Duration, &'static str)>>,
}

impl Tally {
    fn begins(&self, phase: &'static str) {
        self.phases.lock().unwrap().push((Instant::now(), phase));
    }

    /// What was going on then.
    fn at(&self, then: Instant) -> &'static str {
        let phases = self.phases.lock().unwrap();
        let phase = phases.iter().rev().find(|(since, _)| *since <= then);
        phase.map_or("before", |(_, phase)| phase)
    }

    /// Somebody waited until now. The wait belongs to the phase of its middle.
    fn waited(&self, wait: Duration, what: &'static str) {
        let middle = Instant::now().checked_sub(wait / 2);
        let phase = self.at(middle.unwrap_or_else(Instant::now));
        let mut longest = self.longest.lock().unwrap();
        let most = longest.entry(phase).or_default();
        *most = (*most).max((wait, what));
    }

    fn judge(&self) {
        println!("longest wait of anybody:");
        let longest = self.longest.lock().unwrap();
        for (phase, (wait, what)) in &*longest {
            println!("  {phase:<28} {:>6} ms  {what}", wait.as_millis());
        }
        for (phase, (wait, what)) in &*longest {
            let most = if *phase == ALONE || NODE_BY_NODE.contains(phase) {
                SWEPT
            } else {
                PROMISED
            };
            let most = promised(most, BUSY);
            assert!(*wait < most, "{phase}: somebody waited {wait:?} {what}");
        }
    }
}

/// Somebody's waits: from one sign of progress to the next.
struct Waits {
    tally: Arc<Tally>,
    last: Instant,
    bytes: usize,
}

impl Waits {
    fn new(tally: &Arc<Tally>) -> Self {
        Self {
            tally: tally.clone(),
            last: Instant::now(),
            bytes: 0,
        }
    }

    /// What was waited for has come.
    fn end(&mut self, what: &'static str) {
        self.tally.waited(self.last.elapsed(), what);
        self.last = Instant::now();
    }

    /// Some more of an answer, or not.
    fn look(&mut self, view: &ConversationView, input: Seq, what: &'static str) {
        let bytes = partial(view, input).len();
        if bytes != self.bytes {
            self.bytes = bytes;
            self.end(what);
        }
    }
}

/// Asks again and again, until it is over.
async fn talk(
    mut person: Person,
    tally: Arc<Tally>,
    over: watch::Receiver<bool>,
) -> (Person, Vec<Seq>) {
    let mut asked = Vec::new();
    let mut waits = Waits::new(&tally);
    while !*over.borrow() {
        waits.last = Instant::now();
        let input = person.says(&format!("/stream {TOKENS} at 20")).await;
        waits.end("to be accepted");
        waits.bytes = 0;
        person
            .until("it is answered", |view| {
                waits.look(view, input, "for text over a socket");
                view.is_answered(input)
            })
            .await;
        asked.push(input);
    }
    (person, asked)
}

/// Reads along over server-sent events, as a browser does: a stream that ends goes on at its
/// position, when it said that it may.
async fn follow(
    rest: Rest,
    id: ConversationId,
    tally: Arc<Tally>,
    last: watch::Receiver<Option<Seq>>,
) -> ConversationView {
    let mut view = ConversationView::default();
    let mut cursor = Cursor::new(None);
    let mut waits = Waits::new(&tally);
    loop {
        cursor.detach();
        let wait = match rest.events(&id, cursor.position()).await {
            Ok(mut stream) => loop {
                if last.borrow().is_some_and(|last| view.is_answered(last)) {
                    return view;
                }
                let next = timeout(Duration::from_millis(100), stream.next());
                match next.await {
                    Err(_) => {}
                    Ok(Ok(Some(received))) => {
                        if let ServerFrame::Ended { problem, .. } = &received.frame {
                            assert!(problem.retryable, "{problem:?}");
                            continue;
                        }
                        cursor.take(&received.frame).unwrap();
                        view.apply(&received.frame);
                        if let Some(run) = view.runs().last()
                            && let Some(input) = run.inputs.last()
                        {
                            let input = *input;
                            waits.look(&view, input, "for text over an event stream");
                        }
                    }
                    Ok(Ok(None) | Err(_)) => break stream.retry_ms().unwrap_or(1000),
                }
            },
            Err(error) if error.may_pass() => 200,
            Err(error) => panic!("{error}"),
        };
        tokio::time::sleep(Duration::from_millis(wait.min(1000))).await;
    }
}

/// Time for what was restarted to take part again.
async fn breath() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// Restarts everything, each phase announced.
async fn restart_all(stack: &mut Stack, tally: &Tally) {
    for (phase, kind) in [
        ("gateways", Kind::Gateway),
        ("agent workers", Kind::Worker),
        ("context services", Kind::ContextService),
    ] {
        tally.begins(phase);
        for index in 0..2 {
            stack.terminate(kind, index).await;
            stack.start_again(kind, index).await;
            breath().await;
        }
    }
    tally.begins("redis, by its replica");
    stack.change_places();
    breath().await;
    stack.restart(Kind::Redis, 0);
    breath().await;
    tally.begins(ALONE);
    stack.restart(Kind::RabbitMq, 0);
    stack.ready().await;
    breath().await;
}

/// Restarts RabbitMQ node by node, each once the others could do without it.
async fn restart_rabbitmqs(stack: &mut Stack, tally: &Tally) {
    for (index, phase) in NODE_BY_NODE.into_iter().enumerate() {
        stack.rabbitmq_can_spare_one();
        tally.begins(phase);
        stack.restart(Kind::RabbitMq, index);
        breath().await;
    }
    stack.ready().await;
}

/// Lets people talk while something is restarted, and judges what they saw.
async fn under_load(shape: Shape, restart: impl AsyncFnOnce(&mut Stack, &Tally)) {
    let Some((mut stack, balancer)) = Stack::balanced(shape).await else {
        return;
    };
    let url = balancer.url();
    let (tally, tasks) = (Arc::new(Tally::default()), Tasks::new());
    tally.begins("before");
    let over = watch::Sender::new(false);
    let mut talking = Vec::new();
    for number in 0..TALKERS {
        let user = format!("user{number}");
        let person = Person::beginning(&stack, &url, &user).await;
        let last = watch::Sender::new(None);
        let token = stack.token(&user, Role::User);
        let rest = Rest::new(&options(&url, token)).unwrap();
        let id = person.conversation().clone();
        let following = tasks.spawn(follow(rest, id, tally.clone(), last.subscribe()));
        let talk = talk(person, tally.clone(), over.subscribe());
        talking.push((tasks.spawn(talk), following, last));
    }
    let token = stack.token("node", Role::User);
    let mut speaker = Node::talks(&url, &token, TOKENS, &tally, &tasks);
    let conversation = speaker.conversation().await;
    let reader = Node::follows(&url, &token, &conversation, &tally, &tasks);
    tokio::time::sleep(Duration::from_secs(3)).await;
    restart(&mut stack, &tally).await;
    tally.begins("afterwards");
    breath().await;
    over.send_replace(true);
    let said = speaker.ends("over").await;
    let read = reader.ends(&said.answers.len().to_string()).await;
    tally.judge();
    let mut answers = said.answers.len();
    assert!(!said.answers.is_empty());
    assert_eq!(said, read, "what was said, and what was read");
    for answer in &said.answers {
        assert_counts(answer, TOKENS);
    }
    for (talk, following, last) in talking {
        let (person, asked) = timeout(PATIENCE, talk).await.unwrap().unwrap();
        last.send_replace(asked.last().copied());
        let followed = timeout(PATIENCE, following).await.unwrap().unwrap();
        assert!(!asked.is_empty());
        assert_eq!(person.resets, 0, "the log was reset");
        for view in [person.view(), &followed] {
            assert_eq!(
                view.runs().len(),
                asked.len(),
                "something was answered twice"
            );
            for input in &asked {
                let run = view.run_for(*input).unwrap();
                assert_eq!(run.status, RunStatus::Finished(Outcome::Completed));
                assert_counts(&crate::people::answer(view, *input), TOKENS);
            }
        }
        person.saw_the_log().await;
        answers += asked.len();
    }
    println!("{answers} answers of {TOKENS} words: none lost, none twice, no error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tier_is_restarted_under_load_and_nobody_sees_it() {
    let shape = Shape {
        own_rabbitmq: true,
        replica: true,
        ..Shape::default()
    };
    under_load(shape, restart_all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rabbitmq_is_restarted_node_by_node_under_load_and_nobody_sees_it() {
    let shape = Shape {
        rabbitmq_cluster: true,
        ..Shape::default()
    };
    under_load(shape, restart_rabbitmqs).await;
}
