//! What is said of the mistakes that whoever writes a first project makes: each once, and what to write.

use std::fs;

use convene_source::Sources;

use super::tests::flow;
use crate::project::{Project, Vocabulary};

/// Each fault as it is printed.
fn told(sources: &Sources) -> Vec<String> {
    let checked = Project::check(sources, &Vocabulary::of(sources));
    let faults = checked.faults.iter();
    faults.map(ToString::to_string).collect()
}

/// The only fault of a flow with these steps.
fn only(steps: &str) -> String {
    let told = told(&flow(steps));
    assert_eq!(told.len(), 1, "{steps}{told:#?}");
    told.concat()
}

/// A flow whose files are changed.
fn changed(path: &str, from: &str, to: &str) -> Sources {
    let sources = flow("      - ask: order_number\n      - ask: amount\n      - ask: kind\n");
    let files = sources.iter().map(|(file, text)| {
        let text = text.to_owned();
        let text = if file == path {
            text.replace(from, to)
        } else {
            text
        };
        (file.to_owned(), text)
    });
    files.collect()
}

#[test]
fn a_step_that_cannot_be_read_is_there_for_those_that_lead_to_it() {
    let leading = "      - choose:\n          text: hello\n          options:\n            - {label: hello, then: book}\n            - {label: ask.kind, then: tell}\n";
    for (wrong, expected) in [
        ("{url: http://x, timout: 3s}", "did you mean `timeout`?"),
        ("{url: http://x, method: post}", "did you mean `POST`?"),
    ] {
        let call = format!(
            "      - id: book\n        call: {wrong}\n      - branch:\n          - if: today\n            then: [{{id: tell, sya: hello}}]\n"
        );
        let told = told(&flow(&format!("{leading}{call}")));
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[0].contains(expected), "{told:#?}");
        assert!(told[1].contains("did you mean `say`?"), "{told:#?}");
    }
    let fault = only("      - say: hello\n        next: nowhere\n");
    assert!(fault.contains("there is no step `nowhere`"), "{fault}");
}

#[test]
fn a_step_is_a_map() {
    for (step, expected) in [
        ("ask kind", "`ask kind` stands where a map"),
        ("ask kind", "write `- ask: kind`"),
        ("hello you", "`- say: hello`"),
        (
            "say: [hello]",
            "a list stands where a word or a map belongs",
        ),
    ] {
        let fault = only(&format!("      - {step}\n"));
        assert!(fault.contains(expected), "{fault}");
    }
    let nested = only("      - branch:\n          - if: today\n            then: [say hello]\n");
    assert!(nested.contains("write `- say: hello`"), "{nested}");
}

#[test]
fn texts_that_need_quotes_are_told_so() {
    for (text, expected) in [
        (
            "Done: it is done",
            "put the text in quotes: `hello: \"Done: it is done\"`",
        ),
        (
            "{amount} are left",
            "put the text in quotes: `hello: \"{amount} are left\"`",
        ),
        ("{amount}", "put it in quotes"),
    ] {
        let told = told(&changed(
            "texts/en.yaml",
            "hello: Hello",
            &format!("hello: {text}"),
        ));
        assert!(told[0].contains(expected), "{told:#?}");
        assert!(told[0].starts_with("texts/en.yaml:1:"), "{told:#?}");
    }
    let twice = told(&changed(
        "texts/en.yaml",
        "hello: Hello",
        "hello: Hi\nhello: Hi",
    ));
    assert!(twice[0].contains("take one of them away"), "{twice:#?}");
}

#[test]
fn a_language_is_named_by_its_code() {
    for name in ["german", "Deutsch"] {
        let told = told(&changed("assistant.yaml", "[en]", &format!("[en, {name}]")));
        assert!(
            told[0].contains(&format!("`{name}` is no language's code")),
            "{told:#?}"
        );
        assert!(told[0].contains("write `de`"), "{told:#?}");
        assert!(
            told.iter().all(|fault| !fault.contains("german.yaml")),
            "{told:#?}"
        );
    }
    let told = told(&changed("assistant.yaml", "[en]", "[en, klingonisch]"));
    assert!(told[0].contains("`en` or `de-CH`"), "{told:#?}");
}

#[test]
fn a_file_that_is_not_utf_8_is_one_fault_among_others() {
    let folder = tempfile::tempdir().unwrap();
    let sources = flow("      - say: hullo\n      - say: show\n        nxt: end\n");
    for (path, text) in sources.iter() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::write(
        folder.path().join("texts/en.yaml"),
        b"# Texts\nhello: Gr\xfc\xdfe\n",
    )
    .unwrap();
    let told = told(&Sources::survey(folder.path()).unwrap());
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("did you mean `next`?"), "{told:#?}");
    assert!(
        told[1].starts_with("texts/en.yaml:2:1: error[unreadable]"),
        "{told:#?}"
    );
    assert!(told[1].contains("save it as UTF-8"), "{told:#?}");
}

#[test]
fn what_other_frameworks_call_out_of_scope_is_told_its_name_here() {
    let nlu = "- intent: greet\n";
    let out =
        "- intent: out_of_scope\n  examples: |\n    - how tall is the moon\n- intent: greet\n";
    let told = told(&changed("nlu/en.yaml", nlu, out));
    let told: Vec<_> = told
        .iter()
        .filter(|fault| fault.contains("unused-intent"))
        .collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("call it `oos`"), "{told:#?}");
}
