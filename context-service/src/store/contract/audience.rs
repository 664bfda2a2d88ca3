//! Who listens, who is here, and where a listener's logs stand.

use convene_proto::{
    id::{ConversationId, Inbox, ParticipantId},
    position::{Eid, Seq},
};

use super::{Bench, fixture::*};
use crate::store::{Change, Error, Limits, Standing, Unsubscribe, Unsubscribed};

impl Room {
    async fn unsubscribe(
        &self,
        inbox: &Inbox,
        viewer: Option<&ParticipantId>,
        last: bool,
    ) -> Unsubscribed {
        let unsubscribe = Unsubscribe {
            conversation: self.id.clone(),
            inbox: inbox.clone(),
            viewer: viewer.cloned(),
            last,
        };
        self.store.unsubscribe(unsubscribe).await.unwrap()
    }

    async fn heard_by(&self) -> Vec<Inbox> {
        let mut audience = self.remark("who hears this?").await.audience;
        audience.sort();
        audience
    }

    async fn audit(&self, inbox: &Inbox, viewers: &[&ParticipantId]) -> Option<Standing> {
        let viewers = viewers.iter().copied().cloned().collect();
        let audited = [(self.id.clone(), viewers)];
        let mut standings = self.store.audit(inbox, &audited).await.unwrap();
        assert_eq!(standings.len(), 1);
        standings.remove(0)
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
    };
    assert_eq!(room.store.unsubscribe(unknown).await.unwrap().audience, []);
}

fn brief() -> Limits {
    Limits {
        audience_ttl: SHORT * 4,
        ..Limits::default()
    }
}

pub async fn an_inbox_that_is_not_audited_drops_out(bench: &dyn Bench) {
    let room = Room::new(bench.store(brief()).await).await;
    room.subscribe(&inbox("gateway"), None).await;
    until("the inbox has dropped out", || async {
        room.heard_by().await.is_empty()
    })
    .await;
    assert_eq!(room.look().await.1, []);
}

pub async fn an_audit_keeps_an_inbox_and_its_viewers(bench: &dyn Bench) {
    let room = Room::new(bench.store(brief()).await).await;
    let (kept, dropped) = (inbox("kept"), inbox("dropped"));
    room.subscribe(&kept, None).await;
    for inbox in [&kept, &dropped] {
        let subscribed = room.subscribe_as(&room.bob, inbox, None, 10).await;
        subscribed.unwrap();
    }
    until("the other inbox and viewer have dropped out", || async {
        room.audit(&kept, &[&room.ada]).await.unwrap();
        room.heard_by().await == [kept.clone()] && room.look().await.1 == [room.ada.clone()]
    })
    .await;
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
    let standings = store.audit(&inbox("gateway"), &audited).await.unwrap();
    let first = Standing {
        epoch: room.epoch,
        head: Seq(3),
        eid: log[2].eid,
        streaming: Some((message, 0, 6)),
    };
    let third = Standing {
        epoch: other.epoch,
        head: Seq(1),
        eid: other.log().await[0].eid,
        streaming: None,
    };
    assert_ne!(first.eid, Eid(0));
    assert_eq!(standings, [Some(first), None, Some(third)]);
    assert_eq!(store.audit(&inbox("gateway"), &[]).await.unwrap(), []);
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
    assert_eq!(signal(&room.ada, None).await.unwrap(), []);
    room.subscribe(&gateway, None).await;
    assert_eq!(
        signal(&room.bob, Some(Seq(1))).await.unwrap(),
        [gateway.clone()]
    );
    assert_eq!(signal(&room.bob, Some(Seq(0))).await.unwrap(), [gateway]);
    refused!(signal(&person("eve"), None).await, Error::NotFound);
    assert_eq!(room.head().await, Seq(1), "signals are not events");
}
