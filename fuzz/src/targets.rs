//! The targets, each with the promise that it holds a parser to.

use std::{convert::Infallible, fmt::Debug, hint::black_box, str};

use bytes::Bytes;
use convene_client::{ConversationView, Cursor};
use convene_gateway::auth::Claims;
use convene_proto::{
    bus::{Doorbell, Letter, item::What},
    context,
    event::EventBody,
    frame::{ClientFrame, NewMessage, ServerFrame, Signal},
    id::{
        AgentName, ConversationId, DeadLetterId, Inbox, MessageId, ParticipantId, Pool, RunId,
        TokenId, UserId,
    },
    position::Position,
};
use convene_runtime::sse::{self, Sse};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use prost::Message;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Target, rest::rest, settings::configuration};

/// All of them.
pub const TARGETS: [Target; 12] = [
    ("client_frame", client_frame),
    ("server_frames", server_frames),
    ("id", id),
    ("event", event),
    ("claims", claims),
    ("sse", sse),
    ("letter", letter),
    ("reply", reply),
    ("death", death),
    ("answer", answer),
    ("configuration", configuration),
    ("rest", rest),
];

/// What can be read is written so that it is read again as the same.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(json).ok()?;
    let written = serde_json::to_vec(&read).unwrap();
    let again: T = serde_json::from_slice(&written).unwrap();
    assert_eq!(read, again);
    Some(read)
}

/// What a socket reads, and the bodies that REST has in common with it.
fn client_frame(bytes: &[u8]) {
    round_trip::<ClientFrame>(bytes);
    round_trip::<NewMessage>(bytes);
}

/// What a client reads, a frame a line: no server makes it panic, and where one breaks its word the
/// client stands where it stood.
fn server_frames(bytes: &[u8]) {
    let (mut cursor, mut view) = (Cursor::new(None), ConversationView::default());
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(frame) = round_trip::<ServerFrame>(line) else {
            continue;
        };
        let before = cursor.clone();
        if cursor.take(&frame).is_err() {
            assert_eq!(cursor, before);
        }
        view.apply(&frame);
        black_box((view.messages().len(), view.runs().len()));
    }
}

/// Ids and positions are text: what is read is written as it was.
fn id(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    macro_rules! same {
        ($($id:ty),*) => {$(
            if let Ok(id) = text.parse::<$id>() {
                assert_eq!(id.to_string(), text);
            }
        )*};
    }
    same!(
        AgentName,
        ConversationId,
        DeadLetterId,
        Inbox,
        MessageId,
        ParticipantId,
        Pool,
        RunId,
        TokenId,
        UserId
    );
    // A position has one spelling.
    if let Ok(position) = text.parse::<Position>() {
        let written = position.to_string();
        assert_eq!(written.parse::<Position>().unwrap(), position);
        let wire: context::Position = position.clone().into();
        assert_eq!(Position::try_from(wire).unwrap(), position);
    }
}

/// What the log holds.
fn event(bytes: &[u8]) {
    black_box(EventBody::kind(bytes));
    if let Ok(body) = EventBody::decode(bytes) {
        let written = body.encode().unwrap();
        assert_eq!(EventBody::decode(&written).unwrap(), body);
        assert!(EventBody::kind(&written).is_some());
    }
}

/// What a token says, once its signature was good.
fn claims(bytes: &[u8]) {
    round_trip::<Claims>(bytes);
}

/// The events of a stream are the same however its bytes were cut, and none is over the bound. Where
/// a line breaks it off, those that came in one piece with that line are not given any more.
fn sse(bytes: &[u8]) {
    const MOST: usize = 1024;
    let [cut, body @ ..] = bytes else { return };
    let whole = events(vec![Bytes::copy_from_slice(body)], usize::MAX);
    let pieces = body.chunks(usize::from(*cut).max(1));
    let pieces: Vec<_> = pieces.map(Bytes::copy_from_slice).collect();
    let in_pieces = events(pieces.clone(), usize::MAX);
    assert_eq!(whole.1, in_pieces.1);
    let (fewer, more) = if whole.0.len() < in_pieces.0.len() {
        (&whole.0, &in_pieces.0)
    } else {
        (&in_pieces.0, &whole.0)
    };
    assert!(more.starts_with(fewer), "{fewer:?} and {more:?}");
    assert!(whole.1 || more == fewer, "{fewer:?} and {more:?}");
    for event in events(pieces, MOST).0 {
        let data = event.data.as_deref().map_or(0, str::len);
        assert!(data <= MOST, "{data} bytes");
    }
}

/// And whether it broke off.
fn events(body: Vec<Bytes>, most: usize) -> (Vec<Sse>, bool) {
    let body = stream::iter(body.into_iter().map(Ok::<_, Infallible>));
    let read = sse::events(body, most).collect::<Vec<_>>();
    let read = read.now_or_never().unwrap();
    let broke = read.last().is_some_and(Result::is_err);
    let good = read.into_iter().filter_map(Result::ok);
    (good.collect(), broke)
}

/// What comes out of a queue.
fn letter(bytes: &[u8]) {
    if let Some(letter) = same::<Letter>(bytes) {
        for item in letter.items {
            match item.what {
                Some(What::Event(entry)) => event(&entry.body),
                Some(What::Signal(signal)) => {
                    round_trip::<Signal>(&signal.body);
                }
                _ => {}
            }
        }
    }
    if let Some(command) = same::<Doorbell>(bytes).and_then(|doorbell| doorbell.command) {
        event(&command.body);
    }
}

/// What a context service answers.
fn reply(bytes: &[u8]) {
    if let Some(reply) = same::<context::SubscribeReply>(bytes)
        && let Some(conversation) = reply.conversation
    {
        drop(convene_proto::event::Conversation::try_from(conversation));
    }
    if let Some(position) = same::<context::Position>(bytes)
        && let Ok(read) = Position::try_from(position)
    {
        assert_eq!(read.to_string().parse::<Position>().unwrap(), read);
    }
    same::<context::WorkReply>(bytes);
    same::<context::WorkRequest>(bytes);
}

fn same<T: Message + Default + PartialEq>(bytes: &[u8]) -> Option<T> {
    let read = T::decode(bytes).ok()?;
    assert!(T::decode(&*read.encode_to_vec()).unwrap() == read);
    Some(read)
}

/// What a broker says of a message that died.
fn death(bytes: &[u8]) {
    convene_bus::rabbitmq::fuzz_death(bytes);
}

/// What a model's provider answers.
fn answer(bytes: &[u8]) {
    convene_agent_worker::agents::llm::fuzz_answer(Bytes::copy_from_slice(bytes));
}
