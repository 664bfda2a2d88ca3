//! The guide: what a newcomer meets where no model is set up. It explains Convene, and shows on
//! command what the core does. Everything that it does is deterministic, so demonstrations, tests
//! and benchmarks lean on it too.

mod command;
mod offers;
mod pace;
mod suggestions;
mod words;

use std::time::Duration;

use convene_agent::{Agent, Error, ParticipantId, Run, Suggestion, async_trait};
use tokio::time::sleep;

use self::command::Command;

/// How fast it talks, in words a second.
const TALKING: u32 = 80;

/// Between the words of `/slow`.
const SLOWLY: u32 = 2;

/// So that a demonstration can be seen before it fails.
const SUSPENSE: Duration = Duration::from_millis(400);

/// The agent that needs no model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Guide;

impl Guide {
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Agent for Guide {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        if run.happened().is_some() {
            return Ok(());
        }
        let inputs: Vec<(ParticipantId, Command)> = {
            let inputs = run.context().inputs.iter();
            inputs
                .map(|input| (input.author.clone(), offers::meant_by(input)))
                .collect()
        };
        if inputs.iter().all(|(_, command)| *command == Command::Chat) {
            let names = names(run, inputs.iter().map(|(author, _)| author));
            return talk(run, &names).await;
        }
        let several = inputs.len() > 1;
        for (index, (author, command)) in inputs.into_iter().enumerate() {
            if index > 0 {
                run.write("\n\n").await?;
            }
            let name = run.name_of(&author);
            if several {
                run.write(format!("**{name}:** ")).await?;
            }
            perform(run, &name, command).await?;
        }
        Ok(())
    }

    fn description(&self) -> String {
        "Shows what Convene can do; needs no model".to_owned()
    }

    fn title(&self) -> Option<String> {
        Some("Guide".to_owned())
    }

    fn suggestions(&self) -> Vec<Suggestion> {
        suggestions::all()
    }
}

/// The introduction at first, a few words later on.
async fn talk(run: &mut Run, names: &str) -> Result<(), Error> {
    let me = ParticipantId::Agent(run.context().agent.clone());
    let met = run.context().history.iter().any(|said| said.author == me);
    let text = if met {
        words::again(names)
    } else {
        words::introduction(names)
    };
    pace::write(run, &text, TALKING).await?;
    run.say(offers::suggestions()).await
}

async fn perform(run: &mut Run, name: &str, command: Command) -> Result<(), Error> {
    match command {
        Command::Chat => pace::write(run, &words::again(name), TALKING).await,
        Command::Help => {
            pace::write(run, words::HELP, TALKING).await?;
            run.say(offers::suggestions()).await
        }
        Command::Card => {
            run.write(words::CARD).await?;
            run.say(offers::card()).await
        }
        Command::Form => {
            run.write(words::FORM).await?;
            run.say(offers::form()).await
        }
        Command::Pressed(label) => run.write(words::pressed(name, &label)).await,
        Command::Submitted(answers) => run.write(words::submitted(name, &answers)).await,
        Command::Markdown => pace::write(run, words::SAMPLER, TALKING).await,
        Command::Slow => pace::write(run, &words::slowly(), SLOWLY).await,
        Command::Echo(text) => run.write(text).await,
        Command::Who => {
            let text = words::who(&run.context().conversation.participants);
            run.write(text).await
        }
        Command::Stream {
            tokens,
            rate,
            timed,
        } => pace::count(run, tokens, rate, timed).await,
        Command::Messages(count) => {
            for number in 1..=count {
                run.write(format!("Message {number} of {count}.")).await?;
                run.end_message().await?;
            }
            Ok(())
        }
        Command::Fail(attempts) => {
            let attempt = run.context().attempt;
            if attempt > attempts {
                return run.write(words::healed(attempt)).await;
            }
            let text = format!("This is attempt {attempt}, and it is about to fail");
            run.write(text).await?;
            sleep(SUSPENSE).await;
            Err(Error::transient(
                "guide_failed",
                format!("Attempt {attempt} failed, as you asked"),
            ))
        }
        Command::Crash => {
            if run.context().attempt > 1 {
                return run.write(words::CRASHED).await;
            }
            run.write("Here I go").await?;
            sleep(SUSPENSE).await;
            // A panic that does not spill a backtrace into the log.
            std::panic::resume_unwind(Box::new("the guide crashed, as it was asked to"))
        }
        Command::Poison => {
            run.write("This will not end well").await?;
            sleep(SUSPENSE).await;
            Err(Error::transient(
                "guide_poisoned",
                "This message fails every time, as you asked",
            ))
        }
        Command::Mistake(reason) => run.write(words::mistake(&reason)).await,
    }
}

/// Everybody's name, once each, as one would say them.
fn names<'a>(run: &Run, authors: impl Iterator<Item = &'a ParticipantId>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in authors.map(|author| run.name_of(author)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    words::list(&names)
}

#[cfg(test)]
mod tests {
    use convene_agent::{
        ErrorKind, Message, MessageId, Part, Participant, Role,
        testing::{Rehearsal, Said},
    };

    use super::*;

    async fn ask(text: &str) -> Said {
        Rehearsal::new(text).perform(&Guide).await
    }

    fn message(author: &str, text: &str) -> Message {
        Message {
            id: MessageId::random(),
            author: author.parse().unwrap(),
            parts: vec![Part::Text {
                text: text.to_owned(),
            }],
            to: None,
            timezone: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_newcomer_gets_an_introduction_and_a_regular_a_short_word() {
        let first = ask("hello").await.text();
        assert!(first.contains("Ada") && first.contains("Convene") && first.contains("/stream"));
        let again = Rehearsal::new("hello").with(|context| {
            context.history.push(message("agent:agent", &first));
        });
        let again = again.perform(&Guide).await.text();
        assert!(again.contains("Ada") && again.len() < first.len() / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn several_people_are_named_and_each_gets_an_answer() {
        let together = Rehearsal::new("hello").with(|context| {
            context.inputs.push(message("user:bob", "hi"));
            context.conversation.participants.push(Participant {
                id: "user:bob".parse().unwrap(),
                name: "Bob".to_owned(),
                role: Role::Member,
            });
        });
        let greeted = together.clone().perform(&Guide).await.text();
        assert!(greeted.contains("Ada and Bob"), "{greeted}");
        let mixed = together.with(|context| context.inputs[1] = message("user:bob", "/echo one"));
        let answered = mixed.perform(&Guide).await.text();
        assert!(
            answered.contains("**Ada:** ") && answered.contains("**Bob:** one"),
            "{answered}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_counted_and_keeps_its_pace() {
        let begun = tokio::time::Instant::now();
        let said = ask("/stream 200 at 50").await.text();
        let numbers: Vec<u32> = said
            .split_whitespace()
            .map(|word| word.parse().unwrap())
            .collect();
        assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
        assert_eq!(begun.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_heal_when_they_were_asked_to() {
        let attempt = |number| {
            let rehearsal = Rehearsal::new("/fail 2").with(|context| context.attempt = number);
            async move { rehearsal.perform(&Guide).await }
        };
        for number in [1, 2] {
            let error = attempt(number).await.result.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Transient);
            assert_eq!(error.code, "guide_failed");
        }
        assert_eq!(attempt(3).await.result, Ok(()));
        assert_eq!(
            ask("/poison").await.result.unwrap_err().kind,
            ErrorKind::Transient
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_crash_is_a_panic_once() {
        let crashed = convene_runtime::Tasks::new().spawn(ask("/crash")).await;
        assert!(crashed.unwrap_err().is_panic());
        let second = Rehearsal::new("/crash").with(|context| context.attempt = 2);
        assert_eq!(second.perform(&Guide).await.result, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn everything_that_the_help_names_is_understood() {
        let help = ask("/help").await.text();
        let commands = help.split('`').filter(|code| code.starts_with('/'));
        let mut understood = 0;
        for command in commands {
            let parsed = Command::parse(command);
            assert!(
                !matches!(parsed, Command::Mistake(_) | Command::Chat),
                "{command}: {parsed:?}"
            );
            understood += 1;
        }
        assert!(understood >= 10);
        assert!(ask("/dance").await.text().contains("/help"));
        assert!(
            ask("/stream lots")
                .await
                .text()
                .contains("/stream 500 at 50")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_it_offers_it_understands() {
        for command in ["hello", "/help", "/card", "/form"] {
            let said = ask(command).await;
            assert_eq!(said.result, Ok(()), "{command}");
            assert_eq!(said.offers.len(), 1, "{command}");
            let actions = match &said.offers[0] {
                Part::Actions(offered) => &offered.actions[..],
                Part::Card(offered) => &offered.actions[..],
                _ => &[],
            };
            for action in actions {
                let (id, label) = (action.id.clone(), action.label.clone());
                let pressed = Rehearsal::pressing(id, label, action.value.clone());
                let answer = pressed.perform(&Guide).await;
                assert_eq!(answer.result, Ok(()), "{action:?}");
                assert!(!answer.text().contains("no model behind me"), "{action:?}");
            }
        }
        let form = serde_json::json!({ "name": "Eve", "tickets": 2 });
        let submitted = Rehearsal::pressing("order".parse().unwrap(), "Tickets: 2", Some(form));
        let answer = submitted.perform(&Guide).await.text();
        assert!(answer.contains("Tickets: 2"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_knows_who_is_there_and_can_say_several_messages() {
        let who = ask("/who").await.text();
        assert!(who.contains("Ada") && who.contains("owner"), "{who}");
        assert_eq!(ask("/messages 3").await.messages.len(), 3);
        assert_eq!(ask("/echo  a  b ").await.text(), "a  b");
    }
}
