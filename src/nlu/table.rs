//! The report for people.

use std::fmt::Write as _;

use convene_nlu::evaluation::{Chosen, IntentReport, Report};

use super::evaluate::Evaluation;

/// So many of the weakest intents, and of the most frequent confusions, are shown.
const SHOWN: usize = 12;

/// Lines of text.
pub(super) fn draw(evaluation: &Evaluation) -> String {
    let mut lines = Lines(String::new());
    let Evaluation {
        judged_on,
        training,
        microseconds,
        report,
    } = evaluation;
    lines.add(&format!(
        "learnt from {} sentences; judged on {} ({judged_on})",
        training.sentences,
        report.in_scope + report.out_of_scope
    ));
    if let (Some(seconds), Some(worked), Some(bytes), Some(each)) = (
        training.seconds,
        training.cpu_seconds,
        training.bytes,
        microseconds,
    ) {
        lines.add(&format!(
            "trained in {seconds:.2} s ({worked:.1} CPU seconds); {each:.0} microseconds a message; the model has {bytes} bytes"
        ));
    }
    figures(&mut lines, report);
    weakest(&mut lines, &report.intents);
    if let Some(all) = &report.spans {
        lines.add("");
        lines.add(&format!(
            "{:<34}{:>9}{:>11}{:>9}{:>7}",
            "entity", "there", "precision", "recall", "F1"
        ));
        for entity in report.entities.iter().chain([all]) {
            lines.add(&format!(
                "{:<34}{:>9}{:>11.1}{:>9.1}{:>7.1}",
                entity.entity,
                entity.counts.there,
                100.0 * entity.precision,
                100.0 * entity.recall,
                100.0 * entity.f1
            ));
        }
    }
    if !report.confusions.is_empty() {
        lines.add("");
        lines.add(&format!(
            "{:<34}{:<34}{:>6}  such as",
            "is", "taken for", "times"
        ));
        for confusion in report.confusions.iter().take(SHOWN) {
            lines.add(&format!(
                "{:<34}{:<34}{:>6}  {}",
                confusion.is, confusion.taken_for, confusion.times, confusion.example
            ));
        }
    }
    lines.0
}

fn figures(lines: &mut Lines, report: &Report) {
    let decisions = &report.decisions;
    lines.add("");
    lines.share(
        "accuracy",
        report.accuracy,
        "of sentences in scope, the best intent is right",
    );
    let (from, to) = report.accuracy_between;
    lines.add(&format!(
        "{:<20}{:>6.1} to {:.1} %: so exact is the accuracy of {} sentences, 95 times of 100",
        "",
        100.0 * from,
        100.0 * to,
        report.in_scope
    ));
    lines.share("macro F1", report.macro_f1, "the mean over intents");
    lines.share("sure", decisions.sure, "of sentences in scope");
    lines.share(
        "sure and right",
        decisions.sure_and_right,
        "of the sure ones",
    );
    lines.share("torn", decisions.torn, "of sentences in scope: asked about");
    lines.share(
        "lost",
        decisions.lost,
        "of sentences in scope: taken for out of scope",
    );
    lines.share(
        "helped",
        decisions.helped,
        "of sentences in scope: sure and right, or asked about with the right choice",
    );
    if let Some(recall) = decisions.out_of_scope_recall {
        lines.share(
            "out-of-scope recall",
            recall,
            "of sentences out of scope: lost",
        );
    }
    if let Some(answered) = decisions.out_of_scope_answered {
        lines.share(
            "answered wrongly",
            answered,
            "of sentences out of scope: sure",
        );
    }
    if let Some(auroc) = report.auroc {
        lines.share(
            "AUROC",
            auroc,
            "scores of sentences in scope against those out of scope",
        );
    }
    if let Some(rule) = &report.paper_rule {
        let chosen = match rule.chosen_on {
            Chosen::Validation => "on validation sentences",
            Chosen::Halves => "for each half on the other",
        };
        lines.share(
            "paper's accuracy",
            rule.accuracy,
            &format!("in scope, with CLINC150's threshold, chosen {chosen}"),
        );
        lines.share(
            "paper's recall",
            rule.out_of_scope_recall,
            "out of scope, with the same",
        );
    }
}

fn weakest(lines: &mut Lines, intents: &[IntentReport]) {
    let mut weakest: Vec<_> = intents.iter().collect();
    weakest.sort_by(|a, b| a.f1.total_cmp(&b.f1));
    lines.add("");
    let title = if weakest.len() > SHOWN {
        "intent (the weakest)"
    } else {
        "intent"
    };
    lines.add(&format!(
        "{title:<34}{:>9}{:>11}{:>9}{:>7}",
        "examples", "precision", "recall", "F1"
    ));
    for intent in weakest.into_iter().take(SHOWN) {
        lines.add(&format!(
            "{:<34}{:>9}{:>11.1}{:>9.1}{:>7.1}",
            intent.intent,
            intent.counts.there,
            100.0 * intent.precision,
            100.0 * intent.recall,
            100.0 * intent.f1
        ));
    }
}

struct Lines(String);

impl Lines {
    fn add(&mut self, line: &str) {
        if writeln!(self.0, "{}", line.trim_end()).is_err() {
            // A String takes everything.
        }
    }

    fn share(&mut self, name: &str, share: f64, of: &str) {
        self.add(&format!("{name:<20}{:>6.2} %  {of}", 100.0 * share));
    }
}
