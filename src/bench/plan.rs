//! What load is asked for.

use std::time::Duration;

use anyhow::ensure;
use clap::Args;

use crate::token;

/// More participants no conversation has, and one place is the agent's.
const MOST_PEOPLE: usize = 255;

/// Who is talked to where nothing else is said.
const GUIDE: &str = "guide";

/// What load to make, where, and for how long.
#[derive(Debug, Clone, Args)]
pub(crate) struct BenchArgs {
    /// Where Convene is; several addresses are taken in turn
    #[arg(
        long,
        env = "CONVENE_URL",
        default_value = "http://127.0.0.1:8080",
        value_delimiter = ','
    )]
    pub(super) url: Vec<String>,
    /// Come in as guests, even where auth.secret is there to sign tokens with
    #[arg(long)]
    pub(super) guests: bool,
    /// The agent to talk to [default: guide; with --say, the server's]
    #[arg(long, value_name = "NAME")]
    pub(super) agent: Option<String>,
    /// Conversations, each with people of its own
    #[arg(long, default_value_t = 10, value_name = "N")]
    conversations: usize,
    /// People in each conversation; the first of them speaks, all of them read
    #[arg(long, default_value_t = 1, value_name = "N")]
    people: usize,
    /// Connections of each of these people
    #[arg(long, default_value_t = 1, value_name = "N")]
    devices: usize,
    /// Messages a second, over all conversations
    #[arg(long, default_value_t = 5.0, value_name = "N")]
    rate: f64,
    /// Instead: all conversations speak at once, and again once all of them are answered
    #[arg(long, conflicts_with = "rate")]
    together: bool,
    /// Tokens of each answer
    #[arg(long, default_value_t = 50, value_name = "N")]
    tokens: u32,
    /// Tokens a second of each answer; 0: as fast as can be
    #[arg(long, default_value_t = 50, value_name = "N")]
    token_rate: u32,
    /// What to say, to an agent of your own [default: the guide's /stream]
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["tokens", "token_rate"])]
    say: Option<String>,
    /// Connections beside these, each of one more person in a conversation where nobody speaks
    #[arg(long, default_value_t = 0, value_name = "N")]
    idle: usize,
    /// Connections a second that are cut and come back: idle ones, where there are any
    #[arg(long, default_value_t = 0.0, value_name = "N")]
    reconnects: f64,
    /// How long to go on before anything counts: 0s, 5s
    #[arg(long, default_value = "2s", value_parser = span, value_name = "TIME")]
    warm_up: Duration,
    /// How long to measure: 10s, 5m
    #[arg(long, default_value = "10s", value_parser = span, value_name = "TIME")]
    duration: Duration,
    /// Write the report as JSON into a file, or instead of the table: -
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<String>,
    /// Draw the latency over time: an SVG picture
    #[arg(long, value_name = "FILE")]
    pub(super) plot: Option<String>,
}

/// When people speak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pace {
    /// So many messages a second over all conversations, in turn.
    Open(f64),
    /// All at once, and again when all are answered.
    Together,
}

/// The load, checked.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) urls: Vec<String>,
    pub(super) agent: Option<String>,
    pub(super) conversations: usize,
    pub(super) people: usize,
    pub(super) devices: usize,
    pub(super) pace: Pace,
    /// What is said.
    pub(super) text: String,
    /// Tokens a second of each answer, where it says when it begins.
    pub(super) timed: Option<u32>,
    pub(super) idle: usize,
    /// A second.
    pub(super) reconnects: f64,
    pub(super) warm_up: Duration,
    pub(super) duration: Duration,
    /// How long an answer may be awaited once nobody speaks any more.
    pub(super) patience: Duration,
}

impl Plan {
    pub(super) fn new(args: BenchArgs) -> anyhow::Result<Self> {
        ensure!(
            args.conversations + args.idle > 0,
            "there is nobody: give --conversations or --idle a number above 0"
        );
        ensure!(
            (1..=MOST_PEOPLE).contains(&args.people),
            "--people must be from 1 to {MOST_PEOPLE}; for more readers give them --devices"
        );
        ensure!(args.devices > 0, "--devices must be 1 or more");
        ensure!(
            args.rate.is_finite() && args.rate >= 0.0 && args.rate <= 1e6,
            "--rate must be from 0 to 1000000"
        );
        ensure!(
            args.reconnects.is_finite() && args.reconnects >= 0.0 && args.reconnects <= 1e6,
            "--reconnects must be from 0 to 1000000"
        );
        ensure!(!args.duration.is_zero(), "--duration must be 1s or more");
        // What is said then, the guide alone understands.
        let guide = args.say.is_none().then(|| GUIDE.to_owned());
        let agent = args.agent.or(guide);
        let timed = (args.say.is_none() && args.token_rate > 0).then_some(args.token_rate);
        let words = |mark| format!("/stream {} at {}{mark}", args.tokens, args.token_rate);
        let text = args
            .say
            .unwrap_or_else(|| words(if timed.is_some() { " timed" } else { "" }));
        let answer = timed.map_or(0, |rate| u64::from(args.tokens / rate));
        Ok(Self {
            urls: args.url,
            agent,
            conversations: args.conversations,
            people: args.people,
            devices: args.devices,
            pace: if args.together {
                Pace::Together
            } else {
                Pace::Open(args.rate)
            },
            text,
            timed,
            idle: args.idle,
            reconnects: args.reconnects,
            warm_up: args.warm_up,
            duration: args.duration,
            patience: Duration::from_secs(30 + 2 * answer),
        })
    }

    /// How many connections there are.
    pub(super) fn connections(&self) -> usize {
        self.conversations * self.people * self.devices + self.idle
    }

    /// In a line.
    pub(super) fn summary(&self) -> String {
        let pace = match self.pace {
            Pace::Open(rate) => format!("{rate} messages a second"),
            Pace::Together => "all at once".to_owned(),
        };
        format!(
            "{} connections, {} conversations, {pace}, each {:?}",
            self.connections(),
            self.conversations + self.idle,
            self.text
        )
    }
}

fn span(text: &str) -> Result<Duration, String> {
    if text == "0s" {
        return Ok(Duration::ZERO);
    }
    token::duration(text)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        bench: BenchArgs,
    }

    fn plan(text: &str) -> anyhow::Result<Plan> {
        Plan::new(Line::try_parse_from(text.split(' ')).unwrap().bench)
    }

    #[test]
    fn what_is_asked_for_is_planned_and_nonsense_is_named() {
        let planned = plan("bench --conversations 2 --people 3 --devices 4 --idle 5").unwrap();
        assert_eq!(planned.connections(), 29);
        assert_eq!(planned.text, "/stream 50 at 50 timed");
        let fast = plan("bench --together --token-rate 0").unwrap();
        assert_eq!((fast.pace, fast.timed), (Pace::Together, None));
        for (wrong, word) in [
            ("bench --conversations 0", "nobody"),
            ("bench --people 256", "--devices"),
            ("bench --rate -1", "--rate"),
            ("bench --duration 0s", "--duration"),
        ] {
            let complaint = match wrong.split_once("-1") {
                Some(_) => plan("bench --rate=-1").unwrap_err(),
                None => plan(wrong).unwrap_err(),
            };
            assert!(complaint.to_string().contains(word), "{wrong}: {complaint}");
        }
    }
}
