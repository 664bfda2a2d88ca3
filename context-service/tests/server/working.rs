//! Many calls over one worker's stream.

use std::sync::atomic::Ordering::SeqCst;

use convene_context_service::Options;
use convene_proto::{
    context::{claim_reply::Outcome, work_reply::Reply, work_request::Call, *},
    error::ErrorCode,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::{Setup, fake::GATED, until};

pub(crate) fn append(id: u64, nonce: u64) -> WorkRequest {
    let append = AppendRequest {
        conversation: "c1".into(),
        nonce,
        run: "r1".into(),
        ttl_ms: 10_000,
        ..AppendRequest::default()
    };
    WorkRequest {
        id,
        call: Some(Call::Append(append)),
        ..WorkRequest::default()
    }
}

pub(crate) async fn open<S>(
    setup: &Setup<S>,
) -> Result<(mpsc::Sender<WorkRequest>, Streaming<WorkReply>), tonic::Status> {
    let (requests, stream) = mpsc::channel(64);
    let mut client = setup.client.clone();
    let replies = client.work(ReceiverStream::new(stream)).await?;
    Ok((requests, replies.into_inner()))
}

pub(crate) async fn next(replies: &mut Streaming<WorkReply>) -> (u64, Reply) {
    let reply = replies.message().await.unwrap().unwrap();
    (reply.id, reply.reply.unwrap())
}

#[tokio::test]
async fn a_slow_call_holds_up_no_other() {
    let setup = Setup::new(Options::default());
    let (requests, mut replies) = open(&setup).await.unwrap();
    requests.send(append(1, GATED.0)).await.unwrap();
    requests.send(append(2, 2)).await.unwrap();
    assert_eq!(next(&mut replies).await.0, 2);
    setup.store.gate.add_permits(1);
    assert_eq!(next(&mut replies).await.0, 1);
    drop(requests);
    assert!(replies.message().await.unwrap().is_none());
}

#[tokio::test]
async fn no_more_calls_are_read_than_may_be_under_way() {
    let options = Options {
        work_in_flight: 3,
        ..Options::default()
    };
    let setup = Setup::new(options);
    let (requests, mut replies) = open(&setup).await.unwrap();
    for id in 1..=20 {
        requests.send(append(id, GATED.0)).await.unwrap();
    }
    until("three appends are under way", async || {
        setup.store.appends.load(SeqCst) == 3
    })
    .await;
    setup.store.gate.add_permits(20);
    let mut answered = Vec::new();
    for _ in 1..=20 {
        answered.push(next(&mut replies).await.0);
    }
    answered.sort_unstable();
    assert_eq!(answered, (1..=20).collect::<Vec<_>>());
    assert_eq!(setup.store.most_appends.load(SeqCst), 3);
}

#[tokio::test]
async fn a_refusal_answers_one_call_and_leaves_the_stream_alone() {
    let setup = Setup::new(Options::default());
    let (requests, mut replies) = open(&setup).await.unwrap();
    let renew = |conversation: &str| {
        Some(Call::Renew(RenewRequest {
            conversation: conversation.into(),
            nonce: 1,
            ttl_ms: 1000,
        }))
    };
    let retracting = |effect| {
        let entry = NewEntry {
            body: br#"{"type":"x"}"#.to_vec().into(),
            effect,
            ..NewEntry::default()
        };
        let append = AppendRequest {
            conversation: "c1".into(),
            run: "r1".into(),
            ttl_ms: 1000,
            entries: vec![entry],
            ..AppendRequest::default()
        };
        Some(Call::Append(append))
    };
    let setting = |after_ms: u64, body: &'static str| {
        let entry = NewEntry {
            body: r#"{"type":"timer.set"}"#.into(),
            effect: Effect::SetTimer.into(),
            timer: Some(Timer {
                name: "tea".into(),
                rings: Some(timer::Rings::AfterMs(after_ms)),
                eid: 1,
                body: body.into(),
            }),
            ..NewEntry::default()
        };
        Some(Call::Append(AppendRequest {
            conversation: "c1".into(),
            run: "r1".into(),
            ttl_ms: 1000,
            entries: vec![entry],
            ..AppendRequest::default()
        }))
    };
    let torn = AppendRequest {
        conversation: "c1".into(),
        run: "r1".into(),
        ttl_ms: 1000,
        text: Some(Text {
            message: "m1".into(),
            text: b"\xc3".to_vec().into(),
            ..Text::default()
        }),
        ..AppendRequest::default()
    };
    let append_of_no_run = Some(Call::Append(AppendRequest {
        conversation: "c1".into(),
        ttl_ms: 1000,
        ..AppendRequest::default()
    }));
    for (call, expected) in [
        (renew("c1"), ErrorCode::Fenced),
        (renew("a b"), ErrorCode::BadRequest),
        (retracting(Effect::Retract.into()), ErrorCode::BadRequest),
        (retracting(99), ErrorCode::BadRequest),
        (retracting(Effect::SetTimer.into()), ErrorCode::BadRequest),
        (retracting(Effect::ClearTimer.into()), ErrorCode::BadRequest),
        (setting(1, "no JSON"), ErrorCode::BadRequest),
        (
            setting(367 * 24 * 3_600_000, r#"{"type":"timer.fired"}"#),
            ErrorCode::BadRequest,
        ),
        (Some(Call::Append(torn)), ErrorCode::BadRequest),
        (append_of_no_run, ErrorCode::BadRequest),
        (None, ErrorCode::BadRequest),
    ] {
        requests
            .send(WorkRequest {
                id: 5,
                call,
                ..WorkRequest::default()
            })
            .await
            .unwrap();
        let (id, reply) = next(&mut replies).await;
        let Reply::Error(error) = reply else {
            unreachable!("{reply:?}")
        };
        assert_eq!(
            (id, ErrorCode::parse(&error.code)),
            (5, Some(expected)),
            "{}",
            error.message
        );
    }

    let claim = ClaimRequest {
        conversation: "c1".into(),
        holder: "worker.1".into(),
        ttl_ms: 1000,
        run: "r1".into(),
        ..ClaimRequest::default()
    };
    let call = Some(Call::Claim(claim));
    requests
        .send(WorkRequest {
            id: 6,
            call,
            ..WorkRequest::default()
        })
        .await
        .unwrap();
    let (_, reply) = next(&mut replies).await;
    let Reply::Claim(claim) = reply else {
        unreachable!("{reply:?}")
    };
    assert_eq!(
        claim.outcome,
        Some(Outcome::Held(Held {
            left_ms: 2,
            settles_ms: 0
        })),
        "waits are rounded up"
    );
}

#[tokio::test]
async fn workers_that_sweep_at_the_same_time_share_a_sweep() {
    let setup = Setup::new(Options::default());
    let sweep = |limit| {
        let mut client = setup.client.clone();
        async move {
            let reply = client.sweep(SweepRequest { limit }).await;
            reply.unwrap().into_inner().due.len()
        }
    };
    setup.store.due.store(3, SeqCst);
    let found = futures_util::future::join_all((0..30).map(|_| sweep(10))).await;
    let sweeps = setup.store.steps.load(SeqCst);
    assert!(sweeps < 30, "{sweeps}");
    assert_eq!(found.into_iter().sum::<usize>(), 3 * sweeps);

    // Where there is more, it is asked for at once.
    setup.store.due.store(100, SeqCst);
    while sweep(10).await == 0 {}
    assert_eq!((sweep(10).await, sweep(10).await), (10, 10));
}
