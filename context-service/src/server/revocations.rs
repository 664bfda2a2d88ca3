//! Tokens that are good no longer: what gateways say and ask of them.

use convene_proto::{
    context::{self, *},
    convert::{Invalid, field, optional},
    id::{TokenId, UserId},
};

use super::{check, refusal::Result};
use crate::store::{Revocation, Store};

pub(super) async fn revoke(store: &dyn Store, request: RevokeRequest) -> Result<RevokeReply> {
    let said = request
        .revocation
        .ok_or_else(|| Invalid::missing("revocation"))?;
    let revocation = match optional::<TokenId>("revocation.token", &said.token)? {
        Some(id) => Revocation::Token {
            id,
            expires_at: Some(said.until).filter(|until| *until != 0),
        },
        None => Revocation::User {
            id: field::<UserId>("revocation.user", &said.user)?,
            issued_until: said.until,
        },
    };
    store.revoke(revocation).await?;
    Ok(RevokeReply {})
}

pub(super) async fn list_revocations(
    store: &dyn Store,
    request: ListRevocationsRequest,
) -> Result<ListRevocationsReply> {
    let limit = check::page("limit", request.limit)?;
    let page = store.revocations(request.after, limit).await?;
    let revocations = page.revocations.into_iter().map(|one| match one {
        Revocation::Token { id, expires_at } => context::Revocation {
            token: id.to_string(),
            user: String::new(),
            until: expires_at.unwrap_or(0),
        },
        Revocation::User { id, issued_until } => context::Revocation {
            token: String::new(),
            user: id.to_string(),
            until: issued_until,
        },
    });
    Ok(ListRevocationsReply {
        revocations: revocations.collect(),
        last: page.last,
    })
}
