//! `convene token`: signs a token for somebody, with the configured secret.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use convene_config::{Config, Loaded, secret};
use convene_gateway::auth::{self, Account, Claims};
use convene_proto::id::UserId;

use crate::say;

/// The longest time that a token may be good for.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Whom the token is for.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The user's id: who they are in every conversation
    #[arg(long)]
    user: UserId,
    /// What others see; their id where it is not given
    #[arg(long)]
    name: Option<String>,
    /// What the account may do
    #[arg(long, default_value = "user", value_parser = role)]
    role: Account,
    /// How long it is good for: 90s, 15m, 1h, 7d
    #[arg(long, default_value = "1h", value_parser = duration)]
    ttl: Duration,
}

pub(crate) fn run(arguments: TokenArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let auth = &loaded.config.auth;
    let secret = self::secret(&loaded.config)?;
    let claims = Claims {
        sub: arguments.user,
        exp: convene_runtime::clock::now_ms() / 1000 + arguments.ttl.as_secs(),
        name: arguments.name,
        role: arguments.role,
        iss: auth.issuer.clone(),
        aud: auth.audience.clone().map(Into::into),
    };
    let token = auth::sign(&secret, &claims).context("the token cannot be signed")?;
    say(&token)
}

/// The secret that tokens are signed with here.
pub(crate) fn secret(config: &Config) -> anyhow::Result<String> {
    let Config { auth, data, .. } = config;
    let kept = || secret::read(&data.folder);
    let secret = match auth.secret.as_str() {
        "" => kept()
            .with_context(|| format!("the secret in {} cannot be read", data.folder.display()))?,
        configured => Some(configured.to_owned()),
    };
    secret.context(
        "auth.secret is not set, so no token can be signed: set it (CONVENE_AUTH__SECRET), or call \
         this where `convene serve` was started, whose folder `data` has one",
    )
}

fn role(text: &str) -> Result<Account, String> {
    match text {
        "user" => Ok(Account::User),
        "operator" => Ok(Account::Operator),
        "admin" => Ok(Account::Admin),
        _ => Err("must be user, operator or admin".into()),
    }
}

/// A whole number and a unit.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = || {
        let unit = text.chars().next_back()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 24 * 3600,
            _ => return None,
        };
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(seconds).map(Duration::from_secs)
    };
    let parsed = parsed().ok_or("must be a number and a unit, as in 90s, 15m, 1h or 7d")?;
    if parsed.is_zero() || parsed > LONGEST {
        return Err("must be from 1s to 3650d".into());
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_bounds() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(7 * 86_400)));
        for wrong in [
            "",
            "h",
            "1",
            "1.5h",
            "-1h",
            "0s",
            "3651d",
            "99999999999999999999d",
            "1ü",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
