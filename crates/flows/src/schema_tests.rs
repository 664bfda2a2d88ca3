//! What the schemas say of a project's files, the reader says, too: each thing that can stand there is changed in each way,
//! and what one takes the other takes. Two differences are meant. What should be a text is what was written, so the reader takes `7` for
//! one; and a length of time is a text to the schema.

use std::collections::BTreeSet;

use boon::{Compiler, SchemaIndex, Schemas};
use convene_source::{
    Sources,
    yaml::{parse, read},
};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::{
    fault::{Code, Fault},
    folder::{Assistant, FlowFile},
    project::{Project, Vocabulary},
    schema::schemas,
};

/// One of each thing that can stand in `assistant.yaml`.
fn assistant() -> Json {
    json!({
        "name": "Desk", "description": "d", "languages": ["en"], "suggestions": ["x"],
        "slots": slots(),
        "fallback": "f", "groups": { "rule": "always" },
        "ask": { "confirm": true, "tries": 2, "way_out": "cancel", "who_may_answer": "anyone" },
        "commands": {
            "affirm": ["a"], "cancel": ["b"], "correct": ["c"], "deny": ["d"], "human": ["e"], "repeat": ["f"],
        },
        "handoff": { "say": "x", "to": "team" },
        "model": { "facts": ["f"], "prompt": "p", "use_for": "generate" },
        "silence": { "after": "5m", "say": "x", "then": "end", "then_after": "1h" },
        "thresholds": { "lost": 0.2, "sure": 0.7 },
    })
}

fn slots() -> Json {
    json!({
        "one": {
            "type": "text", "ask": "x", "label": "x", "invalid": "x", "depends_on": ["two"], "entities": ["e"], "role": "r",
            "intents": { "i": "a" }, "min": 1, "max": 30, "pattern": "[a-z]+", "case": "lower", "without": "-",
        },
        "two": { "type": "choice", "values": [{ "value": "a", "label": "l", "synonyms": ["s"] }, "b"], "of": "person" },
        "three": { "type": "list", "item": { "value": "id", "label": "n" } },
        "four": { "type": "choice", "from": "three" },
    })
}

/// One of each in a file of flows, but for its steps.
fn flows(steps: &[Json]) -> Json {
    json!({ "flows": { "main": {
        "description": "d", "title": "t", "on_cancel": "s",
        "start": { "intents": ["i"], "events": ["e"] },
        "slots": slots(),
        "steps": steps,
    } } })
}

/// One of each kind of step, with all that it can have.
fn steps() -> Vec<Json> {
    let card = json!({
        "title": "t", "subtitle": "s", "text": "x", "image": "https://x.example/1.png",
        "fields": [{ "label": "l", "value": "v" }],
        "links": [{ "label": "l", "url": "https://x.example/" }],
    });
    let then = json!([{ "say": "x" }]);
    vec![
        json!({ "say": "x", "id": "s", "next": "end" }),
        json!({ "say": { "text": "x", "card": card } }),
        json!({ "ask": { "slot": "one", "again": true, "confirm": "x", "form": ["two"], "tries": 2, "otherwise": then } }),
        json!({ "ask": { "slot": "two", "as": "choices" } }),
        json!({ "choose": {
            "text": "x", "as": "quick_replies", "card": card, "tries": 2, "otherwise": "end",
            "options": [{ "label": "l", "intents": ["i"], "then": then }],
        } }),
        json!({ "branch": [{ "if": "one", "then": "s" }, { "else": then }] }),
        json!({ "set": { "one": null, "two": [1, { "x": "y" }] } }),
        json!({ "call": {
            "url": "https://x.example/", "method": "POST", "headers": { "x": "y" }, "body": { "a": [1] },
            "save": { "one": "body.x" }, "accept": [404], "timeout": "5s", "on_error": "end",
        } }),
        json!({ "generate": { "prompt": "p", "facts": ["f"], "otherwise": "x", "save": "one" } }),
        json!({ "flow": { "name": "f", "with": { "one": "two" }, "save": { "two": "one" } } }),
        json!({ "wait": { "event": "e", "for": "5m", "otherwise": "end" } }),
        json!({ "wait": { "until": "x", "at": "y" } }),
        json!({ "handoff": { "reason": "r", "say": "x", "to": "team" } }),
        json!({ "end": "all" }),
    ]
}

/// What may stand where this is meant.
fn others(json: &Json) -> Vec<Json> {
    let mut others = vec![
        json!(null),
        json!("zzz"),
        json!([]),
        json!(["zzz"]),
        json!({}),
        json!({ "zzz": "zzz" }),
    ];
    match json {
        // A text is what was written.
        Json::String(_) => {}
        // `check` holds the thresholds to their bounds.
        Json::Number(number) if number.is_f64() => others.push(json!(true)),
        _ => others.extend([json!(true), json!(7), json!(-1), json!(2.5)]),
    }
    others
}

/// All that comes of one change.
fn changed(json: &Json) -> Vec<Json> {
    let mut all = others(json);
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                let with = |value: Option<Json>| {
                    let mut map = map.clone();
                    match value {
                        Some(value) => map.insert(key.clone(), value),
                        None => map.remove(key),
                    };
                    Json::Object(map)
                };
                all.push(with(None));
                all.extend(changed(value).into_iter().map(|value| with(Some(value))));
            }
            let mut more = map.clone();
            more.insert("zzz".to_owned(), json!("zzz"));
            all.push(Json::Object(more));
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                all.extend(changed(item).into_iter().map(|item| {
                    let mut items = items.clone();
                    items[index] = item;
                    Json::Array(items)
                }));
            }
        }
        _ => {}
    }
    all
}

struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn of(schema: &Json) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler
            .add_resource("schema.json", schema.clone())
            .unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn takes(&self, json: &Json) -> bool {
        self.schemas.validate(json, self.index).is_ok()
    }
}

/// The faults of form that `check` tells of a file.
fn told(path: &str, json: &Json) -> BTreeSet<String> {
    let text = json.to_string();
    let assistant = ("assistant.yaml", "name: Desk\nlanguages: [en]\n");
    let sources: Sources = [assistant, (path, &text)].into_iter().collect();
    let faults = Project::check(&sources, &Vocabulary::default()).faults;
    let is_of_form = |fault: &&Fault| matches!(fault.code, Code::WrongForm | Code::WrongType);
    let of_form = faults.iter().filter(is_of_form);
    of_form.map(|fault| fault.message.clone()).collect()
}

/// Where the two part.
fn parted<T: DeserializeOwned>(judge: &Judge, path: &str, whole: &Json) -> (usize, Vec<String>) {
    // JSON is YAML.
    let read = |json: &Json| read::<T>(&parse(&json.to_string()).unwrap());
    assert!(judge.takes(whole), "{whole}");
    assert_eq!(read(whole).err(), None, "{whole}");
    let told_of_whole = told(path, whole);
    let mutants = changed(whole);
    let parted = mutants.iter().filter_map(|mutant| {
        let is_same = match (judge.takes(mutant), read(mutant)) {
            (true, Ok(_)) | (false, Err(_)) => true,
            (true, Err(error)) => error.message.contains("length of time"),
            // It is told when it is put together.
            (false, Ok(_)) => !told(path, mutant).is_subset(&told_of_whole),
        };
        (!is_same).then(|| mutant.to_string())
    });
    (mutants.len(), parted.collect())
}

#[test]
fn what_is_refused_in_an_editor_is_refused_by_the_reader_and_nothing_else_is() {
    let [assistant_schema, flows_schema, _, _] = schemas().try_into().unwrap();
    let judge = Judge::of(&assistant_schema.schema);
    let (mut all, mut apart) = parted::<Assistant>(&judge, "assistant.yaml", &assistant());
    let judge = Judge::of(&flows_schema.schema);
    for step in steps() {
        let (count, parted) = parted::<FlowFile>(&judge, "flows/a.yaml", &flows(&[step]));
        all += count;
        apart.extend(parted);
    }
    assert!(all > 1_000, "{all}");
    assert_eq!(apart, Vec::<String>::new());
}

/// The properties of all objects in a schema.
fn properties(schema: &Json, found: &mut BTreeSet<String>) {
    match schema {
        Json::Object(map) => {
            if let Some(Json::Object(properties)) = map.get("properties") {
                found.extend(properties.keys().cloned());
            }
            map.values().for_each(|inside| properties(inside, found));
        }
        Json::Array(items) => items.iter().for_each(|inside| properties(inside, found)),
        _ => {}
    }
}

fn keys(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            found.extend(map.keys().cloned());
            map.values().for_each(|inside| keys(inside, found));
        }
        Json::Array(items) => items.iter().for_each(|inside| keys(inside, found)),
        _ => {}
    }
}

#[test]
fn nothing_that_the_schemas_know_is_left_out_here() {
    let [assistant_schema, flows_schema, _, _] = schemas().try_into().unwrap();
    for (schema, whole) in [
        (assistant_schema, assistant()),
        (flows_schema, flows(&steps())),
    ] {
        let (mut known, mut used) = (BTreeSet::new(), BTreeSet::new());
        properties(&schema.schema, &mut known);
        keys(&whole, &mut used);
        let missing: Vec<_> = known.difference(&used).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", schema.name);
    }
}
