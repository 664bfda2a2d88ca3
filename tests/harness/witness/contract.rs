//! The served documents as a judge of what passes over the wire.
//!
//! It is stricter than the documents say: an object with a field that they do not know is a fault.

use std::collections::BTreeMap;

use boon::{Compiler, SchemaIndex, Schemas};
use reqwest::Url;
use serde_json::{Map, Value};

const REST: &str = "http://served/openapi.json";
const SOCKET: &str = "http://served/asyncapi.json";

/// OpenAPI and AsyncAPI, ready to judge.
pub(super) struct Contract {
    schemas: Schemas,
    operations: Vec<Operation>,
    problem: SchemaIndex,
    client_frame: SchemaIndex,
    server_frame: SchemaIndex,
    frames: Vec<String>,
}

struct Operation {
    /// `GET /v1/me`
    name: String,
    method: String,
    path: Vec<String>,
    query: BTreeMap<String, (SchemaIndex, bool)>,
    body: Option<SchemaIndex>,
    /// By status, `200` or `4XX`; `None`: no body.
    answers: BTreeMap<String, Option<(String, SchemaIndex)>>,
}

/// A request and its answer.
pub(super) struct Exchange<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) asked: &'a [u8],
    pub(super) status: u16,
    pub(super) content_type: Option<&'a str>,
    /// `None`: a stream, which is judged as it comes.
    pub(super) answered: Option<&'a [u8]>,
}

impl Contract {
    pub(super) fn read(mut rest: Value, mut socket: Value) -> Self {
        let frames = ["ClientFrame", "ServerFrame"].map(|side| tags(&rest, side));
        for document in [&mut rest, &mut socket] {
            close_components(document);
        }
        let paths = rest["paths"].as_object().unwrap().clone();
        for (path, methods) in &paths {
            for method in methods.as_object().unwrap().keys() {
                let pointer = format!("/paths/{}/{method}", escaped(path));
                close_contents(rest.pointer_mut(&pointer).unwrap());
            }
        }
        let mut compiler = Compiler::new();
        let mut schemas = Schemas::new();
        compiler.add_resource(REST, rest.clone()).unwrap();
        compiler.add_resource(SOCKET, socket).unwrap();
        let mut schema = |place: &str| {
            compiler
                .compile(place, &mut schemas)
                .unwrap_or_else(|error| panic!("{place} is no schema: {error:#}"))
        };
        let mut operations = Vec::new();
        for (path, methods) in &paths {
            for (method, operation) in methods.as_object().unwrap() {
                let place = format!("{REST}#/paths/{}/{method}", escaped(path));
                operations.push(Operation::read(
                    path,
                    method,
                    operation,
                    &place,
                    &mut schema,
                ));
            }
        }
        Self {
            operations,
            problem: schema(&format!("{REST}#/components/schemas/Problem")),
            client_frame: schema(&format!("{SOCKET}#/components/messages/client/payload")),
            server_frame: schema(&format!("{SOCKET}#/components/messages/server/payload")),
            frames: frames.concat(),
            schemas,
        }
    }

    /// Every operation and every frame that there is.
    pub(super) fn everything(&self) -> impl Iterator<Item = &str> {
        let operations = self.operations.iter().map(|operation| &operation.name);
        operations.chain(&self.frames).map(String::as_str)
    }

    /// What was carried out, where something was, or else what is wrong.
    pub(super) fn judge(&self, exchange: &Exchange<'_>) -> Result<Option<&str>, String> {
        let url = Url::parse("http://served").unwrap();
        let url = url
            .join(exchange.target)
            .map_err(|error| error.to_string())?;
        let Some(operation) = self.find(exchange.method, &url) else {
            return self.judge_unknown(exchange).map(|()| None);
        };
        operation.judge_answer(&self.schemas, exchange)?;
        if exchange.status >= 300 {
            return Ok(None);
        }
        operation
            .judge_request(&self.schemas, &url, exchange.asked)
            .map_err(|fault| format!("the request was carried out, though {fault}"))?;
        Ok(Some(&operation.name))
    }

    /// There is no such operation, and the answer must say so.
    fn judge_unknown(&self, exchange: &Exchange<'_>) -> Result<(), String> {
        if !(400..600).contains(&exchange.status) {
            return Err("no such operation is documented, and it was answered".into());
        }
        let body = exchange.answered.unwrap_or_default();
        judge_json(&self.schemas, self.problem, exchange.content_type, body)
    }

    fn find(&self, method: &str, url: &Url) -> Option<&Operation> {
        let path: Vec<_> = url.path_segments()?.collect();
        self.operations
            .iter()
            .filter(|operation| operation.method == method && operation.is_at(&path))
            .max_by_key(|operation| operation.literals())
    }

    /// The frame's `say <type>`.
    pub(super) fn judge_client_frame(&self, text: &str) -> Result<String, String> {
        self.judge_frame(self.client_frame, "say", text)
    }

    /// The frame's `hear <type>`.
    pub(super) fn judge_server_frame(&self, text: &str) -> Result<String, String> {
        self.judge_frame(self.server_frame, "hear", text)
    }

    fn judge_frame(&self, schema: SchemaIndex, verb: &str, text: &str) -> Result<String, String> {
        let frame: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        judge(&self.schemas, schema, &frame)?;
        Ok(format!(
            "{verb} {}",
            frame["type"].as_str().unwrap_or_default()
        ))
    }
}

impl Operation {
    fn read(
        path: &str,
        method: &str,
        operation: &Value,
        place: &str,
        schema: &mut impl FnMut(&str) -> SchemaIndex,
    ) -> Self {
        let method = method.to_uppercase();
        let parameters = operation["parameters"].as_array();
        let query = parameters
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|(_, parameter)| parameter["in"] == "query")
            .map(|(index, parameter)| {
                let name = parameter["name"].as_str().unwrap().to_owned();
                let required = parameter["required"] == true;
                let place = format!("{place}/parameters/{index}/schema");
                (name, (schema(&place), required))
            })
            .collect();
        let body = operation.get("requestBody").map(|body| {
            let kind = only_key(&body["content"]);
            schema(&format!(
                "{place}/requestBody/content/{}/schema",
                escaped(kind)
            ))
        });
        let answers = operation["responses"].as_object().unwrap().iter();
        let answers = answers.map(|(status, answer)| {
            let content = answer.get("content").map(|content| {
                let kind = only_key(content);
                let place = format!("{place}/responses/{status}/content/{}", escaped(kind));
                // Of a stream, each item is described.
                let of = if content[kind].get("schema").is_some() {
                    "schema"
                } else {
                    "itemSchema"
                };
                (kind.to_owned(), schema(&format!("{place}/{of}")))
            });
            (status.clone(), content)
        });
        Self {
            name: format!("{method} {path}"),
            path: path.split('/').skip(1).map(str::to_owned).collect(),
            query,
            body,
            answers: answers.collect(),
            method,
        }
    }

    fn is_at(&self, path: &[&str]) -> bool {
        let fits = |(template, segment): (&String, &&str)| {
            template.starts_with('{') && !segment.is_empty() || template == segment
        };
        self.path.len() == path.len() && self.path.iter().zip(path).all(fits)
    }

    fn literals(&self) -> usize {
        self.path
            .iter()
            .filter(|segment| !segment.starts_with('{'))
            .count()
    }

    fn judge_answer(&self, schemas: &Schemas, exchange: &Exchange<'_>) -> Result<(), String> {
        let status = exchange.status;
        let class = format!("{}XX", status / 100);
        let Some(answer) = self
            .answers
            .get(&status.to_string())
            .or_else(|| self.answers.get(&class))
        else {
            return Err(format!("status {status} is not documented"));
        };
        match (answer, exchange.answered) {
            (None, Some([])) => Ok(()),
            (None, _) => Err("a body is not documented".into()),
            (Some((kind, _)), None) => judge_kind(kind, exchange.content_type),
            (Some((kind, schema)), Some(body)) => {
                judge_kind(kind, exchange.content_type)?;
                judge_json(schemas, *schema, exchange.content_type, body)
            }
        }
    }

    fn judge_request(&self, schemas: &Schemas, url: &Url, body: &[u8]) -> Result<(), String> {
        let mut given = BTreeMap::new();
        for (name, value) in url.query_pairs() {
            given.insert(name.into_owned(), value.into_owned());
        }
        for (name, value) in &given {
            let Some((schema, _)) = self.query.get(name) else {
                return Err(format!("the query's {name} is not documented"));
            };
            // A query has no types: what reads as a number may be one.
            let number = value.parse::<u64>().map(Value::from);
            let text = Value::from(value.as_str());
            if judge(schemas, *schema, &text).is_err() {
                judge(schemas, *schema, &number.unwrap_or(text))?;
            }
        }
        let missing = |(name, (_, required)): &(&String, &(SchemaIndex, bool))| {
            *required && !given.contains_key(*name)
        };
        if let Some((name, _)) = self.query.iter().find(missing) {
            return Err(format!("the query lacks {name}"));
        }
        match self.body {
            None if body.is_empty() => Ok(()),
            None => Err("a body is not documented".into()),
            Some(schema) => {
                let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
                judge(schemas, schema, &body)
            }
        }
    }
}

fn judge_kind(kind: &str, content_type: Option<&str>) -> Result<(), String> {
    let given = content_type.and_then(|given| given.split(';').next());
    if given == Some(kind) {
        return Ok(());
    }
    Err(format!(
        "the content type is {content_type:?}, and {kind} is documented"
    ))
}

fn judge_json(
    schemas: &Schemas,
    schema: SchemaIndex,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<(), String> {
    judge_kind("application/json", content_type)?;
    let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    judge(schemas, schema, &body)
}

fn judge(schemas: &Schemas, schema: SchemaIndex, value: &Value) -> Result<(), String> {
    schemas
        .validate(value, schema)
        .map_err(|error| format!("{error}\nin {value}"))
}

/// A path as one step of a JSON pointer.
fn escaped(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}

fn only_key(object: &Value) -> &str {
    let object = object.as_object().unwrap();
    assert_eq!(object.len(), 1, "one content type is expected");
    object.keys().next().unwrap()
}

/// The types of a side's frames, as `say <type>` and `hear <type>`.
fn tags(rest: &Value, side: &str) -> Vec<String> {
    let verb = if side == "ClientFrame" { "say" } else { "hear" };
    let variants = rest["components"]["schemas"][side]["oneOf"].as_array();
    let mut found = Vec::new();
    for variant in variants.unwrap() {
        let parts = variant["allOf"]
            .as_array()
            .map_or(std::slice::from_ref(variant), Vec::as_slice);
        let tag = parts
            .iter()
            .find_map(|part| part["properties"]["type"]["enum"][0].as_str());
        found.push(format!("{verb} {}", tag.unwrap()));
    }
    found
}

/// Closes what lies inside the named types: they themselves may be parts of others.
fn close_components(document: &mut Value) {
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        schemas
            .as_object_mut()
            .unwrap()
            .values_mut()
            .for_each(close_within);
    }
    if let Some(messages) = document.pointer_mut("/components/messages") {
        for message in messages.as_object_mut().unwrap().values_mut() {
            close(&mut message["payload"]);
        }
    }
}

/// Closes the bodies of an operation.
fn close_contents(operation: &mut Value) {
    let Value::Object(fields) = operation else {
        return;
    };
    for (name, value) in fields {
        if name == "schema" || name == "itemSchema" {
            close(value);
        } else {
            close_contents(value);
        }
    }
}

/// No fields but those that some part of the schema knows; what may be anything stays open.
fn close(schema: &mut Value) {
    close_within(schema);
    if let Value::Object(schema) = schema
        && schema.keys().any(|key| key != "description")
    {
        schema.insert("unevaluatedProperties".into(), false.into());
    }
}

fn close_within(schema: &mut Value) {
    let Value::Object(schema) = schema else {
        return;
    };
    let each = |schema: &mut Map<String, Value>, key: &str, close: fn(&mut Value)| match schema
        .get_mut(key)
    {
        Some(Value::Array(parts)) => parts.iter_mut().for_each(close),
        Some(Value::Object(parts)) => parts.values_mut().for_each(close),
        _ => {}
    };
    for key in ["allOf", "oneOf", "anyOf"] {
        each(schema, key, close_within);
    }
    each(schema, "properties", close);
    if let Some(items) = schema.get_mut("items") {
        close(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Contract {
        let rest = serde_json::to_value(convene_gateway::openapi()).unwrap();
        Contract::read(rest, convene_gateway::asyncapi())
    }

    fn exchange<'a>(target: &'a str, status: u16, answered: &'a str) -> Exchange<'a> {
        Exchange {
            method: "GET",
            target,
            asked: b"",
            status,
            content_type: (!answered.is_empty()).then_some("application/json"),
            answered: Some(answered.as_bytes()),
        }
    }

    const ME: &str = r#"{"participant":"user:ada","name":"Ada","role":"user","expires_at":1}"#;
    const PROBLEM: &str = r#"{"code":"not_found","message":"m","retryable":false}"#;

    #[test]
    fn right_answers_pass_and_wrong_ones_do_not() {
        let contract = contract();
        assert_eq!(
            contract.judge(&exchange("/v1/me", 200, ME)),
            Ok(Some("GET /v1/me"))
        );
        assert_eq!(contract.judge(&exchange("/v1/me", 404, PROBLEM)), Ok(None));
        assert_eq!(
            contract.judge(&exchange("/v1/nothing", 404, PROBLEM)),
            Ok(None)
        );
        let missing = ME.replace(r#","expires_at":1"#, "");
        let more = ME.replace("}", r#","secret":1}"#);
        let other = ME.replace(r#""user""#, r#""king""#);
        let code = PROBLEM.replace("not_found", "lost");
        for (target, status, body) in [
            ("/v1/me", 200, missing.as_str()),
            ("/v1/me", 200, &more),
            ("/v1/me", 200, &other),
            ("/v1/me", 200, ""),
            ("/v1/me", 200, "{"),
            ("/v1/me", 201, ME),
            ("/v1/me", 302, ""),
            ("/v1/me", 401, ""),
            ("/v1/me", 401, &code),
            ("/v1/me?x=1", 200, ME),
            ("/v1/nothing", 200, ME),
            ("/v1/nothing", 404, ""),
        ] {
            let judged = contract.judge(&exchange(target, status, body));
            assert!(judged.is_err(), "{target} {status} {body}");
        }
        let mut html = exchange("/v1/me", 200, ME);
        html.content_type = Some("text/html");
        assert!(contract.judge(&html).is_err());
    }

    #[test]
    fn requests_that_were_carried_out_are_judged_too() {
        let contract = contract();
        let list = r#"{"conversations":[]}"#;
        for (query, fits) in [
            ("limit=5", true),
            ("limit=x", false),
            ("after=5", true),
            ("n=1", false),
        ] {
            let target = format!("/v1/conversations?{query}");
            let judged = contract.judge(&exchange(&target, 200, list));
            assert_eq!(judged.is_ok(), fits, "{query}: {judged:?}");
        }
        for (body, fits) in [
            (r#"{"seq":1}"#, true),
            (r#"{"seq":"1"}"#, false),
            ("", false),
        ] {
            let read = Exchange {
                method: "POST",
                asked: body.as_bytes(),
                ..exchange("/v1/conversations/c/read", 204, "")
            };
            assert_eq!(contract.judge(&read).is_ok(), fits, "{body}");
        }
    }

    #[test]
    fn frames_are_judged_to_their_last_field() {
        let contract = contract();
        let pong = contract.judge_server_frame(r#"{"type":"pong","request":1}"#);
        assert_eq!(pong.as_deref(), Ok("hear pong"));
        let event = r#"{"type":"event","conversation":"c","position":"p","event":{"seq":1,"eid":"e",
            "at":1,"type":"run.finished","run":"r","outcome":"completed"}}"#;
        let heard = contract.judge_server_frame(event);
        assert_eq!(heard.as_deref(), Ok("hear event"));
        for wrong in [
            r#"{"type":"pong"}"#.to_owned(),
            r#"{"type":"pong","request":1,"more":1}"#.to_owned(),
            r#"{"type":"song","request":1}"#.to_owned(),
            event.replace(r#""at":1"#, r#""at":1,"x":1"#),
            event.replace("completed", "forgotten"),
        ] {
            assert!(contract.judge_server_frame(&wrong).is_err(), "{wrong}");
        }
        assert!(
            contract
                .judge_client_frame(r#"{"type":"ping","request":1}"#)
                .is_ok()
        );
        assert!(
            contract
                .judge_client_frame(r#"{"type":"ping","request":1,"x":1}"#)
                .is_err()
        );
    }
}
