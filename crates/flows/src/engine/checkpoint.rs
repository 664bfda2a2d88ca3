//! A state as records that stand for all before them.

use std::mem::take;

use super::{frame::Early, record::Recorded, state::State};

impl State {
    /// Records of all of this, which stand for those before them: the first one holds everything but the values and the events
    /// that came early, of which each has one of its own, since together they may be large.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<Recorded> {
        let mut bare = self.clone();
        let restored = |frame: Option<usize>, kept: bool| {
            move |(slot, filled)| Recorded::SlotRestored {
                slot,
                frame,
                kept,
                filled,
            }
        };
        let shared = take(&mut bare.slots);
        let shared = shared.iter().flat_map(|(slot, values)| {
            // The one that was set last comes last.
            let values = values.iter().rev();
            values.map(|filled| (slot.clone(), filled.clone()))
        });
        let mut values: Vec<_> = shared.map(restored(None, false)).collect();
        for (index, frame) in bare.stack.iter_mut().enumerate() {
            let own = take(&mut frame.slots).into_iter();
            values.extend(own.map(restored(Some(index), false)));
            let kept = take(&mut frame.kept).into_iter();
            values.extend(kept.map(restored(Some(index), true)));
            let early = take(&mut frame.early).into_iter();
            values.extend(early.map(|Early { event, data }| Recorded::EventKept {
                frame: index,
                event,
                data,
            }));
        }
        let bare = Recorded::Checkpoint {
            state: Box::new(bare),
        };
        std::iter::once(bare).chain(values).collect()
    }
}
