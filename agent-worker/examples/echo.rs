//! An agent in ten lines. Start Convene's services with `cargo xtask cluster`; in another terminal
//! `. target/cluster/env`, then `cargo run -p convene-agent-worker --example echo`, and talk to the
//! agent `echo`. docs/agents.md says more.

use convene_agent::{Agent, Error, Run, async_trait};
use convene_agent_worker::{Host, HostError};

struct Echo;

#[async_trait]
impl Agent for Echo {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let said = run.input_text();
        run.write(format!("You said: {said}")).await
    }

    fn description(&self) -> String {
        "Says again what you said".to_owned()
    }
}

#[tokio::main]
async fn main() -> Result<(), HostError> {
    Host::from_env()?.agent("echo", Echo)?.run().await
}
