//! Carries a turn out: what is recorded is noted before anybody else is asked, behind a call, and at its end.

use convene_agent::{ChatModel, ChatRequest, ChatRole, ChatTurn, Error, Run};
use convene_flows::{Answer, Effect, Engine, Input, Next, Prompt, Recorded, Request, Saying};
use jiff::civil::DateTime;

use super::{calls, ledger::Ledger, offering, path::Path, timers};
use crate::agents::llm::writing::{self, Unwritten};

/// What a turn needs.
pub(super) struct Performance<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) model: Option<&'a dyn ChatModel>,
    pub(super) http: &'a reqwest::Client,
}

impl Performance<'_> {
    pub(super) async fn turn(
        &self,
        run: &mut Run,
        ledger: &mut Ledger,
        input: Input,
        now: DateTime,
    ) -> Result<(), Error> {
        let mut path = Path::default();
        // A turn that somebody stops has neither set nor cleared a timer before its end.
        let mut set = Vec::new();
        ledger.take_up(run).await?;
        let mut turn = self.engine.feed(ledger.state(), input, now);
        let mut has_answer = false;
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
                    has_answer |= matches!(fact, Recorded::CallAnswered { .. });
                    ledger.record(fact);
                }
                Next::Do(Effect::Say(saying)) => say(run, saying).await?,
                Next::Do(Effect::SetTimer { timer, after }) => set.push((timer, after)),
                // The facts have it, and a text that says so.
                Next::Do(Effect::HandOff { .. }) => {}
                Next::Ask(request) => {
                    ledger.note(run).await?;
                    let answer = self.ask(run, request).await?;
                    turn.resume(answer);
                }
                Next::Diverged => {
                    tracing::info!(run = %run.id(), "the project has changed between two attempts; the turn begins anew");
                    turn = turn.begin_anew();
                    set.clear();
                }
                Next::Done => {
                    path.tell();
                    ledger.note(run).await?;
                    return timers::settle(run, ledger.state(), set);
                }
            }
        }
    }

    async fn ask(&self, run: &mut Run, request: Request) -> Result<Answer, Error> {
        match request {
            Request::Call(call) => {
                let context = run.context();
                let caller = (&context.conversation.id, &context.agent);
                Ok(calls::call(self.http, caller, call).await)
            }
            Request::Generate(prompt) => match self.model {
                Some(model) => write(run, model, prompt).await,
                None => Ok(Answer::NoAnswer("there is no model".to_owned())),
            },
        }
    }
}

async fn say(run: &mut Run, saying: Saying) -> Result<(), Error> {
    let offer = offering::offer(&saying);
    run.write(saying.text).await?;
    run.say(offer).await
}

/// The model's words are said as they come. Where it breaks off after that, the attempt fails.
async fn write(run: &mut Run, model: &dyn ChatModel, prompt: Prompt) -> Result<Answer, Error> {
    let written = match writing::write(run, model, request(prompt)).await {
        Ok(written) => written.text,
        Err(Unwritten::Unsaid(error)) => return Ok(Answer::NoAnswer(error.to_string())),
        Err(Unwritten::BrokenOff(error)) => return Err(error),
    };
    if written.trim().is_empty() {
        return Ok(Answer::NoAnswer("the model said nothing".to_owned()));
    }
    run.end_message().await?;
    Ok(Answer::Written(written))
}

fn request(prompt: Prompt) -> ChatRequest {
    let mut system = prompt.prompt;
    system.push_str("\n\nWrite in the language `");
    system.push_str(&prompt.language);
    system.push_str(
        "`. Rely on nothing but these facts; where they do not say it, say that you do not know:",
    );
    for fact in &prompt.facts {
        system.push_str("\n- ");
        system.push_str(fact);
    }
    let turns = prompt.question.map(|text| ChatTurn {
        role: ChatRole::User,
        text,
        name: None,
    });
    ChatRequest {
        system: Some(system),
        turns: turns.into_iter().collect(),
    }
}
