//! Whether a value answers a field, and how it reads.

use std::{collections::BTreeMap, fmt::Display};

use serde_json::Value;
use time::{Date, Month};

use super::{
    FaultCode, Field, Input,
    bounds::{ANSWER, pattern},
};

type Fault = (FaultCode, String);
type Judged = Result<String, Fault>;

fn wrong(code: FaultCode, message: impl Into<String>) -> Judged {
    Err((code, message.into()))
}

/// How the answer to a field reads, or what is wrong with it.
pub(super) fn judge(field: &Field, value: &Value) -> Judged {
    use FaultCode::WrongType;
    match (&field.input, value) {
        (
            Input::Text {
                min_length,
                max_length,
                pattern,
                multiline,
            },
            Value::String(text),
        ) => {
            if !multiline && text.contains(['\n', '\r']) {
                return wrong(FaultCode::Pattern, "one line is asked for");
            }
            judge_text(text, (*min_length, *max_length), pattern.as_deref())
        }
        (Input::Email, Value::String(text)) if is_email(text) => Ok(text.clone()),
        (Input::Email, Value::String(_)) => wrong(
            FaultCode::Pattern,
            "this is no e-mail address, such as ada@example.org",
        ),
        (Input::Phone, Value::String(text)) if is_phone(text) => Ok(text.clone()),
        (Input::Phone, Value::String(_)) => wrong(
            FaultCode::Pattern,
            "this is no telephone number, such as +1 555 0100",
        ),
        (Input::Number { min, max }, Value::Number(number)) => match number.as_f64() {
            Some(given) => within(given, (*min, *max)).map(|()| number.to_string()),
            None => wrong(WrongType, asked_for(&field.input)),
        },
        (Input::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
            Some(given) => within(given, (*min, *max)).map(|()| given.to_string()),
            None => wrong(WrongType, asked_for(&field.input)),
        },
        (Input::Boolean, Value::Bool(yes)) => Ok(yes.to_string()),
        (Input::Date { min, max }, Value::String(date)) if is_date(date) => {
            // As they are written they sort as they follow each other.
            within(date, (min.as_ref(), max.as_ref())).map(|()| date.clone())
        }
        (Input::Time { min, max }, Value::String(time)) if is_time(time) => {
            within(time, (min.as_ref(), max.as_ref())).map(|()| time.clone())
        }
        (
            Input::Choice {
                options,
                multiple: false,
            },
            value,
        ) => {
            let found = options.iter().find(|option| *value == option.value);
            match found {
                Some(option) => Ok(option.label.clone()),
                None => wrong(FaultCode::NotAnOption, "this is none of the options"),
            }
        }
        (Input::Choice { options, .. }, Value::Array(list)) => {
            let mut chosen = BTreeMap::new();
            for value in list {
                let found = (0..)
                    .zip(options)
                    .find(|(_, option)| *value == option.value);
                let Some((place, option)) = found else {
                    return wrong(FaultCode::NotAnOption, "not all of these are options");
                };
                let place: usize = place;
                if chosen.insert(place, option.label.as_str()).is_some() {
                    return wrong(FaultCode::NotAnOption, "each option is chosen once");
                }
            }
            Ok(chosen.into_values().collect::<Vec<_>>().join(", "))
        }
        (input, _) => wrong(WrongType, asked_for(input)),
    }
}

/// Neither less nor more than is asked for.
fn within<T: PartialOrd + Display>(
    given: T,
    (min, max): (Option<T>, Option<T>),
) -> Result<(), Fault> {
    match (min, max) {
        (Some(min), _) if given < min => {
            Err((FaultCode::TooSmall, format!("at least {min} is asked for")))
        }
        (_, Some(max)) if given > max => {
            Err((FaultCode::TooLarge, format!("at most {max} is asked for")))
        }
        _ => Ok(()),
    }
}

fn judge_text(
    text: &str,
    (least, most): (Option<u32>, Option<u32>),
    expression: Option<&str>,
) -> Judged {
    let (least, most) = (least.unwrap_or(0), most.unwrap_or(ANSWER));
    let length = text.chars().count();
    let is_more = |bound: u32| length > usize::try_from(bound).unwrap_or(usize::MAX);
    if is_more(most) {
        return wrong(
            FaultCode::TooLong,
            format!("at most {most} characters are asked for"),
        );
    }
    if least > 0 && !is_more(least - 1) {
        return wrong(
            FaultCode::TooShort,
            format!("at least {least} characters are asked for"),
        );
    }
    // One that cannot be read was refused when it was offered.
    let matches = expression
        .map(pattern)
        .is_none_or(|regex| regex.is_ok_and(|regex| regex.is_match(text)));
    if !matches {
        return wrong(
            FaultCode::Pattern,
            "this has not the form that is asked for",
        );
    }
    Ok(text.to_owned())
}

fn asked_for(input: &Input) -> &'static str {
    match input {
        Input::Text { .. } | Input::Email | Input::Phone => "a text is asked for",
        Input::Number { .. } => "a number is asked for",
        Input::Integer { .. } => "a whole number is asked for",
        Input::Boolean => "true or false is asked for",
        Input::Date { .. } => "a day is asked for, such as 2026-01-31",
        Input::Time { .. } => "a time of the day is asked for, such as 14:30",
        Input::Choice { .. } => "a list of options is asked for",
    }
}

/// Whether this is a day of the calendar, as ISO 8601 writes it.
pub(super) fn is_date(text: &str) -> bool {
    let is_digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let read = || {
        let mut parts = text.split('-');
        let year = parts
            .next()
            .filter(|part| part.len() == 4)
            .filter(is_digits)?;
        let month = parts
            .next()
            .filter(|part| part.len() == 2)
            .filter(is_digits)?;
        let day = parts
            .next()
            .filter(|part| part.len() == 2)
            .filter(is_digits)?;
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
        parts.next().is_none().then_some(date)
    };
    read().is_some()
}

/// Whether this is a time of a day, in hours and minutes.
pub(super) fn is_time(text: &str) -> bool {
    let read = |part: &str, below: u8| {
        let is_whole = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_whole && part.parse().is_ok_and(|number: u8| number < below)
    };
    text.split_once(':')
        .is_some_and(|(hours, minutes)| read(hours, 24) && read(minutes, 60))
}

/// What mail can be sent to, as far as its form tells.
fn is_email(text: &str) -> bool {
    let is_visible = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'@')
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(local, domain)| {
            let mut labels = domain.split('.');
            !local.is_empty()
                && local.len() <= 64
                && is_visible(local)
                && domain.contains('.')
                && labels.all(|label| !label.is_empty() && label.bytes().all(is_of_host))
        })
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// E.164 has at most 15 digits.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    let is_written = |one: char| one.is_ascii_digit() || " ()-./".contains(one);
    text.len() <= 40 && (5..=15).contains(&digits) && rest.chars().all(is_written)
}
