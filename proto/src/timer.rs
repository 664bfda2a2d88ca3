//! Timers: agents set them, and are given a run when one rings.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most timers that are set in a conversation at once, whichever agents set them. It is more than the flows of an
/// assistant can wait for.
pub const MOST_TIMERS: usize = 64;

/// No timer is further off than this: a year and a day.
pub const FARTHEST_TIMER: Duration = Duration::from_hours(366 * 24);

/// When a timer rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rings {
    /// So many milliseconds after it was set.
    AfterMs(u64),
    /// At this time, in milliseconds since 1970 (UTC); at once where it is past.
    AtMs(u64),
}
