//! A project's files change while it is in use.

use std::{fs, path::Path, sync::Arc};

use jiff::tz::TimeZone;

use super::{
    archive::Archive,
    files::{Home, Place, Unloadable},
    loaded::{Loaded, Looked},
};

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn project(folder: &Path) -> Loaded {
    let nlu = "nlu:\n- intent: book\n  examples: |\n    - a table please\n    - I want to book\n";
    write(folder, "assistant.yaml", "name: Test\nlanguages: [en]\n");
    write(
        folder,
        "flows/a.yaml",
        "flows:\n  a:\n    start: {intents: [book]}\n    steps: [{say: hello}]\n",
    );
    write(folder, "texts/en.yaml", "hello: Hello\n");
    write(folder, "nlu/en.yaml", nlu);
    let home = Home {
        place: Place::Folder(folder.to_owned()),
        archive: Archive::default(),
    };
    let draft = home.place.read().unwrap();
    Loaded::learn(&draft, home, TimeZone::UTC).unwrap()
}

fn is_learnt_anew(before: &Loaded, after: &Loaded) -> bool {
    let [before, after] = [before, after].map(|loaded| loaded.understanding.as_ref().unwrap());
    !Arc::ptr_eq(before, after)
}

#[test]
fn what_was_learnt_is_kept_until_there_is_something_else_to_learn() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = project(folder.path());
    assert!(matches!(loaded.look(), Ok(Looked::Same)));

    write(folder.path(), "tests/a.yaml", "stories: []\n");
    write(folder.path(), "README.md", "Ours");
    assert!(matches!(loaded.look(), Ok(Looked::Same)));

    write(folder.path(), "texts/en.yaml", "hello: Good morning\n");
    let Ok(Looked::Changed(next)) = loaded.look() else {
        panic!("a text has changed");
    };
    assert!(!is_learnt_anew(&loaded, &next));

    // It says the same in another file.
    let nlu = folder.path().join("nlu");
    let text = fs::read_to_string(nlu.join("en.yaml")).unwrap();
    fs::write(nlu.join("en.yaml"), text + "\n").unwrap();
    let Ok(Looked::Changed(next)) = next.look() else {
        panic!("a file has changed");
    };
    assert!(!is_learnt_anew(&loaded, &next));

    write(
        folder.path(),
        "nlu/more.csv",
        "text,intent\nfour chairs,book\n",
    );
    let Ok(Looked::Changed(next)) = next.look() else {
        panic!("there is more to learn, and in no YAML");
    };
    assert!(is_learnt_anew(&loaded, &next));
    assert!(matches!(next.look(), Ok(Looked::Same)));
}

#[test]
fn faults_leave_it_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = project(folder.path());
    write(folder.path(), "texts/en.yaml", "goodbye: Bye\n");
    assert!(matches!(loaded.look(), Err(Unloadable::Project(_))));
    write(folder.path(), "texts/en.yaml", "hello: Hello\n");
    write(folder.path(), "nlu/bad.json", "{");
    assert!(loaded.look().is_err());
    fs::remove_file(folder.path().join("nlu/bad.json")).unwrap();
    assert!(matches!(loaded.look(), Ok(Looked::Touched(_))));
}
