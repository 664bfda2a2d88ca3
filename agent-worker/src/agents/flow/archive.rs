//! What a project was before: kept in a folder, where a worker that starts again finds it, and others that
//! share the folder.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::PathBuf,
    sync::Arc,
    time::SystemTime,
};

use convene_flows::{Project, Sources};
use xxhash_rust::xxh3::xxh3_128;

/// So many of the last versions are kept.
const MOST: usize = 100;
const ENDING: &str = ".json";

/// See the module. Nothing is kept where there is no folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Archive(pub(super) Option<PathBuf>);

impl Archive {
    /// Keeps a project's files, but for its tests.
    pub(super) fn keep(&self, project: &Project) {
        let Some(folder) = &self.0 else { return };
        let files = project.sources().iter();
        let kept: Sources = files
            .filter(|(path, _)| !path.starts_with("tests/"))
            .collect();
        let kept = || -> io::Result<()> {
            let json = serde_json::to_vec(&kept)?;
            let name = format!("{:032x}{ENDING}", xxh3_128(&json));
            fs::create_dir_all(folder)?;
            let (whole, part) = (
                folder.join(&name),
                folder.join(format!("{name}.{}", std::process::id())),
            );
            if whole.exists() {
                // It is in use again.
                File::options()
                    .append(true)
                    .open(whole)?
                    .set_modified(SystemTime::now())?;
            } else {
                fs::write(&part, json)?;
                fs::rename(part, whole)?;
            }
            self.forget()
        };
        if let Err(error) = kept() {
            let folder = folder.display();
            tracing::warn!(%error, %folder, "this version of the project cannot be kept: what runs on it goes on with the next one after a restart");
        }
    }

    /// The projects of names that are not among these: their names are, afterwards.
    pub(super) fn unknown(&self, known: &mut BTreeSet<String>) -> Vec<Arc<Project>> {
        let Ok(names) = self.names() else {
            return Vec::new();
        };
        let unknown: Vec<_> = names
            .into_iter()
            .filter(|(_, name)| known.insert(name.clone()))
            .collect();
        unknown
            .into_iter()
            .filter_map(|(_, name)| self.project(&name))
            .collect()
    }

    /// The one that was in use last.
    pub(super) fn newest(&self) -> Option<Arc<Project>> {
        let names = self.names().ok()?;
        names.iter().find_map(|(_, name)| self.project(name))
    }

    /// None where this version of Convene refuses it: it is as good as gone.
    fn project(&self, name: &str) -> Option<Arc<Project>> {
        let json = fs::read(self.0.as_ref()?.join(name)).ok()?;
        let sources: Sources = serde_json::from_slice(&json).ok()?;
        Project::from_sources(&sources).ok()
    }

    /// The files, the newest first.
    fn names(&self) -> io::Result<Vec<(SystemTime, String)>> {
        let Some(folder) = &self.0 else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(ENDING) {
                names.push((entry.metadata()?.modified()?, name));
            }
        }
        names.sort_by(|one, other| other.cmp(one));
        Ok(names)
    }

    fn forget(&self) -> io::Result<()> {
        for (_, name) in self.names()?.into_iter().skip(MOST) {
            if let Some(folder) = &self.0 {
                fs::remove_file(folder.join(name))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(text: &str) -> Arc<Project> {
        let flows = format!("flows:\n  a:\n    steps: [{{id: {text}, say: hello}}]\n");
        let assistant = "name: Test\nlanguages: [en]\n";
        let files = [
            ("assistant.yaml", assistant),
            ("flows/a.yaml", &flows),
            ("texts/en.yaml", "hello: Hello\n"),
            ("tests/a.yaml", "stories: []\n"),
        ];
        Project::from_sources(&files.into_iter().collect()).unwrap()
    }

    #[test]
    fn what_was_kept_is_found_once_by_whoever_shares_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive(Some(folder.path().join("versions")));
        let (one, other) = (project("one"), project("other"));
        archive.keep(&one);
        archive.keep(&other);
        archive.keep(&one);
        let mut known = BTreeSet::new();
        let found = archive.unknown(&mut known);
        let version = |project: &Project| project.flow(&"a".into()).unwrap().version.clone();
        let found: BTreeSet<_> = found.iter().map(|found| version(found)).collect();
        assert_eq!(found, BTreeSet::from([version(&one), version(&other)]));
        assert!(archive.unknown(&mut known).is_empty());
    }

    #[test]
    fn the_last_hundred_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive(Some(folder.path().to_owned()));
        for number in 0..=MOST {
            archive.keep(&project(&format!("n{number}")));
        }
        assert_eq!(archive.names().unwrap().len(), MOST);
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let archive = Archive::default();
        archive.keep(&project("one"));
        assert!(archive.unknown(&mut BTreeSet::new()).is_empty());
    }
}
