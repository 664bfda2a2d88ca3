//! Whatever people and workers do, in whatever order: the log stays the one that a very small
//! model of it says.

use std::{collections::VecDeque, path::Path};

use convene_context_service::store::{
    Append, ClaimOutcome, Effect, Error, Release, ResumeKind, Store as _, Submit, Subscribe,
    embedded::EmbeddedStore,
};
use convene_proto::{
    id::{ConversationId, MessageId, ParticipantId},
    position::{Eid, Epoch, Nonce, Position, Seq},
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::*;

#[derive(Debug, Clone)]
enum Op {
    /// One of a few messages, so that some are said twice.
    Say(usize),
    /// The same by somebody who is not in it.
    Intrude(usize),
    Claim,
    Start,
    Stream(String),
    Complete,
    Retract,
    Finish,
    Release,
    Abandon,
    /// A write under a lease that was never given.
    Forge,
    /// Come back after having seen this share of the log, in percent.
    Resume(u64),
    Reopen,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..12_usize).prop_map(Op::Say),
        1 => (0..12_usize).prop_map(Op::Intrude),
        4 => Just(Op::Claim),
        3 => Just(Op::Start),
        6 => "[a-zö🦜]{0,6}".prop_map(Op::Stream),
        2 => Just(Op::Complete),
        1 => Just(Op::Retract),
        3 => Just(Op::Finish),
        3 => Just(Op::Release),
        1 => Just(Op::Abandon),
        1 => Just(Op::Forge),
        4 => (0..=110_u64).prop_map(Op::Resume),
        1 => Just(Op::Reopen),
    ]
}

/// What ought to be so.
struct Model {
    log: Vec<Eid>,
    /// Where each of the few messages stands.
    said: [Option<u64>; 12],
    /// What waits or is being answered, in order.
    mailbox: VecDeque<u64>,
    /// The lease, and whether it holds others off.
    lease: Option<(Nonce, bool)>,
    /// How many writes were made under it.
    steps: u64,
    /// The attempt at the first of the mailbox.
    run: Option<u32>,
    streaming: Option<(MessageId, String)>,
}

struct World<'a> {
    folder: &'a Path,
    store: EmbeddedStore,
    id: ConversationId,
    epoch: Epoch,
    messages: Vec<MessageId>,
    model: Model,
}

impl World<'_> {
    async fn new(folder: &Path) -> World<'_> {
        let store = open(folder);
        let id = create(&store).await;
        let first = log(&store, &id).await.remove(0);
        let standing = store
            .audit(&"g".parse().unwrap(), LONG, &[(id.clone(), vec![])])
            .await;
        World {
            folder,
            epoch: standing.unwrap().remove(0).unwrap().unwrap().epoch,
            store,
            id,
            messages: (0..12).map(|_| MessageId::random()).collect(),
            model: Model {
                log: vec![first.eid],
                said: [None; 12],
                mailbox: VecDeque::new(),
                lease: None,
                steps: 0,
                run: None,
                streaming: None,
            },
        }
    }

    fn head(&self) -> u64 {
        self.model.log.len() as u64
    }

    async fn take(&mut self, op: Op) {
        match op {
            Op::Say(which) => self.say(which).await,
            Op::Intrude(which) => {
                let intruder: ParticipantId = "user:eve".parse().unwrap();
                let submit = Submit {
                    author: intruder,
                    message: self.messages[which].clone(),
                    ..message(&self.id)
                };
                let outcome = self.store.submit(submit).await;
                assert!(matches!(outcome, Err(Error::NotFound)));
            }
            Op::Claim => self.claim().await,
            Op::Start => {
                let message = MessageId::random();
                let conflict = self.model.streaming.is_some();
                if self.write(Effect::Start(message.clone()), conflict).await {
                    self.model.streaming = Some((message, String::new()));
                }
            }
            Op::Stream(words) => self.stream(&words).await,
            Op::Complete => {
                if let Some((message, _)) = self.model.streaming.clone()
                    && self.write(Effect::Complete(message), false).await
                {
                    self.model.streaming = None;
                }
            }
            Op::Retract => {
                if let Some((message, _)) = self.model.streaming.clone()
                    && self.write(Effect::Retract(message), false).await
                {
                    self.model.streaming = None;
                }
            }
            Op::Finish => {
                if self.write(Effect::Finish, false).await && self.model.run.take().is_some() {
                    self.model.mailbox.pop_front();
                }
            }
            Op::Release => self.release(false).await,
            Op::Abandon => self.release(true).await,
            Op::Forge => {
                let forged = effect(&self.id, Nonce::random(), 1, Effect::Finish);
                let outcome = self.store.append(forged).await;
                assert!(matches!(outcome, Err(Error::Fenced)));
            }
            Op::Resume(percent) => self.resume(percent).await,
            Op::Reopen => {
                self.store.close().await;
                self.store = open(self.folder);
                self.model.lease = self.model.lease.map(|(nonce, _)| (nonce, false));
            }
        }
    }

    async fn say(&mut self, which: usize) {
        let submit = Submit {
            message: self.messages[which].clone(),
            ..message(&self.id)
        };
        let eid = submit.entry.eid;
        let submitted = self.store.submit(submit).await.unwrap();
        match self.model.said[which] {
            Some(seq) => {
                assert!(submitted.duplicate);
                assert_eq!(submitted.entry.seq, Seq(seq));
                assert_eq!(submitted.ring.is_some(), self.model.mailbox.contains(&seq));
            }
            None => {
                assert!(!submitted.duplicate);
                self.model.log.push(eid);
                self.model.said[which] = Some(self.head());
                self.model.mailbox.push_back(self.head());
                assert_eq!(submitted.entry.seq, Seq(self.head()));
            }
        }
    }

    async fn claim(&mut self) {
        let claim = claim(&self.id);
        let nonce = claim.nonce;
        let outcome = self.store.claim(claim).await.unwrap();
        match (self.model.lease, self.model.mailbox.front()) {
            (Some((_, true)), _) => assert!(matches!(outcome, ClaimOutcome::Held(_))),
            (_, None) => assert!(matches!(outcome, ClaimOutcome::Empty)),
            (_, Some(first)) => {
                let ClaimOutcome::Claimed(claimed) = outcome else {
                    panic!("{outcome:?}")
                };
                assert_eq!(claimed.inputs[0].seq, Seq(*first));
                let attempt = self.model.run.unwrap_or(0) + 1;
                assert_eq!(claimed.attempt, attempt);
                self.model.run = Some(attempt);
                self.model.lease = Some((nonce, true));
                self.model.steps = 0;
            }
        }
    }

    /// Writes under the lease, if there is one; says whether it was written.
    async fn write(&mut self, what: Effect, conflict: bool) -> bool {
        let nonce = self.model.lease.map_or(Nonce(0), |(nonce, _)| nonce);
        let append = effect(&self.id, nonce, self.model.steps + 1, what);
        let eid = append.entries[0].0.eid;
        match self.store.append(append).await {
            Ok(appended) => {
                assert!(!conflict && self.model.lease.is_some());
                self.model.log.push(eid);
                self.model.steps += 1;
                self.model.lease = Some((nonce, true));
                assert_eq!(appended.head, Seq(self.head()));
                true
            }
            Err(Error::Conflict(_)) => {
                assert!(conflict && self.model.lease.is_some());
                false
            }
            Err(Error::Fenced) => {
                assert!(self.model.lease.is_none());
                false
            }
            Err(other) => panic!("{other}"),
        }
    }

    async fn stream(&mut self, words: &str) {
        let Some((message, so_far)) = self.model.streaming.clone() else {
            return;
        };
        let nonce = self.model.lease.map_or(Nonce(0), |(nonce, _)| nonce);
        let end = so_far.len() as u64;
        let piece = |offset, step| Append {
            text: Some(text(&message, offset, words)),
            ..append(&self.id, nonce, step)
        };
        let step = self.model.steps + 1;
        let outcome = self.store.append(piece(end, step)).await;
        if self.model.lease.is_none() {
            assert!(matches!(outcome, Err(Error::Fenced)));
            return;
        }
        outcome.unwrap();
        self.store.append(piece(end, step)).await.unwrap();
        let so_far = so_far + words;
        let beyond = so_far.len() as u64 + 1;
        match self.store.append(piece(beyond, step + 1)).await {
            Err(Error::Gap { end }) => assert_eq!(end, so_far.len() as u64),
            other => panic!("{other:?}"),
        }
        self.model.lease = Some((nonce, true));
        self.model.steps = step;
        self.model.streaming = Some((message, so_far));
    }

    async fn release(&mut self, abandon: bool) {
        let nonce = self.model.lease.map_or(Nonce(0), |(nonce, _)| nonce);
        let release = Release {
            abandon,
            ..release(&self.id, nonce)
        };
        let outcome = self.store.release(release).await;
        if self.model.lease.is_none() {
            assert!(matches!(outcome, Err(Error::Fenced)));
            return;
        }
        let next = outcome.unwrap();
        if abandon {
            assert!(next.is_none());
            self.model.lease = None;
            self.model.run = self.model.run.map(|attempt| attempt.saturating_sub(1));
            return;
        }
        let expected = self.model.mailbox.front();
        assert_eq!(
            next.as_ref().map(|next| next.inputs[0].seq.0),
            expected.copied()
        );
        if let Some(next) = next {
            let attempt = self.model.run.unwrap_or(0) + 1;
            assert_eq!(next.attempt, attempt);
            self.model.run = Some(attempt);
            self.model.lease = Some((nonce, true));
        } else {
            self.model.lease = None;
        }
    }

    async fn resume(&mut self, percent: u64) {
        let seen = self.head() * percent / 100;
        let eid = match seen {
            0 => Eid(0),
            seen => self
                .model
                .log
                .get(seen as usize - 1)
                .copied()
                .unwrap_or(Eid(7)),
        };
        let subscribe = Subscribe {
            conversation: self.id.clone(),
            viewer: ada(),
            inbox: "gateway".parse().unwrap(),
            after: Some(Position {
                epoch: self.epoch,
                seq: Seq(seen),
                eid,
                text: None,
            }),
            tail: 1000,
            ttl: LONG,
        };
        let subscribed = self.store.subscribe(subscribe).await.unwrap();
        let from = if seen > self.head() {
            assert_eq!(subscribed.kind, ResumeKind::Reset);
            0
        } else {
            assert_eq!(subscribed.kind, ResumeKind::Resumed);
            seen
        };
        let told = subscribed
            .entries
            .iter()
            .map(|entry| (entry.seq.0, entry.eid));
        let expected = (from + 1..).zip(self.model.log[from as usize..].iter().copied());
        assert!(told.eq(expected));
        let text = subscribed.streaming.map(|text| text.text);
        let expected = self
            .model
            .streaming
            .as_ref()
            .map(|(_, text)| text.as_bytes());
        assert_eq!(text.as_deref(), expected);
    }

    async fn check(&self) {
        let log = log(&self.store, &self.id).await;
        let log = log.iter().map(|entry| (entry.seq.0, entry.eid));
        assert!(log.eq((1..).zip(self.model.log.iter().copied())));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_log_is_what_the_model_says(ops in proptest::collection::vec(op(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = TempDir::new().unwrap();
            let mut world = World::new(folder.path()).await;
            for op in ops {
                world.take(op).await;
            }
            world.check().await;
        });
    }
}
