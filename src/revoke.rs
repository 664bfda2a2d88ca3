//! `convene revoke`: takes tokens back before they expire, on every gateway.

use std::time::Duration;

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;
use convene_config::Loaded;
use convene_proto::id::{TokenId, UserId};
use serde::Deserialize;

use crate::{operator::Reach, say};

const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// Which tokens to take back.
#[derive(Debug, Args)]
#[group(id = "which", required = true, multiple = false, args = ["jwt", "id", "user"])]
pub(crate) struct RevokeArgs {
    /// A token as its holder sends it
    #[arg(value_name = "TOKEN")]
    jwt: Option<String>,
    /// A token by its id (`jti`)
    #[arg(long)]
    id: Option<TokenId>,
    /// All tokens of this user that have been issued by now
    #[arg(long)]
    user: Option<UserId>,
    #[command(flatten)]
    reach: Reach,
}

/// Of a token what it can be revoked by.
#[derive(Deserialize)]
struct Claims {
    jti: Option<TokenId>,
    exp: Option<u64>,
}

pub(crate) async fn run(arguments: RevokeArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let done = revoke(&arguments, loaded).await;
    done.map_err(|error| arguments.reach.explain(loaded, error))
}

async fn revoke(arguments: &RevokeArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let rest = arguments.reach.rest(loaded, ANSWERS_WITHIN)?;
    if let Some(user) = &arguments.user {
        rest.revoke_tokens_of(user, None).await?;
        return say(&format!("the tokens that {user} had are good no longer"));
    }
    let (id, expires_at) = match (&arguments.jwt, &arguments.id) {
        (Some(jwt), _) => {
            let claims = read(jwt).context("that is no token")?;
            let id = claims.jti.context(
                "the token has no id (`jti`): revoke all that its user has, with --user",
            )?;
            (id, claims.exp)
        }
        (None, Some(id)) => (id.clone(), None),
        (None, None) => anyhow::bail!("say which: a token, --id or --user"),
    };
    rest.revoke_token(&id, expires_at).await?;
    say(&format!("the token {id} is good no longer"))
}

/// What a token says, whoever signed it: to revoke it is an administrator's word, not the token's.
fn read(jwt: &str) -> anyhow::Result<Claims> {
    let claims = jwt.trim().split('.').nth(1).context("it has one part")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_token_its_id_and_its_end_are_read() {
        let jwt = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let claims = read(&jwt(r#"{"sub":"ada","jti":"t1","exp":7}"#)).unwrap();
        assert_eq!(claims.jti.unwrap().as_str(), "t1");
        assert_eq!(claims.exp, Some(7));
        assert!(read(&jwt(r#"{"sub":"ada"}"#)).unwrap().jti.is_none());
        for wrong in ["", "x", "a.b.c", &jwt("[]"), &jwt(r#"{"jti":7}"#)] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
