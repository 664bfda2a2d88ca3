//! `cargo xtask fuzz`: runs a target, or each of them, on mutations of its samples for some time.

use std::{
    env,
    io::Write as _,
    panic,
    process::ExitCode,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use convene_fuzz::{Mutations, TARGETS, Target, corpus, folder};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let (name, seconds) = match &arguments[..] {
        [name, seconds] => (name.as_str(), seconds.parse()),
        _ => return usage(),
    };
    let Ok(seconds) = seconds else { return usage() };
    let targets = TARGETS
        .into_iter()
        .filter(|(own, _)| name == "all" || *own == name);
    let targets: Vec<_> = targets.collect();
    if targets.is_empty() {
        return usage();
    }
    let span = Duration::from_secs(seconds);
    let bad = targets.iter().filter(|target| !run(target, span)).count();
    if bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether it held. What it broke on goes into its corpus.
fn run((name, target): &Target, span: Duration) -> bool {
    let samples = match corpus(name) {
        Ok(samples) => samples,
        Err(error) => return say(&format!("{name}: no corpus: {error}"), false),
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seed = u64::try_from(now.as_nanos()).unwrap_or_default();
    let (begun, mut count) = (Instant::now(), 0_u64);
    for bytes in Mutations::new(&samples, seed) {
        if begun.elapsed() > span {
            break;
        }
        count += 1;
        if panic::catch_unwind(|| target(&bytes)).is_err() {
            let file = folder(name).join(format!("crash-{seed:x}-{count}"));
            let kept = std::fs::write(&file, &bytes).is_ok();
            return say(
                &format!("{name}: broke; kept in {}: {kept}", file.display()),
                false,
            );
        }
    }
    say(&format!("{name}: {count} inputs, seed {seed}"), true)
}

fn say(line: &str, good: bool) -> bool {
    writeln!(std::io::stdout(), "{line}").is_ok() && good
}

fn usage() -> ExitCode {
    let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    say(
        &format!(
            "a target and seconds; the targets are all, {}",
            names.join(", ")
        ),
        false,
    );
    ExitCode::FAILURE
}
