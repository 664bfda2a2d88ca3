//! Raw hops: what each step of a message's way costs by itself, one after the other.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, Consumer,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions,
        QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use redis::{Script, aio::MultiplexedConnection};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_tungstenite::tungstenite::Message;
use tonic::{Streaming, transport::Endpoint};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse,
    server_reflection_client::ServerReflectionClient, server_reflection_request::MessageRequest,
};

use crate::{bare::Bare, crowd, lab::Lab};

const PATIENCE: Duration = Duration::from_secs(10);
/// About what a delta and its envelope are.
const BYTES: usize = 200;

/// What each hop took once, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hop {
    /// There and back.
    pub(crate) web_socket: f64,
    pub(crate) grpc: f64,
    pub(crate) script: f64,
    /// From the publisher to the consumer.
    pub(crate) quorum: f64,
    pub(crate) transient: f64,
    /// From the publisher to the broker's word that the quorum has it.
    pub(crate) confirm: f64,
}

impl Hop {
    /// From the client's `send` to the first token on its screen: the way there and back over the
    /// socket, submit, claim and append (each a call and a script), the doorbell and the letter.
    pub(crate) fn first_token(&self) -> f64 {
        self.web_socket + 3.0 * (self.grpc + self.script) + self.quorum + self.transient
    }

    /// From an agent's word to a reader's screen: an append, a letter, and the socket one way.
    pub(crate) fn delta(&self) -> f64 {
        self.grpc + self.script + self.transient + self.web_socket / 2.0
    }
}

/// Open connections to all of it.
pub(crate) struct Hops {
    socket: tokio_tungstenite::WebSocketStream<
        tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>,
    >,
    asked: mpsc::Sender<ServerReflectionRequest>,
    answers: Streaming<ServerReflectionResponse>,
    redis: MultiplexedConnection,
    script: Script,
    publisher: Channel,
    _connections: [Connection; 2],
    quorum: (&'static str, Consumer),
    transient: (&'static str, Consumer),
    _bare: Bare,
}

impl Hops {
    pub(crate) async fn open(lab: &Lab) -> anyhow::Result<Self> {
        let bare = Bare::start(lab.scratch.path())?;
        let socket = crowd::connect(&format!("ws://127.0.0.1:{}/echo", bare.port)).await?;
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{}", bare.grpc))?;
        let channel = endpoint.tcp_nodelay(true).connect().await?;
        let (asked, questions) = mpsc::channel(1);
        let mut client = ServerReflectionClient::new(channel);
        let questions = ReceiverStream::new(questions);
        let answers = client.server_reflection_info(questions).await?.into_inner();
        let url = lab.rabbitmq.url();
        let connect = || Connection::connect(&url, ConnectionProperties::default());
        let connections = [connect().await?, connect().await?];
        let publisher = connections[0].create_channel().await?;
        publisher
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let quorum = queue(&connections[1], "bench.quorum", true).await?;
        let transient = queue(&connections[1], "bench.transient", false).await?;
        Ok(Self {
            socket,
            asked,
            answers,
            redis: lab.redis().await?,
            script: Script::new(
                "return redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, '*', 'b', ARGV[1])",
            ),
            publisher,
            _connections: connections,
            quorum,
            transient,
            _bare: bare,
        })
    }

    /// Goes each way again and again.
    pub(crate) async fn measure(&mut self, time: Duration) -> anyhow::Result<Vec<Hop>> {
        let until = Instant::now() + time;
        let mut hops = Vec::new();
        while Instant::now() < until {
            hops.push(timeout(PATIENCE, self.once()).await??);
        }
        Ok(hops)
    }

    async fn once(&mut self) -> anyhow::Result<Hop> {
        let body = "x".repeat(BYTES);

        let begun = Instant::now();
        self.socket.send(Message::text(body.clone())).await?;
        self.socket.next().await.context("the echo ended")??;
        let web_socket = millis(begun);

        let begun = Instant::now();
        let question = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        self.asked.send(question).await?;
        self.answers.message().await?.context("the stream ended")?;
        let grpc = millis(begun);

        let begun = Instant::now();
        let added: String = self
            .script
            .key("bench:stream")
            .arg(&body)
            .invoke_async(&mut self.redis)
            .await?;
        let script = millis(begun);
        anyhow::ensure!(!added.is_empty(), "the script added nothing");

        let begun = Instant::now();
        let persistent = BasicProperties::default().with_delivery_mode(2);
        let confirm = publish(&self.publisher, self.quorum.0, &body, persistent).await?;
        let quorum = async {
            take(&mut self.quorum.1, true).await?;
            anyhow::Ok(millis(begun))
        };
        let confirmed = async {
            confirm.await?;
            anyhow::Ok(millis(begun))
        };
        let (quorum, confirm) = tokio::try_join!(quorum, confirmed)?;

        let begun = Instant::now();
        let unconfirmed = publish(
            &self.publisher,
            self.transient.0,
            &body,
            BasicProperties::default(),
        )
        .await?;
        take(&mut self.transient.1, false).await?;
        let transient = millis(begun);
        unconfirmed.await?;

        Ok(Hop {
            web_socket,
            grpc,
            script,
            quorum,
            transient,
            confirm,
        })
    }
}

async fn queue(
    connection: &Connection,
    name: &'static str,
    is_quorum: bool,
) -> anyhow::Result<(&'static str, Consumer)> {
    let channel = connection.create_channel().await?;
    let mut arguments = FieldTable::default();
    let kind = if is_quorum { "quorum" } else { "classic" };
    arguments.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
    let options = QueueDeclareOptions {
        durable: is_quorum,
        auto_delete: !is_quorum,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(name.into(), options, arguments)
        .await?;
    let consumer = channel
        .basic_consume(
            name.into(),
            "bench".into(),
            BasicConsumeOptions {
                no_ack: !is_quorum,
                ..BasicConsumeOptions::default()
            },
            FieldTable::default(),
        )
        .await?;
    Ok((name, consumer))
}

async fn publish(
    channel: &Channel,
    queue: &str,
    body: &str,
    properties: BasicProperties,
) -> anyhow::Result<lapin::PublisherConfirm> {
    let options = BasicPublishOptions::default();
    let confirm = channel
        .basic_publish(
            "".into(),
            queue.into(),
            options,
            body.as_bytes(),
            properties,
        )
        .await?;
    Ok(confirm)
}

async fn take(consumer: &mut Consumer, acknowledge: bool) -> anyhow::Result<()> {
    let delivery = consumer.next().await.context("the consumer ended")??;
    if acknowledge {
        delivery.acker.ack(BasicAckOptions::default()).await?;
    }
    Ok(())
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}
