//! The way to a provider: where it is, and how a request shows who it is from.

use std::{collections::BTreeMap, fmt, time::Duration};

use reqwest::{
    Client, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use serde::{Deserialize, Serialize};

use crate::agents::InvalidOptions;

/// A provider's key. It shows itself to nobody: not in logs, not when settings are printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ApiKey(String);

impl ApiKey {
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// `text` without the key in it.
    pub(super) fn redact(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(&self.0, REDACTED)
        }
    }
}

const REDACTED: &str = "(redacted)";

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for ApiKey {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(REDACTED)
    }
}

/// The address of an operation below a base URL.
pub(super) fn endpoint(base_url: &str, path: &str) -> Result<Url, InvalidOptions> {
    let invalid = |reason: String| InvalidOptions::new("base_url", reason);
    let text = base_url.trim_end_matches('/');
    let url = Url::parse(&format!("{text}/{path}"))
        .map_err(|error| invalid(format!("not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(invalid("must begin with http:// or https://".into()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("must end with the path, such as /v1".into()));
    }
    Ok(url)
}

/// Where a base URL leads, for people; nothing secret.
pub(super) fn place(base_url: &str) -> String {
    match Url::parse(base_url) {
        Ok(url) => match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => "nowhere".to_owned(),
        },
        Err(_) => "nowhere".to_owned(),
    }
}

/// The headers of each request.
pub(super) fn header_map(
    key: Option<&ApiKey>,
    further: &BTreeMap<String, String>,
) -> Result<HeaderMap, InvalidOptions> {
    let secret = |value: &str| {
        let mut value = HeaderValue::from_str(value.trim())?;
        value.set_sensitive(true);
        Ok::<_, reqwest::header::InvalidHeaderValue>(value)
    };
    let mut headers = HeaderMap::new();
    if let Some(ApiKey(key)) = key {
        let value = secret(&format!("Bearer {}", key.trim()))
            .map_err(|_| InvalidOptions::new("api_key", "has a character that no key has"))?;
        headers.insert(AUTHORIZATION, value);
    }
    for (name, value) in further {
        let invalid = || InvalidOptions::new("headers", format!("{name:?} is no HTTP header"));
        let key: HeaderName = name.parse().map_err(|_| invalid())?;
        headers.insert(key, secret(value).map_err(|_| invalid())?);
    }
    Ok(headers)
}

/// Who makes the requests.
pub(super) fn client(
    mut headers: HeaderMap,
    accept: &'static str,
    connect_timeout: Duration,
) -> Result<Client, InvalidOptions> {
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    Client::builder()
        .user_agent(concat!("convene/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .connect_timeout(connect_timeout)
        // Followed, a POST becomes a GET, and the key goes to a stranger.
        .redirect(redirect::Policy::none())
        .tcp_nodelay(true)
        .build()
        .map_err(|error| InvalidOptions::new("base_url", error.to_string()))
}
