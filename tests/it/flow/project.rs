//! Projects that flows are tried with: the example's shop, and a small one; and the settings that serve them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::harness::Shape;

/// The example, with a warehouse: the call that its comment shows stands in place of its table.
pub(crate) fn shop(folder: &Path, warehouse: &str) -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let shop = folder.join("shop");
    copy(&example, &shop);
    let orders = shop.join("flows/orders.yaml");
    let text = fs::read_to_string(&orders).unwrap();
    let (before, rest) = text.split_once("      # - call:\n").unwrap();
    let (commented, rest) = rest.split_once("      - branch:\n").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let call = commented.replace("      # ", "      ").replace(
        "https://orders.example",
        &format!("http://{warehouse}/orders"),
    );
    assert!(call.contains(warehouse), "{call}");
    let called = format!("{before}      - call:\n{call}          timeout: 30s\n\n{after}");
    fs::write(&orders, called).unwrap();
    shop
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) fn settings(shop: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("agents.shop.kind", "flow".to_owned()),
        ("agents.shop.project", shop.display().to_string()),
    ]
}

pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A project that says at its end which one it is.
pub(crate) fn booking(folder: &Path, done: &str) {
    let steps = format!("steps: [{{ask: n}}, {{say: {done}}}]");
    let flow = "start: {intents: [book]}\n    slots: {n: {type: integer}}";
    let flows = format!("flows:\n  book:\n    {flow}\n    {steps}\n");
    write(folder, "assistant.yaml", "name: Desk\nlanguages: [en]\n");
    write(folder, "flows/a.yaml", &flows);
    write(
        folder,
        "texts/en.yaml",
        "ask: {n: 'How many?'}\nold: 'Old: {n}'\nnew: 'New: {n}'\n",
    );
    write(
        folder,
        "nlu/en.yaml",
        "nlu:\n- intent: book\n  examples: |\n    - please book a table\n    - I want to book\n",
    );
}

/// A cluster whose workers hold the shop's conversations.
pub(crate) fn in_a_cluster(mut settings: Vec<(&'static str, String)>) -> Shape {
    settings.push(("agents.shop.pool", Shape::OWN_POOL.to_owned()));
    Shape {
        settings,
        ..Shape::default()
    }
}
