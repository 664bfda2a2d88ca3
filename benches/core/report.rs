//! The table: on the screen, and as a document.

use std::{
    fs,
    io::{Write as _, stdout},
    path::Path,
};

use anyhow::Context as _;

use crate::{Effort, machine};

/// What a row has found.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    pub(crate) aim: &'static str,
    pub(crate) ours: String,
    pub(crate) yardstick: String,
    pub(crate) verdict: Verdict,
    /// How the figures came about, and what they are made of.
    pub(crate) notes: Vec<String>,
}

/// Whether the aim was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Missed,
}

impl Verdict {
    pub(crate) fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
        }
    }
}

/// See the module.
pub(crate) struct Report {
    effort: Effort,
    findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn new(effort: &Effort) -> Self {
        Self {
            effort: effort.clone(),
            findings: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        say(&format!(
            "    {}: {} (yardstick: {}; aim: {}) {}",
            finding.what,
            finding.ours,
            finding.yardstick,
            finding.aim,
            finding.verdict.word()
        ));
        for note in &finding.notes {
            say(&format!("      {note}"));
        }
        self.findings.push(finding);
    }

    /// As Markdown.
    pub(crate) fn table(&self) -> String {
        let mut lines = vec![
            "| what | measured | yardstick, in the same run | aim | |".to_owned(),
            "| --- | --- | --- | --- | --- |".to_owned(),
        ];
        lines.extend(self.findings.iter().map(|finding| {
            format!(
                "| {} | {} | {} | {} | {} |",
                finding.what,
                finding.ours,
                finding.yardstick,
                finding.aim,
                finding.verdict.word()
            )
        }));
        lines.join("\n")
    }

    /// Writes the document.
    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let rounds = self.effort.rounds;
        let mut text = format!(
            "# Benchmarks\n\n\
             Written by `cargo xtask bench`; do not edit. Everything of a row runs on the one machine: \
             RabbitMQ, Redis, the services and whoever makes the load. Figures are medians of {rounds} \
             rounds, in which what is measured and its yardstick take turns. Trust the ratios more than \
             the figures.\n\n{}\n\n{}\n\n## How each row came about\n",
            machine::describe(),
            self.table()
        );
        for finding in &self.findings {
            text.push_str(&format!("\n**{}**\n\n", finding.what));
            for note in &finding.notes {
                text.push_str(&format!("* {note}\n"));
            }
        }
        fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
    }
}

/// Prints a line. Whoever reads it may have gone.
pub(crate) fn say(line: &str) {
    drop(writeln!(stdout(), "{line}"));
}
