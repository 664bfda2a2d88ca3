//! English.

use super::{Offers, Words};

pub(in crate::chat) static WORDS: Words = Words {
    begins: |id| {
        format!(
            "conversation {id}; /1 presses what is offered; /help says more; /stop, /invite, /quit"
        )
    },
    help: &[
        "/1, /2 ...: press what is offered under this number",
        "/form name=value ...: fill in a form",
        "/stop: stop the answer",
        "/invite: make an invitation for somebody else",
        "/quit: leave",
        "All else is said as it is.",
    ],
    you: "you",
    lost: "the connection is lost; connecting again ...",
    connected_again: "connected again",
    ended: "the conversation ended",
    closed: |why| format!("the conversation is closed to you: {why}"),
    nobody_answers: |url, reason| {
        format!(
            "nobody answers at {url} ({reason}): start one with `convene serve`, or say where with --url or --listen"
        )
    },
    not_let_in: |url, why| format!("{url} does not let you in: {why}"),
    bad_token: "the token is incomplete, too old, or of another server; `convene token` makes one",
    no_guests: "no guests are let in there: give a token with --token, as `convene token` makes them",
    cannot_begin: |why| format!("cannot begin a conversation: {why}"),
    cannot_join: |why| format!("cannot join: {why}"),
    cannot_read: |why| format!("cannot read the conversation: {why}"),
    not_said_yet: "not said yet; it will be",
    not_said: |why| format!("not said: {why}"),
    no_answer_within: |seconds| format!("no answer came within {seconds} s"),
    getting_ready: |agent| format!("{agent} is getting ready; what you said waits"),
    tries_again: |agent, why| format!("{agent} will try again: {why}"),
    has_no_answer: |agent, why| format!("{agent} has no answer: {why}"),
    taken_back: "that attempt failed; forget its words",
    stopped: "stopped",
    offers: Offers {
        fill_in: "answer with /form name=value ...",
        required: "required",
        text: "text",
        email: "an e-mail address",
        phone: "a telephone number",
        number: "a number",
        integer: "a whole number",
        boolean: "yes or no",
        date: "a day, such as 2026-01-31",
        time: "a time, such as 14:30",
        one_of: |values| format!("one of {values}"),
        some_of: |values| format!("some, with commas, of {values}"),
        within: |min, max| format!(" from {min} to {max}"),
        or_more: |min| format!(", {min} or more"),
        or_less: |max| format!(", {max} or less"),
        yes: "yes",
        no: "no",
        closed: "what was offered is closed; say it in words",
        nothing: "nothing is offered here",
        no_form: "what is offered is no form",
        no_such: |typed| format!("there is no {typed}"),
        no_field: |typed| format!("the form has no field for {typed}"),
    },
};
