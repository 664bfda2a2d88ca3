//! The guard: a small shell that outlives us just long enough to stop what we started.
//!
//! It reads our end of a pipe. However we die, by Ctrl-C, by a panic or by `kill -9`, the pipe
//! closes, and the guard stops whatever is still on its list: the latest first, each with the
//! time that it was given to end in order.

use std::{
    io::Write as _,
    os::unix::process::CommandExt as _,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock},
    time::Duration,
};

/// Lines on its input: `+ PID TENTHS` keeps a process group, `- PID` lets it go, `dir PATH` is
/// removed at the end.
const SCRIPT: &str = r#"
kept= dirs=
while read -r verb first second; do
  case $verb in
    +) kept="$first:$second $kept" ;;
    -) rest=; for entry in $kept; do [ "${entry%%:*}" = "$first" ] || rest="$rest$entry "; done; kept=$rest ;;
    dir) dirs="$dirs
$first" ;;
  esac
done
alive() { [ -e "/proc/$1/stat" ] && ! grep -q ') Z ' "/proc/$1/stat" 2>/dev/null; }
for entry in $kept; do
  pid=${entry%%:*} tenths=${entry##*:}
  kill -s TERM -- "-$pid" 2>/dev/null
  while [ "$tenths" -gt 0 ] && alive "$pid"; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -s KILL -- "-$pid" 2>/dev/null
done
IFS='
'
for dir in $dirs; do rm -rf -- "$dir"; done
"#;

static GUARD: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();

/// Makes sure that the guard is there, so that what is started next is not without one for long.
pub(crate) fn stand_by() {
    GUARD.get_or_init(start);
}

/// Has this process group stopped, with `grace` to end in order, should we die first.
pub(crate) fn keep(pid: u32, grace: Duration) {
    tell(&format!("+ {pid} {}\n", grace.as_millis() / 100));
}

/// This process group has ended.
pub(crate) fn let_go(pid: u32) {
    tell(&format!("- {pid}\n"));
}

/// Removes this folder after us. Its path must hold no white space.
pub(crate) fn remove_folder_at_end(folder: &std::path::Path) {
    tell(&format!("dir {}\n", folder.display()));
}

/// Best effort: where there is no shell, there is no guard.
fn tell(line: &str) {
    let Some(guard) = GUARD.get_or_init(start) else {
        return;
    };
    let mut input = guard
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if input.write_all(line.as_bytes()).is_err() {
        // The guard was killed. Nothing is lost as long as we end in order ourselves.
    }
}

fn start() -> Option<Mutex<ChildStdin>> {
    let mut shell = Command::new("sh")
        .args(["-c", SCRIPT, "guard"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // In a group of its own, Ctrl-C does not reach it.
        .process_group(0)
        .spawn()
        .ok()?;
    shell.stdin.take().map(Mutex::new)
}
