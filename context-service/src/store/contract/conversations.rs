//! Making, changing and listing conversations; membership and roles.

use convene_proto::{
    event::{Participant, Role, TurnPolicy},
    id::{ConversationId, ParticipantId},
    position::Seq,
};

use super::{Bench, fixture::*};
use crate::store::{
    Cancel, Change, Effect, Error, Limits, NewConversation, Range, Result, Store, Submit, Viewer,
    Written,
};

pub async fn a_new_conversation_holds_its_first_event(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let (ada, bob) = (person("ada"), person("bob"));
    let new = Room::draft(&ada, &bob);
    let created = store.create(new.clone()).await.unwrap();
    assert!(created.created);
    assert_eq!(created.epoch, new.epoch);

    let conversation = created.conversation;
    assert_eq!(conversation.id, new.id);
    assert_eq!(conversation.title, new.title);
    assert_eq!(conversation.agent, new.agent);
    assert_eq!(conversation.policy, TurnPolicy::Enqueue);
    assert_eq!(conversation.participants, new.participants);
    assert_eq!((conversation.head, conversation.first), (Seq(1), Seq(1)));
    assert_eq!(conversation.created_at, conversation.updated_at);

    let viewer = Viewer::Participant(bob);
    let found = store.conversation(&new.id, &viewer).await.unwrap();
    assert_eq!(found.conversation, conversation);
    assert_eq!((found.epoch, found.uninvited), (new.epoch, Seq(0)));
    assert_eq!(found.here, []);
    let range = Range::After {
        seq: Seq(0),
        limit: 10,
    };
    let events = store.read_events(&new.id, &viewer, range).await.unwrap();
    assert_eq!(events.epoch, new.epoch);
    assert_eq!(seqs(&events.entries), [1]);
    assert_eq!(events.entries[0].eid, new.entry.eid);
    assert_eq!(events.entries[0].body, new.entry.body);
    assert_eq!(events.entries[0].at, conversation.created_at);
}

pub async fn creating_again_changes_nothing(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::new(store).await;
    room.remark("hello").await;
    let (before, _) = room.look().await;
    let again = NewConversation {
        id: room.id.clone(),
        title: Some("Coffee".to_owned()),
        ..Room::draft(&room.ada, &person("eve"))
    };
    let created = room.store.create(again).await.unwrap();
    assert!(!created.created);
    assert_eq!(created.epoch, room.epoch);
    assert_eq!(created.conversation, before);
    assert_eq!(room.look().await.0, before);
}

pub async fn creating_what_another_created_is_a_conflict(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let again = NewConversation {
        id: room.id.clone(),
        ..Room::draft(&room.bob, &room.ada)
    };
    refused!(room.store.create(again).await, Error::Conflict(_));
    assert_eq!(room.head().await, Seq(1));
}

pub async fn creating_again_shows_nothing_to_who_was_taken_out(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let bob = participant(&room.bob, "Bob", Role::Owner);
    room.change(&room.ada, Change::Add(bob)).await.unwrap();
    room.change(&room.bob, Change::Remove(room.ada.clone()))
        .await
        .unwrap();
    let head = room.head().await;
    let again = NewConversation {
        id: room.id.clone(),
        ..Room::draft(&room.ada, &room.bob)
    };
    refused!(room.store.create(again).await, Error::Conflict(_));
    assert_eq!(room.head().await, head);
}

pub async fn who_is_not_in_it_finds_nothing(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let eve = person("eve");
    finds_nothing(&room, &room.id, &eve).await;
    let unknown = ConversationId::random();
    finds_nothing(&room, &unknown, &room.ada).await;
    let service = Viewer::Service;
    refused!(
        room.store.conversation(&unknown, &service).await,
        Error::NotFound
    );
    assert_eq!(room.head().await, Seq(2));
}

async fn finds_nothing(room: &Room, id: &ConversationId, who: &ParticipantId) {
    let (store, viewer) = (&room.store, Viewer::Participant(who.clone()));
    refused!(store.conversation(id, &viewer).await, Error::NotFound);
    let range = Range::After {
        seq: Seq(0),
        limit: 10,
    };
    refused!(store.read_events(id, &viewer, range).await, Error::NotFound);
    refused!(store.signal(id, who, None).await, Error::NotFound);
    let rename = Change::Rename("mine".to_owned());
    refused!(
        store.change(id, &viewer, rename, entry("x")).await,
        Error::NotFound
    );
    let leave = Change::Remove(who.clone());
    refused!(
        store.change(id, &viewer, leave, entry("x")).await,
        Error::NotFound
    );
    let submit = Submit {
        conversation: id.clone(),
        author: who.clone(),
        ..room.draft_message("x")
    };
    refused!(store.submit(submit).await, Error::NotFound);
    let cancel = Cancel {
        conversation: id.clone(),
        viewer: viewer.clone(),
        run: None,
    };
    refused!(store.cancel(cancel).await, Error::NotFound);
    let subscribe = crate::store::Subscribe {
        conversation: id.clone(),
        viewer: who.clone(),
        inbox: inbox("gateway"),
        after: None,
        tail: 10,
        ttl: LONG,
    };
    refused!(store.subscribe(subscribe).await, Error::NotFound);
    let page = store.conversations(who, 10, None).await.unwrap();
    assert!(
        page.conversations
            .iter()
            .all(|conversation| conversation.id != *id)
    );
}

pub async fn only_owners_invite_remove_others_and_rename(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let eve = participant(&person("eve"), "Eve", Role::Operator);
    let changes = [
        Change::Add(eve.clone()),
        Change::Remove(room.ada.clone()),
        Change::Rename("Mine".to_owned()),
    ];
    for change in changes {
        refused!(room.change(&room.bob, change).await, Error::Forbidden(_));
    }
    assert_eq!(room.head().await, Seq(1));

    let gateway = inbox("gateway");
    room.subscribe(&gateway, None).await;
    let added = room
        .change(&room.ada, Change::Add(eve.clone()))
        .await
        .unwrap();
    assert_eq!(added.epoch, room.epoch);
    assert_eq!(added.entry.seq, Seq(2));
    assert_eq!(added.audience, [gateway]);
    assert_eq!(room.look().await.0.participants.last(), Some(&eve));
    let renamed = room
        .change(&room.ada, Change::Rename("Ours".to_owned()))
        .await
        .unwrap();
    assert_eq!(renamed.entry.seq, Seq(3));
    assert_eq!(room.look().await.0.title.as_deref(), Some("Ours"));
    let removed = room
        .change(&room.ada, Change::Remove(room.bob.clone()))
        .await
        .unwrap();
    assert_eq!(removed.entry.seq, Seq(4));
    let log = room.log().await;
    assert_eq!(log[1..], [added.entry, renamed.entry, removed.entry]);
}

pub async fn anyone_may_leave(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let left = room
        .change(&room.bob, Change::Remove(room.bob.clone()))
        .await
        .unwrap();
    assert_eq!(left.entry.seq, Seq(2));
    refused!(
        room.change(&room.bob, Change::Remove(room.bob.clone()))
            .await,
        Error::NotFound
    );
}

pub async fn a_service_may_change_anything(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let rename = Change::Rename("Ours".to_owned());
    let written = room
        .store
        .change(&room.id, &Viewer::Service, rename, entry("x"))
        .await;
    assert_eq!(written.unwrap().entry.seq, Seq(2));
    let remove = Change::Remove(room.ada.clone());
    let written = room
        .store
        .change(&room.id, &Viewer::Service, remove, entry("x"))
        .await;
    assert_eq!(written.unwrap().entry.seq, Seq(3));
}

pub async fn a_change_in_force_writes_nothing(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let said = room.remark("hello").await;
    let changes = [
        Change::Add(participant(&room.bob, "Bob", Role::Member)),
        Change::Remove(person("eve")),
        Change::Rename("Tea".to_owned()),
    ];
    for change in changes {
        let written = room.change(&room.ada, change).await.unwrap();
        assert_eq!(written.entry, said.entry);
    }
    assert_eq!(room.head().await, said.entry.seq);
}

pub async fn adding_again_under_another_role_changes_it(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let promoted = participant(&room.bob, "Bob", Role::Owner);
    let written = room
        .change(&room.ada, Change::Add(promoted.clone()))
        .await
        .unwrap();
    assert_eq!(written.entry.seq, Seq(2));
    let participants = room.look().await.0.participants;
    assert_eq!(participants.len(), 3);
    assert!(participants.contains(&promoted));
    room.change(&room.bob, Change::Rename("Ours".to_owned()))
        .await
        .unwrap();
}

pub async fn nobody_loses_a_role_by_being_added_or_joining_again(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (before, _) = room.look().await;
    let as_a_member = participant(&room.ada, "Countess", Role::Member);
    let added = room
        .change(&room.ada, Change::Add(as_a_member.clone()))
        .await;
    let joined = join(&room, &as_a_member, Seq(1)).await;
    for written in [added, joined] {
        assert_eq!(written.unwrap().entry.seq, Seq(1));
    }
    assert_eq!(room.look().await.0, before);
}

async fn join(room: &Room, who: &Participant, invited: Seq) -> Result<Written> {
    let join = Change::Join {
        participant: who.clone(),
        invited,
    };
    let service = Viewer::Service;
    room.store
        .change(&room.id, &service, join, entry("joined"))
        .await
}

pub async fn an_invitation_is_void_once_somebody_was_removed(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let eve = participant(&person("eve"), "Eve", Role::Member);
    let joined = join(&room, &eve, Seq(1)).await.unwrap();
    assert_eq!(joined.entry.seq, Seq(2));
    assert_eq!(room.look().await.0.participants.last(), Some(&eve));

    // Who leaves of their own accord may think better of it.
    room.change(&eve.id, Change::Remove(eve.id.clone()))
        .await
        .unwrap();
    join(&room, &eve, Seq(1)).await.unwrap();

    // An agent follows no invitation: that it goes is no reason to void them.
    let agent = Change::Remove(ParticipantId::Agent(room.agent.clone()));
    room.change(&room.ada, agent).await.unwrap();
    room.change(&room.bob, Change::Remove(room.bob.clone()))
        .await
        .unwrap();
    let bob = participant(&room.bob, "Bob", Role::Member);
    join(&room, &bob, Seq(1)).await.unwrap();
    assert_eq!(room.find().await.uninvited, Seq(0));

    let removed = room
        .change(&room.ada, Change::Remove(eve.id.clone()))
        .await
        .unwrap();
    assert_eq!(room.find().await.uninvited, removed.entry.seq);
    let stranger = participant(&person("stranger"), "Eve again", Role::Member);
    for who in [&eve, &stranger] {
        let early = Seq(removed.entry.seq.0 - 1);
        refused!(join(&room, who, early).await, Error::Forbidden(_));
    }
    assert_eq!(room.head().await, removed.entry.seq);
    // Whoever is in it loses nothing by following an old one.
    join(&room, &bob, Seq(1)).await.unwrap();
    join(&room, &stranger, removed.entry.seq).await.unwrap();
    room.change(&room.ada, Change::Add(eve)).await.unwrap();
}

pub async fn there_is_room_for_so_many_and_no_more(bench: &dyn Bench) {
    let limits = Limits {
        participants: 4,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    let newcomer = |name| participant(&person(name), name, Role::Member);
    room.change(&room.ada, Change::Add(newcomer("eve")))
        .await
        .unwrap();
    let added = room.change(&room.ada, Change::Add(newcomer("dan"))).await;
    refused!(added, Error::Full { most: 4 });
    let head = room.head().await;
    refused!(
        join(&room, &newcomer("dan"), head).await,
        Error::Full { most: 4 }
    );
    assert_eq!(room.head().await, head);
    // Whoever is in it takes no further place.
    let renamed = participant(&room.bob, "Robert", Role::Owner);
    room.change(&room.ada, Change::Add(renamed)).await.unwrap();
    room.change(&room.ada, Change::Remove(room.bob.clone()))
        .await
        .unwrap();
    room.change(&room.ada, Change::Add(newcomer("dan")))
        .await
        .unwrap();
}

pub async fn the_only_owner_does_not_leave_others_behind(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let leave = || Change::Remove(room.ada.clone());
    refused!(room.change(&room.ada, leave()).await, Error::LastOwner);
    assert_eq!(room.head().await, Seq(1));
    let heir = participant(&room.bob, "Bob", Role::Owner);
    room.change(&room.ada, Change::Add(heir)).await.unwrap();
    room.change(&room.ada, leave()).await.unwrap();
    // Agents are not left behind.
    room.change(&room.bob, Change::Remove(room.bob.clone()))
        .await
        .unwrap();
}

pub async fn who_is_removed_is_out(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    room.subscribe_as(&room.bob, &gateway, None, 10)
        .await
        .unwrap();
    assert_eq!(room.look().await.1, [room.bob.clone()]);
    let removed = room
        .change(&room.ada, Change::Remove(room.bob.clone()))
        .await
        .unwrap();
    assert_eq!(
        removed.audience,
        [gateway],
        "whoever served them must hear of it"
    );
    let (conversation, here) = room.look().await;
    assert_eq!(here, []);
    assert!(
        conversation
            .participants
            .iter()
            .all(|participant| participant.id != room.bob)
    );
    finds_nothing(&room, &room.id, &room.bob).await;
}

async fn listed(store: &dyn Store, viewer: &ParticipantId) -> Vec<ConversationId> {
    let page = store.conversations(viewer, 100, None).await.unwrap();
    assert_eq!(page.next, None);
    page.conversations
        .into_iter()
        .map(|conversation| conversation.id)
        .collect()
}

pub async fn the_list_is_ordered_by_what_people_did_last(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let first = Room::new(store.clone()).await;
    let mut rooms = vec![first.id.clone()];
    let (ada, bob) = (&first.ada, &first.bob);
    for _ in 0..2 {
        tick().await;
        let new = Room::draft(ada, bob);
        rooms.push(new.id.clone());
        store.create(new).await.unwrap();
    }
    let [one, two, three] = [&rooms[0], &rooms[1], &rooms[2]].map(Clone::clone);
    assert_eq!(
        listed(&*store, ada).await,
        [three.clone(), two.clone(), one.clone()]
    );
    assert_eq!(
        listed(&*store, &ParticipantId::Agent(first.agent.clone())).await,
        []
    );

    tick().await;
    let said = first.say("hello").await;
    assert_eq!(
        listed(&*store, bob).await,
        [one.clone(), three.clone(), two.clone()]
    );
    let page = store.conversations(ada, 1, None).await.unwrap();
    assert_eq!(page.conversations[0], first.look().await.0);
    assert_eq!(page.conversations[0].head, said.entry.seq);

    tick().await;
    let operator = participant(&person("olga"), "Olga", Role::Operator);
    let add = Change::Add(operator.clone());
    store
        .change(&two, &Viewer::Service, add, entry("x"))
        .await
        .unwrap();
    assert_eq!(
        listed(&*store, ada).await,
        [two.clone(), one.clone(), three.clone()]
    );
    assert_eq!(listed(&*store, &operator.id).await, [two.clone()]);

    tick().await;
    let claimed = first.claim().await;
    first.write(claimed.nonce, Effect::None).await.unwrap();
    let rename = Change::Rename("Ours".to_owned());
    store
        .change(&three, &Viewer::Service, rename, entry("x"))
        .await
        .unwrap();
    assert_eq!(listed(&*store, ada).await, [two.clone(), one, three]);

    let remove = Change::Remove(operator.id.clone());
    store
        .change(&two, &Viewer::Service, remove, entry("x"))
        .await
        .unwrap();
    assert_eq!(listed(&*store, &operator.id).await, []);
}

pub async fn the_list_is_read_in_pages_without_repetition(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let (ada, bob) = (person("ada"), person("bob"));
    let mut all = Vec::new();
    for _ in 0..7 {
        let new = Room::draft(&ada, &bob);
        all.push(new.id.clone());
        store.create(new).await.unwrap();
    }
    let (mut found, mut sizes, mut after) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let page = store
            .conversations(&ada, 3, after.as_deref())
            .await
            .unwrap();
        sizes.push(page.conversations.len());
        found.extend(
            page.conversations
                .into_iter()
                .map(|conversation| conversation.id),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [3, 3, 1]);
    all.sort();
    found.sort();
    assert_eq!(found, all);
}

pub async fn a_page_behind_no_page_is_refused(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    for cursor in ["x", "-", ":", "x-y", "x:y", "-1:c", "1"] {
        let page = store.conversations(&person("ada"), 3, Some(cursor)).await;
        refused!(page, Error::NoSuchPage);
    }
}
