//! What the agent has noted before its run: from memory, or read back from the log.

use convene_agent::Error;
use convene_proto::{
    context::{Claimed, ReadEventsReply, ReadEventsRequest},
    event::EventBody,
    id::{AgentName, RunId},
};
use convene_runtime::lies::{Lie, told};
use tokio::time::timeout;

use super::{
    back_reader::BackReader,
    lease::{Lease, Lost},
    notebook::{Notebook, Told},
    recall::Past,
};
use crate::worker::{Shared, call_deadline};

/// Events of one page.
const PAGE: u32 = 500;

/// What an attempt at this run is told: nothing, for an agent that keeps no notes.
pub(super) async fn notes(
    shared: &Shared,
    lease: &mut Lease,
    (claimed, past): (&Claimed, &Past),
    (agent, run): (&AgentName, &RunId),
) -> Result<Result<Told, Error>, Lost> {
    let keeps = shared
        .agents
        .get(agent)
        .is_some_and(|agent| agent.keeps_notes());
    if !keeps || told(Lie::BlankMemory) {
        return Ok(Ok(Told::default()));
    }
    if let Some(notebook) = past.notebook(agent) {
        return Ok(Ok(told_of(&notebook, run)));
    }
    let read = lease.held_during(read_back(shared, claimed, agent)).await?;
    Ok(read.map(|notebook| {
        let notes = told_of(&notebook, run);
        if let Some(conversation) = &claimed.conversation {
            shared.recall.keep(&conversation.id, past, notebook);
        }
        notes
    }))
}

fn told_of(notebook: &Notebook, run: &RunId) -> Told {
    let mut notes = notebook.for_attempt(run);
    if told(Lie::ForgottenAttempts) {
        notes.in_vain.clear();
    }
    notes
}

async fn read_back(
    shared: &Shared,
    claimed: &Claimed,
    agent: &AgentName,
) -> Result<Notebook, Error> {
    let Some(conversation) = &claimed.conversation else {
        return Ok(Notebook::new(agent.clone()));
    };
    let mut reader = BackReader::new(agent);
    let mut before = conversation.head + 1;
    loop {
        let page = page(shared, &conversation.id, before).await?;
        if page.epoch != conversation.epoch {
            return Err(unreadable("it is another log by now"));
        }
        for entry in page.entries.iter().rev() {
            // A newer version may have written it.
            let Ok(event) = EventBody::decode(&entry.body) else {
                continue;
            };
            if reader.take(event, entry.body.len()) {
                return Ok(reader.notebook());
            }
        }
        match page.entries.first() {
            Some(oldest) if oldest.seq > page.first => before = oldest.seq,
            _ => return Ok(reader.notebook()),
        }
    }
}

async fn page(shared: &Shared, conversation: &str, before: u64) -> Result<ReadEventsReply, Error> {
    let mut context = shared.context.clone();
    let asking = context.read_events(ReadEventsRequest {
        conversation: conversation.to_owned(),
        before,
        limit: PAGE,
        ..ReadEventsRequest::default()
    });
    match timeout(call_deadline(&shared.options), asking).await {
        Ok(Ok(page)) => Ok(page.into_inner()),
        Ok(Err(status)) => Err(unreadable(status.message())),
        Err(_) => Err(unreadable("the context service did not answer")),
    }
}

fn unreadable(why: &str) -> Error {
    tracing::warn!(why, "what the agent has noted could not be read");
    Error::transient("notes_unreadable", "What the agent knows could not be read")
}
