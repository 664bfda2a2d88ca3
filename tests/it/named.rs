//! What documents name is there: their links lead somewhere, their files exist, their data can be read.

use std::fs;

use crate::document::{Document, documents, root};

#[test]
fn links_lead_somewhere() {
    for document in documents() {
        let from = root().join(&document.name);
        for link in document.links() {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                from.clone()
            } else {
                from.parent().unwrap().join(file)
            };
            assert!(
                target.exists(),
                "{} links to {link}, which is not there",
                document.name
            );
            if !heading.is_empty() {
                let text = fs::read_to_string(target).unwrap();
                let target = Document {
                    name: link.clone(),
                    text,
                };
                assert!(
                    target.headings().contains(heading),
                    "{} links to {link}, and there is no such heading",
                    document.name
                );
            }
        }
    }
}

#[test]
fn files_that_are_named_are_there() {
    const OURS: [&str; 9] = [
        "agent-worker/",
        "context-service/",
        "crates/",
        "deploy/",
        "docs/",
        "gateway/",
        "src/",
        "tests/",
        "xtask/",
    ];
    for document in documents() {
        // Their paths are their package's own.
        if document.name.starts_with("gateway/") {
            continue;
        }
        for quoted in document.quoted() {
            let is_path = OURS.iter().any(|folder| quoted.starts_with(folder));
            if is_path && !quoted.contains([' ', '*', '<']) {
                let exists = root().join(&quoted).exists();
                assert!(
                    exists,
                    "{} names {quoted}, which is not there",
                    document.name
                );
            }
        }
    }
}

#[test]
fn every_document_is_linked_from_the_readme() {
    let documents = documents();
    let readme = documents
        .iter()
        .find(|document| document.name == "README.md");
    let links = readme.unwrap().links();
    for document in documents
        .iter()
        .filter(|document| document.name.starts_with("docs/"))
    {
        assert!(
            links.contains(&document.name),
            "the README does not link to {}",
            document.name
        );
    }
}

#[test]
fn blocks_of_data_can_be_read() {
    for document in documents() {
        for block in document.blocks("json") {
            for line in block.lines() {
                if let Err(error) = serde_json::from_str::<serde_json::Value>(line) {
                    panic!("{}: {error}: {line}", document.name);
                }
            }
        }
        for block in document.blocks("toml") {
            if let Err(error) = toml::from_str::<toml::Table>(&block) {
                panic!("{}: {error}: {block}", document.name);
            }
        }
    }
}

#[test]
fn the_settings_of_redis_that_are_explained_are_those_that_we_ship() {
    let shipped = fs::read_to_string(root().join("deploy/redis.conf")).unwrap();
    let operations = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let document = Document {
        name: String::new(),
        text: operations,
    };
    let explained = document.blocks("conf").join("\n");
    assert!(!explained.is_empty());
    for line in explained.lines() {
        let setting = line.split('#').next().unwrap_or_default().trim();
        assert!(
            shipped.lines().any(|line| line == setting),
            "{setting} is not in deploy/redis.conf"
        );
    }
}
