//! `convene healthcheck`: asks a service whether it wants traffic, for containers and scripts.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use convene_config::Loaded;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{cli::ServiceName, roles::listen::reachable, say};

const DEADLINE: Duration = Duration::from_secs(5);

/// More of an answer is not read.
const ANSWER: u64 = 64 * 1024;

/// Which service to ask.
#[derive(Debug, Args)]
pub(crate) struct HealthcheckArgs {
    #[arg(value_enum, default_value = "serve")]
    service: ServiceName,
}

pub(crate) async fn run(arguments: HealthcheckArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let address = match arguments.service {
        ServiceName::Serve | ServiceName::Gateway => loaded.config.gateway.listen,
        ServiceName::AgentWorker | ServiceName::ContextService => loaded.config.admin.listen,
    };
    let address = reachable(address);
    let answer = timeout(DEADLINE, get(address))
        .await
        .with_context(|| format!("no answer from {address} within {DEADLINE:?}"))?
        .with_context(|| format!("cannot ask {address}"))?;
    let status = answer.lines().next().unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    if status.split(' ').nth(1) != Some("200") {
        bail!("not ready: {status} {body}");
    }
    say(body)
}

async fn get(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /health/ready HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(ANSWER).read_to_string(&mut answer).await?;
    Ok(answer)
}
