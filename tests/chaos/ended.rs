//! Which messages workers have answered to the end, by their own logs: what Redis loses with its tail,
//! question and answer together, nobody may have seen.

use std::{collections::BTreeSet, fs, path::Path};

use convene_client::proto::id::MessageId;

/// What a worker says before it settles the doorbell.
const OVER: &str = "the run is over inputs=\"";

/// All that the logs in this folder tell.
pub(crate) fn ended(logs: &Path) -> BTreeSet<MessageId> {
    let files = fs::read_dir(logs).unwrap().map(|file| file.unwrap().path());
    let mut ended = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap_or_default();
        let told = text.lines().filter_map(|line| line.split_once(OVER));
        for (_, inputs) in told {
            let inputs = inputs.split('"').next().unwrap_or_default();
            ended.extend(inputs.split(',').filter_map(|id| id.parse().ok()));
        }
    }
    ended
}
