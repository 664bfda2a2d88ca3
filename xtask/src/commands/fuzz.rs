//! `cargo xtask fuzz TARGET --seconds N`: a parser, or all, fed with what is no input.

use std::{fs, process::Command};

use xtask::Result;

use crate::cargo::{cargo, root, succeed, target};

const USAGE: &str = "cargo xtask fuzz all|TARGET [--seconds N] [--guided]";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let asked = Asked::read(arguments)?;
    if asked.guided {
        return guided(&asked);
    }
    // The workspace is built as for the tests, whose dependencies are there.
    succeed(&mut cargo(&["build", "--workspace"]))?;
    let fuzz = target().join("debug").join("convene-fuzz");
    succeed(Command::new(fuzz).args([&asked.target, &asked.seconds]))
}

/// libFuzzer, which goes on from those inputs that reach what none has reached. It keeps them in the
/// build folder, and what breaks a target in the target's corpus.
fn guided(asked: &Asked) -> Result<()> {
    let fuzz = root().join("fuzz");
    let build = [
        "build",
        "--workspace",
        "--bin",
        "convene-fuzz-guided",
        "--features",
        "convene-fuzz/guided",
    ];
    succeed(cargo(&build).env("RUSTC_WORKSPACE_WRAPPER", fuzz.join("instrumented")))?;
    let binary = target().join("debug").join("convene-fuzz-guided");
    let mut targets = Vec::new();
    for entry in fs::read_dir(fuzz.join("corpus"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if asked.target == "all" || asked.target == name {
            targets.push(name);
        }
    }
    if targets.is_empty() {
        return Err(format!("no target {}: {USAGE}", asked.target).into());
    }
    targets.sort();
    for name in targets {
        let samples = fuzz.join("corpus").join(&name);
        let found = target().join("fuzz").join(&name);
        fs::create_dir_all(&found)?;
        succeed(
            Command::new(&binary)
                .env("CONVENE_FUZZ_TARGET", &name)
                .arg(format!("-max_total_time={}", asked.seconds))
                .arg(format!("-artifact_prefix={}/", samples.display()))
                .args([
                    "-max_len=16384",
                    "-timeout=30",
                    "-print_final_stats=1",
                    "-verbosity=0",
                ])
                .args([found, samples]),
        )?;
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Asked {
    target: String,
    seconds: String,
    guided: bool,
}

impl Asked {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut words = arguments.iter().map(String::as_str);
        let mut asked = Self {
            target: words.next().ok_or(USAGE)?.to_owned(),
            seconds: "60".to_owned(),
            guided: false,
        };
        while let Some(word) = words.next() {
            match word {
                "--seconds" => asked.seconds = words.next().ok_or(USAGE)?.to_owned(),
                "--guided" => asked.guided = true,
                other => return Err(format!("no option {other:?}: {USAGE}").into()),
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::words;

    #[test]
    fn options_are_read_and_wrong_ones_refused() {
        let read = |line| Asked::read(&words(line)).ok();
        let asked = |target: &str, seconds: &str, guided| {
            Some(Asked {
                target: target.to_owned(),
                seconds: seconds.to_owned(),
                guided,
            })
        };
        assert_eq!(read("all"), asked("all", "60", false));
        assert_eq!(read("rest --guided --seconds 5"), asked("rest", "5", true));
        assert_eq!(read("rest --seconds"), None);
        assert_eq!(read(""), None);
    }
}
