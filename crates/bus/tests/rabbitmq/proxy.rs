//! A TCP proxy before the broker, to cut, to freeze, to go deaf, to put words in its mouth, and
//! to overhear what is asked of it.

use std::{collections::BTreeSet, sync::Arc};

use convene_runtime::Tasks;
use lapin::uri::AMQPUri;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{broadcast, watch},
};

/// A class and a method of AMQP's.
pub(crate) type Method = (u16, u16);

/// What the proxy does with what it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Passes everything on.
    Open,
    /// Passes on what the client says, and keeps the answers to itself.
    Deaf,
    /// Passes nothing on, and closes nothing.
    Frozen,
    /// Neither reads nor closes a connection on which this method was called by now.
    Holding(Method),
    /// Ends whatever connects.
    Down,
}

/// A proxy. Clones share it; its connections end with the test's runtime.
#[derive(Clone)]
pub(crate) struct Proxy {
    url: String,
    state: watch::Sender<State>,
    words: broadcast::Sender<Vec<u8>>,
    heard: Arc<Mutex<BTreeSet<Method>>>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    mode: Mode,
    /// Connections of an earlier one are cut.
    generation: u64,
}

impl Proxy {
    /// Stands before the broker at `url`.
    pub(crate) async fn before(url: &str, mode: Mode) -> Self {
        let mut uri: AMQPUri = url.parse().unwrap();
        let broker = (uri.authority.host.clone(), uri.authority.port);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        uri.authority.host = address.ip().to_string();
        uri.authority.port = address.port();
        let proxy = Self {
            url: uri.to_string(),
            state: watch::Sender::new(State {
                mode,
                generation: 0,
            }),
            words: broadcast::Sender::new(16),
            heard: Arc::default(),
        };
        let tasks = Tasks::new();
        let (own, own_tasks) = (proxy.clone(), tasks.clone());
        tasks.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let broker = TcpStream::connect(broker.clone()).await.unwrap();
                own_tasks.spawn(own.clone().pass(client, broker));
            }
        });
        proxy
    }

    /// The broker's URL, by way of here.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// Ends all connections; new ones are as the mode says.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| state.generation += 1);
    }

    /// Says a method of the connection class to all clients, as if the broker did.
    pub(crate) fn say(&self, method: u16, arguments: &[u8]) {
        const METHOD: u8 = 1;
        const END: u8 = 0xce;
        let mut frame = vec![METHOD, 0, 0];
        frame.extend((4 + arguments.len() as u32).to_be_bytes());
        frame.extend(10u16.to_be_bytes());
        frame.extend(method.to_be_bytes());
        frame.extend(arguments);
        frame.push(END);
        self.words.send(frame).unwrap();
    }

    /// The methods that clients have called.
    pub(crate) fn heard(&self) -> BTreeSet<Method> {
        self.heard.lock().clone()
    }

    async fn pass(self, mut client: TcpStream, mut broker: TcpStream) {
        let mut state = self.state.subscribe();
        let mut words = self.words.subscribe();
        let (mut ear, mut own, mut held) = (Ear::default(), BTreeSet::new(), false);
        let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        let born = state.borrow().generation;
        loop {
            let State { mode, generation } = *state.borrow_and_update();
            if mode == Mode::Down || generation != born {
                return;
            }
            let passed = tokio::select! {
                changed = state.changed() => {
                    let mode = state.borrow().mode;
                    held = matches!(mode, Mode::Holding(method) if own.contains(&method));
                    changed.is_ok()
                }
                read = client.read(&mut up), if mode != Mode::Frozen && !held => match read {
                    Ok(bytes @ 1..) => {
                        let methods = ear.hear(&up[..bytes]);
                        own.extend(methods.iter().copied());
                        self.heard.lock().extend(methods);
                        broker.write_all(&up[..bytes]).await.is_ok()
                    }
                    _ => false,
                },
                read = broker.read(&mut down), if answers(mode) && !held => match read {
                    Ok(bytes @ 1..) => client.write_all(&down[..bytes]).await.is_ok(),
                    _ => false,
                },
                Ok(frame) = words.recv() => client.write_all(&frame).await.is_ok(),
            };
            if !passed {
                return;
            }
        }
    }
}

fn answers(mode: Mode) -> bool {
    matches!(mode, Mode::Open | Mode::Holding(_))
}

/// Finds the methods in what a client says.
#[derive(Default)]
struct Ear {
    heard: Vec<u8>,
    greeted: bool,
}

impl Ear {
    fn hear(&mut self, bytes: &[u8]) -> Vec<Method> {
        const GREETING: usize = 8;
        const HEADER: usize = 7;
        self.heard.extend(bytes);
        if !self.greeted && self.heard.len() >= GREETING {
            self.heard.drain(..GREETING);
            self.greeted = true;
        }
        let mut methods = Vec::new();
        while self.greeted && self.heard.len() >= HEADER {
            let (header, rest) = self.heard.split_at(HEADER);
            let size = u32::from_be_bytes([header[3], header[4], header[5], header[6]]) as usize;
            if rest.len() < size + 1 {
                break;
            }
            if header[0] == 1 {
                let number = |at: usize| u16::from_be_bytes([rest[at], rest[at + 1]]);
                methods.push((number(0), number(2)));
            }
            self.heard.drain(..HEADER + size + 1);
        }
        methods
    }
}
