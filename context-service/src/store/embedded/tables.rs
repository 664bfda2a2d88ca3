//! The tables of the database. Everything of one conversation begins with its id.

use redb::{ReadOnlyTable, ReadTransaction, Table, TableDefinition, TableError, WriteTransaction};

/// The layout below. A newer program may raise it; an older one refuses what it does not know.
pub(super) const FORMAT: u64 = 2;

type Name = &'static str;
type Json = &'static [u8];

/// Facts about the file: `format`, and when it was last `pinged`.
pub(super) type MetaKey = Name;
/// A conversation, and somebody or something in it.
pub(super) type PairKey = (Name, Name);
/// A conversation, and an event's number.
pub(super) type LogKey = (Name, u64);
/// `eid`, `eid` in front, `at`, the id of a person's message (or nothing), the body.
pub(super) type LogValue = (u64, u64, u64, Name, &'static [u8]);
/// A conversation, the rank ahead or in line, and an event's number.
pub(super) type MailboxKey = (Name, u8, u64);
/// A conversation, a message, its part, and the byte where the piece begins.
pub(super) type TextKey = (Name, Name, u16, u64);
/// A participant, how long before the end of time it was touched, and a conversation.
pub(super) type ListKey = (Name, u64, Name);

/// A conversation, an agent, and a timer of its.
pub(super) type TimerKey = (Name, Name, Name);
/// When it rings, the pool of its agent, and its event's `eid` and body.
pub(super) type TimerValue = (u64, Name, u64, &'static [u8]);

pub(super) const META: TableDefinition<'_, MetaKey, u64> = TableDefinition::new("meta");
const PROFILES: TableDefinition<'_, Name, Json> = TableDefinition::new("profiles");
const STATES: TableDefinition<'_, Name, Json> = TableDefinition::new("states");
const MEMBERS: TableDefinition<'_, PairKey, Json> = TableDefinition::new("members");
const LISTS: TableDefinition<'_, ListKey, ()> = TableDefinition::new("lists");
const LOG: TableDefinition<'_, LogKey, LogValue> = TableDefinition::new("log");
const MESSAGES: TableDefinition<'_, PairKey, (u64, Name)> = TableDefinition::new("messages");
const MAILBOX: TableDefinition<'_, MailboxKey, Json> = TableDefinition::new("mailbox");
const TEXT: TableDefinition<'_, TextKey, &'static [u8]> = TableDefinition::new("text");
const LINGERING: TableDefinition<'_, (u64, Name, Name), ()> = TableDefinition::new("lingering");
const DUE: TableDefinition<'_, (u64, Name), ()> = TableDefinition::new("due");
const TIMERS: TableDefinition<'_, TimerKey, TimerValue> = TableDefinition::new("timers");
const REVOKED: TableDefinition<'_, Name, (u64, u64)> = TableDefinition::new("revoked");
const REVOKED_ORDER: TableDefinition<'_, u64, Name> = TableDefinition::new("revoked_order");

/// The tables, to be written.
pub(super) struct Tables<'t> {
    pub(super) meta: Table<'t, MetaKey, u64>,
    /// What changes rarely: a `Profile` for each conversation.
    pub(super) profiles: Table<'t, Name, Json>,
    /// What changes with every step: a `State` for each conversation.
    pub(super) states: Table<'t, Name, Json>,
    /// A `Member` for each participant.
    pub(super) members: Table<'t, PairKey, Json>,
    /// The lists of people's conversations, most recent first.
    pub(super) lists: Table<'t, ListKey, ()>,
    pub(super) log: Table<'t, LogKey, LogValue>,
    /// Where the log has each message of a person: event number and author.
    pub(super) messages: Table<'t, PairKey, (u64, Name)>,
    /// An `Input` for each message that waits for an agent or is being answered.
    pub(super) mailbox: Table<'t, MailboxKey, Json>,
    /// The text of messages that stream or did a moment ago, in the pieces it came in.
    pub(super) text: Table<'t, TextKey, &'static [u8]>,
    /// When the text of which finished message goes.
    pub(super) lingering: Table<'t, (u64, Name, Name), ()>,
    /// When to look again at which conversation.
    pub(super) due: Table<'t, (u64, Name), ()>,
    /// The timers that are set.
    pub(super) timers: Table<'t, TimerKey, TimerValue>,
    /// What was revoked: its number, and its time.
    pub(super) revoked: Table<'t, Name, (u64, u64)>,
    /// The same by number.
    pub(super) revoked_order: Table<'t, u64, Name>,
}

impl<'t> Tables<'t> {
    /// Opens all of them, and makes those that are not there yet.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, TableError> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            profiles: transaction.open_table(PROFILES)?,
            states: transaction.open_table(STATES)?,
            members: transaction.open_table(MEMBERS)?,
            lists: transaction.open_table(LISTS)?,
            log: transaction.open_table(LOG)?,
            messages: transaction.open_table(MESSAGES)?,
            mailbox: transaction.open_table(MAILBOX)?,
            text: transaction.open_table(TEXT)?,
            lingering: transaction.open_table(LINGERING)?,
            due: transaction.open_table(DUE)?,
            timers: transaction.open_table(TIMERS)?,
            revoked: transaction.open_table(REVOKED)?,
            revoked_order: transaction.open_table(REVOKED_ORDER)?,
        })
    }
}

/// Those that are read beside the writer.
pub(super) struct Views {
    pub(super) profiles: ReadOnlyTable<Name, Json>,
    pub(super) states: ReadOnlyTable<Name, Json>,
    pub(super) members: ReadOnlyTable<PairKey, Json>,
    pub(super) lists: ReadOnlyTable<ListKey, ()>,
    pub(super) log: ReadOnlyTable<LogKey, LogValue>,
    pub(super) text: ReadOnlyTable<TextKey, &'static [u8]>,
    pub(super) revoked: ReadOnlyTable<Name, (u64, u64)>,
    pub(super) revoked_order: ReadOnlyTable<u64, Name>,
}

impl Views {
    /// As of the last commit, all at the same moment.
    pub(super) fn open(transaction: &ReadTransaction) -> Result<Self, TableError> {
        Ok(Self {
            profiles: transaction.open_table(PROFILES)?,
            states: transaction.open_table(STATES)?,
            members: transaction.open_table(MEMBERS)?,
            lists: transaction.open_table(LISTS)?,
            log: transaction.open_table(LOG)?,
            text: transaction.open_table(TEXT)?,
            revoked: transaction.open_table(REVOKED)?,
            revoked_order: transaction.open_table(REVOKED_ORDER)?,
        })
    }
}
