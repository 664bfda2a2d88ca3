//! What is made of the types is committed, and holds what the example says.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{env, fs, path::PathBuf};

fn committed(path: &str, current: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    if env::var_os("CONVENE_UPDATE").is_some() {
        fs::write(&path, current).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == current,
        "{} is out of date: run `CONVENE_UPDATE=1 cargo test -p convene-flows --test schemas`",
        path.display()
    );
}

#[test]
fn the_schemas_are_committed() {
    for file in convene_flows::schemas() {
        let text = serde_json::to_string_pretty(&file.schema).unwrap() + "\n";
        committed(&format!("examples/shop/schemas/{}", file.name), &text);
    }
}

#[test]
fn the_reference_is_committed() {
    committed("docs/project.md", &convene_flows::reference());
}
