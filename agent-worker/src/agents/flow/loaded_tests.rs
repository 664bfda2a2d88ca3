//! A project's files change while it is in use.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::tz::TimeZone;

use super::{
    archive::Archive,
    files::{Home, Place, Unloadable},
    loaded::{Loaded, Looked},
    memory::Memory,
    watching::Stage,
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
    Loaded::learn(
        &home(folder).place.read().unwrap(),
        home(folder),
        TimeZone::UTC,
    )
    .unwrap()
}

/// It keeps what it learns beside the project, and no versions.
fn home(folder: &Path) -> Home {
    Home {
        place: Place::Folder(folder.to_owned()),
        archive: Archive::default(),
        memory: Memory(Some(folder.join("kept"))),
        encoder: None,
    }
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

#[test]
fn who_starts_again_with_a_fault_in_a_file_goes_on_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = project(folder.path());
    let versions = tempfile::tempdir().unwrap();
    let kept = Home {
        archive: Archive(Some(versions.path().to_owned())),
        ..home(folder.path())
    };
    write(folder.path(), "flows/a.yaml", "flows: [\n");
    assert!(kept.read().is_err(), "there is no former version");
    kept.archive.keep(loaded.projects().current());
    let draft = kept.read().unwrap();
    assert_eq!(draft.project.flows().count(), 1);
    assert!(home(folder.path()).read().is_err(), "nothing is kept");
    let loaded = Loaded::learn(&draft, kept, TimeZone::UTC).unwrap();
    assert!(matches!(loaded.look(), Ok(Looked::Same)));
    assert!(loaded.faulty().unwrap().contains("flows/a.yaml"));
    // The file is mended.
    let flows = "flows:\n  b:\n    start: {intents: [book]}\n    steps: [{say: hello}]\n";
    write(folder.path(), "flows/a.yaml", flows);
    let Ok(Looked::Changed(next)) = loaded.look() else {
        panic!("the file has no faults any more");
    };
    assert!(next.projects().current().flow(&"b".into()).is_some());
    assert_eq!(next.faulty(), None);
}

#[test]
fn what_could_not_be_learnt_at_first_is_taken_as_its_files_are_now() {
    let folder = tempfile::tempdir().unwrap();
    drop(project(folder.path()));
    let home = home(folder.path());
    let stage = Stage::Read {
        draft: Arc::new(home.place.read().unwrap()),
        home,
        zone: TimeZone::UTC,
    };
    write(
        folder.path(),
        "assistant.yaml",
        "name: Mended\nlanguages: [en]\n",
    );
    let Ok(Looked::Changed(loaded)) = stage.look() else {
        panic!("the project can be learnt");
    };
    assert_eq!(
        loaded.projects().current().assistant().name.as_str(),
        "Mended"
    );
}

/// The files of what was learnt.
fn models(folder: &Path) -> Vec<PathBuf> {
    let kept = fs::read_dir(folder.join("kept")).unwrap();
    let paths = kept.map(|entry| entry.unwrap().path());
    let mut models: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "model"))
        .collect();
    models.sort();
    models
}

#[test]
fn what_was_learnt_is_not_learnt_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let before = project(folder.path());
    let [model] = &models(folder.path())[..] else {
        panic!("one model is kept");
    };
    let written = fs::metadata(model).unwrap().modified().unwrap();
    let after = project(folder.path());
    assert!(is_learnt_anew(&before, &after), "it is another worker");
    assert_eq!(fs::metadata(model).unwrap().modified().unwrap(), written);

    for nonsense in [&b"nonsense"[..], b"", &fs::read(model).unwrap()[..40]] {
        fs::write(model, nonsense).unwrap();
        let again = project(folder.path());
        let known = again.understanding.as_ref().unwrap().fingerprint();
        assert_eq!(known, before.understanding.as_ref().unwrap().fingerprint());
        assert!(fs::read(model).unwrap().len() > 100, "it is kept again");
    }
}
