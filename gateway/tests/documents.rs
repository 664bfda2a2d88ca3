//! The committed contract, from which the TypeScript types are generated, is what the code says.

use std::{env, fs, path::PathBuf};

#[expect(clippy::unwrap_used, reason = "a test")]
fn committed(name: &str, current: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("contract")
        .join(name);
    if env::var_os("CONVENE_UPDATE").is_some() {
        fs::write(&path, current).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == current,
        "{} is out of date: run `CONVENE_UPDATE=1 cargo test -p convene-gateway --test documents`, \
         then `npm run generate` in gateway/web",
        path.display()
    );
}

#[test]
fn the_openapi_document_is_committed() {
    let document = convene_gateway::openapi().to_pretty_json().unwrap() + "\n";
    committed("openapi.json", &document);
}

#[test]
fn the_asyncapi_document_is_committed() {
    let document = serde_json::to_string_pretty(&convene_gateway::asyncapi()).unwrap() + "\n";
    committed("asyncapi.json", &document);
}
