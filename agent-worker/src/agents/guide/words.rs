//! What the guide says.

use convene_agent::{Participant, Role};

pub(super) const HELP: &str = "\
Here is what you can try. Each command is a message of its own:

| command | what happens |
| --- | --- |
| `/stream 500 at 50` | counts to 500, 50 numbers a second; reload the page or cut the network meanwhile, and see it go on at the exact place |
| `/slow` | talks slowly, so that you can press stop; what was said stays |
| `/fail 2` | fails two attempts after some words; watch them being taken back, and the third succeed |
| `/crash` | crashes at the first attempt, and heals |
| `/poison` | fails every time: after the last attempt the message waits for an operator, and the conversation goes on |
| `/messages 3` | answers with three messages instead of one |
| `/markdown` | a sample of what messages can look like |
| `/card` | a card with buttons, of which one press counts, whoever is first |
| `/form` | a form, whose answers are checked on the server |
| `/who` | who is in this conversation |
| `/echo hello` | says hello |
| `/help` | this list |

While I answer you may write on: your next message waits for its turn.
";

pub(super) const SAMPLER: &str = r#"### What messages can look like

Text can be **bold**, *leaning*, ~~struck~~ or `code`. Here is [a link](https://commonmark.org/help/) to the rules.

1. Numbered lists
2. with several entries
   - and lists inside lists

- [x] something done
- [ ] something to do

> A quotation, of nobody in particular.

| part | what it holds |
| --- | --- |
| log | every message, in order |
| lease | the right to write |
| audience | who listens now |

```rust
#[async_trait]
impl Agent for Echo {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let said = run.input_text();
        run.write(format!("You said: {said}")).await
    }
}
```

---

That is all of it: safe Markdown, without remote pictures or scripts.
"#;

pub(super) const CARD: &str =
    "There is one seat left. Everybody here sees this card, and only the first press counts.";

pub(super) const FORM: &str = "What is typed here is checked on the server, field by field.";

pub(super) fn pressed(name: &str, label: &str) -> String {
    format!("{name} was first, and pressed **{label}**. Nobody else can press this card now.")
}

pub(super) fn submitted(name: &str, answers: &str) -> String {
    let lines: Vec<_> = answers.lines().map(|line| format!("- {line}")).collect();
    format!(
        "Thank you, {name}. This is what came in:\n\n{}",
        lines.join("\n")
    )
}

pub(super) const CRASHED: &str =
    "I crashed at my first attempt, as you asked. My words were taken back, and here I am again.";

pub(super) fn introduction(names: &str) -> String {
    format!(
        "\
Hello {names}! I am the **guide**, and you are looking at **Convene**: conversations among people, \
AI agents and human operators, in which every reply streams, word by word, to everyone.

I am no language model. I am here to show what the house can do, and I need no key for that.

**Three things to try now**

1. Send `/stream 500 at 50`, then reload this page in the middle. The answer goes on at the exact byte where you left it.
2. Open this conversation in a second window, or invite somebody. Everyone sees the same words at the same time.
3. Send `/fail 2`. I will fail twice, in plain sight, and heal: what was accepted is never lost and never repeated.

Send `/help` for everything else.

**To talk to a model** instead of me, give Convene the address of any service that speaks OpenAI's protocol: \
Ollama, vLLM or llama.cpp on your own machine, or a hosted one. An agent of your own takes about ten lines of Rust. \
The README shows both.
"
    )
}

pub(super) fn again(names: &str) -> String {
    format!(
        "I hear you, {names}, but I am only the guide: there is no model behind me that could \
         answer. Send `/help` to see what I can show you."
    )
}

pub(super) fn healed(attempt: u32) -> String {
    let failed = attempt - 1;
    let attempts = if failed == 1 { "attempt" } else { "attempts" };
    format!(
        "This is attempt {attempt}, and it works. What the {failed} {attempts} before had said was \
         taken back; nothing was lost, and nothing is said twice."
    )
}

pub(super) fn mistake(reason: &str) -> String {
    format!("{reason} Send `/help` for the list of commands.")
}

/// A minute of words.
pub(super) fn slowly() -> String {
    let verses = [
        "This is a long and slow answer, made for pressing stop.",
        "Whoever presses it, in whatever window, stops it for everyone.",
        "The words that were said by then stay where they are,",
        "and the message says that it was cut short.",
        "Nothing is charged for what was never asked of a model,",
        "because its call ends at the same moment.",
    ];
    let mut text = verses.join(" ");
    for number in 1..=60 {
        text.push_str(&format!(" {number}"));
    }
    text.push('.');
    text
}

pub(super) fn who(participants: &[Participant]) -> String {
    let mut text = "In this conversation are:\n".to_owned();
    for participant in participants {
        let role = match participant.role {
            Role::Owner => "owner",
            Role::Member => "member",
            Role::Operator => "operator",
            Role::Agent => "agent",
        };
        text.push_str(&format!("\n- **{}**, {role}", participant.name));
    }
    text
}

/// `Ada`, `Ada and Bob`, `Ada, Bob and Eve`.
pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => "there".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_one_would_say_them() {
        let names = |names: &[&str]| {
            list(
                &names
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(names(&["Ada"]), "Ada");
        assert_eq!(names(&["Ada", "Bob"]), "Ada and Bob");
        assert_eq!(names(&["Ada", "Bob", "Eve"]), "Ada, Bob and Eve");
    }
}
