//! The web page, built into the binary.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use convene_proto::error::ErrorCode;
use rust_embed::RustEmbed;

use crate::error::Refusal;

/// Built by `npm run build` in `web/`; without it a placeholder is shown.
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Assets;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const PLACEHOLDER: &str = "<!doctype html><meta charset=utf-8><title>Convene</title>\
     <p>The server runs. Its page was not built: run <code>cargo xtask run</code>.";

/// Anything that no route took: a file of the page, or the page itself for its own paths.
pub(crate) async fn page(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("v1/") || path.starts_with("health/") {
        return Refusal::new(
            ErrorCode::NotFound,
            "no such endpoint: GET /v1/openapi.json lists them",
        )
        .into_response();
    }
    if let Some(file) = Assets::get(path) {
        return serve(path, &file, &headers);
    }
    match Assets::get("index.html") {
        // A file that is not there is not a path of the page.
        _ if path.contains('.') => StatusCode::NOT_FOUND.into_response(),
        Some(index) => serve("index.html", &index, &headers),
        None => {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (kind, guards(), PLACEHOLDER).into_response()
        }
    }
}

/// What keeps a page to itself.
fn guards() -> [(HeaderName, &'static str); 3] {
    [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (OPENER_POLICY, "same-origin"),
    ]
}

fn serve(path: &str, file: &rust_embed::EmbeddedFile, request: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    // Built files have their hash in their name.
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let (status, body) = if known {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        (StatusCode::OK, Body::from(file.data.clone().into_owned()))
    };
    let headers = [
        (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
        (header::CACHE_CONTROL, caching.to_owned()),
        (header::ETAG, tag),
    ];
    (status, headers, guards(), body).into_response()
}
