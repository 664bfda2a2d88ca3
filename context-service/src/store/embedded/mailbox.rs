//! The mailbox: what waits for an agent, and in which order.

use convene_proto::{event::TurnPolicy, id::ConversationId, position::Seq};
use convene_runtime::lies::{Lie, told};
use redb::ReadableTable;

use super::{
    records::{self, Input, Line, Place},
    step::{Step, Weight},
};
use crate::store::{MERGED, Result};

impl Step<'_, '_> {
    pub(super) fn put_input(
        &mut self,
        id: &ConversationId,
        place: Place,
        input: &Input,
    ) -> Result<()> {
        self.weigh(Weight::Durable);
        let json = records::encode(input)?;
        let key = (id.as_str(), place.line.rank(), place.seq.0);
        self.tables.mailbox.insert(key, &json[..])?;
        Ok(())
    }

    pub(super) fn take_input(&mut self, id: &ConversationId, place: Place) -> Result<()> {
        self.weigh(Weight::Durable);
        let key = (id.as_str(), place.line.rank(), place.seq.0);
        self.tables.mailbox.remove(key)?;
        Ok(())
    }

    /// The input of this event, if it has not been answered.
    pub(super) fn find_input(&self, id: &ConversationId, seq: Seq) -> Result<Option<Input>> {
        for line in Line::ALL {
            if let Some(json) = self.tables.mailbox.get((id.as_str(), line.rank(), seq.0))? {
                return records::decode("an input", json.value()).map(Some);
            }
        }
        Ok(None)
    }

    pub(super) fn oldest_input(&self, id: &ConversationId) -> Result<Option<Seq>> {
        let mut oldest = None;
        for line in Line::ALL {
            let (rank, id) = (line.rank(), id.as_str());
            let mut inputs = self
                .tables
                .mailbox
                .range((id, rank, 0)..=(id, rank, u64::MAX))?;
            if let Some(input) = inputs.next() {
                let seq = Seq(input?.0.value().2);
                oldest = Some(oldest.map_or(seq, |oldest: Seq| oldest.min(seq)));
            }
        }
        Ok(oldest)
    }

    /// The inputs of the next run: the first in line, and with policy `merge` those behind it
    /// that go with it. Only while no run is under way, for its inputs are still here.
    pub(super) fn next_inputs(&self, id: &ConversationId) -> Result<Vec<(Place, Input)>> {
        let mut inputs: Vec<(Place, Input)> = Vec::new();
        let all = (id.as_str(), 0, 0)..=(id.as_str(), u8::MAX, u64::MAX);
        for row in self.tables.mailbox.range(all.clone())? {
            let (key, json) = row?;
            let (_, rank, seq) = key.value();
            let place = Place {
                line: Line::ranked(rank)?,
                seq: Seq(seq),
            };
            let input: Input = records::decode("an input", json.value())?;
            if inputs
                .first()
                .is_some_and(|(_, first)| !go_together(first, &input))
            {
                break;
            }
            inputs.push((place, input));
            if inputs.len() == MERGED {
                break;
            }
        }
        if told(Lie::OtherOrder)
            && let Some(last) = self.tables.mailbox.range(all)?.next_back()
        {
            let (key, json) = last?;
            let (_, rank, seq) = key.value();
            let place = Place {
                line: Line::ranked(rank)?,
                seq: Seq(seq),
            };
            return Ok(vec![(place, records::decode("an input", json.value())?)]);
        }
        Ok(inputs)
    }
}

fn go_together(first: &Input, other: &Input) -> bool {
    first.policy == TurnPolicy::Merge
        && other.policy == TurnPolicy::Merge
        && first.agent == other.agent
        && first.cancelled == other.cancelled
}
