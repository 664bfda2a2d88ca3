//! A folder of `label`, `seq.in` and `seq.out`: a sentence a line, its intent, its words, and for each
//! word whether an entity begins (`B-city`), goes on (`I-city`) or is not there (`O`).

use crate::{
    Annotation, EntityKind, Example, Split, TrainingData,
    fault::{Code, Reading, place},
    intent,
};

/// The texts of `label`, `seq.in` and `seq.out`. Faults are about `seq.out`, which `reading` is of.
pub(crate) fn read(
    [labels, words, tags]: [&str; 3],
    split: Split,
    reading: &mut Reading<'_>,
) -> TrainingData {
    let mut data = TrainingData::default();
    let (lines, others) = (
        words.lines().count(),
        [labels, tags].map(|text| text.lines().count()),
    );
    if others != [lines, lines] {
        reading.fault(
            place(lines.min(others[0]).min(others[1]) + 1, 1),
            Code::Missing,
            format!(
                "label, seq.in and seq.out have {}, {lines} and {} lines",
                others[0], others[1]
            ),
            "each needs a line for each sentence",
        );
        return data;
    }
    for (number, ((label, words), tags)) in labels
        .lines()
        .zip(words.lines())
        .zip(tags.lines())
        .enumerate()
    {
        let (text, tags) = (words.trim(), tags.split_whitespace().collect::<Vec<_>>());
        let spans = spans(text);
        if spans.len() != tags.len() {
            reading.fault(
                place(number + 1, 1),
                Code::Malformed,
                format!("there are {} words and {} tags", spans.len(), tags.len()),
                "write a tag for each word of seq.in",
            );
            continue;
        }
        data.examples.push(Example {
            text: text.to_owned(),
            intent: intent(label.trim()),
            annotations: annotations(&spans, &tags),
            language: None,
            split,
            place: place(number + 1, 1),
        });
    }
    data
}

/// The words' places, in bytes.
pub(crate) fn spans(text: &str) -> Vec<(usize, usize)> {
    let begin = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace()
        .map(|word| (begin(word), begin(word) + word.len()))
        .collect()
}

pub(crate) fn annotations(spans: &[(usize, usize)], tags: &[&str]) -> Vec<Annotation> {
    let mut annotations = Vec::<Annotation>::new();
    let mut under_way = None;
    for ((start, end), tag) in spans.iter().zip(tags) {
        let (mark, kind) = tag.split_once('-').unwrap_or((tag, ""));
        match annotations.last_mut() {
            Some(last) if mark == "I" && under_way == Some(kind) => last.end = *end,
            _ if mark == "B" || mark == "I" => annotations.push(Annotation {
                start: *start,
                end: *end,
                entity: EntityKind::new(kind),
                role: None,
                group: None,
                value: None,
            }),
            _ => {}
        }
        under_way = (mark != "O").then_some(kind);
    }
    annotations
}
