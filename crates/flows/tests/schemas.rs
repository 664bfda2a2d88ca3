//! The schemas that ship with the example are what the types say, and hold what the example says.

use std::{env, fs, path::PathBuf};

#[expect(clippy::unwrap_used, reason = "a test")]
#[test]
fn the_schemas_are_committed() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop/schemas");
    for file in convene_flows::schemas() {
        let path = folder.join(file.name);
        let current = serde_json::to_string_pretty(&file.schema).unwrap() + "\n";
        if env::var_os("CONVENE_UPDATE").is_some() {
            fs::write(&path, &current).unwrap();
        }
        let known = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            known == current,
            "{} is out of date: run `CONVENE_UPDATE=1 cargo test -p convene-flows --test schemas`",
            path.display()
        );
    }
}
