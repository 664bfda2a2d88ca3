//! The Rust client of Convene's wire.
//!
//! [`Client`] holds one socket for many conversations and keeps it: it reconnects, resumes every
//! conversation at the exact byte, and sends again what was not accepted. [`Live`] is one
//! conversation folded into something to look at. [`Rest`] is everything that needs no socket,
//! [`EventStream`] the same frames over server-sent events, and [`RawSocket`] the wire itself, for
//! tests that want to misbehave.
//!
//! ```no_run
//! # async fn example() -> Result<(), convene_client::Error> {
//! use convene_client::{Client, GuestTokens, NewConversation, Options, Rest, message};
//!
//! let url = "http://127.0.0.1:8080";
//! let guest = Rest::guest(url, "Ada").await?;
//! let client = Client::connect(Options::with(url, GuestTokens::new(url, guest))).await?;
//! let conversation = client.rest().create(&NewConversation::default()).await?;
//! let mut live = client.open(&conversation.id, None).await?;
//! let seq = client.send(&conversation.id, message("Hello!")).await?;
//! while let Some(update) = live.next().await {
//!     println!("{update:?}");
//!     if live.view().is_answered(seq) {
//!         break;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every frame is checked against the cursor of its conversation: an event twice, one missing, a
//! byte out of place is reported as a [`Violation`], and healed by resuming from where all was well.

mod backoff;
mod client;
mod driver;
mod error;
mod guest;
mod live;
mod options;
mod raw;
mod rest;
mod session;
mod view;

pub use convene_invariants::{Cursor, Violation};
pub use convene_proto as proto;
use convene_proto::{
    event::Part,
    frame::{NewAct, NewMessage},
    id::{ActionId, MessageId},
};

pub use self::{
    client::Client,
    driver::Status,
    error::Error,
    guest::GuestTokens,
    live::{Live, Subscription, Update},
    options::{Options, TokenSource},
    raw::{Incoming, RawSocket, Unread},
    rest::{
        Agent, Conversations, DeadLetter, EventStream, Guest, History, Invitation, Invite, Me,
        Messages, NewConversation, NewParticipant, Received, Rest, Said, Sent, Told,
    },
    view::{ConversationView, MessageStatus, MessageView, RunStatus, RunView},
};

/// A message of plain text to everybody, with a fresh id.
#[must_use]
pub fn message(text: impl Into<String>) -> NewMessage {
    NewMessage {
        id: MessageId::random(),
        parts: vec![Part::Text { text: text.into() }],
        to: None,
        policy: None,
        timezone: None,
    }
}

/// A press of an action that this message offers, with a fresh id; `value` answers a form.
#[must_use]
pub fn press(message: &MessageView, action: ActionId, value: Option<serde_json::Value>) -> NewAct {
    NewAct {
        id: MessageId::random(),
        seq: message.whole.unwrap_or(message.seq),
        message: Some(message.id.clone()),
        action,
        value,
        policy: None,
        timezone: None,
    }
}
