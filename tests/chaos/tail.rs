//! Redis's append-only file, and how to lose its last moment.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

const STEP: Duration = Duration::from_millis(50);
/// What may be lost at most: the file is flushed each second.
const MOMENT: Duration = Duration::from_millis(900);

/// When the file was how long.
type Lengths = VecDeque<(Instant, PathBuf, u64)>;

/// Notes how long the file is, again and again.
pub(crate) struct Tail {
    lengths: Arc<Mutex<Lengths>>,
    _watching: JoinSet<()>,
}

impl Tail {
    /// Watches the file of a Redis in this folder.
    pub(crate) fn watch(home: &Path) -> Self {
        let lengths = Arc::<Mutex<Lengths>>::default();
        let (kept, folder) = (lengths.clone(), home.join("appendonlydir"));
        let mut watching = JoinSet::new();
        watching.spawn(async move {
            let mut step = tokio::time::interval(STEP);
            loop {
                step.tick().await;
                if let Some((file, length)) = newest(&folder) {
                    let mut lengths = kept.lock().unwrap();
                    lengths.push_back((Instant::now(), file, length));
                    while lengths
                        .front()
                        .is_some_and(|(at, ..)| at.elapsed() > MOMENT)
                    {
                        lengths.pop_front();
                    }
                }
            }
        });
        Self {
            lengths,
            _watching: watching,
        }
    }

    /// Cuts off so many hundredths of what was written within the last moment, be it in the middle
    /// of a command; Redis is dead. Says how much that was.
    pub(crate) fn lose(&self, share: u64) -> u64 {
        let lengths = self.lengths.lock().unwrap();
        // Where the machine is so busy that nobody has looked, nothing is lost.
        let mut recent = lengths.iter().filter(|(at, ..)| at.elapsed() <= MOMENT);
        let Some((_, file, length)) = recent.next() else {
            return 0;
        };
        let Ok(open) = fs::OpenOptions::new().write(true).open(file) else {
            return 0;
        };
        let whole = open.metadata().unwrap().len();
        let lost = whole.saturating_sub(*length) * share / 100;
        open.set_len(whole - lost).unwrap();
        lost
    }
}

/// The file that is written now.
fn newest(folder: &Path) -> Option<(PathBuf, u64)> {
    let files = fs::read_dir(folder).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        let is_log = name.ends_with(".incr.aof");
        is_log.then_some(Some((entry.path(), entry.metadata().ok()?.len())))?
    });
    files.max()
}
