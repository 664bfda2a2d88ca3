//! Timers, for workers: which ones may be set.

use std::time::{SystemTime, UNIX_EPOCH};

use convene_proto::{
    context::{Timer, timer},
    convert::{Invalid, field},
    id::TimerName,
    position::Eid,
    timer::{FARTHEST_TIMER, Rings},
};

use super::{check, refusal::Result};
use crate::store::{NewEntry, NewTimer};

pub(super) fn to_set(timer: Option<Timer>) -> Result<NewTimer> {
    let timer = timer.ok_or_else(|| Invalid::missing("entries.timer"))?;
    let rings = match timer.rings {
        Some(timer::Rings::AfterMs(wait)) => Rings::AfterMs(wait),
        Some(timer::Rings::AtMs(at)) => Rings::AtMs(at),
        None => return Err(Invalid::missing("entries.timer.rings").into()),
    };
    if is_too_far(rings) {
        let most = FARTHEST_TIMER.as_secs() / (24 * 60 * 60);
        let far = format!("it is more than {most} days away");
        return Err(Invalid::new("entries.timer.rings", far).into());
    }
    Ok(NewTimer {
        name: field("entries.timer.name", &timer.name)?,
        rings,
        fired: NewEntry {
            eid: Eid(timer.eid),
            body: check::body("entries.timer.body", timer.body)?,
        },
    })
}

pub(super) fn to_clear(timer: Option<Timer>) -> Result<TimerName> {
    let timer = timer.ok_or_else(|| Invalid::missing("entries.timer"))?;
    Ok(field("entries.timer.name", &timer.name)?)
}

fn is_too_far(rings: Rings) -> bool {
    let most = u64::try_from(FARTHEST_TIMER.as_millis()).unwrap_or(u64::MAX);
    match rings {
        Rings::AfterMs(wait) => wait > most,
        Rings::AtMs(at) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
            at > now.saturating_add(most)
        }
    }
}
