//! How accepted work is done: the mailbox, the doorbells, the lease and the sweeper.
//!
//! One conversation. Clients submit inputs through gateways that may die; each submit enters the
//! conversation in the due set, writes to log and mailbox, and rings. Workers take doorbells, claim,
//! write, release and acknowledge, one store step at a time. Everything may stop between two steps,
//! and a lease may run out while its holder lives. The due set stands elsewhere than the
//! conversation, as it does in a Redis Cluster, so entering and leaving it are steps of their own,
//! kept together by tokens.

pub mod promises;
mod rules;

use stateright::{Model, Property};

/// How far the model goes. Each budget bounds how often its fault strikes.
#[derive(Debug, Clone)]
pub struct Work {
    /// Inputs that are submitted, each by a client of its own.
    pub inputs: u8,
    pub workers: u8,
    /// Workers that die.
    pub deaths: u8,
    /// Connections to the broker that are lost with a doorbell in hand, whose worker lives.
    pub cuts: u8,
    /// Leases that run out though their holder lives.
    pub false_expiries: u8,
    /// Doorbells that the broker loses.
    pub lost_bells: u8,
    /// Answers to a write of a run that get lost: it is made again.
    pub lost_answers: u8,
    /// Gateways that die under a submit: the client makes it again elsewhere.
    pub gateway_deaths: u8,
    /// Times that somebody stops what is under way, or what is next.
    pub cancels: u8,
    pub sweeper: bool,
    pub weakness: Option<Weakness>,
}

impl Work {
    /// The sound protocol with a sweeper, without faults.
    #[must_use]
    pub fn sound(inputs: u8, workers: u8) -> Self {
        Self {
            inputs,
            workers,
            deaths: 0,
            cuts: 0,
            false_expiries: 0,
            lost_bells: 0,
            lost_answers: 0,
            gateway_deaths: 0,
            cancels: 0,
            sweeper: true,
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
    /// A doorbell is acknowledged whenever somebody has the lease, redelivered or not.
    HeldBellAcked,
    /// A doorbell that comes again is taken for one that was dealt with.
    RedeliveredBellAcked,
    /// Whether the mailbox is empty is looked at first, and the lease given back in another step.
    CheckThenRelease,
    /// Writes do not compare the nonce.
    NoFencing,
    /// Writes are not numbered: one whose answer was lost is written again.
    NoStepNumbers,
    /// A message id that the log has is written again.
    NoDedupe,
    /// A submit does not look whether the conversation has left the due set since it entered.
    NoTokens,
    /// The sweeper looks, and does nothing.
    SweepsForNothing,
    /// Of what waits, the newest is answered first.
    NewestFirst,
    /// The end of a run is written whether somebody has stopped it or not.
    EndsUnchecked,
    /// Whoever takes up a run forgets that it was stopped.
    AttemptForgetsStop,
    /// What stopped a run is not taken back at its end.
    StopOutlivesRun,
}

/// An event of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A person's message.
    Input(u8),
    /// An attempt at the answer begins, under this lease; it takes back what an earlier one said.
    Begun { input: u8, nonce: u8 },
    /// The answer is complete.
    Finished { input: u8, nonce: u8 },
    /// The run has ended as one that was stopped.
    Cancelled { input: u8, nonce: u8 },
}

/// How far a client's submit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Submit {
    /// About to be written, if an earlier submit's place in the due set still stands.
    New,
    /// None does: it has to enter the due set first.
    Late,
    /// In the due set under this token, and not in the log yet.
    Entered(u8),
    /// In the log, and not rung for yet.
    Written,
    Accepted,
}

/// A doorbell in a worker's hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bell {
    /// Perhaps it is the only one: it was redelivered, or its holder has lost the lease.
    pub only_one: bool,
    /// The connection that it came on is gone: the broker delivers it again, whatever is said.
    pub stale: bool,
}

/// What a worker does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worker {
    Idle,
    Claims(Bell),
    Begins(Bell, Hold),
    Finishes(Bell, Hold),
    /// It has heard that its run is stopped, and ends it so.
    Stops(Bell, Hold),
    Releases(Bell, Hold),
    /// [`Weakness::CheckThenRelease`]: it has seen an empty mailbox.
    GivesBack(Bell, Hold),
    Acks(Bell),
}

/// What a worker believes to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hold {
    pub nonce: u8,
    pub input: u8,
}

/// The lease as the store has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    pub nonce: u8,
    /// Writes of its present run.
    pub steps: u8,
    pub over: bool,
}

/// Everything: store, broker, clients, workers, and the faults that are left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub log: Vec<Event>,
    pub mailbox: Vec<u8>,
    /// The input of the run that was claimed and is not finished.
    pub run: Option<u8>,
    /// That run is stopped.
    pub is_cancelled: bool,
    /// Of what waits, what was stopped before it was claimed.
    pub marked: Vec<u8>,
    /// Inputs of which it was accepted that they be stopped: the protocol does not look at it.
    pub stopped: Vec<u8>,
    pub lease: Option<Lease>,
    pub nonces: u8,
    /// The conversation's token in the due set; none where it is not in it.
    pub due: Option<u8>,
    /// Up to which token it has left the due set.
    pub left: u8,
    /// The highest token under which it was brought work.
    pub entered: u8,
    /// A sweeper found no work, and is about to take it out if it still has this token.
    pub leaving: Option<u8>,
    /// Doorbells that wait, as new and as redelivered ones.
    pub fresh: u8,
    pub again: u8,
    pub submits: Vec<Submit>,
    pub workers: Vec<Worker>,
    deaths: u8,
    cuts: u8,
    false_expiries: u8,
    lost_bells: u8,
    lost_answers: u8,
    gateway_deaths: u8,
    cancels: u8,
}

/// One atomic step, or one fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    EnterDue {
        input: u8,
    },
    Write {
        input: u8,
    },
    Ring {
        input: u8,
    },
    Take {
        worker: u8,
        redelivered: bool,
    },
    Claim {
        worker: u8,
    },
    Begin {
        worker: u8,
    },
    Finish {
        worker: u8,
    },
    Release {
        worker: u8,
    },
    Ack {
        worker: u8,
    },
    Sweep,
    Leave,
    /// The lease of a holder that is gone runs out.
    Expire,
    /// That of one that lives does.
    ExpireFalsely,
    Die {
        worker: u8,
    },
    Cut {
        worker: u8,
    },
    LoseBell {
        redelivered: bool,
    },
    BeginUnheard {
        worker: u8,
    },
    FinishUnheard {
        worker: u8,
    },
    GatewayDies {
        input: u8,
    },
    Cancel,
}

impl Action {
    /// Whether nobody counts on it.
    fn is_fault(self) -> bool {
        matches!(
            self,
            Self::ExpireFalsely
                | Self::Die { .. }
                | Self::Cut { .. }
                | Self::LoseBell { .. }
                | Self::BeginUnheard { .. }
                | Self::FinishUnheard { .. }
                | Self::GatewayDies { .. }
                | Self::Cancel
        )
    }
}

impl Model for Work {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            log: Vec::new(),
            mailbox: Vec::new(),
            run: None,
            is_cancelled: false,
            marked: Vec::new(),
            stopped: Vec::new(),
            lease: None,
            nonces: 0,
            due: None,
            left: 0,
            entered: 0,
            leaving: None,
            fresh: 0,
            again: 0,
            submits: vec![Submit::New; self.inputs.into()],
            workers: vec![Worker::Idle; self.workers.into()],
            deaths: self.deaths,
            cuts: self.cuts,
            false_expiries: self.false_expiries,
            lost_bells: self.lost_bells,
            lost_answers: self.lost_answers,
            gateway_deaths: self.gateway_deaths,
            cancels: self.cancels,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.steps(state, actions);
        self.faults(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        self.take(&mut next, action);
        next.settle();
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promises::all()
    }
}
