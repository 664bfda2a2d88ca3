//! `convene bench`: what it reports of a server that keeps its word, and of one that does not.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::Ipv4Addr,
    process::Stdio,
};

use convene_runtime::Tasks;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy, copy_bidirectional},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
};

use crate::harness::{Run, Stack, convene, on_both};

const SHORT: [&str; 10] = [
    "bench",
    "--conversations=4",
    "--people=2",
    "--rate=16",
    "--tokens=20",
    "--token-rate=100",
    "--idle=3",
    "--warm-up=0s",
    "--duration=3s",
    "--json=-",
];

/// The report, whatever the command thinks of it.
fn report(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

fn number(report: &Value, path: &str) -> u64 {
    let found = report.pointer(path).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no {path} in {report:#}"))
}

on_both! {
    async fn a_server_that_keeps_its_word_is_measured_and_found_faultless(stack: Stack) {
        let (here, there) = (stack.gateway(0).url(), stack.gateway(1).url());
        let url = format!("--url={here},{there}");
        let picture = stack.folder().join("latency.svg");
        let plot = format!("--plot={}", picture.display());
        let more = [url.as_str(), "--reconnects=4", plot.as_str()];
        let arguments: Vec<_> = SHORT.into_iter().chain(more).collect();
        let run = tokio::task::block_in_place(|| stack.run(&arguments));
        let report = report(&run);
        assert_eq!(run.code, Some(0), "{report:#}{}", run.err);
        let said = number(&report, "/messages/said");
        assert!(said > 20, "{report:#}");
        assert_eq!(number(&report, "/messages/answered"), said, "{report:#}");
        for never in ["/messages/failed", "/messages/refused", "/messages/unaccepted"] {
            assert_eq!(number(&report, never), 0, "{report:#}");
        }
        for promise in ["/broken/lost", "/broken/twice", "/broken/disordered"] {
            assert_eq!(number(&report, promise), 0, "{report:#}");
        }
        for timed in ["accepted", "first_token", "answer"] {
            let count = number(&report, &format!("/latency_ms/{timed}/count"));
            assert_eq!(count, said, "{timed} of {report:#}");
        }
        assert_eq!(number(&report, "/delivered/tokens"), said * 20, "{report:#}");
        assert!(number(&report, "/latency_ms/delay/count") > 0, "{report:#}");
        assert!(number(&report, "/connections/resumed") > 4, "{report:#}");
        assert_eq!(number(&report, "/load/connections"), 11);
        let picture = std::fs::read_to_string(picture).unwrap();
        assert!(picture.contains("polyline") && picture.ends_with("</svg>\n"), "{picture}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_or_comes_twice_on_the_way_is_reported_and_fails_it() {
    let stack = Stack::embedded().await;
    let meddler = Meddler::before(stack.gateway(0).port()).await;
    let url = format!("--url=http://127.0.0.1:{}", meddler.port);
    let arguments: Vec<_> = SHORT.into_iter().chain([url.as_str()]).collect();
    let run = tokio::task::block_in_place(|| stack.run(&arguments));
    let report = report(&run);
    let lost = number(&report, "/broken/lost");
    let twice = number(&report, "/broken/twice");
    assert!(lost > 0 && twice > 0, "{report:#}");
    let complaint = run.expect_complaint();
    assert!(complaint.contains(&format!("{lost} lost")), "{complaint}");
    assert!(complaint.contains(&format!("{twice} twice")), "{complaint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_it_with_what_there_is_by_then() {
    let stack = Stack::embedded().await;
    let mut command = convene(stack.folder());
    let url = format!("--url={}", stack.gateway(0).url());
    command.args([
        "bench",
        "--guests",
        "--duration=10m",
        "--rate=20",
        "--conversations=2",
        "--tokens=5",
    ]);
    command
        .arg(url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let (code, out) = tokio::task::spawn_blocking(move || {
        let mut bench = command.spawn().unwrap();
        let mut words = BufReader::new(bench.stderr.take().unwrap()).lines();
        assert!(words.any(|line| line.unwrap().contains("it begins")));
        let interrupt = format!("kill -s INT {}", bench.id());
        let told = std::process::Command::new("sh")
            .args(["-c", &interrupt])
            .status();
        assert!(told.unwrap().success());
        let mut out = String::new();
        bench
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        (bench.wait().unwrap().code(), out)
    })
    .await
    .unwrap();
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("cut short after") && out.contains("0 lost"),
        "{out}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_is_said_in_a_sentence() {
    let stack = Stack::embedded().await;
    let nobody = "--url=http://127.0.0.1:1";
    for (arguments, words) in [
        (
            &["bench", "--people=300"][..],
            "--people must be from 1 to 255",
        ),
        (&["bench", "--conversations=0"][..], "there is nobody"),
        (
            &["bench", nobody][..],
            "no conversation can be begun at http://127.0.0.1:1",
        ),
        (&["bench", nobody, "--guests"][..], "no guests are let in"),
    ] {
        let run = tokio::task::block_in_place(|| stack.run(arguments));
        let complaint = run.expect_complaint();
        assert!(complaint.contains(words), "{complaint}");
    }
}

/// Between the clients and a gateway: of each ten pieces of text it loses one and says one twice.
struct Meddler {
    port: u16,
}

impl Meddler {
    async fn before(gateway: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let tasks = Tasks::new();
        let connections = tasks.clone();
        tasks.spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, gateway))
                    .await
                    .unwrap();
                connections.spawn(between(client, server));
            }
        });
        Self { port }
    }
}

async fn between(mut client: TcpStream, mut server: TcpStream) {
    let mut begin = [0; 10];
    let length = client.peek(&mut begin).await.unwrap_or(0);
    if &begin[..length] != b"GET /v1/ws" {
        drop(copy_bidirectional(&mut client, &mut server).await);
        return;
    }
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = meddle(from_server, to_client) => {}
    }
}

async fn meddle(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(from.read_u8().await?);
    }
    to.write_all(&head).await?;
    for number in 0_u32.. {
        let mut frame = vec![from.read_u8().await?, from.read_u8().await?];
        let length = match frame[1] {
            126 => {
                let long = from.read_u16().await?;
                frame.extend(long.to_be_bytes());
                u64::from(long)
            }
            127 => {
                let long = from.read_u64().await?;
                frame.extend(long.to_be_bytes());
                long
            }
            short => u64::from(short),
        };
        let begin = frame.len();
        frame.resize(begin + usize::try_from(length).unwrap(), 0);
        from.read_exact(&mut frame[begin..]).await?;
        let is_text = frame[begin..].starts_with(br#"{"type":"delta""#);
        let times = match number % 10 {
            3 if is_text => 0,
            7 if is_text => 2,
            _ => 1,
        };
        for _ in 0..times {
            to.write_all(&frame).await?;
        }
    }
    Ok(())
}
