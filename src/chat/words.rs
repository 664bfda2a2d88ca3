//! What `convene chat` says itself, in each of the page's languages.

pub(super) mod ar;
pub(super) mod de;
pub(super) mod en;
pub(super) mod es;
pub(super) mod fr;

/// The sentences of one language. What a sentence is about is given in the order in which it is named here.
#[derive(Debug)]
pub(super) struct Words {
    /// At the beginning: the conversation's id.
    pub(super) begins: fn(&str) -> String,
    /// What can be typed.
    pub(super) help: &'static [&'static str],
    /// Whoever types.
    pub(super) you: &'static str,
    pub(super) lost: &'static str,
    pub(super) connected_again: &'static str,
    pub(super) ended: &'static str,
    /// Why.
    pub(super) closed: fn(&str) -> String,
    /// An address, and the reason.
    pub(super) nobody_answers: fn(&str, &str) -> String,
    /// An address, and why.
    pub(super) not_let_in: fn(&str, &str) -> String,
    /// Why a token lets nobody in.
    pub(super) bad_token: &'static str,
    /// What to do where one is needed.
    pub(super) no_guests: &'static str,
    /// Why.
    pub(super) cannot_begin: fn(&str) -> String,
    pub(super) cannot_join: fn(&str) -> String,
    pub(super) cannot_read: fn(&str) -> String,
    pub(super) not_said_yet: &'static str,
    pub(super) not_said: fn(&str) -> String,
    /// Seconds.
    pub(super) no_answer_within: fn(u64) -> String,
    /// An agent.
    pub(super) getting_ready: fn(&str) -> String,
    /// An agent, and why.
    pub(super) tries_again: fn(&str, &str) -> String,
    pub(super) has_no_answer: fn(&str, &str) -> String,
    pub(super) taken_back: &'static str,
    pub(super) stopped: &'static str,
    pub(super) offers: Offers,
}

/// About what agents offer.
#[derive(Debug)]
pub(super) struct Offers {
    pub(super) fill_in: &'static str,
    pub(super) required: &'static str,
    pub(super) text: &'static str,
    pub(super) email: &'static str,
    pub(super) phone: &'static str,
    pub(super) number: &'static str,
    pub(super) integer: &'static str,
    pub(super) boolean: &'static str,
    pub(super) date: &'static str,
    pub(super) time: &'static str,
    /// The values.
    pub(super) one_of: fn(&str) -> String,
    pub(super) some_of: fn(&str) -> String,
    /// The least, and the most.
    pub(super) within: fn(&str, &str) -> String,
    pub(super) or_more: fn(&str) -> String,
    pub(super) or_less: fn(&str) -> String,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) closed: &'static str,
    pub(super) nothing: &'static str,
    pub(super) no_form: &'static str,
    /// What was typed.
    pub(super) no_such: fn(&str) -> String,
    pub(super) no_field: fn(&str) -> String,
}
