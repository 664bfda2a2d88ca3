//! Rasa's NLU YAML (versions 2.0 and 3.1): intents, synonyms, lookup tables and regular expressions.

mod lines;

use convene_source::yaml::{Kind, Node, parse, remedy};

use self::lines::{Line, right};
use crate::{
    EntityKind, Example, Expression, Language, Lookup, Pattern, Split, Synonym, TrainingData,
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

/// What `rasa init` makes beside the training data, with keys of its own.
const OTHERS: [&str; 3] = ["config", "credentials", "endpoints"];

/// Gives the text of a word list by the name that a lookup has for it.
pub(crate) type List<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a file's text. `language` is what its name says.
pub(crate) fn read(
    text: &str,
    language: Option<Language>,
    list: List<'_>,
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
                remedy(text, &error),
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
    let name = reading.file.rsplit('/').next().unwrap_or_default();
    let (name, _) = name.rsplit_once('.').unwrap_or((name, ""));
    if top.get("nlu").is_none() && OTHERS.contains(&name) {
        data.passed_over.push(reading.file.to_owned());
        return data;
    }
    let before = reading.faults.len();
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
        None if reading.faults.len() == before => {
            data.passed_over.push(reading.file.to_owned());
        }
        None => {}
        Some(Node {
            kind: Kind::List(items),
            ..
        }) => {
            let mut file = File {
                lines: text.lines().collect(),
                language,
                list,
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
    list: List<'a>,
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
        let lines = match list_named(kind, examples) {
            Some(file) => self.listed_in(file, examples.place),
            None => self.examples(examples),
        };
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
            match Expression::new(&line.text) {
                Ok(expression) if is_slow(&expression) => self.reading.fault(
                    line.place,
                    Code::SlowPattern,
                    "this regular expression may take very long: it repeats what repeats",
                    "write it without a repetition in a repetition, such as `(a+)+`, or without look-around and back-references",
                ),
                Ok(_) => {}
                Err(error) => self.reading.fault(
                    line.place,
                    Code::Pattern,
                    error.to_string(),
                    "write it as Python's `re` or Rust's `regex` has it",
                ),
            }
            self.data.patterns.push(Pattern {
                entity: EntityKind::new(name),
                pattern: line.text,
                language: self.language.clone(),
            });
        }
    }
}

/// The file that a lookup names in place of words: `examples: data/lookup/city.txt`, or as its only line.
fn list_named<'a>(kind: &str, examples: &'a Node) -> Option<&'a str> {
    let only = match &examples.kind {
        Kind::List(items) => match items.as_slice() {
            [only] => only.get("text").unwrap_or(only),
            _ => return None,
        },
        _ => examples,
    };
    let name = only.text()?.trim();
    let name = name.strip_prefix("- ").unwrap_or(name).trim();
    let is_file = name.ends_with(".txt") && !name.contains(char::is_whitespace);
    (kind == "lookup" && is_file).then_some(name)
}

/// Whether an expression takes too many steps in a text of no great length.
fn is_slow(expression: &Expression) -> bool {
    let texts = ["a", "1", "a ", "A-"].map(|piece| piece.repeat(100) + "!");
    texts.iter().any(|text| expression.find(text).is_err())
}
