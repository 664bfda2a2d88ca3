//! Dead letters: in memory, and, where there is a folder, each in a file of its own there, so that
//! they outlive the process; one that is replayed, until its doorbell is settled for good. Only one
//! process at a time may have the folder.
//!
//! What finds no room is refused, and not let in for what is there already: each is a command that
//! was accepted.

use std::{
    collections::{HashMap, VecDeque},
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use convene_proto::{bus::Doorbell, id::Pool};
use convene_runtime::{clock::now_ms, trace::TraceContext};
use parking_lot::Mutex;
use prost::Message as _;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::{DeadLetter, Error, Result, metrics::Metrics};

const EXTENSION: &str = "letter";

/// A doorbell that was given up on.
#[derive(Debug, Clone)]
pub(super) struct Dead {
    pub(super) letter: DeadLetter,
    pub(super) trace: TraceContext,
}

impl Dead {
    /// What they are ordered by.
    fn age(&self) -> (u64, &str) {
        (self.letter.died_at, &self.letter.id)
    }
}

/// Keeps them.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    /// By pool, the oldest first.
    letters: Arc<Mutex<HashMap<Pool, VecDeque<Dead>>>>,
    /// So many of one pool, or a few more that came at once.
    room: usize,
    folder: Option<Arc<Path>>,
    metrics: Metrics,
}

impl Shelf {
    /// An empty one without a folder, for so many of each pool.
    pub(super) fn new(room: usize, metrics: Metrics) -> Self {
        Self {
            letters: Arc::default(),
            room,
            folder: None,
            metrics,
        }
    }

    /// With what an earlier process has left in this folder, which is made if it is not there.
    /// Blocks.
    pub(super) fn open(folder: &Path, room: usize, metrics: Metrics) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|own| own == EXTENSION) {
                match read(&file) {
                    Ok(dead) => found.push(dead),
                    Err(error) => {
                        tracing::warn!(file = %file.display(), %error, "a dead letter cannot be read: it stays where it is");
                    }
                }
            }
        }
        found.sort_by(|(_, a), (_, b)| a.age().cmp(&b.age()));
        let mut letters = HashMap::<_, VecDeque<_>>::new();
        for (pool, dead) in found {
            letters.entry(pool).or_default().push_back(dead);
        }
        for (pool, letters) in &letters {
            metrics.dead_letters(pool, letters.len());
        }
        Ok(Self {
            letters: Arc::new(Mutex::new(letters)),
            folder: Some(folder.into()),
            ..Self::new(room, metrics)
        })
    }

    /// Takes one in; it is on disk when this returns.
    ///
    /// # Errors
    /// Where there is no room for it, or the disk fails.
    pub(super) async fn put(
        &self,
        pool: &Pool,
        doorbell: Doorbell,
        trace: TraceContext,
        reason: &str,
    ) -> Result<()> {
        let waiting = self.letters.lock().get(pool).map_or(0, VecDeque::len);
        if waiting >= self.room {
            tracing::error!(%pool, waiting, "no room for another dead letter: replay or drop some");
            return Err(Error::unavailable(
                "there is no room for another dead letter",
            ));
        }
        let letter = DeadLetter {
            id: Uuid::now_v7().simple().to_string(),
            doorbell,
            reason: reason.to_owned(),
            died_at: now_ms(),
        };
        let dead = Dead { letter, trace };
        let written = dead.clone();
        self.on_disk(&dead.letter.id, move |file| write(&file, &written))
            .await?;
        self.shelve(pool, dead);
        Ok(())
    }

    fn shelve(&self, pool: &Pool, dead: Dead) {
        let mut letters = self.letters.lock();
        let letters = letters.entry(pool.clone()).or_default();
        let place = letters.partition_point(|other| other.age() < dead.age());
        letters.insert(place, dead);
        self.metrics.dead_letters(pool, letters.len());
    }

    pub(super) fn list(&self, pool: &Pool, limit: usize) -> Vec<DeadLetter> {
        let letters = self.letters.lock();
        let letters = letters.get(pool).into_iter().flatten();
        letters
            .take(limit)
            .map(|dead| dead.letter.clone())
            .collect()
    }

    pub(super) fn find(&self, pool: &Pool, id: &str) -> Option<DeadLetter> {
        let letters = self.letters.lock();
        let mut letters = letters.get(pool)?.iter();
        let found = letters.find(|dead| dead.letter.id == id)?;
        Some(found.letter.clone())
    }

    /// Takes one out for one caller only; its file stays, to be erased.
    pub(super) fn take(&self, pool: &Pool, id: &str) -> Option<Dead> {
        let mut letters = self.letters.lock();
        let letters = letters.get_mut(pool)?;
        let place = letters.iter().position(|dead| dead.letter.id == id)?;
        let taken = letters.remove(place);
        self.metrics.dead_letters(pool, letters.len());
        taken
    }

    /// Does away with the file of one that was taken out.
    pub(super) async fn erase(&self, id: &str) -> Result<()> {
        self.on_disk(id, |file| match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    /// False: no such one.
    pub(super) async fn remove(&self, pool: &Pool, id: &str) -> Result<bool> {
        // Taken out first, so that nobody replays what is about to be erased.
        let Some(dead) = self.take(pool, id) else {
            return Ok(false);
        };
        let erased = self.erase(id).await;
        if erased.is_err() {
            self.shelve(pool, dead);
        }
        erased.map(|()| true)
    }

    /// Does something with a letter's file, where there are files.
    async fn on_disk(
        &self,
        id: &str,
        work: impl FnOnce(PathBuf) -> io::Result<()> + Send + 'static,
    ) -> Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let file = folder.join(id).with_extension(EXTENSION);
        let done = spawn_blocking(move || work(file)).await;
        done.map_err(Error::unavailable)?
            .map_err(Error::unavailable)
    }
}

/// A dead letter as its file holds it.
#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(message, optional, tag = "1")]
    doorbell: Option<Doorbell>,
    #[prost(string, tag = "2")]
    reason: String,
    #[prost(uint64, tag = "3")]
    died_at: u64,
    #[prost(string, optional, tag = "4")]
    traceparent: Option<String>,
    #[prost(string, optional, tag = "5")]
    tracestate: Option<String>,
}

/// Whole or not at all: it gets its name once it is on disk.
fn write(file: &Path, dead: &Dead) -> io::Result<()> {
    let record = Record {
        doorbell: Some(dead.letter.doorbell.clone()),
        reason: dead.letter.reason.clone(),
        died_at: dead.letter.died_at,
        traceparent: dead.trace.traceparent.clone(),
        tracestate: dead.trace.tracestate.clone(),
    };
    let unfinished = file.with_extension("part");
    let mut out = File::create(&unfinished)?;
    out.write_all(&record.encode_to_vec())?;
    out.sync_all()?;
    fs::rename(&unfinished, file)?;
    file.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn read(file: &Path) -> io::Result<(Pool, Dead)> {
    let damaged = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let record = Record::decode(fs::read(file)?.as_slice()).map_err(|e| damaged(e.to_string()))?;
    let doorbell = record.doorbell.unwrap_or_default();
    let pool = Pool::new(doorbell.pool.as_str()).map_err(|e| damaged(e.to_string()))?;
    let id = file.file_stem().and_then(|id| id.to_str());
    let letter = DeadLetter {
        id: id.unwrap_or_default().to_owned(),
        doorbell,
        reason: record.reason,
        died_at: record.died_at,
    };
    let trace = TraceContext {
        traceparent: record.traceparent,
        tracestate: record.tracestate,
    };
    Ok((pool, Dead { letter, trace }))
}
