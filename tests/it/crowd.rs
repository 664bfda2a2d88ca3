//! Crowds and dawdlers at the door: many who say nothing, many who take nothing, and those who send
//! what is no request, slowly, or far too much. What it costs is counted in bytes, and the others'
//! conversations go on.

use std::time::{Duration, Instant};

use convene_client::{
    Incoming, RawSocket, message,
    proto::{
        error::ErrorCode,
        frame::{ClientFrame, ServerFrame},
        id::ConversationId,
    },
};
use convene_runtime::Tasks;
use futures_util::{StreamExt as _, stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    harness::{Role, Stack},
    people::{PATIENCE, Person, assert_counts},
    readers::{counted, joins, subscribe, until},
};

/// What a connected, authenticated and subscribed socket may cost that has nothing to do; the
/// margin is for a build without optimisation.
const IDLE_BYTES: u64 = 40 * 1024;
/// And one that takes nothing of what is written to it, beside what its system holds: what HTTP keeps
/// to be sent (64 KiB), the frames of 30 KB that made it too much, and how the allocator rounds them.
const STALLED_BYTES: u64 = 256 * 1024;

/// How many of which kind there are.
const IDLE: usize = 1_000;
const STALLED: usize = 100;
/// The answers that those who take nothing are to be told, of five seconds each: before half of
/// them they have stalled.
const ANSWERS: usize = 2;
/// What somebody else may wait for an answer, however soon it comes without the crowd.
const BESIDE: Duration = Duration::from_millis(250);
/// Questions of which the slowest but one of a hundred counts.
const SAMPLES: usize = 100;

/// Words of such an answer, and how many of them come in a second.
const WORDS: usize = 2_000;
const RATE: usize = 400;

fn settings() -> Vec<(&'static str, String)> {
    vec![
        ("gateway.connections_per_user", "1000000".to_owned()),
        ("gateway.strangers_per_address", "1000000".to_owned()),
        ("gateway.requests_per_second", "1000000".to_owned()),
        ("gateway.request_burst", "1000000".to_owned()),
        ("gateway.ping_seconds", "60".to_owned()),
        ("gateway.slow_reader_seconds", "600".to_owned()),
        ("telemetry.log", "info".to_owned()),
    ]
}

/// Opens sockets that read a conversation, some at a time.
async fn open(stack: &Stack, count: usize, to: &ConversationId) -> Vec<RawSocket> {
    let url = stack.gateway(0).health_url();
    let token = stack.token("crowd", Role::User);
    let opening = (0..count).map(|_| async {
        let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
        subscribe(&mut socket, to).await;
        loop {
            match socket.next_frame(PATIENCE).await.unwrap() {
                ServerFrame::Snapshot { .. } => return socket,
                ServerFrame::Welcome { .. } | ServerFrame::Signal { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    });
    stream::iter(opening).buffer_unordered(50).collect().await
}

/// Opens connections that subscribe by event stream, and read nothing from then on.
async fn stall(stack: &Stack, count: usize, to: &ConversationId) -> Vec<TcpStream> {
    let address: std::net::SocketAddr = format!("127.0.0.1:{}", stack.gateway(0).port())
        .parse()
        .unwrap();
    let token = stack.token("crowd", Role::User);
    let request = format!(
        "GET /v1/conversations/{to}/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    let opening = (0..count).map(|_| async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head[9..], b"200");
        stream
    });
    stream::iter(opening).buffer_unordered(50).collect().await
}

/// How long somebody waits for an answer, asked so many times: the 99th percentile.
async fn p99(person: &mut Person, times: usize) -> Duration {
    let mut waits = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let input = person.says("/echo hello").await;
        assert_eq!(person.answer_to(input).await, "hello");
        waits.push(begun.elapsed());
    }
    waits.sort();
    waits[(times * 99).div_ceil(100) - 1]
}

/// Asks for so many answers, one after the other.
async fn hear(person: &mut Person, answers: usize) {
    for _ in 0..answers {
        let input = person.says(&format!("/stream {WORDS} at {RATE}")).await;
        assert_counts(&person.answer_to(input).await, WORDS);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_idle_and_a_hundred_who_take_nothing_cost_little() {
    let stack = Stack::embedded_with(&settings()).await;
    let url = stack.gateway(0).health_url();
    let mut ada = Person::beginning(&stack, &url, "ada").await;
    let mut bob = Person::beginning(&stack, &url, "bob").await;
    joins(&stack, &ada, "crowd").await;
    p99(&mut bob, SAMPLES).await;
    let alone = p99(&mut bob, SAMPLES).await;
    let before = stack.gateway(0).resident_bytes();
    let idle = open(&stack, IDLE, ada.conversation()).await;
    let with_idle = stack.gateway(0).resident_bytes();
    let each = with_idle.saturating_sub(before) / IDLE as u64;
    println!("{IDLE} idle sockets: {each} bytes each, {with_idle} in all");
    let beside_idle = p99(&mut bob, SAMPLES).await;
    // Text goes to those who take it, and so would cost them time: only the others stay.
    drop(idle);
    until("the idle are gone", async || {
        counted(&stack, "convene_gateway_subscriptions{kind=\"reader\"").await <= 2.0
    })
    .await;
    let before = stack.gateway(0).resident_bytes();
    let stalled = stall(&stack, STALLED, ada.conversation()).await;
    hear(&mut ada, ANSWERS.div_ceil(2)).await;
    let hearing = hear(&mut ada, ANSWERS / 2);
    let (beside_stalled, ()) = tokio::join!(p99(&mut bob, SAMPLES), hearing);
    for _ in 0..20 {
        let mut large = message("x".repeat(30_000));
        large.to = Some(Vec::new());
        ada.client.send(ada.conversation(), large).await.unwrap();
    }
    let with_stalled = stack.gateway(0).resident_bytes();
    let each_stalled = with_stalled.saturating_sub(before) / STALLED as u64;
    println!("{STALLED} stalled: {each_stalled} bytes each, {with_stalled} in all");
    // `cargo xtask bench bystanders` has ten times as many, and measures more.
    println!(
        "p99 of an answer: {alone:?} alone, {beside_idle:?} beside the idle, {beside_stalled:?} beside the stalled"
    );
    let most = BESIDE.max(alone * 8);
    assert!(beside_idle < most && beside_stalled < most, "others wait");
    ada.saw_the_log().await;
    bob.saw_the_log().await;
    assert!(each < IDLE_BYTES, "an idle socket costs {each} bytes");
    assert!(
        each_stalled < STALLED_BYTES,
        "a stalled one costs {each_stalled} bytes"
    );
    drop(stalled);
}

/// Writes bytes, one at a time or all at once, and waits for the end of the connection.
async fn dawdle(address: &str, bytes: &[u8], pause: Option<Duration>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    match pause {
        None => drop(stream.write_all(bytes).await),
        Some(pause) => {
            let (mut reading, mut writing) = stream.split();
            let writing = async {
                for byte in bytes.iter().cycle() {
                    if writing.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(pause).await;
                }
            };
            let reading = async {
                let mut buffer = [0; 1024];
                while let Ok(1..) = reading.read(&mut buffer).await {}
            };
            let ended = async {
                tokio::select! { () = writing => {}, () = reading => {} }
            };
            assert!(timeout(PATIENCE, ended).await.is_ok(), "it is still heard");
            return;
        }
    }
    let mut rest = Vec::new();
    let ending = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(
        ending.is_ok(),
        "it is still open: {:?}",
        String::from_utf8_lossy(bytes)
    );
}

/// A socket of Ada's, as bytes.
async fn raw_socket(stack: &Stack, token: Option<String>) -> TcpStream {
    let authorization = token.map_or_else(String::new, |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    let mut stream = TcpStream::connect(("127.0.0.1", stack.gateway(0).port()))
        .await
        .unwrap();
    let request = format!(
        "GET /v1/ws HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         {authorization}\r\n",
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    stream
}

/// The code of the close frame with which the server ends it.
async fn closing_code(mut stream: TcpStream) -> u16 {
    let reading = async {
        loop {
            let opcode = stream.read_u8().await.unwrap() & 0x0f;
            let length = match stream.read_u8().await.unwrap() {
                126 => usize::from(stream.read_u16().await.unwrap()),
                127 => usize::try_from(stream.read_u64().await.unwrap()).unwrap(),
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            stream.read_exact(&mut payload).await.unwrap();
            if opcode == 8 {
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("it is not closed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_websocket_is_closed_as_the_protocol_says() {
    let stack = Stack::embedded().await;
    let half_a_character = [0x81, 0x81, 0, 0, 0, 0, 0xff];
    let mut long_ping = vec![0x89, 0xfe, 0, 126, 0, 0, 0, 0];
    long_ping.extend([0; 126]);
    let mut huge = vec![0x81, 0xff];
    huge.extend(0x10_0000_u64.to_be_bytes());
    huge.extend([0; 4]);
    for (what, bytes, code) in [
        ("an unmasked frame", &[0x81, 0x01, b'x'][..], 1002),
        ("a reserved bit", &[0xc1, 0x81, 0, 0, 0, 0, b'x'], 1002),
        ("an unknown opcode", &[0x83, 0x80, 0, 0, 0, 0], 1002),
        ("a ping in pieces", &[0x09, 0x80, 0, 0, 0, 0], 1002),
        ("a piece of nothing", &[0x80, 0x80, 0, 0, 0, 0], 1002),
        ("a ping of 126 bytes", &long_ping, 1002),
        ("no UTF-8", &half_a_character, 1007),
        ("a frame of a megabyte", &huge, 1009),
    ] {
        let mut stream = raw_socket(&stack, Some(stack.token("ada", Role::User))).await;
        stream.write_all(bytes).await.unwrap();
        assert_eq!(closing_code(stream).await, code, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_binary_frame_is_refused_at_once_before_hello_and_after() {
    let stack = Stack::embedded().await;
    for token in [None, Some(stack.token("ada", Role::User))] {
        let what = format!("a token of the request: {}", token.is_some());
        let mut stream = raw_socket(&stack, token).await;
        let binary = [0x82, 0x82, 0, 0, 0, 0, b'{', b'}'];
        stream.write_all(&binary).await.unwrap();
        assert_eq!(closing_code(stream).await, 4503, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dawdles_floods_or_comes_and_goes_is_nobody_else_s_trouble() {
    let stack = Stack::embedded_with(&[
        ("gateway.requests_per_second", "20".to_owned()),
        ("gateway.request_burst", "60".to_owned()),
        ("gateway.connections_per_user", "100000".to_owned()),
    ])
    .await;
    let direct = stack.gateway(0).health_url();
    let address = format!("127.0.0.1:{}", stack.gateway(0).port());
    let mut ada = Person::beginning(&stack, &direct, "ada").await;
    let before = stack.gateway(0).resident_bytes();
    let tasks = Tasks::new();
    let slowly = Some(Duration::from_millis(200));
    let mut dawdlers = Vec::new();
    let token = stack.token("mallory", Role::User);
    for (bytes, pause) in [
        (
            "GET /v1/me HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n".to_owned(),
            slowly,
        ),
        (
            format!(
                "POST /v1/join HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{{"
            ),
            None,
        ),
        (
            "GET /v1/me HTTP/1.1\r\n".to_owned() + &"X-Long: y\r\n".repeat(7000),
            None,
        ),
        ("\u{16}\u{3}\u{1} this is TLS".to_owned(), None),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), None),
    ] {
        let address = address.clone();
        dawdlers.push(tasks.spawn(async move { dawdle(&address, bytes.as_bytes(), pause).await }));
    }
    // Half a frame is waited for no longer than its client lives; others are served meanwhile.
    let mut half = raw_socket(&stack, Some(stack.token("ada", Role::User))).await;
    half.write_all(&[0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0, b'{'])
        .await
        .unwrap();

    let mut flood = RawSocket::open(&direct, Some(&token), PATIENCE)
        .await
        .unwrap();
    let mut refused = 0;
    for request in 1..=2000 {
        let frame = if request % 2 == 0 {
            ClientFrame::Ping { request }
        } else {
            ClientFrame::Subscribe {
                request,
                conversation: ConversationId::random(),
                after: None,
            }
        };
        flood.send(&frame).await.unwrap();
        flood.ping().await.unwrap();
        while let Ok(incoming) = flood.next(Duration::ZERO).await {
            refused += usize::from(is_rate_limited(&incoming));
        }
    }
    while refused < 1000 {
        let incoming = flood.next(PATIENCE).await.unwrap();
        refused += usize::from(is_rate_limited(&incoming));
    }

    let url = &direct;
    let coming = (0..1000).map(|number| {
        let token = stack.token(&format!("guest{}", number % 100), Role::User);
        async move { drop(RawSocket::open(url, Some(&token), PATIENCE).await) }
    });
    stream::iter(coming)
        .buffer_unordered(50)
        .collect::<Vec<_>>()
        .await;

    let input = ada.says("/stream 50 at 100").await;
    assert_counts(&ada.answer_to(input).await, 50);
    for dawdler in dawdlers {
        dawdler.await.unwrap();
    }
    drop((half, flood));
    until("all are gone", async || {
        counted(&stack, "convene_gateway_connections").await <= 1.0
    })
    .await;
    let more = stack.gateway(0).resident_bytes().saturating_sub(before);
    println!("{more} bytes more than before");
    assert!(more < 64 << 20, "{more} bytes more than before");
    ada.saw_the_log().await;
}

fn is_rate_limited(incoming: &Incoming) -> bool {
    let Incoming::Frame(frame) = incoming else {
        return false;
    };
    matches!(&**frame, ServerFrame::Error { problem, .. } if problem.code == ErrorCode::RateLimited)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_holds_so_many_places_without_a_token_and_no_more() {
    let settings = [("gateway.strangers_per_address", "20".to_owned())];
    let stack = Stack::embedded_with(&settings).await;
    let address = format!("127.0.0.1:{}", stack.gateway(0).port());
    // Who has shown a token does not count.
    let url = stack.gateway(0).health_url();
    let token = stack.token("ada", Role::User);
    let mut known = Vec::new();
    for _ in 0..30 {
        let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
        let welcome = socket.next_frame(PATIENCE).await.unwrap();
        assert!(matches!(welcome, ServerFrame::Welcome { .. }));
        known.push(socket);
    }
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(&address).await.unwrap());
    }
    let is_turned_away = async || {
        let mut one = TcpStream::connect(&address).await.unwrap();
        let request = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        drop(one.write_all(request).await);
        let mut answer = Vec::new();
        drop(
            timeout(PATIENCE, one.read_to_end(&mut answer))
                .await
                .unwrap(),
        );
        answer.is_empty()
    };
    until("there is no room for more", async || is_turned_away().await).await;
    known[0]
        .send(&ClientFrame::Ping { request: 1 })
        .await
        .unwrap();
    let pong = known[0].next_frame(PATIENCE).await.unwrap();
    assert!(matches!(pong, ServerFrame::Pong { .. }));
    silent.truncate(10);
    until("there is room again", async || !is_turned_away().await).await;
}
