//! CLINC150's JSON: lists of `[text, intent]` under `train`, `val`, `test`, and each of these with
//! `oos_` in front for sentences that belong to no intent.

use std::collections::BTreeMap;

use crate::{
    Example, Split, TrainingData,
    fault::{Code, Reading, place},
    intent,
};

pub(crate) fn read(text: &str, reading: &mut Reading<'_>) -> TrainingData {
    let mut data = TrainingData::default();
    let lists: BTreeMap<String, Vec<(String, String)>> = match serde_json::from_str(text) {
        Ok(lists) => lists,
        Err(error) => {
            reading.fault(
                place(error.line().max(1), error.column().max(1)),
                if error.is_data() {
                    Code::WrongType
                } else {
                    Code::Malformed
                },
                format!("this is not CLINC150's JSON: {error}"),
                r#"write {"train": [["text", "intent"], ...], "oos_train": [...], ...}"#,
            );
            return data;
        }
    };
    for (name, list) in lists {
        let (split, is_out) = match name.as_str() {
            "train" => (Split::Train, false),
            "val" => (Split::Validation, false),
            "test" => (Split::Test, false),
            "oos_train" => (Split::Train, true),
            "oos_val" => (Split::Validation, true),
            "oos_test" => (Split::Test, true),
            _ => {
                reading.fault(
                    place(1, 1),
                    Code::UnknownKey,
                    format!("no part of CLINC150 is called `{name}`"),
                    "its parts are train, val, test, oos_train, oos_val and oos_test",
                );
                continue;
            }
        };
        data.examples
            .extend(list.into_iter().map(|(text, name)| Example {
                text,
                intent: if is_out { None } else { intent(&name) },
                annotations: Vec::new(),
                language: None,
                split,
                place: place(1, 1),
            }));
    }
    data
}
