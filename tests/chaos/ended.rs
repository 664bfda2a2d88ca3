//! Which messages workers have answered to the end, by their own logs: what Redis loses with its tail,
//! question and answer together, nobody may have seen.

use std::{collections::BTreeMap, fs, path::Path};

use convene_client::proto::id::MessageId;
use convene_runtime::clock::now_ms;

/// What a worker says before it settles the doorbell.
const OVER: &str = "the run is over inputs=\"";

/// What each was first said to be so, in milliseconds since 1970 (UTC), by the logs in this folder.
pub(crate) fn ended(logs: &Path) -> BTreeMap<MessageId, u64> {
    let files = fs::read_dir(logs).unwrap().map(|file| file.unwrap().path());
    let mut ended = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap_or_default();
        for line in text.lines() {
            let Some((said, inputs)) = line.split_once(OVER) else {
                continue;
            };
            let at = since_1970(said).unwrap_or_else(|| panic!("no time: {line}"));
            let inputs = inputs.split('"').next().unwrap_or_default();
            for message in inputs.split(',').filter_map(|id| id.parse().ok()) {
                let first = ended.entry(message).or_insert(u64::MAX);
                *first = (*first).min(at);
            }
        }
    }
    ended
}

/// Of a line that begins with a moment of today, such as `2026-11-26T16:14:37.25Z`, or of yesterday.
fn since_1970(line: &str) -> Option<u64> {
    const DAY: u64 = 24 * 3600 * 1000;
    let (_, clock) = line.split_once('T')?;
    let (clock, _) = clock.split_once('Z')?;
    let parts: Vec<f64> = clock
        .split(':')
        .map_while(|part| part.parse().ok())
        .collect();
    let [hours, minutes, seconds] = parts[..] else {
        return None;
    };
    let of_day = (((hours * 60.0 + minutes) * 60.0 + seconds) * 1000.0) as u64;
    let now = now_ms();
    let today = now - now % DAY + of_day;
    Some(if today > now { today - DAY } else { today })
}
