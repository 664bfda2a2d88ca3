//! How bodies of events stand in Redis: in a shorthand, since most of an event is what every other of its
//! kind has, too. It saves half of a short log.
//!
//! JSON has no control characters, so each of these stands for a phrase of the writers' JSON, or for
//! the 32 hexadecimal digits whose bytes follow. Whatever a body is, it is read as it was written.

use bytes::Bytes;

use crate::store::{Error, Result};

/// In front of a body that is no JSON and has such a character itself: as it is.
const AS_IT_IS: u8 = 0x00;
/// In front of sixteen bytes, which were written as digits.
const DIGITS: u8 = 0x01;
/// What the phrases' characters are counted from.
const FIRST: u8 = 0x02;
const CONTROL: u8 = 0x20;

/// Longer bodies stand as they are. They gain little, and a page of events, whose size is counted as it
/// stands here, becomes no more than so many bytes an event larger.
const LONGEST: usize = 1024;

/// Their places are in every log: one may be added at the end, and none moved or changed. Of two with the
/// same beginning the longer one comes first.
const PHRASES: [&[u8]; 28] = [
    br#"{"type":"conversation.created","by":"user:"#,
    br#"{"type":"message.created","message":{"id":""#,
    br#"{"type":"message.started","message":"agent-"#,
    br#"{"type":"message.completed","message":{"id":"agent-"#,
    br#"{"type":"message.retracted","message":"agent-"#,
    br#"{"type":"run.started","run":""#,
    br#"{"type":"run.finished","run":""#,
    br#"{"type":"run.retrying","run":""#,
    br#"{"type":"participant.joined","participant":{"id":"user:"#,
    br#"{"type":"participant.left","participant":"user:"#,
    br#"{"type":"conversation.renamed","by":"user:"#,
    br#"","participants":[{"id":"user:"#,
    br#"","parts":[{"type":"text","text":""#,
    br#"","author":"user:"#,
    br#"","author":"agent:"#,
    br#"","name":""#,
    br#"","role":"owner"}"#,
    br#"","role":"member"}"#,
    br#"","role":"agent"}"#,
    br#","outcome":"completed""#,
    br#","outcome":"cancelled""#,
    br#","attempt":1,"inputs":["#,
    br#"","agent":""#,
    br#"","run":""#,
    br#"","whole":true}"#,
    br#","usage":{"#,
    br#","error":{"code":""#,
    br#""title":""#,
];

pub(super) fn shorten(body: &[u8]) -> Vec<u8> {
    let mut short = Vec::with_capacity(body.len());
    if body.iter().any(|byte| *byte < CONTROL) {
        short.push(AS_IT_IS);
        short.extend_from_slice(body);
        return short;
    }
    if body.len() > LONGEST {
        short.extend_from_slice(body);
        return short;
    }
    let mut rest = body;
    while let [first, behind @ ..] = rest {
        rest = match first {
            b'{' | b'"' | b',' => match phrase_at(rest) {
                Some((code, behind)) => {
                    short.push(code);
                    behind
                }
                None => {
                    short.push(*first);
                    behind
                }
            },
            b'0'..=b'9' | b'a'..=b'f' => shorten_digits(rest, &mut short),
            _ => {
                short.push(*first);
                behind
            }
        };
    }
    short
}

/// The phrase with which this begins, and what comes behind it.
fn phrase_at(rest: &[u8]) -> Option<(u8, &[u8])> {
    (FIRST..)
        .zip(PHRASES)
        .find_map(|(code, phrase)| Some((code, rest.strip_prefix(phrase)?)))
}

/// Takes the digits, up to 32, with which this begins; what comes behind them.
fn shorten_digits<'a>(rest: &'a [u8], short: &mut Vec<u8>) -> &'a [u8] {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let count = rest
        .iter()
        .take(32)
        .take_while(|byte| is_digit(byte))
        .count();
    let (digits, behind) = rest.split_at(count);
    let number = str::from_utf8(digits).ok().filter(|_| count == 32);
    match number.and_then(|digits| u128::from_str_radix(digits, 16).ok()) {
        Some(number) => {
            short.push(DIGITS);
            short.extend_from_slice(&number.to_be_bytes());
        }
        None => short.extend_from_slice(digits),
    }
    behind
}

pub(super) fn lengthen(short: Bytes) -> Result<Bytes> {
    if let Some(body) = short.strip_prefix(&[AS_IT_IS]) {
        return Ok(short.slice_ref(body));
    }
    if short.len() > LONGEST || short.iter().all(|byte| *byte >= CONTROL) {
        return Ok(short);
    }
    let mut body = Vec::with_capacity(2 * short.len());
    let mut rest = &short[..];
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            CONTROL.. => body.push(byte),
            DIGITS => {
                let (number, behind) = rest.split_first_chunk().ok_or_else(unreadable)?;
                rest = behind;
                let digits = format!("{:032x}", u128::from_be_bytes(*number));
                body.extend_from_slice(digits.as_bytes());
            }
            code => {
                let place = code.checked_sub(FIRST).map(usize::from);
                let phrase = place.and_then(|place| PHRASES.get(place));
                body.extend_from_slice(phrase.ok_or_else(unreadable)?);
            }
        }
    }
    Ok(body.into())
}

fn unreadable() -> Error {
    Error::Corrupt("an event's body has a phrase that is not known".to_owned())
}

#[cfg(test)]
mod tests {
    use convene_proto::{
        event::{EventBody, Message, Outcome, Part},
        id::{MessageId, RunId},
        position::Seq,
    };

    use super::*;

    fn there_and_back(body: &[u8]) -> usize {
        let short = shorten(body);
        let length = short.len();
        assert_eq!(lengthen(short.into()).unwrap(), body);
        length
    }

    #[test]
    fn an_answer_takes_less_than_half() {
        let run = RunId::random();
        let id = MessageId::of_agent();
        let author: convene_proto::id::ParticipantId = "agent:guide".parse().unwrap();
        let text = "Bees dance to tell where flowers are.".to_owned();
        let bodies = [
            EventBody::RunStarted {
                run: run.clone(),
                agent: "guide".parse().unwrap(),
                attempt: 1,
                inputs: vec![Seq(2)],
            },
            EventBody::MessageStarted {
                message: id.clone(),
                author: author.clone(),
                run: run.clone(),
            },
            EventBody::MessageCompleted {
                message: Message {
                    id,
                    author,
                    to: None,
                    parts: vec![Part::Text { text }],
                    timezone: None,
                },
                run: run.clone(),
                whole: true,
            },
            EventBody::RunFinished {
                run,
                outcome: Outcome::Completed,
                usage: None,
                closes: Vec::new(),
            },
        ];
        let bodies = bodies.map(|body| serde_json::to_vec(&body).unwrap());
        let long: usize = bodies.iter().map(Vec::len).sum();
        let short: usize = bodies.iter().map(|body| there_and_back(body)).sum();
        assert!(2 * short < long, "{short} of {long} bytes");
    }

    #[test]
    fn whatever_a_body_is_it_comes_back() {
        for body in [
            &b""[..],
            b"{}",
            b"no JSON",
            b"\x01\x02\x03",
            b"{\n}",
            b"\xff\xfe",
            "{\"text\":\"\u{fc}ber \\u0001\"}".as_bytes(),
            b"0123456789abcdef0123456789abcde",
            b"0123456789abcdef0123456789abcdef0",
            b"0123456789ABCDEF0123456789ABCDEF",
            &PHRASES.concat(),
            &b"0".repeat(LONGEST),
            &b"0".repeat(LONGEST + 1),
        ] {
            assert!(there_and_back(body) <= body.len() + 1);
        }
    }

    #[test]
    fn what_no_writer_wrote_is_refused() {
        for short in [&b"\x1f"[..], b"{\x01short}"] {
            assert!(lengthen(Bytes::copy_from_slice(short)).is_err());
        }
    }

    #[test]
    fn a_longer_phrase_comes_before_its_own_beginning() {
        for (place, phrase) in PHRASES.iter().enumerate() {
            let code = shorten(phrase);
            assert_eq!(code, [FIRST + u8::try_from(place).unwrap()]);
        }
    }
}
