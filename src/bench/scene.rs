//! The scene: conversations with their people in them, before anybody speaks.

use std::sync::Arc;

use anyhow::Context as _;
use convene_client::{
    Error, NewConversation, NewParticipant, Options, Rest, TokenSource,
    proto::{error::ErrorCode, id::ConversationId},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::{Duration, Instant, sleep};

use super::{
    people::{People, Person},
    plan::Plan,
};

/// Calls at once.
const AT_ONCE: usize = 32;
/// How long a server that is too busy is asked again.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(250);

/// Where one connection belongs.
#[derive(Clone)]
pub(super) struct Seat {
    pub(super) url: String,
    pub(super) token: Arc<dyn TokenSource>,
    pub(super) conversation: ConversationId,
    /// The conversation's number among all of them.
    pub(super) number: usize,
    pub(super) kind: SeatKind,
}

/// What happens on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeatKind {
    /// Says things, and reads.
    Speaker,
    Reader,
    /// Reads where nobody speaks.
    Idle,
}

/// All the seats.
pub(super) struct Scene(pub(super) Vec<Seat>);

struct SharedToken(Arc<dyn TokenSource>);

impl TokenSource for SharedToken {
    fn token(&self) -> futures_util::future::BoxFuture<'_, Result<String, Error>> {
        self.0.token()
    }
}

impl Scene {
    /// Begins the conversations and brings everybody in.
    pub(super) async fn set(plan: Arc<Plan>, people: &People) -> anyhow::Result<Self> {
        let rests = plan
            .urls
            .iter()
            .map(|url| Rest::new(&Options::new(url, "")).context("--url makes no sense"))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let (plan, rests) = (&*plan, &rests);
        let seats: Vec<Vec<Seat>> = stream::iter(0..plan.conversations + plan.idle)
            .map(|number| async move { conversation(plan, people, rests, number).await })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(Self(seats.into_iter().flatten().collect()))
    }
}

async fn conversation(
    plan: &Plan,
    people: &People,
    rests: &[Rest],
    number: usize,
) -> anyhow::Result<Vec<Seat>> {
    let idle = number >= plan.conversations;
    let (crowd, devices) = if idle {
        (1, 1)
    } else {
        (plan.people, plan.devices)
    };
    let first = number * plan.people;
    let at = number % plan.urls.len();
    let owner = people.person(&plan.urls[at], first).await?;
    let rest = rests[at].as_another(SharedToken(owner.token.clone()));
    let id = ConversationId::random();
    let new = NewConversation {
        id: Some(id.clone()),
        agent: plan.agent.clone(),
        ..NewConversation::default()
    };
    patiently(|| async { rest.create(&new).await.map(drop) })
        .await
        .with_context(|| format!("no conversation can be begun at {}", plan.urls[at]))?;
    let mut seats = Vec::with_capacity(crowd * devices);
    for place in 0..crowd {
        let person = if place == 0 {
            Person {
                id: owner.id.clone(),
                token: owner.token.clone(),
            }
        } else {
            join(plan, people, &rest, &id, first + place).await?
        };
        for device in 0..devices {
            let kind = match (idle, place + device) {
                (true, _) => SeatKind::Idle,
                (false, 0) => SeatKind::Speaker,
                (false, _) => SeatKind::Reader,
            };
            seats.push(Seat {
                url: plan.urls[(number + place + device) % plan.urls.len()].clone(),
                token: person.token.clone(),
                conversation: id.clone(),
                number,
                kind,
            });
        }
    }
    Ok(seats)
}

async fn join(
    plan: &Plan,
    people: &People,
    owner: &Rest,
    conversation: &ConversationId,
    number: usize,
) -> anyhow::Result<Person> {
    let person = people.person(&plan.urls[0], number).await?;
    let new = NewParticipant {
        id: person.id.clone(),
        name: Some(format!("Bench {number}")),
        role: None,
    };
    patiently(|| owner.add(conversation, &new))
        .await
        .context("nobody can be brought in")?;
    Ok(person)
}

/// Asks again where the server asks for time.
async fn patiently<F>(call: impl Fn() -> F) -> Result<(), Error>
where
    F: Future<Output = Result<(), Error>>,
{
    let until = Instant::now() + PATIENCE;
    loop {
        match call().await {
            Err(Error::Refused(problem))
                if matches!(
                    problem.code,
                    ErrorCode::RateLimited | ErrorCode::Unavailable
                ) && Instant::now() < until =>
            {
                sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}
