//! Rasa's NLU YAML (versions 2.0 and 3.1): intents, synonyms, lookup tables and regular expressions.

use convene_source::{
    Place,
    yaml::{Kind, Node, Style, parse},
};
use regex::Regex;

use crate::{
    EntityKind, Example, Language, Lookup, Pattern, Split, Synonym, TrainingData,
    fault::{Code, Reading, place},
    intent, marks,
};

/// What may stand at the top of a file of a Rasa project; all but the first three is not about
/// understanding, and passed over.
const TOP: [&str; 15] = [
    "nlu",
    "version",
    "language",
    "stories",
    "rules",
    "intents",
    "entities",
    "slots",
    "responses",
    "actions",
    "forms",
    "e2e_actions",
    "session_config",
    "config",
    "test_cases",
];

/// The kinds of entries of `nlu`.
const KINDS: [&str; 4] = ["intent", "synonym", "lookup", "regex"];

/// One line of `examples`, with the place of its first letter.
struct Line {
    text: String,
    place: Place,
}

/// Reads a file's text. `language` is what its name says.
pub(crate) fn read(
    text: &str,
    language: Option<Language>,
    reading: &mut Reading<'_>,
) -> TrainingData {
    let mut data = TrainingData::default();
    let top = match parse(text) {
        Ok(top) => top,
        Err(error) => {
            reading.fault(
                error.place.unwrap_or(place(1, 1)),
                Code::Malformed,
                format!("this is no YAML: {}", error.message),
                "mend the indentation, the quotes or the brackets here",
            );
            return data;
        }
    };
    if top.is_null() {
        return data;
    }
    let Kind::Map(entries) = &top.kind else {
        reading.fault(
            top.place,
            Code::WrongType,
            "a file of training data is a map",
            "begin it with `nlu:`",
        );
        return data;
    };
    for (key, _) in entries {
        if !key.text().is_some_and(|key| TOP.contains(&key)) {
            reading.fault(
                key.place,
                Code::UnknownKey,
                format!("nothing is called `{}` here", key.text().unwrap_or("?")),
                "put sentences under `nlu:`",
            );
        }
    }
    let language = match top.get("language") {
        None => language,
        Some(node) => match Language::new(node.text().unwrap_or_default()) {
            Ok(said) => Some(said),
            Err(error) => {
                let (problem, remedy) = split(&error.to_string());
                reading.fault(node.place, Code::UnknownLanguage, problem, remedy);
                language
            }
        },
    };
    match top.get("nlu") {
        None => {}
        Some(Node {
            kind: Kind::List(items),
            ..
        }) => {
            let mut file = File {
                lines: text.lines().collect(),
                language,
                reading,
                data: &mut data,
            };
            for item in items {
                file.item(item);
            }
        }
        // `nlu:` with nothing behind it.
        Some(node) if node.is_null() => {}
        Some(node) => reading.fault(
            node.place,
            Code::WrongType,
            "`nlu` is a list",
            "begin each entry with `- intent: name`",
        ),
    }
    data
}

fn split(sentence: &str) -> (String, String) {
    let (problem, remedy) = sentence.split_once(": ").unwrap_or((sentence, "mend it"));
    (problem.to_owned(), remedy.to_owned())
}

struct File<'a, 'r> {
    lines: Vec<&'a str>,
    language: Option<Language>,
    reading: &'a mut Reading<'r>,
    data: &'a mut TrainingData,
}

impl File<'_, '_> {
    fn item(&mut self, item: &Node) {
        let Kind::Map(entries) = &item.kind else {
            self.reading.fault(
                item.place,
                Code::WrongType,
                "an entry of `nlu` is a map",
                "write `- intent: name` and below it `examples: |`",
            );
            return;
        };
        let mut kinds = Vec::new();
        for (key, value) in entries {
            match key.text() {
                Some(kind) if KINDS.contains(&kind) => kinds.push((kind, value)),
                Some("examples" | "metadata") => {}
                other => self.reading.fault(
                    key.place,
                    Code::UnknownKey,
                    format!("an entry of `nlu` has no `{}`", other.unwrap_or("?")),
                    "it has one of intent, synonym, lookup and regex, and examples and metadata",
                ),
            }
        }
        let &[(kind, named)] = kinds.as_slice() else {
            let (code, problem) = if kinds.is_empty() {
                (Code::Missing, "this entry does not say what it is")
            } else {
                (Code::Ambiguous, "this entry says twice what it is")
            };
            let remedy = "name it by one of intent, synonym, lookup and regex";
            self.reading.fault(item.place, code, problem, remedy);
            return;
        };
        let Some(name) = named.text().map(str::trim).filter(|name| !name.is_empty()) else {
            self.reading.fault(
                named.place,
                Code::Empty,
                format!("this {kind} has no name"),
                format!("write `{kind}: name`"),
            );
            return;
        };
        let Some(examples) = item.get("examples") else {
            self.reading.fault(
                item.place,
                Code::Missing,
                format!("the {kind} `{name}` has no `examples`"),
                "add `examples: |` and below it a line `- ...` for each",
            );
            return;
        };
        let before = self.reading.faults.len();
        let lines = self.examples(examples);
        if lines.is_empty() && self.reading.faults.len() == before {
            self.reading.fault(
                examples.place,
                Code::Empty,
                format!("the {kind} `{name}` has no examples"),
                "add a line `- ...` for each",
            );
        }
        match kind {
            "intent" => self.intent(name, lines),
            "synonym" => {
                let language = &self.language;
                let synonyms = lines.into_iter().map(|line| Synonym {
                    value: name.to_owned(),
                    words: line.text,
                    language: language.clone(),
                });
                self.data.synonyms.extend(synonyms);
            }
            "lookup" => self.data.lookups.push(Lookup {
                entity: EntityKind::new(name),
                words: lines.into_iter().map(|line| line.text).collect(),
                language: self.language.clone(),
            }),
            _ => self.patterns(name, lines),
        }
    }

    fn intent(&mut self, name: &str, lines: Vec<Line>) {
        for line in lines {
            match marks::read(&line.text) {
                Ok((text, annotations)) => self.data.examples.push(Example {
                    text,
                    intent: intent(name),
                    annotations,
                    language: self.language.clone(),
                    split: Split::Train,
                    place: line.place,
                }),
                Err(fault) => {
                    let column = line.text[..fault.at].chars().count();
                    let place = right(line.place, column);
                    self.reading
                        .fault(place, Code::Annotation, fault.problem, fault.remedy);
                }
            }
        }
    }

    fn patterns(&mut self, name: &str, lines: Vec<Line>) {
        for line in lines {
            if let Err(error) = Regex::new(&line.text) {
                let whole = error.to_string();
                let reason = whole.lines().last().unwrap_or_default();
                self.reading.fault(
                    line.place,
                    Code::Pattern,
                    format!("this is no regular expression that is understood: {reason}"),
                    "look-around and back-references are not; write it without them",
                );
                continue;
            }
            self.data.patterns.push(Pattern {
                entity: EntityKind::new(name),
                pattern: line.text,
                language: self.language.clone(),
            });
        }
    }

    /// `examples: |` with a line `- ...` for each, or a list of texts, or of maps with `text`.
    fn examples(&mut self, node: &Node) -> Vec<Line> {
        match &node.kind {
            Kind::Scalar { text, style } => self.block(text, *style == Style::Block, node.place),
            Kind::List(items) => items.iter().filter_map(|item| self.listed(item)).collect(),
            Kind::Map(_) => {
                self.reading.fault(
                    node.place,
                    Code::WrongType,
                    "`examples` is a map",
                    "write `examples: |` and below it a line `- ...` for each",
                );
                Vec::new()
            }
        }
    }

    fn listed(&mut self, item: &Node) -> Option<Line> {
        let said = item.get("text").unwrap_or(item);
        let Some(text) = said.text().map(str::trim).filter(|text| !text.is_empty()) else {
            self.reading.fault(
                item.place,
                Code::Missing,
                "this example has no text",
                "write `- text: ...`",
            );
            return None;
        };
        let text = text.strip_prefix("- ").unwrap_or(text);
        let place = self.find(text, said.place);
        Some(Line {
            text: text.to_owned(),
            place,
        })
    }

    fn block(&mut self, block: &str, is_block: bool, from: Place) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut place = from;
        for line in block.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if is_block {
                place = self.find(line, place);
            }
            let text = line.strip_prefix('-').map(str::trim_start);
            match text {
                Some(text) if !text.is_empty() => {
                    let skipped = line.chars().count() - text.chars().count();
                    lines.push(Line {
                        text: text.to_owned(),
                        place: right(place, skipped),
                    });
                }
                Some(_) => self.reading.fault(
                    place,
                    Code::Empty,
                    "this example is empty",
                    "write something behind `-`, or delete the line",
                ),
                None => self.reading.fault(
                    place,
                    Code::Malformed,
                    format!("`{line}` does not begin with `- `"),
                    "begin each example with `- `",
                ),
            }
            if is_block {
                place = Place {
                    line: place.line + 1,
                    column: 1,
                };
            }
        }
        lines
    }

    /// Where a line's text stands in the file, from a place on.
    fn find(&self, text: &str, from: Place) -> Place {
        let before = from.line.saturating_sub(1) as usize;
        for (number, line) in self.lines.iter().enumerate().skip(before) {
            if let Some(at) = line.find(text) {
                return place(number + 1, line[..at].chars().count() + 1);
            }
        }
        from
    }
}

fn right(from: Place, letters: usize) -> Place {
    place(from.line as usize, from.column as usize + letters)
}
