//! Where a reader stands in a conversation: after an event, and perhaps inside a streaming text.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::MessageId;

/// An event's number in its conversation: 1, 2, 3 ... without a hole. 0 is "before the first".
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The number of the event after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $int:ty, $width:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub $int);

        impl $name {
            /// A fresh random one.
            #[must_use]
            pub fn random() -> Self {
                Self(rand::random())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{:0", $width, "x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidPosition;

            fn from_str(text: &str) -> Result<Self, InvalidPosition> {
                if text.len() != $width || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err(InvalidPosition);
                }
                <$int>::from_str_radix(text, 16).map(Self).map_err(|_| InvalidPosition)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidPosition;

            fn try_from(text: String) -> Result<Self, InvalidPosition> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        crate::id::text_schema!($name);
    };
}

hex_id!(
    /// A random tag of one event: two logs that agree on the `eid` at a `seq` agree up to there.
    Eid, u64, 16
);
hex_id!(
    /// A random tag of one log's whole life: it differs when a log was lost and begun anew.
    Epoch, u32, 8
);
hex_id!(
    /// The name of a lease. It is compared for equality with every write, never for order.
    Nonce, u64, 16
);

/// A place inside the text of a part that is still streaming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPosition {
    pub message: MessageId,
    /// Index of the part in the message.
    pub part: u16,
    /// Bytes of UTF-8 already seen.
    pub offset: u64,
}

/// Where a reader stands. Opaque to clients: they send back what they were given.
///
/// Written `epoch:seq:eid`, and `:message:part:offset` behind it inside a streaming text; that
/// form has no white space, so it is also an SSE `id:` and a safe URL component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub epoch: Epoch,
    pub seq: Seq,
    /// The tag of the event at `seq`; zero before the first event.
    pub eid: Eid,
    pub text: Option<TextPosition>,
}

/// A position that this server cannot have issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position: send back the one you were given, unchanged, or none at all")]
pub struct InvalidPosition;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.epoch, self.seq, self.eid)?;
        if let Some(text) = &self.text {
            write!(f, ":{}:{}:{}", text.message, text.part, text.offset)?;
        }
        Ok(())
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let mut fields = text.split(':');
        let mut field = || fields.next().ok_or(InvalidPosition);
        let epoch = field()?.parse()?;
        let seq = Seq(number(field()?)?);
        let eid = field()?.parse()?;
        let text = match fields.next() {
            None => None,
            Some(message) => {
                let mut field = || fields.next().ok_or(InvalidPosition);
                Some(TextPosition {
                    message: message.parse().map_err(|_| InvalidPosition)?,
                    part: number(field()?)?,
                    offset: number(field()?)?,
                })
            }
        };
        match fields.next() {
            None => Ok(Self {
                epoch,
                seq,
                eid,
                text,
            }),
            Some(_) => Err(InvalidPosition),
        }
    }
}

/// Digits only, and no leading zero: one position has one spelling.
fn number<N: FromStr>(text: &str) -> Result<N, InvalidPosition> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidPosition);
    }
    text.parse().map_err(|_| InvalidPosition)
}

impl TryFrom<String> for Position {
    type Error = InvalidPosition;

    fn try_from(text: String) -> Result<Self, InvalidPosition> {
        text.parse()
    }
}

impl Serialize for Position {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

crate::id::text_schema!(Position);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic_and_what_parses_has_one_spelling(text in "\\PC{0,80}|[0-9a-f:]{0,60}") {
            if let Ok(position) = text.parse::<Position>() {
                prop_assert_eq!(position.to_string(), text);
            }
        }

        #[test]
        fn positions_survive_the_wire(
            epoch: u32, seq: u64, eid: u64, inside in proptest::option::of(("[A-Za-z0-9_-]{1,64}", any::<u16>(), any::<u64>()))
        ) {
            let position = Position {
                epoch: Epoch(epoch),
                seq: Seq(seq),
                eid: Eid(eid),
                text: inside.map(|(message, part, offset)| TextPosition {
                    message: message.parse().unwrap(), part, offset,
                }),
            };
            prop_assert_eq!(position.to_string().parse::<Position>(), Ok(position));
        }
    }

    #[test]
    fn damaged_positions_are_refused() {
        for bad in [
            "",
            "1",
            "00000001:1",
            "00000001:01:0000000000000001",
            "00000001:1:0000000000000001:m:0",
            "00000001:1:0000000000000001:m:0:0:0",
            "0000000G:1:0000000000000001",
            "00000001:-1:0000000000000001",
        ] {
            assert_eq!(bad.parse::<Position>(), Err(InvalidPosition), "{bad:?}");
        }
    }
}
