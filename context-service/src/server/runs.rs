//! Runs, for workers: claim, write, renew, release; and which agents there are.

use std::time::Duration;

use convene_proto::{
    context::{claim_reply::Outcome, *},
    convert::{Invalid, field, optional, part, texts},
    event::{EventBody, Participant, Role},
    id::{AgentName, ConversationId, ParticipantId, Pool},
    position::{Eid, Epoch, Nonce, Seq},
    suggestion::{LONGEST_SUGGESTION, MOST_SUGGESTIONS, Suggestion},
};

use super::{
    acts, check,
    encode::{self, millis},
    refusal::Result,
    timers,
};
use crate::store::{self, AgentInfo, ClaimOutcome, Store, Submit, Wake};

pub(super) async fn claim(store: &dyn Store, request: ClaimRequest) -> Result<ClaimReply> {
    let conversation = check::conversation(&request.conversation)?;
    let restore = request
        .restore
        .map(|command| restore(&conversation, command))
        .transpose()?;
    let claim = store::Claim {
        conversation,
        holder: field("holder", &request.holder)?,
        nonce: Nonce(request.nonce),
        run: field("run", &request.run)?,
        ttl: check::ttl("ttl_ms", request.ttl_ms)?,
        history: recent(request.history, request.history_from)?,
        restore,
    };
    let outcome = match store.claim(claim).await? {
        ClaimOutcome::Claimed(claimed) => Outcome::Claimed(encode::claimed(*claimed)),
        ClaimOutcome::Held(held) => Outcome::Held(Held {
            left_ms: millis(held.left),
            settles_ms: millis(held.settles),
        }),
        ClaimOutcome::Backoff(rest) => Outcome::BackoffMs(millis(rest)),
        ClaimOutcome::Empty => Outcome::Empty(true),
    };
    Ok(ClaimReply {
        outcome: Some(outcome),
    })
}

fn recent(history: u32, from: u64) -> Result<store::Recent> {
    Ok(store::Recent {
        events: check::history("history", history)?,
        from: Seq(from),
    })
}

/// The command keeps its event's tag where the log in front of it is the same, so that who has seen
/// the event knows it again.
fn restore(conversation: &ConversationId, command: Restore) -> Result<store::Restore> {
    let author: ParticipantId = field("restore.author", &command.author)?;
    let agent: AgentName = field("restore.agent", &command.agent)?;
    let author_name = match command.author_name {
        name if name.is_empty() => author.to_string(),
        name => check::name("restore.author_name", name)?,
    };
    let created = EventBody::ConversationCreated {
        by: author.clone(),
        title: None,
        participants: vec![
            Participant {
                id: author.clone(),
                name: author_name.clone(),
                role: Role::Owner,
            },
            Participant {
                id: ParticipantId::Agent(agent.clone()),
                name: agent.to_string(),
                role: Role::Agent,
            },
        ],
    };
    let body = check::body("restore.body", command.body)?;
    Ok(store::Restore {
        submit: Submit {
            conversation: conversation.clone(),
            author,
            message: field("restore.message", &command.message)?,
            entry: store::NewEntry {
                eid: Eid(command.eid),
                body: body.clone(),
            },
            wake: Wake::Agent(agent.clone()),
            policy: optional("restore.policy", &command.policy)?,
            needs: acts::needs_of(&body)?,
            outside: false,
        },
        author_name,
        agent,
        pool: optional("restore.pool", &command.pool)?.unwrap_or_default(),
        accepted: (Epoch(command.epoch), Seq(command.seq)),
        prev: Eid(command.prev),
        anew: Eid::random(),
        epoch: Epoch::random(),
        created: store::NewEntry {
            eid: Eid::random(),
            body: created.encode()?,
        },
        replay: optional("restore.replay", &command.replay)?,
    })
}

pub(super) async fn append(store: &dyn Store, request: AppendRequest) -> Result<AppendReply> {
    let conversation = check::conversation(&request.conversation)?;
    check::at_most("entries", request.entries.len(), check::MAX_ENTRIES)?;
    // The reply repeats them.
    let bytes = request.entries.iter().map(|entry| entry.body.len()).sum();
    check::at_most("entries", bytes, 2 * check::MAX_BODY)?;
    let append = store::Append {
        conversation,
        nonce: Nonce(request.nonce),
        run: Some(field("run", &request.run)?),
        text: request.text.map(text).transpose()?,
        entries: request
            .entries
            .into_iter()
            .map(new_entry)
            .collect::<Result<_>>()?,
        step: request.step,
        unless_cancelled: request.unless_cancelled,
        ttl: check::ttl("ttl_ms", request.ttl_ms)?,
    };
    let appended = store.append(append).await?;
    Ok(AppendReply {
        epoch: appended.epoch.0,
        entries: encode::entries(appended.entries),
        head: appended.head.0,
        audience: texts(appended.audience),
        cancel: appended.cancel,
    })
}

fn text(text: Text) -> Result<store::Text> {
    let end = text.offset.saturating_add(text.text.len() as u64);
    let end = usize::try_from(end).unwrap_or(usize::MAX);
    check::at_most("text", end, check::MAX_TEXT)?;
    if std::str::from_utf8(&text.text).is_err() {
        return Err(Invalid::new("text.text", "it is not whole characters of UTF-8").into());
    }
    Ok(store::Text {
        message: field("text.message", &text.message)?,
        part: part("text.part", text.part)?,
        offset: text.offset,
        text: text.text,
    })
}

fn new_entry(entry: NewEntry) -> Result<(store::NewEntry, store::Effect)> {
    let message = || field("entries.message", &entry.message);
    let effect = match Effect::try_from(entry.effect) {
        Ok(Effect::None) => store::Effect::None,
        Ok(Effect::Start) => store::Effect::Start(message()?),
        Ok(Effect::Complete) => store::Effect::Complete(message()?),
        Ok(Effect::Offer) => {
            let message = message()?;
            acts::may_offer(&entry.body, &message)?;
            store::Effect::Offer(message)
        }
        Ok(Effect::Retract) => store::Effect::Retract(message()?),
        Ok(Effect::Finish) => store::Effect::Finish,
        Ok(Effect::SetTimer) => store::Effect::SetTimer(timers::to_set(entry.timer)?),
        Ok(Effect::ClearTimer) => store::Effect::ClearTimer(timers::to_clear(entry.timer)?),
        Ok(Effect::Retry) => store::Effect::Retry(Duration::from_millis(entry.delay_ms)),
        Err(_) => return Err(Invalid::new("entries.effect", "there is no such effect").into()),
    };
    let new = store::NewEntry {
        eid: Eid(entry.eid),
        body: check::body("entries.body", entry.body)?,
    };
    Ok((new, effect))
}

pub(super) async fn renew(store: &dyn Store, request: RenewRequest) -> Result<RenewReply> {
    let id = check::conversation(&request.conversation)?;
    let ttl = check::ttl("ttl_ms", request.ttl_ms)?;
    let renewed = store.renew(&id, Nonce(request.nonce), ttl).await?;
    Ok(RenewReply {
        epoch: renewed.epoch.0,
        head: renewed.head.0,
        audience: texts(renewed.audience),
        cancel: renewed.cancel,
    })
}

pub(super) async fn release(store: &dyn Store, request: ReleaseRequest) -> Result<ReleaseReply> {
    let release = store::Release {
        conversation: check::conversation(&request.conversation)?,
        nonce: Nonce(request.nonce),
        run: field("run", &request.run)?,
        over: optional("over", &request.over)?,
        ttl: check::ttl("ttl_ms", request.ttl_ms)?,
        history: recent(request.history, request.history_from)?,
        abandon: request.abandon,
    };
    let next = store.release(release).await?;
    Ok(ReleaseReply {
        next: next.map(encode::claimed),
    })
}

pub(super) async fn announce(store: &dyn Store, request: AnnounceRequest) -> Result<AnnounceReply> {
    let inbox = field("inbox", &request.inbox)?;
    let pool = optional("pool", &request.pool)?.unwrap_or_default();
    let ttl = check::ttl("ttl_ms", request.ttl_ms)?;
    check::at_most("agents", request.agents.len(), check::MAX_AGENTS)?;
    let agents = request
        .agents
        .into_iter()
        .map(|agent| agent_info(agent, &pool))
        .collect::<Result<Vec<_>>>()?;
    store.announce(&inbox, &agents, ttl).await?;
    Ok(AnnounceReply {})
}

fn agent_info(agent: Agent, pool: &Pool) -> Result<AgentInfo> {
    check::at_most(
        "agents.description",
        agent.description.len(),
        check::MAX_NAME,
    )?;
    check::at_most("agents.title", agent.title.len(), check::MAX_NAME)?;
    check::at_most("agents.model", agent.model.len(), check::MAX_NAME)?;
    check::at_most("agents.trouble", agent.trouble.len(), check::MAX_NAME)?;
    check::at_most(
        "agents.suggestions",
        agent.suggestions.len(),
        MOST_SUGGESTIONS,
    )?;
    let suggestions = agent.suggestions.into_iter().map(Suggestion::from);
    let suggestions: Vec<_> = suggestions.collect();
    if !suggestions.iter().all(Suggestion::is_short) {
        let why = format!("each text has 1 to {LONGEST_SUGGESTION} bytes");
        return Err(Invalid::new("agents.suggestions", why).into());
    }
    Ok(AgentInfo {
        name: field("agents.name", &agent.name)?,
        title: Some(agent.title).filter(|title| !title.is_empty()),
        description: agent.description,
        model: Some(agent.model).filter(|model| !model.is_empty()),
        pool: optional("agents.pool", &agent.pool)?.unwrap_or_else(|| pool.clone()),
        is_learning: agent.learning,
        suggestions,
        trouble: Some(agent.trouble).filter(|trouble| !trouble.is_empty()),
    })
}

pub(super) async fn list_agents(
    store: &dyn Store,
    ListAgentsRequest {}: ListAgentsRequest,
) -> Result<ListAgentsReply> {
    let agents = store.agents().await?;
    Ok(ListAgentsReply {
        agents: agents.into_iter().map(encode::agent).collect(),
    })
}
