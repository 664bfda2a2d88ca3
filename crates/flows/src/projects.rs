//! The project of now, and what is left of former ones: a flow that runs ends on the version that it
//! began with.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    name::{FlowName, Version},
    project::{FlowSpec, Project},
};

/// More former versions than this are not kept: those go in which nothing has run for the longest.
const MOST_FORMER: usize = 1_000;

/// A project over its changes.
#[derive(Debug, Clone)]
pub struct Projects {
    current: Arc<Project>,
    former: BTreeMap<(FlowName, Version), Arc<Former>>,
    /// How often a former version was remembered or used.
    uses: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Former {
    project: Arc<Project>,
    /// The last use of it, or its number among all that came to be remembered.
    used: AtomicU64,
}

impl Projects {
    /// One that has not changed yet.
    #[must_use]
    pub fn new(current: Arc<Project>) -> Self {
        Self {
            current,
            former: BTreeMap::new(),
            uses: Arc::default(),
        }
    }

    /// The project of now: what begins begins on it.
    #[must_use]
    pub const fn current(&self) -> &Arc<Project> {
        &self.current
    }

    /// Takes a changed project in. The flows that are no longer as they were stay, with
    /// their texts, for conversations in which they run.
    pub fn reload(&mut self, project: Arc<Project>) {
        let old = std::mem::replace(&mut self.current, project);
        for flow in old.flows() {
            // Its texts are newer than those of a project before it.
            self.former
                .remove(&(flow.name.clone(), flow.version.clone()));
        }
        self.remember(&old);
    }

    /// Keeps the flows of a former project, such as one that was read from its stored files after a restart.
    pub fn remember(&mut self, old: &Arc<Project>) {
        for flow in old.flows() {
            let is_current = self
                .current
                .flow(&flow.name)
                .is_some_and(|now| now.version == flow.version);
            if !is_current {
                let used = AtomicU64::new(self.next_use());
                let project = Arc::clone(old);
                self.former
                    .entry((flow.name.clone(), flow.version.clone()))
                    .or_insert_with(|| Arc::new(Former { project, used }));
            }
        }
        while self.former.len() > MOST_FORMER {
            let last_used = |former: &Former| former.used.load(Ordering::Relaxed);
            let oldest = self.former.iter().min_by_key(|(_, one)| last_used(one));
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.former.remove(&oldest);
        }
    }

    fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }

    /// A version of a flow, with the project that it belongs to.
    #[must_use]
    pub fn flow(
        &self,
        name: &FlowName,
        version: &Version,
    ) -> Option<(&Arc<Project>, &Arc<FlowSpec>)> {
        let current = self
            .current
            .flow(name)
            .filter(|flow| flow.version == *version);
        if let Some(flow) = current {
            return Some((&self.current, flow));
        }
        let former = self.former.get(&(name.clone(), version.clone()))?;
        former.used.store(self.next_use(), Ordering::Relaxed);
        Some((&former.project, former.project.flow(name)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use convene_source::Sources;

    fn project(number: usize) -> Arc<Project> {
        let flows = format!("flows:\n  a:\n    steps: [{{id: n{number}, say: hello}}]\n");
        let assistant = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\n";
        let texts = ("texts/en.yaml", "hello: Hello\n");
        let files = [
            ("assistant.yaml", assistant),
            ("flows/a.yaml", &flows),
            texts,
        ];
        let sources: Sources = files.into_iter().collect();
        let checked = Project::check(&sources, &crate::Vocabulary::of(&sources));
        checked.project.unwrap()
    }

    fn version(project: &Project) -> Version {
        project.flow(&"a".into()).unwrap().version.clone()
    }

    #[test]
    fn the_version_that_nothing_has_run_on_for_the_longest_goes_first() {
        let (first, second) = (project(0), project(1));
        let mut projects = Projects::new(Arc::clone(&first));
        projects.reload(Arc::clone(&second));
        for number in 2..MOST_FORMER + 2 {
            projects.reload(project(number));
            // Somebody is still on the first.
            assert!(projects.flow(&"a".into(), &version(&first)).is_some());
        }
        assert!(projects.flow(&"a".into(), &version(&second)).is_none());
    }
}
