//! The agent of docs/first-agent.md, which says how to start it.

use convene_agent::part::{Action, Actions};
use convene_agent::{Agent, Error, Run, async_trait};
use convene_agent_worker::{Host, HostError};

struct Wrap;

#[async_trait]
impl Agent for Wrap {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let pressed = run.acts().last();
        if let Some((who, act)) = pressed {
            let answer = format!("{} it is, {}.", act.label, run.name_of(who));
            return run.write(answer).await;
        }
        run.write("Which paper shall it be?").await?;
        let mut papers = Vec::new();
        for paper in ["Stars", "Stripes"] {
            let id = paper
                .parse()
                .map_err(|_| Error::permanent("bad_id", "no id"))?;
            papers.push(Action::new(id, paper));
        }
        run.offer(Actions::buttons(papers).once()).await
    }

    fn description(&self) -> String {
        "Wraps presents".to_owned()
    }
}

#[tokio::main]
async fn main() -> Result<(), HostError> {
    Host::from_env()?.agent("wrap", Wrap)?.run().await
}
