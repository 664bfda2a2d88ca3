//! Standard output: what commands answer with. Logs and notes go to standard error.

use std::io::{self, Write as _};

/// Writes a line. A reader that has gone (`convene config print | head`) is no failure.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// Writes a line that is no part of the answer. Nothing is lost if nobody can be told.
pub(crate) fn note(text: &str) {
    drop(writeln!(io::stderr(), "note: {text}"));
}
