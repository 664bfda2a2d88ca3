//! What happens when the connection is cut, frozen, or told to wait.

use std::{pin::pin, time::Duration};

use convene_bus::{Arrival, Bus, Error, rabbitmq::Options};
use convene_runtime::{Tasks, trace::TraceContext};
use futures_util::{FutureExt as _, future::join_all};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use xtask::rabbitmq::RabbitMq;

use crate::{
    broker::{
        PATIENCE, TIER, answers, connected, eventually, letter, letter_about, opened, options,
        pool, ring, rung, soon, url,
    },
    proxy::{Method, Mode, Proxy},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_heals_and_what_was_in_hand_comes_again() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let (bus, pool) = (connected(options(proxy.url())).await, pool());
    ring(&bus, &pool, "c-1").await.unwrap();
    let mut doorbells = bus.doorbells(&pool, 10).await.unwrap();
    let in_hand = rung(&mut doorbells).await;
    proxy.cut();
    let again = rung(&mut doorbells).await;
    assert_eq!(again.doorbell.conversation, "c-1");
    assert!(again.redelivered);
    in_hand.ack().await.unwrap();
    again.ack().await.unwrap();
    ring(&bus, &pool, "c-2").await.unwrap();
    assert_eq!(rung(&mut doorbells).await.doorbell.conversation, "c-2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_that_was_not_confirmed_is_rung_again() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let (bus, pool) = (connected(options(proxy.url())).await, pool());
    let direct = connected(options(&url)).await;
    let mut doorbells = direct.doorbells(&pool, 10).await.unwrap();
    ring(&bus, &pool, "c-1").await.unwrap();
    rung(&mut doorbells).await.ack().await.unwrap();

    proxy.set(Mode::Deaf);
    let ringing = ring(&bus, &pool, "c-2");
    let arriving = async {
        let first = rung(&mut doorbells).await;
        // The broker has it, and nobody knows.
        proxy.cut();
        proxy.set(Mode::Open);
        first
    };
    let (confirmed, first) = tokio::join!(soon("the confirm", ringing), arriving);
    confirmed.unwrap();
    let second = rung(&mut doorbells).await;
    assert_eq!(first.doorbell.conversation, "c-2");
    assert_eq!(second.doorbell.conversation, "c-2");
    assert!(!second.redelivered, "it is another message");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_reopens_under_another_name() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let (reader, writer) = (
        connected(options(proxy.url())).await,
        connected(options(&url)).await,
    );
    let mut letters = reader.open_inbox("gateway-7").await.unwrap();
    let old = opened(&mut letters).await;
    proxy.cut();
    assert!(matches!(
        soon("the loss", letters.next()).await,
        Some(Arrival::Lost)
    ));
    let new = opened(&mut letters).await;
    assert_ne!(old, new);
    let trace = TraceContext::default();
    let both = [old, new];
    writer
        .send(&both[..1], &letter("c-1"), &trace)
        .await
        .unwrap();
    writer.send(&both, &letter("c-2"), &trace).await.unwrap();
    assert_eq!(letter_about(&mut letters).await, "c-2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_broker_is_red_at_once_and_given_up_soon() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let options = Options {
        heartbeat_s: 1,
        connect_timeout_ms: 500,
        ring_timeout_ms: 500,
        ..options(proxy.url())
    };
    let (bus, pool) = (connected(options).await, pool());
    let mut letters = bus.open_inbox("gateway-7").await.unwrap();
    opened(&mut letters).await;
    ring(&bus, &pool, "c-1").await.unwrap();
    proxy.set(Mode::Frozen);
    let ringing = soon("a refusal", ring(&bus, &pool, "c-2")).await;
    assert!(matches!(ringing, Err(Error::Unavailable(_))), "{ringing:?}");
    assert!(matches!(bus.ping().await, Err(Error::Unavailable(_))));
    assert!(matches!(
        soon("the loss", letters.next()).await,
        Some(Arrival::Lost)
    ));
    // Connections to a frozen broker do not hold us up either, once it thaws.
    proxy.set(Mode::Open);
    opened(&mut letters).await;
    answers(&bus).await;
    ring(&bus, &pool, "c-3").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_socket_bounds_what_waits_and_holds_nobody_up_for_long() {
    const LETTER: usize = 64 * 1024;
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let options = Options {
        send_timeout_ms: 100,
        ..options(proxy.url())
    };
    let bus = connected(options).await;
    let mut letters = bus.open_inbox("gateway-7").await.unwrap();
    let to = [opened(&mut letters).await];
    proxy.set(Mode::Frozen);
    let large = letter(&"x".repeat(LETTER));
    let mut sent = 0;
    soon("a full outbox", async {
        while bus
            .send(&to, &large, &TraceContext::default())
            .await
            .is_ok()
        {
            sent += LETTER;
        }
    })
    .await;
    assert!(sent < 32 * 1024 * 1024, "{sent} bytes wait");
    let trace = TraceContext::default();
    let refused = soon("a refusal", bus.send(&to, &large, &trace)).await;
    refused.unwrap_err();
    proxy.set(Mode::Open);
    eventually("room", async || {
        bus.send(&to, &letter("c-1"), &TraceContext::default())
            .await
            .is_ok()
    })
    .await;
    soon("the newest letter", async {
        while letter_about(&mut letters).await != "c-1" {}
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_broker_takes_nothing_ringing_fails_at_once() {
    const BLOCKED: u16 = 60;
    const UNBLOCKED: u16 = 61;
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    // Whoever waited for this to be over would wait longer than the test.
    let options = Options {
        ring_timeout_ms: 600_000,
        ..options(proxy.url())
    };
    let (bus, pool) = (connected(options).await, pool());
    let rings = async || timeout(PATIENCE, ring(&bus, &pool, "c-1")).await;
    rings().await.unwrap().unwrap();
    proxy.say(BLOCKED, b"\x06memory");
    eventually("red", async || bus.ping().await.is_err()).await;
    let ringing = rings().await.expect("an answer at once");
    assert!(matches!(ringing, Err(Error::Unavailable(_))), "{ringing:?}");
    proxy.say(UNBLOCKED, b"");
    answers(&bus).await;
    rings().await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_put_off_while_the_broker_takes_nothing_stays_in_hand() {
    const BLOCKED: u16 = 60;
    const UNBLOCKED: u16 = 61;
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let (bus, pool) = (connected(options(proxy.url())).await, pool());
    ring(&bus, &pool, "c-1").await.unwrap();
    let mut doorbells = bus.doorbells(&pool, 10).await.unwrap();
    let taken = rung(&mut doorbells).await;
    proxy.say(BLOCKED, b"\x06memory");
    eventually("red", async || bus.ping().await.is_err()).await;
    let mut putting_off = Box::pin(taken.retry_later(TIER));
    tokio::select! {
        outcome = &mut putting_off => panic!("it is not put off: {outcome:?}"),
        again = rung(&mut doorbells) => panic!("it came again: {again:?}"),
        () = sleep(TIER) => {}
    }
    proxy.say(UNBLOCKED, b"");
    soon("its end", putting_off).await.unwrap();
    assert!(!rung(&mut doorbells).await.redelivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_under_way_fails_when_the_broker_stops_taking() {
    const BLOCKED: u16 = 60;
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let options = Options {
        ring_timeout_ms: 60_000,
        ..options(proxy.url())
    };
    let (bus, pool) = (connected(options).await, pool());
    ring(&bus, &pool, "c-1").await.unwrap();
    proxy.set(Mode::Deaf);
    let ringing = ring(&bus, &pool, "c-2");
    let blocking = async { proxy.say(BLOCKED, b"\x06memory") };
    let (outcome, ()) = tokio::join!(soon("the end of it", ringing), blocking);
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_closing_nor_settling_waits_for_a_frozen_broker() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let (tasks, pool) = (Tasks::new(), pool());
    let bus = convene_bus::rabbitmq::RabbitBus::connect(options(proxy.url()), &tasks).unwrap();
    answers(&bus).await;
    ring(&bus, &pool, "c-1").await.unwrap();
    let mut doorbells = bus.doorbells(&pool, 1).await.unwrap();
    let in_hand = rung(&mut doorbells).await;
    proxy.set(Mode::Frozen);
    bus.close(Duration::from_secs(1)).await;
    in_hand.ack().await.unwrap();
    assert!(doorbells.next().await.is_none());
    assert_eq!(
        tasks.stop(Duration::from_secs(3)).await,
        0,
        "tasks are left"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_is_sent_before_the_bus_closes() {
    const ROUNDS: usize = 10;
    const LETTERS: usize = 200;
    let Some(url) = url() else { return };
    let other = connected(options(&url)).await;
    let mut letters = other.open_inbox("gateway-7").await.unwrap();
    let to = [opened(&mut letters).await];
    // A connection that is ended too soon loses them only now and then.
    for _ in 0..ROUNDS {
        let closing = connected(options(&url)).await;
        for number in 0..LETTERS {
            let letter = letter(&format!("c-{number}"));
            closing
                .send(&to, &letter, &TraceContext::default())
                .await
                .unwrap();
        }
        closing.close(PATIENCE).await;
        for number in 0..LETTERS {
            assert_eq!(letter_about(&mut letters).await, format!("c-{number}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_waits_for_the_brokers_word_that_it_has_what_was_sent() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let bus = connected(options(proxy.url())).await;
    proxy.set(Mode::Deaf);
    let mut closing = Box::pin(bus.close(PATIENCE));
    let closed = timeout(Duration::from_secs(3), &mut closing).await;
    assert!(closed.is_err(), "it has said nothing yet");
    proxy.set(Mode::Open);
    soon("the end", closing).await;
}

/// A queue that is suspended is what a quorum queue is like without its majority.
fn tell_queue(broker: &RabbitMq, what: &str, queue: &str) {
    let telling = format!(
        "[sys:{what}(amqqueue:get_pid(Q)) || Q <- rabbit_amqqueue:list(), \
         element(4, amqqueue:get_name(Q)) == <<\"{queue}\">>]."
    );
    broker.control(&["eval", &telling]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delay_that_confirms_nothing_ties_no_hand_and_gets_no_second_copy() {
    if url().is_none() {
        return;
    }
    let home = TempDir::new().unwrap();
    let broker = RabbitMq::start(home.path()).unwrap();
    let options = Options {
        ring_timeout_ms: 1_000,
        ..options(&broker.url())
    };
    let bus = connected(options).await;
    let (used, fresh) = (pool(), pool());
    for (pool, is_used) in [(&used, true), (&fresh, false)] {
        ring(&bus, pool, "c-1").await.unwrap();
        let mut doorbells = bus.doorbells(pool, 1).await.unwrap();
        if is_used {
            let taken = rung(&mut doorbells).await;
            taken.retry_later(TIER).await.unwrap();
        }
        let tier = format!("runs.{pool}.retry.{}", TIER.as_millis());
        let mut taken = rung(&mut doorbells).await;
        tell_queue(&broker, "suspend", &tier);
        for kept in [false, true, false] {
            ring(&bus, pool, "c-2").await.unwrap();
            let putting_off = if kept {
                taken.keep(TIER).boxed()
            } else {
                taken.retry_later(TIER).boxed()
            };
            soon("a hand that is free", putting_off).await.unwrap();
            let next = rung(&mut doorbells).await;
            assert_eq!(next.doorbell.conversation, "c-2", "it is behind what waits");
            next.ack().await.unwrap();
            taken = rung(&mut doorbells).await;
            assert_eq!(taken.doorbell.conversation, "c-1");
            assert_eq!(taken.redelivered, kept);
        }
        taken.ack().await.unwrap();

        tell_queue(&broker, "resume", &tier);
        ring(&bus, pool, "last").await.unwrap();
        let mut copies = 0;
        loop {
            let taken = rung(&mut doorbells).await;
            if taken.doorbell.conversation == "c-1" {
                copies += 1;
                taken.ack().await.unwrap();
            } else if taken.redelivered {
                break;
            } else {
                // Behind whatever the delay holds.
                taken.keep(TIER).await.unwrap();
            }
        }
        // The broker itself may not have written to a queue that it did not know before.
        assert!(copies <= 1 && (copies == 1 || !is_used), "{copies}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_confirms_nothing_holds_up_no_other() {
    const AT_ONCE: usize = 2000;
    if url().is_none() {
        return;
    }
    let home = TempDir::new().unwrap();
    let broker = RabbitMq::start(home.path()).unwrap();
    let options = Options {
        ring_timeout_ms: 60_000,
        ..options(&broker.url())
    };
    let bus = connected(options).await;
    let (stuck, sound) = (pool(), pool());
    for pool in [&stuck, &sound] {
        ring(&bus, pool, "c-0").await.unwrap();
    }
    tell_queue(&broker, "suspend", &format!("runs.{stuck}"));
    let in_vain = (0..AT_ONCE).map(|_| ring(&bus, &stuck, "c-1"));
    let mut in_vain = pin!(join_all(in_vain));
    let others = async {
        for _ in 0..10 {
            ring(&bus, &sound, "c-2").await.unwrap();
        }
    };
    tokio::select! {
        biased;
        _ = &mut in_vain => panic!("the queue confirms"),
        () = soon("confirms of another queue", others) => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_doorbells_knows_whether_any_can_come() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let (bus, pool) = (connected(options(proxy.url())).await, pool());
    let mut doorbells = bus.doorbells(&pool, 1).await.unwrap();
    let mut subscribed = doorbells.subscribed();
    assert!(!*subscribed.borrow());
    let faults = async {
        soon("a subscription", subscribed.wait_for(|is_so| *is_so))
            .await
            .unwrap();
        proxy.set(Mode::Down);
        proxy.cut();
        soon("its loss", subscribed.wait_for(|is_so| !*is_so))
            .await
            .unwrap();
        proxy.set(Mode::Open);
        soon("another one", subscribed.wait_for(|is_so| *is_so))
            .await
            .unwrap();
    };
    tokio::select! {
        () = faults => {}
        rung = doorbells.next() => panic!("nobody rang: {rung:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_nobody_reads_holds_up_nobody_who_writes_to_it() {
    const LETTER: usize = 16 * 1024;
    const LETTERS: usize = 2000;
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let reader = connected(options(proxy.url())).await;
    let (writer, pool) = (connected(options(&url)).await, pool());
    let mut unread = reader.open_inbox("gateway-7").await.unwrap();
    let mut read = writer.open_inbox("gateway-8").await.unwrap();
    let to = [opened(&mut unread).await, opened(&mut read).await];
    ring(&writer, &pool, "c-0").await.unwrap();
    proxy.set(Mode::Frozen);
    let large = letter(&"x".repeat(LETTER));
    for number in 0..LETTERS {
        writer
            .send(&to, &large, &TraceContext::default())
            .await
            .unwrap();
        letter_about(&mut read).await;
        if number % 100 == 0 {
            ring(&writer, &pool, "c-1").await.unwrap();
            writer.ping().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_unread_deliveries_nor_letters_that_do_not_get_out_delay_a_confirm() {
    const CONSUME: Method = (60, 20);
    const PUBLISH: Method = (60, 40);
    let Some(url) = url() else { return };
    for method in [CONSUME, PUBLISH] {
        let proxy = Proxy::before(&url, Mode::Open).await;
        let (bus, pool) = (connected(options(proxy.url())).await, pool());
        let mut letters = bus.open_inbox("gateway-7").await.unwrap();
        let to = [opened(&mut letters).await];
        let trace = TraceContext::default();
        bus.send(&to, &letter("c-1"), &trace).await.unwrap();
        assert_eq!(letter_about(&mut letters).await, "c-1");
        proxy.set(Mode::Holding(method));
        ring(&bus, &pool, "c-1").await.unwrap();
        bus.ping().await.unwrap();
        proxy.set(Mode::Open);
        bus.send(&to, &letter("c-2"), &trace).await.unwrap();
        assert_eq!(letter_about(&mut letters).await, "c-2");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loss_of_one_connection_is_the_loss_of_all() {
    const CONFIRM: Method = (85, 10);
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let options = Options {
        heartbeat_s: 1,
        ..options(proxy.url())
    };
    let bus = connected(options).await;
    let mut letters = bus.open_inbox("gateway-7").await.unwrap();
    opened(&mut letters).await;
    proxy.set(Mode::Holding(CONFIRM));
    assert!(matches!(
        soon("the loss", letters.next()).await,
        Some(Arrival::Lost)
    ));
    opened(&mut letters).await;
    answers(&bus).await;
}
