//! HTTP endpoints that flows call.

use std::{collections::HashMap, env, error::Error as _, iter::successors, time::Duration};

use convene_agent::{Error, RunContext};
use convene_flows::{Answer, EnvironmentName, HeaderPiece, HttpCall, Request, folder::Method};
use convene_runtime::lies::{Lie, told};
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use reqwest::{Client, Response, Url, header::HeaderValue, redirect::Policy};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

const CONNECTING: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const LARGEST: usize = 1 << 20;

const TOO_MANY: &str = "the agent has too many calls under way";

/// Who was put off and does not come back for so long after its patience has stopped, or is another worker's.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);

/// The endpoints of a project. Those that are slow hold up so many of the worker's hands and no more.
///
/// A call for which there is no hand waits in line, at most as long as its answer may take. There are half as many places
/// as hands; a run whose call finds none gives its own hand to others, and comes again.
pub(super) struct Endpoints {
    client: Client,
    hands: Semaphore,
    /// With hands, or for one.
    places: Semaphore,
    /// Until when those who were put off wait, by the key of their call.
    put_off: Mutex<HashMap<String, Instant>>,
}

impl Endpoints {
    /// So many calls at once.
    pub(super) fn new(hands: usize) -> reqwest::Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECTING)
            // Whoever answers does not choose who else is asked, with these headers and this body.
            .redirect(Policy::none())
            .build()?;
        Ok(Self::of(client, hands))
    }

    /// The same, for so many at once.
    pub(super) fn with_hands(&self, hands: usize) -> Self {
        Self::of(self.client.clone(), hands)
    }

    fn of(client: Client, hands: usize) -> Self {
        let hands = hands.clamp(1, Semaphore::MAX_PERMITS / 2);
        Self {
            client,
            hands: Semaphore::new(hands),
            places: Semaphore::new(hands + hands / 2),
            put_off: Mutex::default(),
        }
    }

    /// Calls, and says what came of it. Whoever answers can tell by the `Idempotency-Key` that it was called
    /// before, by an attempt at the same turn that died, was stopped, or failed; `Convene-Run` is the run that calls now.
    ///
    /// # Errors
    /// [`Error::busy`] where there is no place in line.
    pub(super) async fn call(
        &self,
        context: &RunContext,
        mut call: HttpCall,
        until: Instant,
    ) -> Result<Answer, Error> {
        let Ok(url) = call.url.parse::<Url>() else {
            return Ok(Answer::NoAnswer("its address is none".to_owned()));
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut key = format!("{}/{}/{}", context.conversation.id, context.agent, call.key);
        if told(Lie::KeyPerAttempt) {
            key.push_str(&format!("/{}", context.attempt));
        }
        let Some((place, patience)) = self.place(&key, call.timeout)? else {
            return Ok(no_answer(&host, &key, TOO_MANY.to_owned()));
        };
        let answered = match timeout_at(patience.min(until), self.hands.acquire()).await {
            Ok(Ok(hand)) => {
                let left = until.saturating_duration_since(Instant::now());
                call.timeout = call.timeout.min(left);
                let answered = self.ask(context, url, (&key, call)).await;
                drop(hand);
                answered
            }
            Ok(Err(_)) | Err(_) => Err(TOO_MANY.to_owned()),
        };
        drop(place);
        Ok(answered.unwrap_or_else(|why| no_answer(&host, &key, why)))
    }

    /// A place in line, and until when to wait there; `None` for who has had none for so long as the answer may take.
    fn place(
        &self,
        key: &str,
        timeout: Duration,
    ) -> Result<Option<(SemaphorePermit<'_>, Instant)>, Error> {
        let now = Instant::now();
        let mut put_off = self.put_off.lock();
        let patience = put_off.remove(key).unwrap_or(now + timeout);
        if let Ok(place) = self.places.try_acquire() {
            return Ok(Some((place, patience)));
        }
        if now >= patience {
            return Ok(None);
        }
        put_off.retain(|_, patience| now < *patience + FORGOTTEN_AFTER);
        put_off.insert(key.to_owned(), patience);
        let sorry = "As many of the assistant's calls are under way as there may be";
        Err(Error::busy("calls_busy", sorry))
    }

    async fn ask(
        &self,
        context: &RunContext,
        url: Url,
        (key, call): (&str, HttpCall),
    ) -> Result<Answer, String> {
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self
            .client
            .request(method, url)
            .timeout(call.timeout)
            .header("idempotency-key", key)
            .header("convene-run", context.run.as_str());
        for (name, pieces) in &call.headers {
            let value = header(pieces, |variable| env::var(variable.as_str()).ok())?;
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await;
        let response = response.map_err(|error| reason(error, call.timeout))?;
        let status = response.status().as_u16();
        let body = read(response, call.timeout).await?;
        Ok(Answer::Http {
            status,
            body: serde_json::from_slice(&body).ok(),
        })
    }
}

fn no_answer(host: &str, call: &str, why: String) -> Answer {
    tracing::warn!(host, call, why, "an endpoint did not answer");
    Answer::NoAnswer(why)
}

/// An endpoint that is called, as whoever reads the log is told of it.
pub(super) struct Asked {
    host: String,
    call: String,
}

impl Asked {
    /// None where nobody is called.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let Request::Call(call) = request else {
            return None;
        };
        let url = call.url.parse::<Url>().ok()?;
        Some(Self {
            host: url.host_str()?.to_owned(),
            call: call.key.clone(),
        })
    }

    /// None where there is no answer.
    pub(super) fn answered(self, answer: &Answer) -> Option<Answered> {
        let Answer::Http { body, .. } = answer else {
            return None;
        };
        let is_json = body.is_some();
        Some(Answered {
            asked: self,
            is_json,
        })
    }
}

/// One that has answered.
pub(super) struct Answered {
    asked: Asked,
    is_json: bool,
}

impl Answered {
    /// Its answer is of no use to the flow.
    pub(super) fn tell_useless(&self, status: u16) {
        let Asked { host, call } = &self.asked;
        let why = self.why(status);
        tracing::warn!(host, call, status, why, "an endpoint's answer is of no use");
    }

    fn why(&self, status: u16) -> &'static str {
        match (status, self.is_json) {
            (300..400, _) => "it leads elsewhere, where nobody is asked: call that address",
            (200..300, false) => "it is not JSON, of which `save` takes a part",
            (200..300, true) => "a slot in `save` cannot take its part of it",
            _ => "its status says that it failed: list it in `accept` where it does not",
        }
    }
}

/// A header's value, with what the environment says.
fn header(
    pieces: &[HeaderPiece],
    says: impl Fn(&EnvironmentName) -> Option<String>,
) -> Result<HeaderValue, String> {
    let mut whole = String::new();
    for piece in pieces {
        match piece {
            HeaderPiece::Text(text) => whole.push_str(text),
            HeaderPiece::Environment(variable) => match says(variable) {
                Some(said) => whole.push_str(&said),
                None => {
                    return Err(format!(
                        "`{variable}` is not set in the worker's environment"
                    ));
                }
            },
        }
    }
    let mut value = HeaderValue::from_str(&whole)
        .map_err(|_| "what it says has characters that no header has".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(response: Response, within: Duration) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        body.extend_from_slice(&piece.map_err(|error| reason(error, within))?);
        if body.len() > LARGEST {
            return Err(format!("its answer is longer than {LARGEST} bytes"));
        }
    }
    Ok(body)
}

/// Without the address, which may hold what nobody should read.
fn reason(error: reqwest::Error, within: Duration) -> String {
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => format!(
            "no connection came about within {:?}",
            CONNECTING.min(within)
        ),
        (true, false) => format!("it had not answered after {within:?}"),
        (false, _) => {
            let error = error.without_url();
            // What is wrong says the innermost: that the connection was refused, or ended too soon.
            let inner = successors(error.source(), |&inner| inner.source()).last();
            match inner {
                Some(inner) => format!("{error}: {inner}"),
                None => error.to_string(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use convene_agent::ErrorKind;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_place_comes_again_for_as_long_as_an_answer_may_take() {
        let endpoints = Endpoints::new(2).unwrap();
        let timeout = Duration::from_secs(10);
        let all = [(); 3].map(|()| endpoints.places.try_acquire().unwrap());
        for _ in 0..10 {
            let busy = endpoints.place("first", timeout).unwrap_err();
            assert_eq!(busy.kind, ErrorKind::Busy);
            advance(Duration::from_secs(1)).await;
        }
        assert!(endpoints.place("first", timeout).unwrap().is_none());
        assert!(endpoints.place("second", timeout).is_err());
        drop(all);
        let (_place, until) = endpoints.place("second", timeout).unwrap().unwrap();
        assert_eq!(until - Instant::now(), timeout);
        assert!(endpoints.put_off.lock().is_empty());
    }

    #[tokio::test]
    async fn an_endpoint_that_is_too_slow_is_told_with_how_long_it_was_waited_for() {
        // It takes connections, and nobody reads them.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret", silent.local_addr().unwrap());
        let within = Duration::from_millis(50);
        let endpoints = Endpoints::new(2).unwrap();
        let asked = endpoints.client.get(url).timeout(within).send().await;
        let why = reason(asked.unwrap_err(), within);
        assert_eq!(why, "it had not answered after 50ms");
    }

    #[tokio::test]
    async fn an_endpoint_that_takes_no_connection_is_told_so_without_its_address() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret", gone.local_addr().unwrap());
        drop(gone);
        let endpoints = Endpoints::new(2).unwrap();
        let within = Duration::from_secs(20);
        let asked = endpoints.client.get(url).timeout(within).send().await;
        let why = reason(asked.unwrap_err(), within);
        assert!(why.contains("refused") && !why.contains("secret"), "{why}");
    }

    fn bearer() -> [HeaderPiece; 2] {
        [
            HeaderPiece::Text("Bearer ".to_owned()),
            HeaderPiece::Environment("FLOW_KEY".into()),
        ]
    }

    #[test]
    fn what_the_environment_says_is_sent_and_shown_to_nobody() {
        let value = header(&bearer(), |name| Some(format!("secret of {name}"))).unwrap();
        assert_eq!(value, "Bearer secret of FLOW_KEY");
        assert!(!format!("{value:?}").contains("secret"), "{value:?}");
    }

    #[test]
    fn each_answer_of_no_use_is_told_apart() {
        let answered = |is_json| Answered {
            asked: Asked {
                host: "shop.example".to_owned(),
                call: "1/1/0".to_owned(),
            },
            is_json,
        };
        for (status, is_json, why) in [
            (302, false, "elsewhere"),
            (200, false, "not JSON"),
            (200, true, "`save`"),
            (404, true, "`accept`"),
            (500, false, "`accept`"),
        ] {
            let told = answered(is_json).why(status);
            assert!(told.contains(why), "{status} {is_json}: {told}");
        }
    }

    #[test]
    fn a_variable_that_is_missing_is_named_and_a_bad_one_is_not_quoted() {
        let missing = header(&bearer(), |_| None).unwrap_err();
        assert_eq!(missing, "`FLOW_KEY` is not set in the worker's environment");
        let broken = header(&bearer(), |_| Some("se\ncret".to_owned())).unwrap_err();
        assert!(!broken.contains("cret"), "{broken}");
    }
}
