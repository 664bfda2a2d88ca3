//! One seed: its plan is carried out, everything is healed and becomes quiet, and then it is judged.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use convene_client::{
    Rest,
    proto::{
        event::Event,
        id::{ConversationId, MessageId},
        position::Seq,
    },
};
use convene_invariants::{
    Broken, Effect, Fate, History,
    Invariant::{AcceptedIsDurable, NoLostWakeUp, NoWindow},
    Ledger, Loss, Order, Said, Woken,
};

use crate::{
    cluster::{AUDITOR, Cluster, PATIENCE, retried},
    desk,
    ended::ended,
    faults,
    orders::Orders,
    people::Person,
    plan::{Agent, Course, Plan},
    proxy::Wire,
    teller,
    trace::Trace,
};

/// Between two looks at whether it is quiet.
const POLL: Duration = Duration::from_millis(250);

/// What came of a seed.
pub(crate) struct Verdict {
    seed: u64,
    pub(crate) broken: Vec<Broken>,
    faults: BTreeSet<String>,
    people: usize,
    accepted: usize,
    answers: usize,
    woken: usize,
    seconds: f64,
    quiet_after: f64,
    folder: PathBuf,
    plan: String,
}

/// Carries a seed out.
pub(crate) async fn run(mut cluster: Cluster, orders: &Orders, seed: u64) -> (Cluster, Verdict) {
    let begun = Instant::now();
    let plan = Plan::of(seed, orders);
    let mut talks = Vec::new();
    for agent in &plan.talks {
        talks.push((cluster.begin(*agent).await, *agent));
    }
    let user = |name: &str| format!("{name}-{seed}");
    for course in plan
        .people
        .iter()
        .filter(|course| course.joins_at.is_none())
    {
        invite(&cluster, &talks[course.talk].0, &user(&course.name)).await;
    }
    // From here on the plan's times count: what was set up is older than any moment that is lost.
    let trace = Trace::begin();
    let meet = |course: &Course| {
        let (user, host) = (user(&course.name), cluster.rest("host", course.gateway));
        Person::new(&cluster, course, (&user, host), &talks[course.talk], &trace)
    };
    let people: Vec<_> = plan.people.iter().map(meet).collect();
    let wires: Vec<Wire> = people.iter().map(|person| person.wire().clone()).collect();

    let desk = cluster.desk.clone();
    let changing = async {
        for at in &plan.changes {
            trace.reaches(*at).await;
            trace.note("* the desk's files change");
            desk.changes();
        }
    };
    let acting = async {
        let courses = people.iter().zip(&plan.people);
        let following = courses.map(|(person, course)| person.follow(course));
        futures_util::future::join_all(following).await;
    };
    let striking = faults::strike(&mut cluster, &wires, &plan, &trace);
    let ((), (), loss) = tokio::join!(acting, changing, striking);
    cluster.heal(&wires).await;
    trace.note("* healed");

    let healed = Instant::now();
    let eyes = (cluster.rest("host", 0), cluster.staff(AUDITOR, 0));
    let ended = || match loss {
        Loss::Nothing => BTreeMap::new(),
        Loss::Tail { .. } => ended(cluster.stack.log_folder()),
    };
    let (logs, under_way) = until_quiet(&eyes, &talks, &people, &ended, &trace).await;
    let ended = ended();
    let quiet_after = healed.elapsed().as_secs_f64();
    let mut effects = teller::effects(&cluster.effects());
    effects.extend(cluster.desk.effects(|conversation, text| {
        let here = people
            .iter()
            .filter(|person| person.conversation().as_str() == conversation);
        let said = here.flat_map(Person::said).find(|said| said.text == text);
        said.map(|said| said.message)
    }));
    people.iter().for_each(Person::go_home);
    let mut broken = Vec::new();
    let (mut accepted, mut answers, mut woken) = (0, 0, 0);
    for ((conversation, agent), (log, of_staff)) in talks.iter().zip(logs) {
        let mut history = history(conversation, log, &people, (&effects, &ended), loss);
        history.woken = Woken {
            log: of_staff,
            waking: (*agent == Agent::Desk).then_some(desk::WAKING),
            told: those_in(conversation, &people)
                .flat_map(Person::told)
                .collect(),
            deeds: cluster.desk.deeds(conversation),
        };
        accepted += messages_accepted(&history.said);
        let ledger = history.ledger();
        answers += ledger.runs().len();
        woken += ledger.everything_that_woke().count();
        broken.extend(history.judge());
        if *agent == Agent::Desk {
            let of_staff = &history.woken.log;
            broken.extend(cluster.desk.judge(conversation, of_staff, plan.lingers()));
        }
    }
    // The finer finding first.
    broken.extend(under_way);
    let verdict = Verdict {
        seed,
        faults: plan
            .strikes
            .iter()
            .map(|strike| strike.fault.name())
            .collect(),
        people: people.len(),
        accepted,
        answers,
        woken,
        seconds: begun.elapsed().as_secs_f64(),
        quiet_after,
        folder: orders.folder(seed),
        plan: plan.to_string(),
        broken,
    };
    if !verdict.broken.is_empty() || orders.keeps_traces() {
        verdict.keep(&cluster, &trace);
    }
    (cluster, verdict)
}

async fn invite(cluster: &Cluster, conversation: &ConversationId, user: &str) {
    let host = cluster.rest("host", 0);
    let invite = retried(|| host.invite(conversation)).await;
    let guest = cluster.rest(user, 0);
    retried(|| guest.join(&invite.invite)).await;
}

/// How many messages were accepted; what is said again is the same one.
fn messages_accepted(said: &[Said]) -> usize {
    let accepted = said
        .iter()
        .filter(|said| matches!(said.fate, Fate::Accepted(_)));
    let ids: BTreeSet<_> = accepted.map(|said| &said.message).collect();
    ids.len()
}

/// Waits until every fate is known, every input answered, and everybody has read everything. Answers
/// the logs, and what is still under way where that takes too long.
async fn until_quiet(
    (people_s, staff_s): &(Rest, Rest),
    talks: &[(ConversationId, Agent)],
    people: &[Person],
    ended: &impl Fn() -> BTreeMap<MessageId, u64>,
    trace: &Trace,
) -> (Vec<(Vec<Event>, Vec<Event>)>, Vec<Broken>) {
    let begun = Instant::now();
    loop {
        let mut under_way = Vec::new();
        let mut logs = Vec::new();
        let ended = ended();
        for (conversation, _) in talks {
            // Who is told of a fate is told of what stands in the log by then.
            let unsettled = unsettled(conversation, people);
            let of_staff = read(staff_s, conversation).await;
            under_way.extend(unsettled);
            under_way.extend(restless(conversation, &of_staff, people, &ended));
            logs.push(of_staff);
        }
        let is_quiet = under_way.is_empty();
        if is_quiet || begun.elapsed() > PATIENCE {
            trace.note(if is_quiet { "* quiet" } else { "* not quiet" });
            let mut both = Vec::new();
            for ((conversation, _), of_staff) in talks.iter().zip(logs) {
                // Where it is quiet by the staff's, nothing is new in the people's.
                both.push((read(people_s, conversation).await, of_staff));
            }
            return (both, under_way);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn those_in<'a>(
    conversation: &'a ConversationId,
    people: &'a [Person],
) -> impl Iterator<Item = &'a Person> + Clone {
    people
        .iter()
        .filter(move |person| person.conversation() == conversation)
}

/// Who is still asking what came of something.
fn unsettled(conversation: &ConversationId, people: &[Person]) -> Vec<Broken> {
    let asking = those_in(conversation, people).filter(|person| !person.is_settled());
    let told = asking.map(|person| {
        let what = format!("{} still asks, long after all was healed", person.name());
        Broken::new(AcceptedIsDurable, conversation, what)
    });
    told.collect()
}

/// What is not answered or not read yet.
fn restless(
    conversation: &ConversationId,
    log: &[Event],
    people: &[Person],
    ended: &BTreeMap<MessageId, u64>,
) -> Vec<Broken> {
    let ledger = Ledger::of(conversation, Order::Any, log);
    let here = those_in(conversation, people);
    let is_over = |at: Seq| ledger.run_for(at).is_some_and(|run| run.outcome.is_some());
    let mut found = Vec::new();
    for person in here.clone().filter(|one| one.head() != ledger.head()) {
        let (name, head, end) = (person.name(), person.head(), ledger.head());
        let what = format!("{name} stands at {head} and the log at {end}, long after all healed");
        found.push((NoWindow, what));
    }
    for run in ledger.runs().iter().filter(|run| run.outcome.is_none()) {
        let what = format!("run {} goes on, long after all was healed", run.run);
        found.push((NoLostWakeUp, what));
    }
    for timer in ledger.timers() {
        let (name, set) = (&timer.name, timer.set);
        let what = format!("timer {name}, set at {set}, has not rung, long after all was healed");
        found.push((NoLostWakeUp, what));
    }
    let woke = ledger.everything_that_woke();
    for (at, _) in woke.filter(|(at, _)| ledger.run_for(*at).is_none()) {
        let what = format!("nobody answers what happened at {at}, long after all was healed");
        found.push((NoLostWakeUp, what));
    }
    let views: Vec<_> = here.clone().map(Person::view).collect();
    // What the log lost with its tail may still be on its way back, unless it was done.
    let comes_back = |said: &Said| {
        let seen = || views.iter().any(|view| view.saw_end_of(&said.message));
        let accepted = matches!(said.fate, Fate::Accepted(_));
        accepted && !ended.contains_key(&said.message) && !seen()
    };
    let is_done = |said: &Said| match ledger.said(&said.message) {
        Some((at, _)) => is_over(at),
        None => !comes_back(said),
    };
    for said in here.flat_map(Person::said) {
        if !said.answer.is_none() && !is_done(&said) {
            let what = format!(
                "nobody has answered {}, long after all healed",
                said.message
            );
            found.push((NoLostWakeUp, what));
        }
    }
    let name = |(invariant, what)| Broken::new(invariant, conversation, what);
    found.into_iter().map(name).collect()
}

async fn read(rest: &Rest, conversation: &ConversationId) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map_or(Seq(0), |last| last.seq);
        let page = retried(|| rest.history_after(conversation, after, 1000)).await;
        if page.events.is_empty() {
            return events;
        }
        events.extend(page.events);
    }
}

fn history(
    conversation: &ConversationId,
    log: Vec<Event>,
    people: &[Person],
    (effects, ended): (&[Effect], &BTreeMap<MessageId, u64>),
    loss: Loss,
) -> History {
    let here = || those_in(conversation, people);
    let said: Vec<_> = here().flat_map(Person::said).collect();
    let ours = |effect: &&Effect| said.iter().any(|said| said.message == effect.message);
    let interrupts = said.iter().any(|said| said.interrupts);
    History {
        conversation: conversation.clone(),
        order: if interrupts {
            Order::Any
        } else {
            Order::AsSaid
        },
        loss,
        log,
        stops: here().flat_map(Person::stops).collect(),
        effects: effects.iter().filter(ours).cloned().collect(),
        ended: ended.clone(),
        woken: Woken::default(),
        views: here().map(Person::view).collect(),
        said,
    }
}

impl Verdict {
    /// Leaves everything behind that tells what happened.
    fn keep(&self, cluster: &Cluster, trace: &Trace) {
        drop(fs::remove_dir_all(&self.folder));
        fs::create_dir_all(&self.folder).unwrap();
        let text = format!(
            "{}\n{self}\n{}\n{}",
            self.plan,
            self.details(),
            trace.text()
        );
        fs::write(self.folder.join("trace.txt"), text).unwrap();
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .arg(cluster.stack.log_folder())
            .arg(self.folder.join("logs"))
            .status();
        assert!(copied.unwrap().success());
    }

    pub(crate) fn details(&self) -> String {
        let mut text = self.plan.clone();
        for broken in &self.broken {
            text += &format!("{broken}\n");
        }
        let Self { seed, folder, .. } = self;
        text + &format!(
            "its trace and logs: {}; again: cargo xtask chaos --seeds 1 --first-seed {seed}\n",
            folder.display()
        )
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            people,
            accepted,
            answers,
            woken,
            seconds,
            quiet_after,
            ..
        } = self;
        let came = match self.broken.first() {
            None => "ok".to_owned(),
            Some(first) => format!("BROKEN {}", first.invariant.name()),
        };
        let faults: Vec<_> = self.faults.iter().map(String::as_str).collect();
        write!(
            f,
            "seed {seed:5} {came:8} {people:2} people {accepted:3} accepted {answers:3} answers \
             {woken:2} woken {seconds:5.1} s, quiet {quiet_after:4.1} s after: {}",
            faults.join(" ")
        )
    }
}
