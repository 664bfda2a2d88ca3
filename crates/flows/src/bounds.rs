//! How much there may be of anything: what is kept of a conversation goes into notes of its log, and what is offered into
//! messages, and both have bounds.

/// Characters of a text that a slot holds, and of what a person is told who takes over.
pub const LONGEST_TEXT: usize = 8000;

/// Characters of an answer in a field of a form.
pub const LONGEST_ANSWER: usize = 4000;

/// Characters of a text that is said, or that a model writes: longer ones are cut.
pub const LONGEST_SAID: usize = 16_000;

/// Bytes, as JSON, of all that is kept of one answer of an HTTP endpoint, and of an event that comes early.
pub const LARGEST_SAVED: usize = 32 << 10;

/// Buttons of a message.
pub const MOST_BUTTONS: usize = 64;

/// Answers that are shown in a row, unless the project says how: more are a list.
pub const MOST_IN_A_ROW: usize = 8;

/// Characters of the value, and of the label, of an item of a list.
pub const LONGEST_ITEM: usize = 200;

/// Values of a choice in a form.
pub const MOST_OPTIONS: usize = 100;

/// Fields of a form, and of a card.
pub const MOST_FIELDS: usize = 32;

/// Bytes of a button's text, of a question of a form, and of each text of a card but for its main one.
pub const LONGEST_LABEL: usize = 1000;

/// Bytes of a card's main text.
pub const LONGEST_CARD: usize = 8 << 10;

/// Steps of a turn: one of more is not one that a person would wait for.
pub(crate) const MOST_STEPS: u32 = 1_000;

/// Messages of a turn: nobody reads more. A run has room for 256, and what went wrong with each flow that is stopped so is
/// said, too.
pub(crate) const MOST_SAID: u64 = 200;

/// Steps that a flow of a project without errors does in one go, with those of the flows that it calls: in the same turn
/// others may go on.
pub(crate) const MOST_STEPS_IN_ONE_GO: u64 = 500;

/// Messages that it says then.
pub(crate) const MOST_SAID_IN_ONE_GO: u64 = 100;

/// The beginning of a text that is too long to be said, with a sign that there was more.
pub(crate) fn cut(text: String) -> String {
    cut_to(text, LONGEST_SAID)
}

/// The same for a text of so many characters at most.
pub(crate) fn cut_to(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => text[..end].to_owned() + "…",
    }
}
