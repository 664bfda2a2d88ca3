//! Carries a turn out: what is recorded is noted before anybody else is asked, behind a call, and at its end.

use convene_agent::{Error, FinishReason, Run};
use convene_flows::{
    Answer, Clock, Effect, Engine, Input, Next, Prompt, Recorded, Request, Saying, Zone,
};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{
    calls::{Answered, Asked, Endpoints},
    hearing,
    ledger::Ledger,
    loaded::Loaded,
    model::Model,
    offering,
    path::{self, Path},
    timers,
};
use crate::agents::llm::writing::{self, Unwritten, Written};

/// Behind what a model has said of an answer that is not whole.
const CUT: &str = " …";

/// What the turns of a run need.
pub(super) struct Performance<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) model: Option<&'a Model>,
    pub(super) endpoints: &'a Endpoints,
    /// When others must have answered, so that a turn can still be ended.
    pub(super) until: Instant,
}

impl Performance<'_> {
    /// `zone` is where whoever does this is, as they tell.
    pub(super) async fn turn(
        &self,
        run: &mut Run,
        ledger: &mut Ledger,
        input: Input,
        zone: Option<Zone>,
    ) -> Result<(), Error> {
        let span = path::span(&input);
        let clock = self.loaded.clock().told(zone);
        self.carry_out(run, ledger, input, clock)
            .instrument(span)
            .await
    }

    async fn carry_out(
        &self,
        run: &mut Run,
        ledger: &mut Ledger,
        input: Input,
        clock: Clock,
    ) -> Result<(), Error> {
        let mut path = Path::default();
        // An event that is nothing to the conversation leaves no trace in it.
        let mut event = match &input {
            Input::Event { name, .. } => Some(name.clone()),
            _ => None,
        };
        // A turn that somebody stops has neither set nor cleared a timer before its end.
        let mut set = Vec::new();
        ledger.take_up(run).await?;
        let engine = Engine::new(self.loaded.projects());
        let people = hearing::people(&run.context().conversation.participants);
        let turn = engine.feed(ledger.state(), input, clock);
        let mut turn = turn.among(&people);
        let mut has_answer = false;
        let mut answered: Option<Answered> = None;
        loop {
            let next = turn.next();
            // A finished call is not made again, whatever becomes of what follows it.
            if has_answer && !matches!(next, Next::Record(_)) {
                ledger.note(run).await?;
                has_answer = false;
            }
            match next {
                Next::Record(fact) => {
                    path.take(&fact);
                    event = None;
                    if let Recorded::EventMisfitted { event, slots } = &fact {
                        tracing::warn!(%event, ?slots, "what is known of an event does not fit the flow's slots");
                    }
                    if let Recorded::CallAnswered { good, status, .. } = &fact {
                        has_answer = true;
                        let useless = answered.take().zip(status.filter(|_| !good));
                        if let Some((answered, status)) = useless {
                            answered.tell_useless(status);
                        }
                    }
                    ledger.record(fact);
                }
                Next::Do(Effect::Say(saying)) => say(run, saying).await?,
                Next::Do(Effect::SetTimer { timer, due }) => set.push((timer, due)),
                // The facts have it, and a text that says so.
                Next::Do(Effect::HandOff { .. }) => {}
                Next::Ask(request) => {
                    ledger.note(run).await?;
                    let asked = Asked::of(&request);
                    let answer = self.ask(run, request).await?;
                    answered = asked.and_then(|asked| asked.answered(&answer));
                    turn.resume(answer);
                }
                Next::Diverged => {
                    tracing::info!(run = %run.id(), "the project has changed between two attempts; the turn begins anew");
                    turn = turn.begin_anew();
                    set.clear();
                }
                Next::Done => {
                    path.tell();
                    if let Some(event) = &event {
                        tracing::info!(%event, "no flow waits for this event, keeps it or begins with it");
                    }
                    ledger.note(run).await?;
                    let closed = ledger.closed().into_iter();
                    run.close_offers(closed.filter_map(hearing::offer_name));
                    return timers::settle(run, ledger.state(), set);
                }
            }
        }
    }

    async fn ask(&self, run: &mut Run, request: Request) -> Result<Answer, Error> {
        match request {
            Request::Call(call) => self.endpoints.call(run.context(), call, self.until).await,
            Request::Generate(prompt) => match self.model {
                Some(model) => self.write(run, model, prompt).await,
                None => Ok(Answer::NoAnswer("there is no model".to_owned())),
            },
        }
    }

    /// The model's words are said as they come. Where they do not come to their end, what was said stands, and there is
    /// no answer.
    async fn write(&self, run: &mut Run, model: &Model, prompt: Prompt) -> Result<Answer, Error> {
        let request = model.request(run.context(), prompt);
        let written = writing::write(run, model.chat.as_ref(), request, Some(self.until)).await;
        let (why, is_begun) = match written {
            Ok(Written { text, reason }) => match reason {
                FinishReason::Stop => {
                    run.end_message().await?;
                    return Ok(Answer::Written(text));
                }
                FinishReason::Length => ("the model reached its limit of tokens".to_owned(), true),
                FinishReason::Filtered => ("the provider's filter cut it".to_owned(), true),
            },
            Err(Unwritten::Unsaid(error)) => (error.to_string(), false),
            Err(Unwritten::BrokenOff(error)) => (error.to_string(), true),
            Err(Unwritten::Unheard(error)) => return Err(error),
        };
        tracing::warn!(
            model = model.chat.name(),
            why,
            "a model gave no whole answer"
        );
        if is_begun {
            run.write(CUT).await?;
            run.end_message().await?;
        }
        Ok(Answer::NoAnswer(why))
    }
}

async fn say(run: &mut Run, saying: Saying) -> Result<(), Error> {
    let offer = offering::offer(&saying);
    run.write(saying.text).await?;
    run.say(offer).await
}
