//! The flow on top, and those below it.

use std::sync::Arc;

use super::{frame::Frame, turn::Turn};
use crate::{
    name::SlotName,
    project::{FlowSpec, Project},
    slot::SlotSpec,
    value::Value,
};

/// The flow on top, with its project.
pub(super) type Top<'p> = (&'p Arc<Project>, &'p Arc<FlowSpec>);

impl<'p> Turn<'p> {
    /// The flow on top: its frame, its project and itself, if its version is still known.
    pub(super) fn top(&self) -> Option<Top<'p>> {
        let frame = self.state.stack.last()?;
        self.projects.flow(&frame.flow, &frame.version)
    }

    /// The flow at a place of the stack, with its project: where its version is gone, as it is now.
    pub(super) fn flow_at(&self, index: usize) -> Option<Top<'p>> {
        let frame = self.state.stack.get(index)?;
        let project = self.projects.current();
        self.projects
            .flow(&frame.flow, &frame.version)
            .or_else(|| Some((project, project.flow(&frame.flow)?)))
    }

    pub(super) fn frame(&self) -> Option<&Frame> {
        self.state.stack.last()
    }

    /// The project whose texts are said: that of the flow on top, or that of now.
    pub(super) fn project(&self) -> &'p Arc<Project> {
        self.top()
            .map_or(self.projects.current(), |(project, _)| project)
    }

    /// The value of a slot that the flow on top sees.
    pub(super) fn value(&self, slot: &SlotSpec) -> Option<&Value> {
        self.state.slot(slot.name.as_str())
    }

    /// The value of a slot that the flow at a place of the stack sees.
    pub(super) fn value_at(&self, frame: usize, slot: &SlotName) -> Option<&Value> {
        let filled = self.state.filled_at(frame, slot.as_str());
        filled.map(|filled| &filled.value)
    }
}
