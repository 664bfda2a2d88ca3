//! What the guide is asked to do.

/// Written out they make about 290 KB: not far from the longest message there may be.
const MOST_TOKENS: u32 = 50_000;

/// What a newcomer's command means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// No command at all.
    Chat,
    Help,
    Markdown,
    Slow,
    Who,
    /// Offer a card that one of them may take.
    Card,
    /// Offer a form.
    Form,
    Crash,
    Poison,
    Echo(String),
    /// Count to `tokens`, at `rate` numbers a second; 0: as fast as can be. `timed`: after a line
    /// that says when that begins.
    Stream {
        tokens: u32,
        rate: u32,
        timed: bool,
    },
    /// Fail so many attempts.
    Fail(u32),
    /// Say so many messages.
    Messages(u32),
    /// One of the card's buttons was pressed, and says this.
    Pressed(String),
    /// The form was submitted, with these answers.
    Submitted(String),
    /// A command, but not one of ours: why not.
    Mistake(String),
}

impl Command {
    /// Reads a message. What does not begin with a slash is no command.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        if !text.starts_with('/') {
            return Self::Chat;
        }
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match name {
            "/help" => Self::Help,
            "/markdown" => Self::Markdown,
            "/slow" => Self::Slow,
            "/who" => Self::Who,
            "/card" => Self::Card,
            "/form" => Self::Form,
            "/crash" => Self::Crash,
            "/poison" => Self::Poison,
            "/echo" if rest.is_empty() => {
                Self::Mistake("Say what to echo: `/echo hello`.".to_owned())
            }
            "/echo" => Self::Echo(rest.to_owned()),
            "/stream" => stream(rest),
            "/fail" => number(rest, 2, 100, "/fail 2").map_or_else(Self::Mistake, Self::Fail),
            "/messages" => {
                number(rest, 3, 20, "/messages 3").map_or_else(Self::Mistake, Self::Messages)
            }
            _ => Self::Mistake(format!("I do not know `{}`.", shortened(name))),
        }
    }
}

fn stream(rest: &str) -> Command {
    let (rest, timed) = match rest.strip_suffix("timed") {
        Some(rest) => (rest.trim(), true),
        None => (rest, false),
    };
    let (tokens, rate) = match rest.split_once("at") {
        Some((tokens, rate)) => (tokens.trim(), rate.trim()),
        None => (rest, "50"),
    };
    let parsed = number(tokens, 500, MOST_TOKENS, "/stream 500 at 50").and_then(|tokens| {
        let rate = if rate == "0" {
            Ok(0)
        } else {
            number(rate, 50, 100_000, "/stream 500 at 50")
        };
        rate.map(|rate| Command::Stream {
            tokens,
            rate,
            timed,
        })
    });
    parsed.unwrap_or_else(Command::Mistake)
}

fn number(text: &str, default: u32, most: u32, example: &str) -> Result<u32, String> {
    if text.is_empty() {
        return Ok(default);
    }
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!(
            "A number from 1 to {most} should stand there, as in `{example}`."
        )),
    }
}

fn shortened(name: &str) -> String {
    name.chars()
        .filter(|&letter| letter != '`')
        .take(20)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_their_defaults_and_bounds() {
        let cases = [
            ("hello /stream", Command::Chat),
            (" /help ", Command::Help),
            (
                "/stream",
                Command::Stream {
                    tokens: 500,
                    rate: 50,
                    timed: false,
                },
            ),
            (
                "/stream 40 at 5 timed",
                Command::Stream {
                    tokens: 40,
                    rate: 5,
                    timed: true,
                },
            ),
            (
                "/stream 2000 at 0",
                Command::Stream {
                    tokens: 2000,
                    rate: 0,
                    timed: false,
                },
            ),
            (
                "/stream 7",
                Command::Stream {
                    tokens: 7,
                    rate: 50,
                    timed: false,
                },
            ),
            ("/fail", Command::Fail(2)),
            ("/fail 3", Command::Fail(3)),
            ("/echo a /b", Command::Echo("a /b".to_owned())),
        ];
        for (text, command) in cases {
            assert_eq!(Command::parse(text), command, "{text}");
        }
        for text in [
            "/stream 0",
            "/stream x at 5",
            "/stream 5 at x",
            "/fail 0",
            "/fail 101",
            "/x",
            "/echo",
            "/`é`",
        ] {
            assert!(
                matches!(Command::parse(text), Command::Mistake(_)),
                "{text}"
            );
        }
    }
}
