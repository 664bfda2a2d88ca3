//! Programs that we own: each in a process group of its own, with its output in a file, and
//! stopped when its [`Process`] is dropped, or when we die before that.

use std::{
    fs::{self, OpenOptions},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use crate::{Result, guard, wait};

/// A signal that we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Stop in order.
    Term,
    /// What Ctrl-C sends.
    Int,
    /// Die at once.
    Kill,
    /// Freeze, and go on.
    Stop,
    Cont,
}

impl Signal {
    const fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Int => "INT",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
        }
    }
}

/// A running program.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts a program with its output appended to `log`. `grace` is how long it may take to
    /// end in order if we die before it.
    ///
    /// # Errors
    /// Where the program or the log's folder does not exist.
    pub fn start(name: &str, mut command: Command, log: &Path, grace: Duration) -> Result<Self> {
        let out = OpenOptions::new().create(true).append(true).open(log)?;
        let program = command.get_program().to_string_lossy().into_owned();
        guard::stand_by();
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start {name} ({program}): {error}"))?;
        guard::keep(child.id(), grace);
        Ok(Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
            ended: None,
        })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file that holds its output.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
            if self.ended.is_some() {
                guard::let_go(self.id());
            }
        }
        self.ended
    }

    /// Fails with the tail of its log if it has ended.
    ///
    /// # Errors
    /// If it has ended.
    pub fn expect_running(&mut self) -> Result<()> {
        match self.ended() {
            None => Ok(()),
            Some(status) => {
                let log = tail(&self.log, 30);
                Err(format!("{} ended with {status}:\n{log}", self.name).into())
            }
        }
    }

    /// Sends a signal to it and its children, if it still runs.
    pub fn signal(&mut self, signal: Signal) {
        if self.ended().is_none() {
            let group = format!("-{}", self.id());
            send(signal, &group);
        }
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// If it has not ended after `deadline`.
    pub fn wait(&mut self, deadline: Duration) -> Result<ExitStatus> {
        let what = format!("{} to end", self.name);
        wait::until(&what, deadline, || Ok(self.ended()))
    }

    /// Asks it to stop, and kills it where it takes longer than `grace`. Says whether it ended
    /// in time.
    pub fn stop(&mut self, grace: Duration) -> bool {
        self.signal(Signal::Term);
        self.ends_within(grace)
    }

    /// Waits for the end of one that was asked to stop, and kills it where it takes longer than
    /// `grace`. Says whether it ended in time.
    pub fn ends_within(&mut self, grace: Duration) -> bool {
        let in_time = self.wait(grace).is_ok();
        self.kill();
        in_time
    }

    /// Kills it at once.
    pub fn kill(&mut self) {
        self.signal(Signal::Kill);
        if self.ended.is_none() {
            self.ended = self.child.wait().ok();
            guard::let_go(self.id());
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn send(signal: Signal, to: &str) {
    // `kill` is built into every shell; a program of that name may not be installed.
    let sent = Command::new("sh")
        .args(["-c", r#"kill -s "$0" -- "$1""#, signal.name(), to])
        .stderr(Stdio::null())
        .status();
    drop(sent);
}

/// Asks all to stop, each once (a second signal would end them at once), and waits for them.
/// Gives the names of those that took longer than `grace` and were killed.
pub fn stop_together<'a>(
    processes: impl IntoIterator<Item = &'a mut Process>,
    grace: Duration,
) -> Vec<&'a str> {
    let mut asked: Vec<_> = processes.into_iter().collect();
    for process in &mut asked {
        process.signal(Signal::Term);
    }
    let late = asked.into_iter().filter_map(|process| {
        let in_time = process.ends_within(grace);
        (!in_time).then_some(process.name.as_str())
    });
    late.collect()
}

/// The last lines of a file.
#[must_use]
pub fn tail(file: &Path, lines: usize) -> String {
    let text = fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<_> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A folder under the system's temporary one, removed when dropped, or when we die before that.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder; `name` begins its name.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        let unique = std::process::id();
        let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        let folder = std::env::temp_dir().join(format!("{name}-{unique}-{}", since.subsec_nanos()));
        fs::create_dir_all(&folder)?;
        guard::remove_folder_at_end(&folder);
        Ok(Self(folder))
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that prints the pid of a child of its own, and waits.
    fn sleeper() -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo pid $!; wait"]);
        command
    }

    fn child_named_in(log: &Path) -> String {
        wait::until("the pid", Duration::from_secs(10), || {
            Ok(tail(log, 9)
                .split_once("pid ")
                .map(|(_, pid)| pid.trim().to_owned()))
        })
        .unwrap()
    }

    fn expect_dead(pid: &str) {
        let stat = format!("/proc/{pid}/stat");
        let gone = || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
        wait::until("it to die", Duration::from_secs(10), || {
            Ok(gone().then_some(()))
        })
        .unwrap();
    }

    #[test]
    fn a_process_and_its_children_end_when_it_is_dropped() {
        let scratch = Scratch::new("xtask-process").unwrap();
        let log = scratch.path().join("log");
        let process = Process::start("sleeper", sleeper(), &log, Duration::ZERO).unwrap();
        let child = child_named_in(&log);
        drop(process);
        expect_dead(&child);
    }

    #[test]
    fn a_process_and_its_children_end_when_their_owner_is_killed() {
        let scratch = Scratch::new("xtask-process").unwrap();
        let mut owner = Command::new(std::env::current_exe().unwrap());
        owner
            .args([
                "--ignored",
                "--exact",
                "process::tests::owner",
                "--nocapture",
            ])
            .env("OWNER_FOLDER", scratch.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut owner = owner.spawn().unwrap();
        let kept = scratch.path().join("kept");
        wait::until("the owner", Duration::from_secs(10), || {
            Ok(kept.exists().then_some(()))
        })
        .unwrap();
        let child = child_named_in(&scratch.path().join("log"));
        owner.kill().unwrap();
        owner.wait().unwrap();
        expect_dead(&child);
    }

    #[test]
    #[ignore = "the owner that the test above kills"]
    fn owner() {
        let folder = PathBuf::from(std::env::var_os("OWNER_FOLDER").unwrap());
        let log = folder.join("log");
        let mut process = Process::start("sleeper", sleeper(), &log, Duration::ZERO).unwrap();
        fs::write(folder.join("kept"), "").unwrap();
        drop(process.wait(Duration::from_secs(60)));
    }

    #[test]
    fn who_is_asked_to_stop_is_asked_once() {
        let scratch = Scratch::new("xtask-process").unwrap();
        let log = scratch.path().join("log");
        let mut drains = Command::new("sh");
        drains.args([
            "-c",
            r#"trap 'echo asked; n=$((n+1))' TERM; echo ready; while [ ! "$n" ]; do sleep 0.01; done; sleep 0.3; echo drained"#,
        ]);
        let mut process = Process::start("drains", drains, &log, Duration::ZERO).unwrap();
        wait::until("it to listen", Duration::from_secs(10), || {
            Ok((tail(&log, 1) == "ready").then_some(()))
        })
        .unwrap();
        let late = stop_together([&mut process], Duration::from_secs(10));
        assert!(late.is_empty(), "{late:?}");
        let said = tail(&log, 9);
        assert_eq!(said.matches("asked").count(), 1, "{said}");
        assert!(said.ends_with("drained"), "{said}");
    }

    #[test]
    fn a_process_that_dies_is_reported_with_its_last_words() {
        let scratch = Scratch::new("xtask-process").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo the disk is full; exit 3"]);
        let log = scratch.path().join("log");
        let mut process = Process::start("writer", command, &log, Duration::ZERO).unwrap();
        process.wait(Duration::from_secs(10)).unwrap();
        let error = process.expect_running().unwrap_err().to_string();
        assert!(error.contains("writer ended"), "{error}");
        assert!(error.contains("the disk is full"), "{error}");
    }
}
