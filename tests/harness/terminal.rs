//! A command at a terminal: `script` gives it one, and we are its keyboard and its eyes.

use std::{
    io::{Read as _, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::PATIENCE;

const POLL: Duration = Duration::from_millis(25);

/// A program that believes that a person sits before it. Ended when it is dropped.
pub(crate) struct Terminal {
    script: Child,
    keyboard: ChildStdin,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Runs a command at a terminal of its own.
    pub(crate) fn run(command: &Command) -> Self {
        let words = [command.get_program()]
            .into_iter()
            .chain(command.get_args());
        let line: Vec<_> = words
            .map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', "'\\''")))
            .collect();
        let mut script = Command::new("script");
        script.args([
            "--quiet",
            "--flush",
            "--return",
            "--command",
            &line.join(" "),
            "/dev/null",
        ]);
        script.current_dir(command.get_current_dir().unwrap());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        let mut script = script
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script`, of Debian's bsdutils");
        let keyboard = script.stdin.take().unwrap();
        let mut screen = script.stdout.take().unwrap();
        let shown = Arc::<Mutex<Vec<u8>>>::default();
        let seen = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut piece) {
                seen.lock().unwrap().extend_from_slice(&piece[..length]);
            }
        });
        Self {
            script,
            keyboard,
            shown,
        }
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.keyboard, "{line}").unwrap();
        self.keyboard.flush().unwrap();
    }

    /// All that was shown so far, what was typed included.
    pub(crate) fn shown(&self) -> String {
        let shown = self.shown.lock().unwrap();
        String::from_utf8_lossy(&shown).replace('\r', "")
    }

    /// Waits until what is shown is as wished, and returns it.
    pub(crate) async fn until(&self, what: &str, wish: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let shown = self.shown();
            if wish(&shown) {
                return shown;
            }
            let late = began.elapsed() > PATIENCE;
            assert!(!late, "waited in vain until {what}; shown:\n{shown}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until this is shown.
    pub(crate) async fn shows(&self, text: &str) -> String {
        self.until(text, |shown| shown.contains(text)).await
    }

    /// Waits for the end of the program: its exit code.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.script.try_wait().unwrap() {
                return status.code();
            }
            assert!(
                began.elapsed() < PATIENCE,
                "it does not end:\n{}",
                self.shown()
            );
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The terminal goes with it, and so does what runs there.
        drop(self.script.kill());
        drop(self.script.wait());
    }
}
