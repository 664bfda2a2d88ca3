//! Reading what the scripts answer.

use std::{fmt::Display, str::FromStr, vec::IntoIter};

use bytes::{Buf as _, Bytes};
use convene_proto::{
    event::{Conversation, Participant, Role, TurnPolicy},
    id::{ConversationId, Inbox, ParticipantId},
    position::{Eid, Epoch, Seq},
};
use redis::Value;

use super::shorthand::lengthen;
use crate::store::{Entry, Error, Result};

/// An array of a script's answer, read item by item.
pub(super) struct Reply(IntoIter<Value>);

fn corrupt(what: impl Display) -> Error {
    Error::Corrupt(format!("unexpected reply: {what}"))
}

impl Reply {
    /// A whole answer; one that is no array counts as an array of one.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Array(items) => Self(items.into_iter()),
            other => Self(vec![other].into_iter()),
        }
    }

    fn new(value: Value) -> Result<Self> {
        match value {
            Value::Array(items) => Ok(Self(items.into_iter())),
            other => Err(corrupt(format_args!("{other:?} is not an array"))),
        }
    }

    fn next(&mut self) -> Result<Value> {
        self.0.next().ok_or_else(|| corrupt("it ends too early"))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    pub(super) fn reply(&mut self) -> Result<Self> {
        Self::new(self.next()?)
    }

    pub(super) fn bytes(&mut self) -> Result<Bytes> {
        match self.next()? {
            Value::BulkString(bytes) => Ok(bytes.into()),
            other => Err(corrupt(format_args!("{other:?} is not a string"))),
        }
    }

    pub(super) fn text(&mut self) -> Result<String> {
        String::from_utf8(self.bytes()?.into()).map_err(corrupt)
    }

    /// A number, which Redis may also send as text.
    pub(super) fn number<N: FromStr + TryFrom<i64>>(&mut self) -> Result<N> {
        let value = self.next()?;
        let number = match &value {
            Value::Int(number) => N::try_from(*number).ok(),
            Value::BulkString(text) => str::from_utf8(text).ok().and_then(|text| text.parse().ok()),
            _ => None,
        };
        number.ok_or_else(|| corrupt(format_args!("{value:?} is not such a number")))
    }

    pub(super) fn flag(&mut self) -> Result<bool> {
        Ok(self.number::<u64>()? != 0)
    }

    pub(super) fn seq(&mut self) -> Result<Seq> {
        self.number().map(Seq)
    }

    pub(super) fn parse<T: FromStr<Err: Display>>(&mut self) -> Result<T> {
        self.text()?.parse().map_err(corrupt)
    }

    /// `None` where the text is empty.
    pub(super) fn optional<T: FromStr<Err: Display>>(&mut self) -> Result<Option<T>> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(corrupt)
    }

    pub(super) fn list<T: FromStr<Err: Display>>(&mut self) -> Result<Vec<T>> {
        let mut items = self.reply()?;
        let mut list = Vec::with_capacity(items.0.len());
        while !items.is_empty() {
            list.push(items.parse()?);
        }
        Ok(list)
    }

    /// The inboxes to tell, always in the same order.
    pub(super) fn audience(&mut self) -> Result<Vec<Inbox>> {
        let mut audience = self.list::<Inbox>()?;
        audience.sort_unstable();
        Ok(audience)
    }

    /// The people behind places `<participant> <inbox>`, each once.
    pub(super) fn here(&mut self) -> Result<Vec<ParticipantId>> {
        let mut here = Vec::new();
        for place in self.list::<String>()? {
            let person = place.split(' ').next().unwrap_or_default();
            here.push(person.parse().map_err(corrupt)?);
        }
        here.sort_unstable();
        here.dedup();
        Ok(here)
    }

    /// An event's tag, as the log has it.
    pub(super) fn eid(&mut self) -> Result<Eid> {
        Ok(Eid(self.bytes()?.try_get_u64().map_err(corrupt)?))
    }

    /// An event behind its number; what is in it, `scripts/lib.lua` says.
    fn entry(&mut self) -> Result<Entry> {
        let seq = self.seq()?;
        let mut event = self.bytes()?;
        let eid = Eid(event.try_get_u64().map_err(corrupt)?);
        let prev = Eid(event.try_get_u64().map_err(corrupt)?);
        let late = u64::from(event.try_get_u16().map_err(corrupt)?);
        let at = (late << 32) | u64::from(event.try_get_u32().map_err(corrupt)?);
        let message = usize::from(event.try_get_u8().map_err(corrupt)?);
        if event.len() < message {
            return Err(corrupt("an event ends in its message's id"));
        }
        Ok(Entry {
            seq,
            eid,
            prev,
            at,
            body: lengthen(event.split_off(message))?,
        })
    }

    pub(super) fn entries(&mut self) -> Result<Vec<Entry>> {
        let mut items = self.reply()?;
        let mut entries = Vec::with_capacity(items.0.len());
        while !items.is_empty() {
            entries.push(items.entry()?);
        }
        Ok(entries)
    }

    /// A conversation and its epoch.
    pub(super) fn conversation(&mut self, id: &ConversationId) -> Result<(Conversation, Epoch)> {
        let mut fields = self.reply()?;
        let epoch = fields.parse()?;
        let conversation = Conversation {
            id: id.clone(),
            head: fields.seq()?,
            first: fields.seq()?,
            title: fields.optional()?,
            agent: fields.optional()?,
            policy: fields.parse::<TurnPolicy>()?,
            created_at: fields.number()?,
            updated_at: fields.number()?,
            participants: participants(fields.reply()?)?,
        };
        Ok((conversation, epoch))
    }
}

/// Participants in the order of joining, from ids with `<order> <role> <name>`.
fn participants(mut fields: Reply) -> Result<Vec<Participant>> {
    let mut people = Vec::new();
    while !fields.is_empty() {
        let id = fields.parse()?;
        let value = fields.text()?;
        let mut words = value.splitn(3, ' ');
        let (Some(order), Some(role), Some(name)) = (words.next(), words.next(), words.next())
        else {
            return Err(corrupt(format_args!("a participant {value:?}")));
        };
        let order: u64 = order.parse().map_err(corrupt)?;
        let role: Role = role.parse().map_err(corrupt)?;
        let name = name.to_owned();
        people.push((order, Participant { id, name, role }));
    }
    people.sort_unstable_by_key(|(order, _)| *order);
    Ok(people
        .into_iter()
        .map(|(_, participant)| participant)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    #[test]
    fn numbers_come_in_two_forms_and_are_bounded() {
        let items = [
            Value::Int(7),
            text("8"),
            Value::Int(-1),
            text("x"),
            Value::Nil,
        ];
        let mut reply = Reply::new(Value::Array(items.into())).unwrap();
        assert_eq!(reply.number::<u64>().unwrap(), 7);
        assert_eq!(reply.number::<u16>().unwrap(), 8);
        for _ in 0..3 {
            assert!(matches!(reply.number::<u64>(), Err(Error::Corrupt(_))));
        }
        assert!(matches!(reply.number::<u64>(), Err(Error::Corrupt(_))));
    }

    #[test]
    fn people_come_in_the_order_of_joining_whatever_the_hash_says() {
        let items = ["user:b", "10 member B b", "user:a", "2 owner A"].map(text);
        let people = participants(Reply::new(Value::Array(items.into())).unwrap()).unwrap();
        let names: Vec<_> = people.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["A", "B b"]);
        assert_eq!(people[0].role, Role::Owner);
    }

    #[test]
    fn who_is_behind_two_inboxes_is_here_once() {
        let places = ["user:b g1", "user:a g1", "user:b g2"].map(text);
        let mut reply = Reply::new(Value::Array(vec![Value::Array(places.into())])).unwrap();
        let here: Vec<_> = reply
            .here()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(here, ["user:a", "user:b"]);
    }
}
