//! The project of now, and what is left of former ones: a flow that runs ends on the version that it
//! began with.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    name::{FlowName, Version},
    project::{FlowSpec, Project},
};

/// More former versions than this are not kept.
const MOST_FORMER: usize = 1_000;

/// A project over its changes.
#[derive(Debug, Clone)]
pub struct Projects {
    current: Arc<Project>,
    former: BTreeMap<(FlowName, Version), Arc<Project>>,
}

impl Projects {
    /// One that has not changed yet.
    #[must_use]
    pub const fn new(current: Arc<Project>) -> Self {
        Self {
            current,
            former: BTreeMap::new(),
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
                self.former
                    .insert((flow.name.clone(), flow.version.clone()), Arc::clone(old));
            }
        }
        while self.former.len() > MOST_FORMER {
            self.former.pop_first();
        }
    }

    /// Forgets the former versions that nobody needs.
    pub fn retain(&mut self, is_needed: impl Fn(&FlowName, &Version) -> bool) {
        self.former
            .retain(|(flow, version), _| is_needed(flow, version));
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
        let project = self.former.get(&(name.clone(), version.clone()))?;
        Some((project, project.flow(name)?))
    }
}
