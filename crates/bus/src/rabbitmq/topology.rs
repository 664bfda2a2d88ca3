//! The broker's topology, as a value: which queues a pool has, and how each is declared.
//!
//! There are no exchanges and no bindings: everything goes through the default exchange, by the
//! name of a queue.

use std::time::Duration;

use convene_proto::id::Pool;
use lapin::{
    Connection,
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable, LongString, ShortString},
};

use super::options::{Options, QueueType};
use crate::{DELIVERY_LIMIT, JITTER, Wait};

/// To look at a dead letter counts as a delivery of it. Newer brokers limit those to 20 unless
/// told otherwise, and older ones know no word for "no limit".
const DEAD_DELIVERY_LIMIT: i32 = 1_000_000;

/// What the queues of every pool are like.
#[derive(Debug, Clone)]
pub(super) struct Topology {
    queue_type: QueueType,
    /// Rising, and at least one.
    tiers: Vec<Duration>,
    inbox_max_bytes: u32,
}

/// A queue to declare.
#[derive(Debug)]
struct Queue {
    name: ShortString,
    arguments: FieldTable,
}

/// A queue that holds doorbells back, and for how long it should hold this one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Delay {
    pub(super) queue: ShortString,
    pub(super) lasts: Duration,
}

impl Topology {
    pub(super) fn new(options: &Options) -> Self {
        let tiers = options.retry_tiers_ms.iter();
        Self {
            queue_type: options.queue_type,
            tiers: tiers.copied().map(Duration::from_millis).collect(),
            inbox_max_bytes: options.inbox_max_bytes,
        }
    }

    /// Where a pool's doorbells wait.
    pub(super) fn runs(pool: &Pool) -> ShortString {
        format!("runs.{pool}").into()
    }

    /// Where a pool's dead letters wait.
    pub(super) fn dead(pool: &Pool) -> ShortString {
        format!("runs.dead.{pool}").into()
    }

    /// The tier nearest to a delay, or the longest that is over within it, with jitter.
    pub(super) fn delay(&self, pool: &Pool, wait: Wait) -> Delay {
        let mut tiers = self.tiers.iter().copied();
        let found = match wait {
            Wait::About(delay) => tiers.min_by_key(|tier| tier.abs_diff(delay)),
            Wait::AtMost(delay) => {
                let shortest = self.tiers.first().copied();
                let in_time = tiers.rfind(|tier| tier.mul_f64(1.0 + JITTER) <= delay);
                in_time.or(shortest)
            }
        };
        let tier = found.unwrap_or_default();
        Delay {
            queue: tier_name(pool, tier),
            lasts: tier.mul_f64(1.0 + rand::random_range(0.0..JITTER)),
        }
    }

    /// Declares all queues of a pool; where they exist and are as they should be, this changes
    /// nothing.
    ///
    /// # Errors
    /// Where one exists and is another kind of queue, or is not ours to declare.
    pub(super) async fn declare(&self, connection: &Connection, pool: &Pool) -> lapin::Result<()> {
        // A refused declaration closes its channel, so it gets one of its own.
        let channel = connection.create_channel().await?;
        for Queue { name, arguments } in self.queues(pool) {
            channel
                .queue_declare(name, QueueDeclareOptions::durable(), arguments)
                .await?;
        }
        channel.close(200, "declared".into()).await
    }

    /// How an inbox is declared: on one node, in memory, and never larger than its bound; gone
    /// when its reader or its connection is.
    pub(super) fn inbox(&self) -> (QueueDeclareOptions, FieldTable) {
        let arguments = table([
            ("x-queue-type", text("classic")),
            ("x-max-length-bytes", self.inbox_max_bytes.into()),
            ("x-overflow", text("drop-head")),
        ]);
        (QueueDeclareOptions::exclusive().auto_delete(), arguments)
    }

    /// Those that messages end in before those that send them there.
    fn queues(&self, pool: &Pool) -> Vec<Queue> {
        let mut queues = vec![Queue {
            name: Self::dead(pool),
            arguments: self.durable([("x-delivery-limit", DEAD_DELIVERY_LIMIT.into())]),
        }];
        let forwards_to = |target: ShortString| {
            [
                ("x-dead-letter-exchange", text("")),
                ("x-dead-letter-routing-key", text(target.as_str())),
                // Kept until the other queue has it. Asks for refusal instead of drop-head.
                ("x-dead-letter-strategy", text("at-least-once")),
                ("x-overflow", text("reject-publish")),
            ]
        };
        let limit = ("x-delivery-limit", (DELIVERY_LIMIT as i32).into());
        queues.push(Queue {
            name: Self::runs(pool),
            arguments: self.durable(forwards_to(Self::dead(pool)).into_iter().chain([limit])),
        });
        queues.extend(self.tiers.iter().map(|tier| Queue {
            name: tier_name(pool, *tier),
            arguments: self.durable(forwards_to(Self::runs(pool))),
        }));
        queues
    }

    /// The arguments of a durable queue, less those that a classic queue does not know.
    fn durable(
        &self,
        arguments: impl IntoIterator<Item = (&'static str, AMQPValue)>,
    ) -> FieldTable {
        let (kind, known): (_, fn(&str) -> bool) = match self.queue_type {
            QueueType::Quorum => ("quorum", |_| true),
            QueueType::Classic => ("classic", |argument| {
                !matches!(argument, "x-delivery-limit" | "x-dead-letter-strategy")
            }),
        };
        let arguments = arguments
            .into_iter()
            .filter(|(argument, _)| known(argument));
        table(arguments.chain([("x-queue-type", text(kind))]))
    }
}

fn tier_name(pool: &Pool, tier: Duration) -> ShortString {
    format!("runs.{pool}.retry.{}", tier.as_millis()).into()
}

fn table(entries: impl IntoIterator<Item = (&'static str, AMQPValue)>) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in entries {
        table.insert(key.into(), value);
    }
    table
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topology(queue_type: QueueType) -> Topology {
        Topology::new(&Options {
            queue_type,
            ..Options::default()
        })
    }

    fn arguments(queue_type: QueueType, name: &str) -> FieldTable {
        let queues = topology(queue_type).queues(&Pool::new("gpu").unwrap());
        let queue = queues.into_iter().find(|queue| queue.name.as_str() == name);
        queue.unwrap().arguments
    }

    #[test]
    fn a_delay_goes_to_the_nearest_tier_and_lasts_no_less_than_it() {
        let topology = topology(QueueType::Quorum);
        let pool = Pool::new("gpu").unwrap();
        for (asked, tier) in [(0, 1_000), (900, 1_000), (2_900, 1_000), (3_100, 5_000)] {
            let delay = topology.delay(&pool, Wait::About(Duration::from_millis(asked)));
            assert_eq!(delay.queue.as_str(), format!("runs.gpu.retry.{tier}"));
            assert!(delay.lasts >= Duration::from_millis(tier));
            assert!(delay.lasts <= Duration::from_millis(tier + tier / 5));
        }
        let longest = topology.delay(&pool, Wait::About(Duration::from_secs(3600)));
        assert_eq!(longest.queue.as_str(), "runs.gpu.retry.300000");
    }

    #[test]
    fn what_is_kept_comes_back_in_time_or_after_the_shortest_delay() {
        let topology = topology(QueueType::Quorum);
        let pool = Pool::new("gpu").unwrap();
        for (at_most, tier) in [(0, 1_000), (5_500, 1_000), (6_000, 5_000), (17_999, 5_000)] {
            let at_most = Duration::from_millis(at_most);
            let delay = topology.delay(&pool, Wait::AtMost(at_most));
            assert_eq!(delay.queue.as_str(), format!("runs.gpu.retry.{tier}"));
            assert!(delay.lasts <= at_most.max(Duration::from_millis(1_200)));
        }
    }

    #[test]
    fn quorum_queues_limit_deliveries_and_lose_nothing_on_the_way_to_another_queue() {
        let runs = arguments(QueueType::Quorum, "runs.gpu");
        let runs = runs.inner();
        assert_eq!(runs["x-queue-type"], text("quorum"));
        assert_eq!(runs["x-delivery-limit"], AMQPValue::LongInt(20));
        assert_eq!(runs["x-dead-letter-routing-key"], text("runs.dead.gpu"));
        assert_eq!(runs["x-dead-letter-strategy"], text("at-least-once"));
        let tier = arguments(QueueType::Quorum, "runs.gpu.retry.1000");
        assert_eq!(tier.inner()["x-dead-letter-routing-key"], text("runs.gpu"));
    }

    #[test]
    fn classic_queues_are_not_asked_for_what_they_cannot_do() {
        let runs = arguments(QueueType::Classic, "runs.gpu");
        assert_eq!(runs.inner()["x-queue-type"], text("classic"));
        assert!(!runs.contains_key("x-delivery-limit"));
        assert!(!runs.contains_key("x-dead-letter-strategy"));
        assert_eq!(
            runs.inner()["x-dead-letter-routing-key"],
            text("runs.dead.gpu")
        );
    }
}
