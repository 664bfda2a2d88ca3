//! CSV of text and intent: with a head that names the columns, or without one and in this order.

use crate::{
    Example, Language, Split, TrainingData,
    fault::{Code, Reading, place},
    intent,
};

const TEXT: [&str; 4] = ["text", "sentence", "utterance", "query"];
const INTENT: [&str; 4] = ["intent", "category", "label", "class"];

/// Which column is which.
struct Columns {
    text: usize,
    intent: usize,
    language: Option<usize>,
}

pub(crate) fn read(
    text: &str,
    language: Option<&Language>,
    reading: &mut Reading<'_>,
) -> TrainingData {
    let mut data = TrainingData::default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut columns = None;
    let mut lines = Lines::of(text);
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                reading.fault(
                    place(to_usize(line), 1),
                    Code::Malformed,
                    format!("this is no CSV: {error}"),
                    "put texts with commas or quotes between quotes, and double the quotes in them",
                );
                return data;
            }
        };
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        let Some(columns) = &columns else {
            let (found, is_head) = head(&record);
            if !is_head {
                example(&record, &found, line, language, reading, &mut data);
            }
            columns = Some(found);
            continue;
        };
        example(&record, columns, line, language, reading, &mut data);
    }
    data
}

/// Between columns: a comma, or where the first line has none, the semicolon or tab that spreadsheets write.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let mut known = [b',', b';', b'\t'].into_iter();
    known
        .find(|sign| first.as_bytes().contains(sign))
        .unwrap_or(b',')
}

fn head(record: &csv::StringRecord) -> (Columns, bool) {
    let find = |names: &[&str]| {
        record
            .iter()
            .position(|name| names.contains(&name.trim().to_lowercase().as_str()))
    };
    match (find(&TEXT), find(&INTENT)) {
        (Some(text), Some(intent)) => {
            let language = find(&["language", "lang"]);
            (
                Columns {
                    text,
                    intent,
                    language,
                },
                true,
            )
        }
        _ => (
            Columns {
                text: 0,
                intent: 1,
                language: None,
            },
            false,
        ),
    }
}

fn example(
    record: &csv::StringRecord,
    columns: &Columns,
    line: usize,
    language: Option<&Language>,
    reading: &mut Reading<'_>,
    data: &mut TrainingData,
) {
    let field = |column: usize| record.get(column).map(str::trim).unwrap_or_default();
    let (text, name) = (field(columns.text), field(columns.intent));
    if text.is_empty() || name.is_empty() {
        reading.fault(
            place(line, 1),
            Code::Missing,
            "this line has no text or no intent",
            "write `text,intent`, or begin the file with a line that names the columns",
        );
        return;
    }
    let said = columns.language.map(field).filter(|tag| !tag.is_empty());
    let language = match said.map(Language::new).transpose() {
        Ok(said) => said.or_else(|| language.cloned()),
        Err(error) => {
            reading.fault(
                place(line, 1),
                Code::UnknownLanguage,
                error.to_string(),
                "or leave the field empty",
            );
            return;
        }
    };
    data.examples.push(Example {
        text: text.to_owned(),
        intent: intent(name),
        annotations: Vec::new(),
        language,
        split: Split::Train,
        place: place(line, 1),
    });
}

/// Counts lines by bytes. The reader's own count is one behind where lines end with `\r\n`.
struct Lines<'a> {
    bytes: &'a [u8],
    counted: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            counted: 0,
            line: 1,
        }
    }

    /// The line of the first letter from a byte on. Bytes only rise.
    fn at(&mut self, byte: u64) -> usize {
        let byte = usize::try_from(byte)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        let rest = &self.bytes[byte..];
        let blank = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let upto = &self.bytes[self.counted..byte + blank];
        self.line += upto.iter().filter(|byte| **byte == b'\n').count();
        self.counted = byte + blank;
        self.line
    }
}

fn to_usize(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}
