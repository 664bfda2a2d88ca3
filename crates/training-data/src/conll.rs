//! A word and its tag a line, as CoNLL's files have them, and a blank line behind each sentence. Above it `# intent: book` says
//! what it means, as xSID's files do; other comments say nothing here.

use crate::{
    Example, Split, TrainingData,
    bio::{annotations, spans},
    fault::{Code, Reading, place},
    intent,
};

/// What stands between two texts in some of these files.
const DOCUMENT: &str = "-DOCSTART-";

#[derive(Default)]
struct Sentence<'t> {
    intent: Option<&'t str>,
    words: Vec<&'t str>,
    tags: Vec<&'t str>,
    line: usize,
}

pub(crate) fn read(text: &str, reading: &mut Reading<'_>) -> TrainingData {
    let mut data = TrainingData::default();
    let mut sentence = Sentence::default();
    for (at, line) in text.lines().chain([""]).enumerate() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#').filter(|_| !line.contains('\t')) {
            sentence.intent = told(comment).or(sentence.intent);
        } else if line.is_empty() {
            let sentence = std::mem::take(&mut sentence);
            if !sentence.words.is_empty() {
                data.examples.extend(example(&sentence, reading));
            }
        } else if !line.starts_with(DOCUMENT) {
            let columns: Vec<_> = line.split_whitespace().collect();
            let number = (sentence.words.len() + 1).to_string();
            let Some((word, tag)) = word_and_tag(&columns, &number) else {
                reading.fault(
                    place(at + 1, 1),
                    Code::Malformed,
                    "this line has no tag",
                    "write a word and its tag, such as `Rome B-city`, and a blank line behind each sentence",
                );
                return data;
            };
            if sentence.words.is_empty() {
                sentence.line = at + 1;
            }
            sentence.words.push(word);
            sentence.tags.push(tag);
        }
    }
    data
}

/// The intent in ` intent: book` or ` intent = book`.
fn told(comment: &str) -> Option<&str> {
    let (name, value) = comment.split_once([':', '='])?;
    let value = value.trim();
    (name.trim() == "intent" && !value.is_empty()).then_some(value)
}

/// The tag is the last column, and the word the first, behind its number where it has one.
fn word_and_tag<'t>(columns: &[&'t str], number: &str) -> Option<(&'t str, &'t str)> {
    let (tag, before) = columns.split_last()?;
    let word = match before {
        [first, word, ..] if *first == number => word,
        [word, ..] => word,
        [] => return None,
    };
    Some((word, tag))
}

fn example(sentence: &Sentence<'_>, reading: &mut Reading<'_>) -> Option<Example> {
    let place = place(sentence.line, 1);
    let Some(name) = sentence.intent else {
        reading.fault(
            place,
            Code::Missing,
            "this sentence has no intent",
            "write `# intent: name` in the line above it",
        );
        return None;
    };
    let text = sentence.words.join(" ");
    Some(Example {
        annotations: annotations(&spans(&text), &sentence.tags),
        text,
        intent: intent(name),
        language: None,
        split: Split::Train,
        place,
    })
}
