//! How what is written comes to its readers: subscribe, append, letters and audits.
//!
//! One conversation, one writer, and gateways with one reader each. An append returns the audience
//! of its own step, to which letters go one by one; they may overtake each other, and get lost. A
//! gateway takes letters in order and reads the log for what it lacks. It may leave and come back,
//! have its inbox renewed, or die.

mod promises;
mod rules;

use stateright::{Model, Property};

pub use self::promises::{NO_LOST_TAIL, NO_WINDOW, PREFIX};

/// How far the model goes.
#[derive(Debug, Clone)]
pub struct Audience {
    pub events: u8,
    pub gateways: u8,
    /// Letters that get lost.
    pub lost_letters: u8,
    /// Inboxes that are renewed, and gateways that die: what was on its way there is lost.
    pub renewals: u8,
    /// How often a last reader leaves, to come back.
    pub leavings: u8,
    /// How often the network keeps the call that leaves, and delivers it after it was made again.
    pub kept_calls: u8,
    /// Whether gateways ask now and then where the log stands.
    pub audits: bool,
    pub weakness: Option<Weakness>,
}

impl Audience {
    /// The sound protocol without faults.
    #[must_use]
    pub fn sound(events: u8, gateways: u8) -> Self {
        Self {
            events,
            gateways,
            lost_letters: 0,
            renewals: 0,
            leavings: 0,
            kept_calls: 0,
            audits: true,
            weakness: None,
        }
    }

    /// The same with one rule left out.
    #[must_use]
    pub fn weak(self, weakness: Weakness) -> Self {
        Self {
            weakness: Some(weakness),
            ..self
        }
    }

    fn is(&self, weakness: Weakness) -> bool {
        self.weakness == Some(weakness)
    }
}

/// A rule that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// The writer reads the audience first, and appends in another step.
    AudienceReadBeforeAppend,
    /// A reader reads the log first, and joins the audience in another step.
    LogReadBeforeJoining,
    /// What comes before the log has answered is forgotten, not read again.
    EarlyLettersForgotten,
    /// A letter is taken for the next event, whatever its number.
    GapsUnnoticed,
    /// Whoever leaves gives up whatever place there is, be it that of somebody who has come back meanwhile.
    LeavingNamesNoPlace,
    /// A new inbox is not told of.
    NoAuditAfterRenewal,
    /// Audits join the audience, and do not look where the log stands.
    AuditsForNothing,
}

/// The writer's next step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Writer {
    Idle,
    /// [`Weakness::AudienceReadBeforeAppend`]: with this audience, read a moment ago.
    Appends(Vec<Inbox>),
    /// The last event is yet to be sent to these.
    Sends(Vec<Inbox>),
}

/// An inbox: whose, and the how manieth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inbox {
    pub gateway: u8,
    pub number: u8,
}

/// How far a gateway's subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    None,
    /// Asked for, for this inbox.
    Asked(Inbox),
    /// [`Weakness::LogReadBeforeJoining`]: the log was read up to this event.
    Read(Inbox, u8),
    /// The store has answered, with the log up to this event.
    Answered(u8),
    Open,
}

/// A call that gives up a place in the audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leaving {
    pub inbox: Inbox,
    /// The inbox has taken a place since.
    pub outdated: bool,
}

/// A gateway with its one reader.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Gateway {
    pub inbox: Inbox,
    pub place: Place,
    /// The last event that the feed knows; what it hears of before `Open` it only notes.
    pub head: u8,
    /// Events that came before their turn.
    pub early: Vec<u8>,
    /// The log has to be read.
    pub behind: bool,
    /// What the reader was shown, from the first to the last.
    pub shown: Vec<u8>,
    /// The reader is here, or wants to be.
    pub wanted: bool,
    /// On its way.
    pub leaving: Option<Leaving>,
    /// The store is to be told of the place again.
    pub audit: bool,
    /// Up to which event the log was read when the present inbox joined the audience.
    pub joined_at: Option<u8>,
}

/// Store, broker, writer, gateways, and the faults that are left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The log is 1, 2, 3 up to this.
    pub log: u8,
    /// In the order of inboxes.
    pub audience: Vec<Inbox>,
    pub writer: Writer,
    /// Letters on their way.
    pub letters: Vec<(Inbox, u8)>,
    /// Every letter that was ever sent.
    pub sent: Vec<(Inbox, u8)>,
    pub gateways: Vec<Gateway>,
    lost_letters: u8,
    renewals: u8,
    leavings: u8,
    kept_calls: u8,
}

/// One atomic step, or one fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    ReadAudience,
    Append,
    Send,
    Deliver { to: Inbox, event: u8 },
    Ask { gateway: u8 },
    Subscribe { gateway: u8 },
    Join { gateway: u8 },
    Open { gateway: u8 },
    Repair { gateway: u8 },
    Unsubscribe { gateway: u8 },
    Audit { gateway: u8 },
    LoseLetter { to: Inbox, event: u8 },
    Leave { gateway: u8 },
    LeaveAgain { gateway: u8 },
    Renew { gateway: u8 },
    Die { gateway: u8 },
}

impl Action {
    /// Whether nobody counts on it.
    fn is_fault(self) -> bool {
        matches!(
            self,
            Self::LoseLetter { .. }
                | Self::Leave { .. }
                | Self::LeaveAgain { .. }
                | Self::Renew { .. }
                | Self::Die { .. }
        )
    }
}

impl Model for Audience {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let gateway = |gateway| Gateway {
            inbox: Inbox { gateway, number: 0 },
            place: Place::None,
            head: 0,
            early: Vec::new(),
            behind: false,
            shown: Vec::new(),
            wanted: true,
            leaving: None,
            audit: false,
            joined_at: None,
        };
        vec![State {
            log: 0,
            audience: Vec::new(),
            writer: Writer::Idle,
            letters: Vec::new(),
            sent: Vec::new(),
            gateways: (0..self.gateways).map(gateway).collect(),
            lost_letters: self.lost_letters,
            renewals: self.renewals,
            leavings: self.leavings,
            kept_calls: self.kept_calls,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.steps(state, actions);
        self.faults(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        self.take(&mut next, action);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promises::all()
    }
}
