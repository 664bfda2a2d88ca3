//! Who listens, who is here, and where a listener's logs stand.

use std::time::Duration;

use convene_proto::{
    event::Role,
    id::{ConversationId, Inbox, ParticipantId},
    position::{Eid, Seq},
};

use super::{Bench, fixture::*};
use crate::store::{
    Change, Error, Limits, MOST_HERE, Place, Result, Standing, Subscribe, Unsubscribe, Unsubscribed,
};

impl Room {
    async fn unsubscribe(
        &self,
        inbox: &Inbox,
        viewer: Option<&ParticipantId>,
        last: bool,
    ) -> Unsubscribed {
        self.leave(inbox, viewer, last, None).await
    }

    /// Gives up a place in which Ada was the only one.
    async fn give_up(&self, inbox: &Inbox, place: Place) -> Unsubscribed {
        self.leave(inbox, Some(&self.ada), true, Some(place)).await
    }

    async fn leave(
        &self,
        inbox: &Inbox,
        viewer: Option<&ParticipantId>,
        last: bool,
        place: Option<Place>,
    ) -> Unsubscribed {
        let unsubscribe = Unsubscribe {
            conversation: self.id.clone(),
            inbox: inbox.clone(),
            viewer: viewer.cloned(),
            last,
            place,
        };
        self.store.unsubscribe(unsubscribe).await.unwrap()
    }

    async fn heard_by(&self) -> Vec<Inbox> {
        let mut audience = self.remark("who hears this?").await.audience;
        audience.sort();
        audience
    }

    async fn audit(&self, inbox: &Inbox, viewers: &[&ParticipantId]) -> Option<Standing> {
        self.audit_for(LONG, inbox, viewers).await
    }

    async fn audit_for(
        &self,
        ttl: Duration,
        inbox: &Inbox,
        viewers: &[&ParticipantId],
    ) -> Option<Standing> {
        let viewers = viewers.iter().copied().cloned().collect();
        let audited = [(self.id.clone(), viewers)];
        let mut standings = self.store.audit(inbox, ttl, &audited).await.unwrap();
        assert_eq!(standings.len(), 1);
        standings.remove(0).unwrap()
    }

    async fn subscribe_for(&self, ttl: Duration, viewer: &ParticipantId, inbox: &Inbox) {
        let subscribe = Subscribe {
            conversation: self.id.clone(),
            viewer: viewer.clone(),
            inbox: inbox.clone(),
            after: None,
            tail: 10,
            ttl,
        };
        self.store.subscribe(subscribe).await.unwrap();
    }
}

pub async fn an_inbox_hears_from_its_first_subscriber_to_its_last(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (one, two) = (inbox("g1"), inbox("g2"));
    assert_eq!(room.heard_by().await, []);
    let first = room.subscribe(&one, None).await;
    assert_eq!(first.audience, [one.clone()]);
    room.subscribe_as(&room.bob, &one, None, 10).await.unwrap();
    room.subscribe_as(&room.bob, &two, None, 10).await.unwrap();
    assert_eq!(room.heard_by().await, [one.clone(), two.clone()]);

    let left = room.unsubscribe(&one, Some(&room.ada), false).await;
    assert_eq!(left.audience.len(), 2);
    assert_eq!(room.heard_by().await, [one.clone(), two.clone()]);
    let left = room.unsubscribe(&one, Some(&room.bob), true).await;
    assert_eq!(left.audience, [two.clone()]);
    assert_eq!(room.heard_by().await, [two.clone()]);
    let left = room.unsubscribe(&two, None, true).await;
    assert_eq!(left.audience, []);
    assert_eq!(room.heard_by().await, []);
    assert_eq!(room.look().await.1, []);
}

pub async fn who_is_here_is_counted_over_all_inboxes(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (one, two) = (inbox("g1"), inbox("g2"));
    let here = || async {
        let mut here = room.look().await.1;
        here.sort();
        here
    };
    assert_eq!(room.subscribe(&one, None).await.here, [room.ada.clone()]);
    room.subscribe(&two, None).await;
    let subscribed = room.subscribe_as(&room.bob, &two, None, 10).await.unwrap();
    let mut both = subscribed.here;
    both.sort();
    assert_eq!(both, [room.ada.clone(), room.bob.clone()]);
    assert_eq!(here().await, both);

    assert!(
        !room.unsubscribe(&one, Some(&room.ada), true).await.gone,
        "she is behind the other"
    );
    assert_eq!(here().await, both);
    assert!(room.unsubscribe(&two, Some(&room.ada), false).await.gone);
    assert_eq!(here().await, [room.bob.clone()]);
    assert!(room.unsubscribe(&two, Some(&room.bob), true).await.gone);
    assert_eq!(here().await, []);

    let unknown = Unsubscribe {
        conversation: ConversationId::random(),
        inbox: one,
        viewer: Some(room.ada.clone()),
        last: true,
        place: None,
    };
    assert_eq!(room.store.unsubscribe(unknown).await.unwrap().audience, []);
}

/// A call that the network kept, and that comes when somebody is back.
pub async fn who_is_back_is_not_taken_out_by_a_call_of_before(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let one = inbox("g1");
    let first = room.subscribe(&one, None).await.place;
    assert!(room.give_up(&one, first).await.gone);
    assert_eq!(room.heard_by().await, []);

    // A place is known by its time.
    let mut second = first;
    while second <= first {
        second = room.subscribe(&one, None).await.place;
    }
    let late = room.give_up(&one, first).await;
    assert_eq!((late.gone, late.audience), (false, vec![one.clone()]));
    assert_eq!(room.heard_by().await, [one.clone()]);
    assert_eq!(room.look().await.1, [room.ada.clone()]);

    let mut third = second;
    while third <= second {
        third = room.audit(&one, &[&room.ada]).await.unwrap().place;
    }
    assert!(!room.give_up(&one, second).await.gone);
    assert!(room.give_up(&one, third).await.gone);
    assert_eq!(room.heard_by().await, []);
}

/// A place that is renewed in time, and that a test sees the end of.
const BRIEF: Duration = Duration::from_millis(600);

pub async fn an_inbox_that_is_not_audited_drops_out(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.subscribe_for(BRIEF, &room.ada, &inbox("gateway"))
        .await;
    until("the inbox has dropped out", || async {
        room.heard_by().await.is_empty()
    })
    .await;
    assert_eq!(room.look().await.1, []);
}

pub async fn an_audit_keeps_an_inbox_and_its_viewers(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (kept, dropped) = (inbox("kept"), inbox("dropped"));
    room.subscribe_for(BRIEF, &room.ada, &kept).await;
    for inbox in [&kept, &dropped] {
        room.subscribe_for(BRIEF, &room.bob, inbox).await;
    }
    until("the other inbox and viewer have dropped out", || async {
        let audited = room.audit_for(BRIEF, &kept, &[&room.ada]).await.unwrap();
        room.heard_by().await == [kept.clone()] && audited.here.unwrap() == [room.ada.clone()]
    })
    .await;
    assert_eq!(room.look().await.1, [room.ada.clone()]);
}

pub async fn an_audit_puts_back_what_had_expired(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    room.audit(&gateway, &[&room.ada, &room.bob]).await.unwrap();
    assert_eq!(room.heard_by().await, [gateway]);
    assert_eq!(room.look().await.1.len(), 2);
}

pub async fn an_audit_says_where_each_log_stands(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let (room, other) = (
        Room::new(store.clone()).await,
        Room::new(store.clone()).await,
    );
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = room.start(nonce, "Gööd").await;
    let log = room.log().await;
    let audited = [
        (room.id.clone(), vec![room.ada.clone()]),
        (ConversationId::random(), vec![room.ada.clone()]),
        (other.id.clone(), vec![]),
    ];
    let gateway = inbox("gateway");
    let standings = store.audit(&gateway, LONG, &audited).await.unwrap();
    let standings: Vec<_> = standings.into_iter().map(Result::unwrap).collect();
    let place = |at: usize| standings[at].as_ref().unwrap().place;
    let first = Standing {
        epoch: room.epoch,
        head: Seq(3),
        eid: log[2].eid,
        streaming: Some((message, 0, 6)),
        here: Some(vec![room.ada.clone()]),
        place: place(0),
    };
    let third = Standing {
        epoch: other.epoch,
        head: Seq(1),
        eid: other.log().await[0].eid,
        streaming: None,
        here: Some(vec![]),
        place: place(2),
    };
    assert_ne!(first.eid, Eid(0));
    assert_eq!(standings, [Some(first), None, Some(third)]);
    assert!(store.audit(&gateway, LONG, &[]).await.unwrap().is_empty());
}

pub async fn an_audit_answers_for_each_conversation_on_its_own(bench: &dyn Bench) {
    let (store, damaged) = bench.damaged().await;
    let (one, two) = (
        Room::new(store.clone()).await,
        Room::new(store.clone()).await,
    );
    let audited = [
        (one.id.clone(), vec![one.ada.clone()]),
        (damaged, vec![one.ada.clone()]),
        (two.id.clone(), vec![two.ada.clone()]),
    ];
    let gateway = inbox("gateway");
    let standings = store.audit(&gateway, LONG, &audited).await.unwrap();
    assert_eq!(standings.len(), 3);
    for standing in [&standings[0], &standings[2]] {
        let standing = standing.as_ref().unwrap().as_ref().unwrap();
        assert_eq!(standing.head, Seq(1));
    }
    assert!(
        matches!(standings[1], Err(Error::Corrupt(_))),
        "{:?}",
        standings[1]
    );
    for room in [one, two] {
        assert_eq!(room.heard_by().await, [gateway.clone()]);
    }
}

pub async fn an_audit_says_who_is_here_but_in_a_crowd(bench: &dyn Bench) {
    let people: Vec<_> = (0..=MOST_HERE).map(|_| person("guest")).collect();
    let room = Room::with(bench.store(Limits::default()).await, |new| {
        let guests = people
            .iter()
            .map(|guest| participant(guest, "Guest", Role::Member));
        new.participants.extend(guests);
    })
    .await;
    let gateway = inbox("gateway");
    let most: Vec<_> = people.iter().take(MOST_HERE).collect();
    let audited = room.audit(&gateway, &most).await.unwrap();
    assert_eq!(audited.here.unwrap().len(), MOST_HERE);
    let last = people.last().unwrap();
    assert_eq!(room.audit(&gateway, &[last]).await.unwrap().here, None);
}

pub async fn an_audit_does_not_bring_back_who_was_removed(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    room.subscribe_as(&room.bob, &gateway, None, 10)
        .await
        .unwrap();
    room.change(&room.ada, Change::Remove(room.bob.clone()))
        .await
        .unwrap();
    room.audit(&gateway, &[&room.ada, &room.bob]).await.unwrap();
    assert_eq!(room.look().await.1, [room.ada.clone()]);
}

pub async fn a_signal_is_for_participants_and_says_whom_to_tell(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    let signal = |viewer, read| room.store.signal(&room.id, viewer, read);
    assert_eq!(signal(&room.ada, None).await.unwrap().audience, []);
    room.subscribe(&gateway, None).await;
    for read in [None, Some(Seq(1)), Some(Seq(0))] {
        let signalled = signal(&room.bob, read).await.unwrap();
        assert_eq!(signalled.audience, [gateway.clone()]);
        assert_eq!(signalled.read.is_some(), read.is_some());
    }
    refused!(signal(&person("eve"), None).await, Error::NotFound);
    assert_eq!(room.head().await, Seq(1), "signals are not events");
}

pub async fn what_was_read_only_grows_and_never_past_the_head(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.remark("two").await;
    let read = async |viewer: &ParticipantId, seq| {
        let signalled = room.store.signal(&room.id, viewer, Some(Seq(seq))).await;
        signalled.unwrap().read
    };
    assert_eq!(read(&room.bob, 1).await, Some(Seq(1)));
    assert_eq!(read(&room.bob, u64::MAX).await, Some(Seq(2)));
    assert_eq!(read(&room.bob, 1).await, Some(Seq(2)), "it only grows");
    assert_eq!(
        read(&room.ada, 9).await,
        Some(Seq(2)),
        "each for themselves"
    );
    room.remark("three").await;
    assert_eq!(read(&room.bob, 9).await, Some(Seq(3)));
}
