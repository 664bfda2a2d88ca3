//! Calls from how they are written to how they are made: what no endpoint could be asked with is told.

use std::collections::BTreeMap;

use convene_source::{At, Place};
use http::{HeaderName, HeaderValue};
use url::Url;

use super::flow::{CallSpec, HeaderPiece, Target};
use crate::{
    fault::{Code, Faults},
    folder::{Call, Span},
    name::{EnvironmentName, SlotName},
};

/// How long a call may take by default.
const TIMEOUT: Span = Span::of_seconds(10);
/// Nobody in a conversation waits longer for an endpoint.
const LONGEST_TIMEOUT: Span = Span::of_seconds(5 * 60);

/// Headers that Convene writes, or that say where a request begins and ends.
const OURS: [&str; 10] = [
    "connection",
    "content-length",
    "convene-run",
    "host",
    "idempotency-key",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What the values of headers and of a query's fields are secrets of which a word is one of these.
const SECRET: [&str; 12] = [
    "apikey",
    "auth",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "key",
    "password",
    "secret",
    "sig",
    "signature",
    "token",
];

/// Of the variables of a worker's environment, calls may name those that begin so: the others are the server's own.
const FOR_FLOWS: &str = "FLOW_";

/// Reads the calls of one file.
pub(super) struct Caller<'a> {
    pub(super) file: &'a str,
    pub(super) faults: &'a mut Faults,
}

impl Caller<'_> {
    pub(super) fn spec(&mut self, place: Place, call: &Call, on_error: Option<Target>) -> CallSpec {
        self.address(&call.url);
        self.bounds(place, call);
        let headers = call.headers.iter();
        let headers: BTreeMap<_, _> = headers
            .map(|(name, value)| (name.clone(), self.header(name, value)))
            .collect();
        let save = call
            .save
            .iter()
            .map(|(slot, path)| (SlotName::from(slot.as_str()), path.clone()));
        CallSpec {
            method: call.method,
            url: call.url.clone(),
            headers,
            body: call.body.clone(),
            save: save.collect(),
            accept: call.accept.clone(),
            timeout: call.timeout.unwrap_or(TIMEOUT),
            on_error,
        }
    }

    fn fault(&mut self, place: Place, message: String, remedy: &str) {
        self.faults
            .add(self.file, place, Code::BadCall, message, remedy);
    }

    /// Who is called stands in the file: what somebody says never names another host.
    fn address(&mut self, url: &At<String>) {
        let known = url.split('{').next().unwrap_or_default();
        if has_open_host(url) {
            return open_host(self.file, url, self.faults);
        }
        let remedy = "write an address such as https://orders.example/{order_number}";
        match Url::parse(known) {
            Err(error) => {
                let message = format!("`{}` is no address: {error}", url.value);
                self.fault(url.place, message, remedy);
            }
            Ok(read) if !matches!(read.scheme(), "http" | "https") => {
                let message = format!("`{}` is no address of HTTP", url.value);
                self.fault(url.place, message, remedy);
            }
            Ok(read) if !read.username().is_empty() || read.password().is_some() => {
                let message = "a name and a password stand in the address".to_owned();
                let remedy =
                    "send them in the header `authorization`, such as `Basic ${FLOW_SHOP}`";
                self.fault(url.place, message, remedy);
            }
            Ok(_) => self.query(url),
        }
    }

    /// What is written out in the query is read by whoever reads the file, and the logs of those who are called.
    fn query(&mut self, url: &At<String>) {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let is_bare = |value: &str| !value.is_empty() && !value.contains('{');
        let mut fields = query.split('&').filter_map(|field| field.split_once('='));
        if let Some((name, _)) = fields.find(|(name, value)| is_secret(name) && is_bare(value)) {
            let message = format!(
                "what `{name}` says in the address is read by everybody who reads this file"
            );
            let remedy = "send it in a header if the endpoint takes it there, such as `authorization: Bearer ${FLOW_SHOP_KEY}`";
            self.faults
                .add(self.file, url.place, Code::BareSecret, message, remedy);
        }
    }

    fn bounds(&mut self, place: Place, call: &Call) {
        if let Some(timeout) = call.timeout.filter(|timeout| *timeout > LONGEST_TIMEOUT) {
            let message = format!("a `timeout` of {timeout} is longer than {LONGEST_TIMEOUT}");
            let remedy = "write a shorter one; what takes longer tells its end with an event, for which a flow can `wait`";
            self.fault(place, message, remedy);
        }
        if let Some(status) = call
            .accept
            .iter()
            .find(|status| !(100..600).contains(*status))
        {
            let message = format!("`accept` has {status}, which is no status of HTTP");
            self.fault(place, message, "write statuses such as 404");
        }
    }

    fn header(&mut self, name: &str, value: &At<String>) -> At<Vec<HeaderPiece>> {
        let lower = name.to_ascii_lowercase();
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            let message = format!("`{name}` is no name of a header");
            let remedy = "use letters, digits and `-`";
            self.fault(value.place, message, remedy);
        } else if OURS.contains(&lower.as_str()) {
            let message = format!("the header `{name}` is written for you");
            self.fault(value.place, message, "take it away");
        }
        let pieces = self.pieces(value);
        let is_bare =
            |piece: &HeaderPiece| matches!(piece, HeaderPiece::Text(text) if !text.contains('{'));
        let is_ours = OURS.contains(&lower.as_str());
        if !is_ours && is_secret(&lower) && pieces.iter().all(is_bare) {
            let message = format!("what `{name}` says is read by everybody who reads this file");
            let remedy = "name a variable of the worker's environment, such as `${FLOW_SHOP_KEY}`";
            self.faults
                .add(self.file, value.place, Code::BareSecret, message, remedy);
        }
        let is_text = |piece: &HeaderPiece| match piece {
            HeaderPiece::Text(text) => HeaderValue::from_str(text).is_ok(),
            HeaderPiece::Environment(_) => true,
        };
        if !pieces.iter().all(is_text) {
            let message = format!("what `{name}` says has characters that no header has");
            let remedy = "write it in one line";
            self.fault(value.place, message, remedy);
        }
        At::new(pieces, value.place)
    }

    /// `Bearer ${FLOW_SHOP_KEY}`: what is written, and what is taken from the environment.
    fn pieces(&mut self, value: &At<String>) -> Vec<HeaderPiece> {
        let mut pieces = Vec::new();
        let (mut text, mut rest) = (String::new(), value.as_str());
        while let Some((before, behind)) = rest.split_once("${") {
            text.push_str(before);
            let named = behind.split_once('}').filter(|(name, _)| is_variable(name));
            let Some((name, after)) = named else {
                // A price, such as `${amount}`.
                text.push('$');
                rest = &rest[before.len() + 1..];
                continue;
            };
            if !name.starts_with(FOR_FLOWS) {
                let message = format!("`{name}` is no variable for flows");
                let remedy =
                    format!("call it {FOR_FLOWS}{name} in the worker's environment, and here");
                self.fault(value.place, message, &remedy);
            }
            if !text.is_empty() {
                pieces.push(HeaderPiece::Text(std::mem::take(&mut text)));
            }
            pieces.push(HeaderPiece::Environment(EnvironmentName::from(name)));
            rest = after;
        }
        text.push_str(rest);
        if !text.is_empty() || pieces.is_empty() {
            pieces.push(HeaderPiece::Text(text));
        }
        pieces
    }
}

/// Whether a placeholder stands in the host, so that whoever fills it chooses whose address it is.
pub(super) fn has_open_host(url: &str) -> bool {
    let known = url.split('{').next().unwrap_or_default();
    let behind_scheme = known.split_once("://").map(|(_, behind)| behind);
    let has_path = behind_scheme.is_some_and(|behind| behind.contains(['/', '?', '#']));
    known.len() != url.len() && !has_path
}

pub(super) fn open_host(file: &str, url: &At<String>, faults: &mut Faults) {
    let message = format!("a placeholder of `{}` stands in the host", url.value);
    let remedy =
        "write the host, with a `/` behind it, and placeholders in the path or the query alone";
    faults.add(file, url.place, Code::OpenHost, message, remedy);
}

/// Whether what goes by this name is for those who send it and who get it: `X-Shop-Token`, `api_key`.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| SECRET.contains(&word))
}

/// Whether an environment has variables of such a name: capitals, digits and `_`.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether what a call saves may be nothing, by its expression: `body.code or none`. Any other part must be in the answer.
pub(crate) fn may_save_nothing(expression: &str) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric() && c != '_';
    expression
        .split(is_sign)
        .any(|word| word.eq_ignore_ascii_case("none"))
}
