//! `convene chat`: a conversation in the terminal, or in a script.
//!
//! At a terminal it is a place to talk. With its input piped in, each line is said when the one
//! before it was answered, and the command ends after the last answer.

mod input;
mod offers;
mod screen;
mod tongue;
mod words;

use std::{
    io::{self, IsTerminal as _, stdin, stdout},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use anyhow::bail;
use clap::Args;
use convene_client::{
    Agent, Client, Error, GuestTokens, Live, NewConversation, Options, Rest, RunStatus, Status,
    Update, message,
    proto::{
        error::ErrorCode,
        event::Outcome,
        frame::{NewAct, Problem},
        id::{ConversationId, ParticipantId, Timezone},
        position::Seq,
    },
};
use futures_util::{FutureExt as _, future::BoxFuture};
use jiff::tz::TimeZone;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use self::{
    input::Line,
    screen::Screen,
    tongue::{Language, Tongue},
};

/// A loss shorter than this is not worth a word.
const CALM: Duration = Duration::from_secs(1);
/// An agent that is ready has begun to answer by then.
const SOON: Duration = Duration::from_millis(1500);
/// How long a script waits for any progress of an answer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Where to talk, as whom, with whom.
#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    /// Where Convene is
    #[arg(long, env = "CONVENE_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Where `convene serve --listen` of this machine listens, over --url
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// A token, as `convene token` makes them [default: come in as a guest]
    #[arg(
        long,
        env = "CONVENE_TOKEN",
        hide_env_values = true,
        conflicts_with = "name"
    )]
    token: Option<String>,
    /// The name to come in under as a guest
    #[arg(long, default_value = "Guest")]
    name: String,
    /// The conversation to go on with [default: a new one]
    #[arg(long, value_name = "ID")]
    conversation: Option<ConversationId>,
    /// Join with an invitation, as /invite makes them
    #[arg(long, value_name = "INVITATION", conflicts_with = "conversation")]
    join: Option<String>,
    /// The agent to talk to in a new conversation [default: the server's]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["conversation", "join"])]
    agent: Option<String>,
    /// The language of this program's own words [default: the environment's]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
}

pub(crate) async fn run(mut arguments: ChatArgs) -> anyhow::Result<()> {
    if let Some(address) = arguments.listen {
        arguments.url = format!("http://{address}");
    }
    let tongue = Rc::new(Tongue::speak(arguments.language)?);
    let client = enter(&arguments, &tongue).await?;
    let conversation = choose(&client, &arguments, &tongue).await?;
    let live = client
        .open(&conversation, None)
        .await
        .map_err(|error| anyhow::anyhow!((tongue.words.cannot_read)(&tongue.error(&error))))?;
    let terminal = stdin().is_terminal();
    let me = client.participant().clone();
    let chat = Chat {
        screen: Screen::new(stdout(), me, !terminal, Rc::clone(&tongue)),
        tongue,
        status: client.status(),
        terminal,
        live,
        pending: None,
        heard: Instant::now(),
        unheard: None,
        lost: None,
        client: client.clone(),
        url: arguments.url,
    };
    let done = chat.talk(input::lines()).await;
    client.close().await;
    match done {
        Err(error) if is_unread(&error) => Ok(()),
        done => done,
    }
}

/// Whoever read what is shown has gone (`convene chat | head`), which is no failure.
fn is_unread(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

async fn enter(arguments: &ChatArgs, tongue: &Tongue) -> anyhow::Result<Client> {
    let url = &arguments.url;
    let entered = async {
        let mut options = match &arguments.token {
            Some(token) => Options::new(url, token),
            None => {
                let guest = Rest::guest(url, &arguments.name).await?;
                Options::with(url, GuestTokens::new(url, guest))
            }
        };
        options.timezone = here();
        Client::connect(options).await
    };
    entered.await.map_err(|error| {
        let words = tongue.words;
        anyhow::anyhow!(match &error {
            Error::Unreachable { reason, .. } => (words.nobody_answers)(url, reason),
            Error::Refused(problem) if arguments.token.is_some() && is_about_a_token(problem) => {
                (words.not_let_in)(url, words.bad_token)
            }
            Error::Refused(problem)
                if arguments.token.is_none() && problem.code == ErrorCode::Forbidden =>
            {
                (words.not_let_in)(url, words.no_guests)
            }
            error => (words.not_let_in)(url, &tongue.error(error)),
        })
    })
}

const fn is_about_a_token(problem: &Problem) -> bool {
    matches!(
        problem.code,
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired
    )
}

/// The time zone of this machine, where it has a name.
fn here() -> Option<Timezone> {
    TimeZone::system().iana_name()?.parse().ok()
}

async fn choose(
    client: &Client,
    arguments: &ChatArgs,
    tongue: &Tongue,
) -> anyhow::Result<ConversationId> {
    let words = tongue.words;
    if let Some(invitation) = &arguments.join {
        let joined = client.rest().join(invitation).await;
        return joined
            .map(|conversation| conversation.id)
            .map_err(|error| anyhow::anyhow!((words.cannot_join)(&tongue.error(&error))));
    }
    if let Some(id) = &arguments.conversation {
        return Ok(id.clone());
    }
    let new = NewConversation {
        // So that a retry would not make a second one.
        id: Some(ConversationId::random()),
        agent: arguments.agent.clone(),
        ..NewConversation::default()
    };
    let begun = client.rest().create(&new).await;
    begun
        .map(|conversation| conversation.id)
        .map_err(|error| anyhow::anyhow!((words.cannot_begin)(&tongue.error(&error))))
}

struct Chat {
    client: Client,
    /// Where that is.
    url: String,
    live: Live,
    status: watch::Receiver<Status>,
    screen: Screen<std::io::Stdout>,
    tongue: Rc<Tongue>,
    terminal: bool,
    /// What was said last, until it is answered.
    pending: Option<Pending>,
    /// When something last came.
    heard: Instant,
    /// When it is asked whether the agent still learns, if nobody has begun to answer by then.
    unheard: Option<Instant>,
    /// When the connection was lost, and whether that was said.
    lost: Option<(Instant, bool)>,
}

enum Pending {
    Sending(BoxFuture<'static, Result<Seq, Error>>),
    Said(Seq),
}

impl Chat {
    async fn talk(mut self, mut lines: mpsc::Receiver<Line>) -> anyhow::Result<()> {
        self.greet()?;
        let mut ended = false;
        loop {
            if self.is_answered()? {
                self.pending = None;
                if ended {
                    return Ok(());
                }
            }
            // A terminal's lines are taken as they come, a script's when the last was answered.
            let ready = match self.pending {
                None => true,
                Some(Pending::Said(_)) => self.terminal,
                Some(Pending::Sending(_)) => false,
            };
            let concern = match self.lost {
                Some((since, false)) => Some(since + CALM),
                _ => None,
            };
            let impatient =
                (!self.terminal && self.pending.is_some()).then(|| self.heard + PATIENCE);
            tokio::select! {
                biased;
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted?;
                    self.screen.note("")?;
                    return Ok(());
                }
                update = self.live.next() => match update {
                    Some(update) => self.hear(&update)?,
                    None => return Err(self.ended()),
                },
                said = sending(&mut self.pending) => self.said(said)?,
                changed = self.status.changed() => {
                    if changed.is_err() {
                        return Err(self.ended());
                    }
                    self.watch()?;
                }
                () = until(concern) => {
                    self.lost = self.lost.map(|(since, _)| (since, true));
                    self.screen.note(self.tongue.words.lost)?;
                }
                () = until(self.unheard) => self.tell_learning().await?,
                () = until(impatient) => {
                    bail!((self.tongue.words.no_answer_within)(PATIENCE.as_secs()))
                }
                line = lines.recv(), if ready && !ended => match line {
                    Some(Line::Say(text)) => self.say(text),
                    Some(Line::Stop) => self.stop().await?,
                    Some(Line::Invite) => self.invite().await?,
                    Some(Line::Help) => self.help()?,
                    Some(Line::Press(number)) => {
                        let words = &self.tongue.words.offers;
                        self.act(offers::pressed(self.live.view(), number, words))?;
                    }
                    Some(Line::Submit(answers)) => {
                        let words = &self.tongue.words.offers;
                        self.act(offers::submitted(self.live.view(), &answers, words))?;
                    }
                    Some(Line::Quit) => return Ok(()),
                    None if self.terminal || self.pending.is_none() => return Ok(()),
                    None => ended = true,
                },
            }
        }
    }

    fn greet(&mut self) -> anyhow::Result<()> {
        if self.terminal {
            let conversation = self.live.conversation();
            let begins = (self.tongue.words.begins)(conversation.as_str());
            self.screen.note(&begins)?;
        }
        Ok(())
    }

    fn help(&mut self) -> anyhow::Result<()> {
        for line in self.tongue.words.help {
            self.screen.note(line)?;
        }
        Ok(())
    }

    fn say(&mut self, text: String) {
        let (client, conversation) = (self.client.clone(), self.live.conversation().clone());
        let message = message(text);
        self.heard = Instant::now();
        self.screen.typed(&message.id);
        let sending = async move { client.send(&conversation, message).await };
        self.pending = Some(Pending::Sending(sending.boxed()));
    }

    /// Presses or submits what is offered, or says why not.
    fn act(&mut self, act: Result<NewAct, String>) -> anyhow::Result<()> {
        match act {
            Ok(act) => {
                let (client, conversation) =
                    (self.client.clone(), self.live.conversation().clone());
                self.heard = Instant::now();
                let sending = async move { client.act(&conversation, act).await };
                self.pending = Some(Pending::Sending(sending.boxed()));
            }
            Err(why) if self.terminal => self.screen.note(&why)?,
            Err(why) => bail!(why),
        }
        Ok(())
    }

    fn said(&mut self, said: Result<Seq, Error>) -> anyhow::Result<()> {
        self.pending = None;
        match said {
            Ok(seq) => {
                self.pending = Some(Pending::Said(seq));
                self.unheard = Some(Instant::now() + SOON);
            }
            Err(Error::Timeout(_)) if self.terminal => {
                self.screen.note(self.tongue.words.not_said_yet)?;
            }
            Err(error) => {
                let why = match &error {
                    Error::Refused(problem) if !problem.faults.is_empty() => {
                        let form = offers::form(self.live.view());
                        self.tongue.faults(&problem.faults, form)
                    }
                    error => self.tongue.error(error),
                };
                let not_said = (self.tongue.words.not_said)(&why);
                if !self.terminal {
                    bail!(not_said);
                }
                self.screen.note(&not_said)?;
            }
        }
        Ok(())
    }

    /// Whether nothing more is to come for what was said last.
    fn is_answered(&self) -> anyhow::Result<bool> {
        let Some(Pending::Said(seq)) = self.pending else {
            return Ok(self.pending.is_none());
        };
        let view = self.live.view();
        let alone = view
            .conversation()
            .is_some_and(|conversation| conversation.agent.is_none());
        let run = view.run_for(seq);
        match run.map(|run| (&run.status, &run.agent)) {
            Some((RunStatus::Finished(Outcome::Failed { error }), agent)) if !self.terminal => {
                let agent = view.name_of(&ParticipantId::Agent(agent.clone()));
                bail!((self.tongue.words.has_no_answer)(
                    &agent,
                    self.tongue.failure(error)
                ))
            }
            Some((RunStatus::Finished(_), _)) => Ok(true),
            _ => Ok(alone),
        }
    }

    /// Says so where the agent still learns and what was said waits for that.
    async fn tell_learning(&mut self) -> anyhow::Result<()> {
        self.unheard = None;
        let view = self.live.view();
        let Some(Pending::Said(seq)) = self.pending else {
            return Ok(());
        };
        let agent = view.conversation().and_then(|known| known.agent.as_ref());
        let Some(agent) = agent.filter(|_| view.run_for(seq).is_none()) else {
            return Ok(());
        };
        // Who cannot ask now knows no more than before.
        let agents = self.client.rest().agents().await.unwrap_or_default();
        let learning = agents
            .into_iter()
            .find(|one| one.name == agent.as_str() && !one.ready);
        if let Some(Agent { title, .. }) = learning {
            let waits = (self.tongue.words.getting_ready)(&title);
            self.screen.note(&waits)?;
        }
        Ok(())
    }

    async fn stop(&mut self) -> anyhow::Result<()> {
        if let Err(error) = self.client.cancel(self.live.conversation(), None).await {
            self.screen.note(&self.tongue.error(&error))?;
        }
        Ok(())
    }

    async fn invite(&mut self) -> anyhow::Result<()> {
        match self.client.rest().invite(self.live.conversation()).await {
            Ok(invite) => self.screen.note(&format!(
                "convene chat --url {} --join {}",
                self.url, invite.invite
            ))?,
            Err(error) => self.screen.note(&self.tongue.error(&error))?,
        }
        Ok(())
    }

    fn hear(&mut self, update: &Update) -> anyhow::Result<()> {
        self.heard = Instant::now();
        match update {
            Update::Frame(_) => self.screen.draw(self.live.view())?,
            Update::Violation(violation) => tracing::warn!(%violation, "healing"),
            Update::Ended(problem) => {
                bail!((self.tongue.words.closed)(&self.tongue.problem(problem)))
            }
        }
        Ok(())
    }

    fn watch(&mut self) -> anyhow::Result<()> {
        let connected = matches!(&*self.status.borrow_and_update(), Status::Connected { .. });
        match self.lost {
            None if !connected => self.lost = Some((Instant::now(), false)),
            Some((_, spoken)) if connected => {
                self.lost = None;
                if spoken {
                    self.screen.note(self.tongue.words.connected_again)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Why nothing comes any more.
    fn ended(&self) -> anyhow::Error {
        match &*self.status.borrow() {
            Status::Closed(error) => anyhow::anyhow!(self.tongue.error(error)),
            _ => anyhow::anyhow!(self.tongue.words.ended),
        }
    }
}

/// The answer to what is being sent; never, while nothing is.
async fn sending(pending: &mut Option<Pending>) -> Result<Seq, Error> {
    match pending {
        Some(Pending::Sending(sending)) => sending.await,
        _ => std::future::pending().await,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
