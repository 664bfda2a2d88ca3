//! The built binary, run with nothing of ours in its environment but what a test gives it.

use std::{
    ffi::OsString,
    path::Path,
    process::{Command, Output},
};

/// What a finished command has left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Run {
    /// It succeeded: what it printed.
    #[track_caller]
    pub(crate) fn expect_success(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// It failed, with one clear complaint and no backtrace: the complaint.
    #[track_caller]
    pub(crate) fn expect_complaint(self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.out, self.err);
        for ugly in ["panicked", "backtrace", "   0:", "Error {", "Os {"] {
            assert!(!self.err.contains(ugly), "{}", self.err);
        }
        let complaint = self
            .err
            .lines()
            .skip_while(|line| !line.starts_with("convene: "));
        let complaint = complaint.collect::<Vec<_>>().join("\n");
        assert!(!complaint.is_empty(), "no complaint in:\n{}", self.err);
        complaint
    }
}

/// The binary under test: ours, unless another is named, such as one that is broken on purpose.
fn binary() -> OsString {
    std::env::var_os("CONVENE_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_convene").into())
}

/// The binary, in this folder.
pub(crate) fn convene(folder: &Path) -> Command {
    without_our_environment(Command::new(binary()), folder)
}

/// The binary as a service, for which a limit to the size of its files is as a full disk: an error
/// and not a signal.
pub(super) fn service(folder: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(binary());
    without_our_environment(shell, folder)
}

fn without_our_environment(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        // A build that lies is told which lie to tell.
        let ours = name.to_str().is_none_or(|name| {
            let ours = ["CONVENE_", "OPENAI_", "RUST_", "OTEL_", "LANG", "LC_"];
            name != "CONVENE_LIE" && ours.iter().any(|prefix| name.starts_with(prefix))
        });
        if ours {
            command.env_remove(name);
        }
    }
    command
}
