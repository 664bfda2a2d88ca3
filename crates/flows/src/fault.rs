//! What is wrong with a project: always a file, a place, a code that stays, and what to do.

use convene_source::{FaultCode, Severity};
use serde::Serialize;

/// One thing that is wrong with a project.
pub type Fault = convene_source::Fault<Code>;

/// All that is wrong with it.
pub(crate) type Faults = convene_source::Faults<Code>;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $severity:ident;)+) => {
        /// The kinds of faults. The words stay what they are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }

            /// What it means, for the reference.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+)),+ }
            }
        }
    };
}

codes! {
    /// A file cannot be read, or is missing.
    Unreadable = "unreadable", Error;
    /// A file is not YAML.
    NotYaml = "not-yaml", Error;
    /// A piece of a file has a wrong form: an unknown key, a missing one, a value of a wrong kind.
    WrongForm = "wrong-form", Error;
    /// A name has characters that names do not have.
    BadName = "bad-name", Error;
    /// Something is defined twice.
    Duplicate = "duplicate", Error;
    /// A step leads to a step that is not there.
    UnknownStep = "unknown-step", Error;
    /// A flow is named that is not there.
    UnknownFlow = "unknown-flow", Error;
    /// A slot is named that is not there.
    UnknownSlot = "unknown-slot", Error;
    /// An intent is named that the training data do not have.
    UnknownIntent = "unknown-intent", Error;
    /// An entity is named that neither the training data nor the built-in ones have.
    UnknownEntity = "unknown-entity", Error;
    /// A text is named that no language has.
    UnknownText = "unknown-text", Error;
    /// A text or an expression has a name in it that is no slot, or that has no value there.
    UnknownPlaceholder = "unknown-placeholder", Error;
    /// A text is missing in one of the languages.
    MissingTranslation = "missing-translation", Error;
    /// A language is named behind another one of the same code: nobody is answered in it.
    NeverSpoken = "never-spoken", Warning;
    /// No sentence marks an entity with this role.
    UnknownRole = "unknown-role", Warning;
    /// Something is shown in the same words in all languages.
    Untranslated = "untranslated", Warning;
    /// A file of texts is of a language that the assistant does not name.
    UnknownLanguage = "unknown-language", Error;
    /// A template or an expression cannot be read.
    BadExpression = "bad-expression", Error;
    /// Slots depend on each other in a circle: what fills one empties it.
    DependsOnItself = "depends-on-itself", Error;
    /// A value, a bound or a pattern does not fit the slot's type, or nothing fits it.
    WrongType = "wrong-type", Error;
    /// A value goes from one slot into another that does not take all of them.
    LooseType = "loose-type", Warning;
    /// A call cannot be made: its address, a header, a status or its timeout is none.
    BadCall = "bad-call", Error;
    /// A placeholder stands in the host of a call, or of an address on a card: whoever fills it would choose whose it is.
    OpenHost = "open-host", Error;
    /// A secret stands in a file that many read.
    BareSecret = "bare-secret", Warning;
    /// No path leads to a step.
    Unreachable = "unreachable", Error;
    /// A slot is used that nothing ever sets.
    NeverSet = "never-set", Error;
    /// A slot may be empty where it is shown or needed: some path leads there without setting it.
    MaybeUnset = "maybe-unset", Warning;
    /// Steps go round and round without waiting for anybody.
    EndlessLoop = "endless-loop", Error;
    /// Steps go round and round for ever, and speak to nobody who could answer, or ask an endpoint until it answers: they wait for a time alone.
    TalksAlone = "talks-alone", Warning;
    /// A call does something, and the flow can be cancelled behind it and has no `on_cancel`: people would believe that it is undone.
    NotUndone = "not-undone", Warning;
    /// A flow does more in one go than a turn may.
    TooLong = "too-long", Error;
    /// Flows start each other in a circle.
    FlowCircle = "flow-circle", Error;
    /// Two flows start with the same intent or event.
    AmbiguousStart = "ambiguous-start", Error;
    /// Nothing starts this flow.
    NeverStarted = "never-started", Warning;
    /// No step says this text.
    UnusedText = "unused-text", Warning;
    /// A text that is shown has no words, or a flow answers a wish with silence.
    SaysNothing = "says-nothing", Warning;
    /// Two things that can be chosen are called the same: in words, the second cannot be.
    CalledTheSame = "called-the-same", Warning;
    /// Nothing uses this slot.
    UnusedSlot = "unused-slot", Warning;
    /// Training data has sentences in a language that the assistant does not speak.
    ForeignSentences = "foreign-sentences", Warning;
    /// Training data has no sentence, or no entity of a slot, in a language that the assistant speaks.
    UntaughtLanguage = "untaught-language", Warning;
    /// The same sentence teaches two intents.
    TaughtTwice = "taught-twice", Warning;
    /// There is training data, and no sentence with an intent to learn from.
    NothingTaught = "nothing-taught", Error;
    /// It offers more than a message can show: it is answered in words alone.
    TooMuch = "too-much", Warning;
    /// Nothing starts with this intent.
    UnusedIntent = "unused-intent", Warning;
}

impl FaultCode for Code {
    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn severity(self) -> Severity {
        self.severity()
    }
}

/// What to write instead of a name that is not there.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    let lower = str::to_lowercase;
    let nearest = known
        .into_iter()
        .map(|other| (strsim::osa_distance(&lower(name), &lower(other)), other))
        .filter(|(far, other)| *far <= 1 + other.chars().count() / 4)
        .min();
    match nearest {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => otherwise.to_owned(),
    }
}
