//! The agents that workers host.

use std::collections::BTreeMap;

use convene_proto::{
    id::{AgentName, Pool},
    suggestion::Suggestion,
};

/// An agent that some worker hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentInfo {
    pub name: AgentName,
    /// What people see it called, where it is not its name.
    pub title: Option<String>,
    pub description: String,
    pub model: Option<String>,
    pub pool: Pool,
    /// What is for it waits.
    pub is_learning: bool,
    /// What one could say to it first.
    pub suggestions: Vec<Suggestion>,
    /// What keeps it from answering as it should, for operators.
    pub trouble: Option<String>,
}

impl AgentInfo {
    /// Each by its name as it was announced last, from what was announced, in that order. One that somebody
    /// has ready is ready, whoever else still learns.
    pub(in crate::store) fn latest(announced: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut latest: BTreeMap<AgentName, Self> = BTreeMap::new();
        for mut agent in announced {
            if let Some(before) = latest.get(&agent.name) {
                agent.is_learning &= before.is_learning;
            }
            latest.insert(agent.name.clone(), agent);
        }
        latest.into_values().collect()
    }
}
