//! Lines from standard input.

use std::io::{BufRead as _, stdin};

use tokio::sync::mpsc;

/// Longer lines are cut into several messages.
const LONGEST: usize = 16 * 1024;

/// What somebody wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Say(String),
    /// Stop the answer.
    Stop,
    /// Make an invitation.
    Invite,
    /// Say what can be typed.
    Help,
    /// Press the action with this number.
    Press(usize),
    /// Fill in a form.
    Submit(String),
    Quit,
}

/// The lines that come in; closed at their end.
///
/// A thread of its own reads them, and is left behind at the end of the process: a read from a
/// terminal cannot be called off, and the runtime would wait for it at shutdown.
pub(super) fn lines() -> mpsc::Receiver<Line> {
    let (found, lines) = mpsc::channel(8);
    std::thread::spawn(move || {
        for text in stdin().lock().lines() {
            let Ok(text) = text else { return };
            for line in parse(&text) {
                if found.blocking_send(line).is_err() {
                    return;
                }
            }
        }
    });
    lines
}

/// Other words behind a slash are for the agent.
fn parse(text: &str) -> Vec<Line> {
    let text = text.trim();
    match text {
        "" => Vec::new(),
        "/stop" => vec![Line::Stop],
        "/help" => vec![Line::Help],
        "/invite" => vec![Line::Invite],
        "/quit" | "/exit" => vec![Line::Quit],
        _ => match acts(text) {
            Some(line) => vec![line],
            None => pieces(text),
        },
    }
}

/// `/1`, and `/form` with something in it.
fn acts(text: &str) -> Option<Line> {
    let rest = text.strip_prefix('/')?;
    if let Ok(number) = rest.parse() {
        return Some(Line::Press(number));
    }
    let answers = rest.strip_prefix("form")?;
    let is_filled_in = answers.starts_with(char::is_whitespace) && answers.contains('=');
    is_filled_in.then(|| Line::Submit(answers.trim().to_owned()))
}

fn pieces(mut text: &str) -> Vec<Line> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(LONGEST));
        pieces.push(Line::Say(piece.to_owned()));
        text = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_words() {
        assert_eq!(parse("  "), []);
        assert_eq!(parse("/stop "), [Line::Stop]);
        assert_eq!(parse("/help"), [Line::Help]);
        assert_eq!(parse("/echo"), [Line::Say("/echo".into())]);
        assert_eq!(parse("/2"), [Line::Press(2)]);
        assert_eq!(parse("/form a=b c"), [Line::Submit("a=b c".into())]);
        for said in ["/form", "/form it", "/format a=b", "/-1"] {
            assert_eq!(parse(said), [Line::Say(said.into())]);
        }
        assert_eq!(parse(" hello "), [Line::Say("hello".into())]);
        let long = "ä".repeat(LONGEST);
        let lengths: Vec<usize> = parse(&long)
            .into_iter()
            .map(|line| match line {
                Line::Say(text) => text.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lengths, [LONGEST, LONGEST]);
    }
}
