//! How an operator's commands reach whichever Convene is running, the single process or a gateway
//! of a cluster.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use convene_client::{Error, Options, Rest};
use convene_config::{Config, Loaded};
use convene_gateway::auth::{self, Account, Claims};
use convene_proto::id::UserId;
use convene_runtime::clock::now_ms;

use crate::{roles::listen::reachable, token};

/// How long a token of our own is good for, in seconds.
const TOKEN_SECONDS: u64 = 120;

/// Whom to ask, and as whom.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Which Convene to ask [default: the one at gateway.listen]
    #[arg(long, global = true, env = "CONVENE_URL")]
    url: Option<String>,
    /// An administrator's token [default: one signed with the configured secret]
    #[arg(long, global = true, env = "CONVENE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl Reach {
    fn url(&self, config: &Config) -> String {
        self.url
            .clone()
            .unwrap_or_else(|| format!("http://{}", reachable(config.gateway.listen)))
    }

    /// The way there; answers come within `patience`.
    pub(crate) fn rest(&self, loaded: &Loaded, patience: Duration) -> anyhow::Result<Rest> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => own_token(&loaded.config)?,
        };
        let mut options = Options::new(self.url(&loaded.config), token);
        options.request_timeout = patience;
        Ok(Rest::new(&options)?)
    }

    /// What to say of a failure.
    pub(crate) fn explain(&self, loaded: &Loaded, error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref::<Error>() {
            Some(Error::Unreachable { reason, .. }) => anyhow!(
                "nobody answers at {} ({reason}): this is asked of a running Convene; say where \
                 with --url",
                self.url(&loaded.config)
            ),
            _ => error,
        }
    }
}

/// A token for this command alone.
fn own_token(config: &Config) -> anyhow::Result<String> {
    let secret = token::secret(config).context("no --token is given")?;
    let claims = Claims {
        sub: UserId::new("convene-operator")?,
        exp: now_ms() / 1000 + TOKEN_SECONDS,
        name: None,
        role: Account::Admin,
        iss: config.auth.issuer.clone(),
        aud: config.auth.audience.clone().map(Into::into),
    };
    auth::sign(&secret, &claims).context("the token cannot be signed")
}
