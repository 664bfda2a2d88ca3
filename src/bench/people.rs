//! Who comes in: tokens of our own where there is a secret, guests where there is none.

use anyhow::Context as _;
use convene_client::{
    GuestTokens, Rest, TokenSource,
    proto::id::{ParticipantId, UserId},
};
use convene_config::Loaded;
use convene_gateway::auth::{self, Account, Claims};
use rand::random;

use super::plan::BenchArgs;
use crate::token;

/// Longer than any run of this command.
const TOKEN_SECONDS: u64 = 7 * 24 * 3600;

/// Where people come from.
pub(super) enum People {
    Signed {
        secret: String,
        issuer: Option<String>,
        audience: Option<String>,
        /// So that no two runs are the same people.
        run: u32,
    },
    Guests,
}

/// Somebody who may come in.
pub(super) struct Person {
    pub(super) id: ParticipantId,
    pub(super) token: std::sync::Arc<dyn TokenSource>,
}

impl People {
    pub(super) fn of(args: &BenchArgs, loaded: &Loaded) -> Self {
        let auth = &loaded.config.auth;
        match token::secret(&loaded.config) {
            Ok(secret) if !args.guests => Self::Signed {
                secret,
                issuer: auth.issuer.clone(),
                audience: auth.audience.clone(),
                run: random(),
            },
            _ => Self::Guests,
        }
    }

    /// The one with this number.
    pub(super) async fn person(&self, url: &str, number: usize) -> anyhow::Result<Person> {
        match self {
            Self::Signed {
                secret,
                issuer,
                audience,
                run,
            } => {
                let user: UserId = format!("bench-{run:08x}-{number}").parse()?;
                let claims = Claims {
                    sub: user.clone(),
                    exp: convene_runtime::clock::now_ms() / 1000 + TOKEN_SECONDS,
                    name: Some(format!("Bench {number}")),
                    role: Account::User,
                    iss: issuer.clone(),
                    aud: audience.clone().map(Into::into),
                };
                let token = auth::sign(secret, &claims).context("a token cannot be signed")?;
                Ok(Person {
                    id: ParticipantId::User(user),
                    token: std::sync::Arc::new(token),
                })
            }
            Self::Guests => {
                let guest = Rest::guest(url, &format!("Bench {number}")).await;
                let guest = guest.context(
                    "no guests are let in, or not so many: set auth.secret as the server has it \
                     (CONVENE_AUTH__SECRET), so that tokens can be signed here",
                )?;
                Ok(Person {
                    id: guest.participant.clone(),
                    token: std::sync::Arc::new(GuestTokens::new(url, guest)),
                })
            }
        }
    }
}
