//! `convene nlu parse`.

use std::{
    fmt::{self, Write as _},
    io::{BufRead as _, stdin},
};

use clap::Args;
use convene_nlu::{
    Context, Decision, Encoder, Entity, Explanation, Language, Limit, Understanding, Value,
};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Lessons, here_and_now};
use crate::say::say;

/// So many intents are shown.
const SHOWN: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct ParseArgs {
    #[command(flatten)]
    lessons: Lessons,
    /// The zone of whoever says it, such as Europe/Berlin [default: this machine's]
    #[arg(long, value_parser = TimeZone::get)]
    zone: Option<TimeZone>,
    /// The language of the message before
    #[arg(long, value_name = "LANGUAGE")]
    last: Option<Language>,
    /// Print a JSON object a line instead
    #[arg(long)]
    json: bool,
    /// What is said; without it, each line of standard input
    #[arg(value_name = "TEXT")]
    texts: Vec<String>,
}

/// A line of `--json`.
#[derive(Serialize)]
struct Parsed<'a> {
    text: &'a str,
    #[serde(flatten)]
    explanation: Explanation,
}

pub(super) fn run(arguments: &ParseArgs) -> anyhow::Result<()> {
    let lessons = &arguments.lessons;
    let encoder = lessons.encoder()?;
    let taught = lessons.taught()?;
    let model = Understanding::train(&taught.data, &taught.settings, encoder.as_deref())?;
    let mut context = here_and_now();
    context.languages = taught.languages;
    if let Some(zone) = &arguments.zone {
        context.zone = zone.clone();
    }
    context.last.clone_from(&arguments.last);
    let mut conversation = Conversation {
        model,
        encoder,
        context,
        json: arguments.json,
    };
    for text in &arguments.texts {
        conversation.hear(text)?;
    }
    if arguments.texts.is_empty() {
        for line in stdin().lock().lines() {
            let line = line?;
            if !line.trim().is_empty() {
                conversation.hear(line.trim())?;
            }
        }
    }
    Ok(())
}

/// One whose next message each text is.
struct Conversation {
    model: Understanding,
    encoder: Option<Box<dyn Encoder>>,
    context: Context,
    json: bool,
}

impl Conversation {
    fn hear(&mut self, text: &str) -> anyhow::Result<()> {
        let encode = |encoder: &dyn Encoder| encoder.encode(&[text]).map(|mut one| one.pop());
        let embedding = self.encoder.as_deref().map(encode).transpose()?.flatten();
        let explanation = self.model.explain(text, embedding.as_ref(), &self.context);
        self.context.last = Some(explanation.understood.language.clone());
        if self.json {
            say(&serde_json::to_string(&Parsed { text, explanation })?)
        } else {
            let mut out = String::new();
            draw(&mut out, text, &explanation)?;
            say(&out)
        }
    }
}

fn draw(out: &mut String, text: &str, explanation: &Explanation) -> fmt::Result {
    let understood = &explanation.understood;
    writeln!(out, "{text:?} ({})", understood.language)?;
    let first = understood.first();
    let (name, confidence, score) = first.map_or(("", 0.0, 0.0), |first| {
        (first.intent.as_str(), first.confidence, first.score)
    });
    match &understood.decision {
        Decision::Sure => writeln!(
            out,
            "  sure: {name}, since its confidence {confidence:.2} is {:.2} or more",
            explanation.sure.confidence
        )?,
        Decision::Torn { between } => {
            let between: Vec<_> = between.iter().map(|intent| intent.as_str()).collect();
            let between = between.join(" and ");
            let confident = explanation.sure.confidence;
            match explanation.sure.score {
                Some(needed) if confidence >= confident => writeln!(
                    out,
                    "  torn between {between}, since the best's score {score:.2} is less than {needed:.2}"
                )?,
                _ => writeln!(
                    out,
                    "  torn between {between}, since the best has a confidence of less than {confident:.2}"
                )?,
            }
        }
        Decision::Lost => match explanation.lost {
            Limit::Score(limit) => writeln!(
                out,
                "  lost: the best intent's score {score:.2} is less than {limit:.2}"
            )?,
            Limit::Confidence(limit) => writeln!(
                out,
                "  lost: the best intent's confidence {confidence:.2} is less than {limit:.2}"
            )?,
        },
    }
    for ranked in understood.intents.iter().take(SHOWN) {
        writeln!(
            out,
            "    {:<32} confidence {:.2}, score {:+.2}",
            ranked.intent, ranked.confidence, ranked.score
        )?;
    }
    writeln!(
        out,
        "  {:.0} % of its n-grams are known; what spoke for {name}:",
        100.0 * explanation.familiarity
    )?;
    let evidence = explanation.evidence.iter();
    let evidence: Vec<_> = evidence
        .map(|one| format!("{:?} {:+.2}", one.ngram, one.weight))
        .collect();
    writeln!(out, "    {}", evidence.join(", "))?;
    for clause in &understood.clauses {
        let (said, meant) = (text.get(clause.start..clause.end), &clause.meant);
        writeln!(
            out,
            "  by itself, {:?} is {}: confidence {:.2}, score {:+.2}",
            said.unwrap_or_default(),
            meant.intent,
            meant.confidence,
            meant.score
        )?;
    }
    for entity in &understood.entities {
        writeln!(out, "  {}", described(entity))?;
    }
    for entity in &explanation.overruled {
        writeln!(out, "  overruled: {}", described(entity))?;
    }
    Ok(())
}

fn described(entity: &Entity) -> String {
    let value = match &entity.value {
        Value::Text { text } => text.clone(),
        Value::Number { number } => number.to_string(),
        Value::Money { amount, currency } => format!("{amount} {currency}"),
        Value::Time { at } => format!("{} (to the {})", at.time, at.grain),
        Value::Interval { from, to } => {
            let end = |end: &Option<convene_nlu::Moment>| {
                end.as_ref()
                    .map_or_else(|| "...".to_owned(), |moment| moment.time.clone())
            };
            format!("from {} to {}", end(from), end(to))
        }
        Value::Duration { seconds } => format!("{seconds} s"),
    };
    let source = match entity.source {
        convene_nlu::Source::Pattern => "a pattern",
        convene_nlu::Source::Lookup => "a word list",
        convene_nlu::Source::Learnt => "examples",
        convene_nlu::Source::BuiltIn => "what every project has",
    };
    let role = entity
        .role
        .as_ref()
        .map(|role| format!(" as {role}"))
        .unwrap_or_default();
    format!(
        "{}{role}: {:?} = {value}, by {source}",
        entity.entity, entity.text
    )
}
