//! What a seed decides beforehand: who is there, what is said, and which troubles come.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// Troubles come until then.
const TROUBLED: Duration = Duration::from_secs(6);

/// A schedule. Each rate is how likely its fault is, each time; half of them are zero, so that a
/// fault is not always hidden behind another.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) conversations: usize,
    pub(crate) gateways: usize,
    pub(crate) workers: usize,
    pub(crate) people: Vec<Life>,
    pub(crate) letters: Post,
    pub(crate) bells: Post,
    /// How likely a doorbell that is given out is not seen, nor any behind it, for as long as its
    /// worker takes from the same consumer.
    pub(crate) deaf: f64,
    pub(crate) calls: Calls,
    /// How likely a reader takes its time over a frame.
    pub(crate) slow_reader: f64,
    /// Bytes that a connection holds for a reader that takes nothing.
    pub(crate) pipe: usize,
    /// How likely an attempt fails by itself.
    pub(crate) moody_agent: f64,
    /// The longest pause of an agent between two words.
    pub(crate) pause: Duration,
    /// Events that a resume may bring.
    pub(crate) tail: u32,
    /// When so many messages are written at once, of which nobody is told: the writer has died.
    pub(crate) burst: Option<(Duration, usize)>,
    pub(crate) troubles: Vec<(Duration, Trouble)>,
    /// When there are no more troubles.
    pub(crate) calm_at: Duration,
}

/// What one person does.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) conversation: usize,
    /// When they say something, and in how many words it is to be answered.
    pub(crate) says: Vec<(Duration, usize)>,
    /// How likely they ask for a run to be stopped, when they see one begin.
    pub(crate) cancels: f64,
    /// How long they stay on one connection, at most.
    pub(crate) stays: Duration,
}

/// What becomes of what is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post {
    pub(crate) lost: f64,
    pub(crate) twice: f64,
    pub(crate) late: f64,
    /// It was sent, and the sender is told that it was not.
    pub(crate) unheard: f64,
}

/// What becomes of calls to the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calls {
    /// Not carried out.
    pub(crate) fail: f64,
    /// Carried out, and answered as if not.
    pub(crate) unheard: f64,
    pub(crate) slow: f64,
    /// For longer than any deadline.
    pub(crate) stuck: f64,
}

/// What befalls a process.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    KillWorker(usize),
    /// Nothing comes from it or to it for a while; it may be taken for dead.
    FreezeWorker(usize, Duration),
    /// Its connection to the broker is lost, and another made.
    CutWorker(usize),
    /// Its connection to the context service is.
    HangUpWorker(usize),
    KillGateway(usize),
    FreezeGateway(usize, Duration),
    /// Its inbox is renewed.
    CutGateway(usize),
    HangUpGateway(usize),
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut draw = Draw(StdRng::seed_from_u64(seed));
        let conversations = draw.number(1, 2);
        let gateways = draw.number(1, 3);
        let workers = draw.number(1, 3);
        let people = (0..draw.number(2, 4)).map(|index| draw.life(index % conversations));
        let people = people.collect();
        let mut troubles: Vec<_> = (0..draw.number(0, 5))
            .map(|_| (draw.time(TROUBLED), draw.trouble(gateways, workers)))
            .collect();
        troubles.sort_by_key(|(at, _)| *at);
        Self {
            seed,
            conversations,
            gateways,
            workers,
            people,
            letters: draw.post(0.3),
            bells: draw.post(0.3),
            deaf: draw.rate(0.2),
            calls: Calls {
                fail: draw.rate(0.1),
                unheard: draw.rate(0.1),
                slow: draw.rate(0.3),
                stuck: draw.rate(0.01),
            },
            slow_reader: draw.rate(0.5),
            pipe: draw.number(256, 16_384),
            moody_agent: draw.rate(0.3),
            pause: draw.time(Duration::from_millis(300)),
            tail: u32::try_from(draw.number(1, 30)).unwrap(),
            burst: draw.burst(),
            troubles,
            calm_at: TROUBLED,
        }
    }
}

struct Draw(StdRng);

impl Draw {
    fn number(&mut self, least: usize, most: usize) -> usize {
        self.0.random_range(least..=most)
    }

    fn time(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.0.random())
    }

    /// Zero every second time.
    fn rate(&mut self, most: f64) -> f64 {
        if self.0.random() {
            0.0
        } else {
            most * self.0.random::<f64>()
        }
    }

    fn post(&mut self, most: f64) -> Post {
        Post {
            lost: self.rate(most),
            twice: self.rate(most),
            late: self.rate(most),
            unheard: self.rate(most),
        }
    }

    fn life(&mut self, conversation: usize) -> Life {
        let says = (0..self.number(0, 2))
            .map(|_| (self.time(TROUBLED), self.number(1, 12)))
            .collect();
        Life {
            conversation,
            says,
            cancels: self.rate(0.1),
            stays: Duration::from_millis(500) + self.time(TROUBLED),
        }
    }

    /// More than a gateway keeps of a conversation.
    fn burst(&mut self) -> Option<(Duration, usize)> {
        let comes = self.number(0, 9) == 0;
        comes.then(|| (self.time(TROUBLED), self.number(130, 180)))
    }

    fn trouble(&mut self, gateways: usize, workers: usize) -> Trouble {
        let worker = self.0.random_range(0..workers);
        let gateway = self.0.random_range(0..gateways);
        // Shorter and longer than a lease.
        let pause = self.time(Duration::from_secs(3));
        match self.number(0, 9) {
            0..=2 => Trouble::KillWorker(worker),
            3 | 4 => Trouble::FreezeWorker(worker, pause),
            5 => Trouble::CutWorker(worker),
            6 => Trouble::HangUpWorker(worker),
            7 => Trouble::KillGateway(gateway),
            8 => match self.0.random() {
                true => Trouble::FreezeGateway(gateway, pause),
                false => Trouble::HangUpGateway(gateway),
            },
            _ => Trouble::CutGateway(gateway),
        }
    }
}
