//! Tokens that are good no longer.

use redb::ReadableTable as _;

use super::{
    error::unreadable,
    step::{Step, Weight},
    tables::Views,
};
use crate::store::{Result, Revocation, Revocations, revocations};

impl Step<'_, '_> {
    pub(super) fn revoke(&mut self, revocation: &Revocation) -> Result<()> {
        let (name, time) = revocations::row(revocation);
        let before = self.tables.revoked.get(name.as_str())?;
        let before = before.map(|row| row.value());
        if before.is_some_and(|(_, before)| before >= time) {
            return Ok(());
        }
        self.weigh(Weight::Durable);
        self.forget_expired_tokens()?;
        if let Some((number, _)) = before {
            self.tables.revoked_order.remove(number)?;
        }
        let last = self.tables.revoked_order.last()?;
        let last = last.map_or(0, |(number, _)| number.value());
        let number = self.now.max(last + 1);
        self.tables.revoked.insert(name.as_str(), (number, time))?;
        self.tables.revoked_order.insert(number, name.as_str())?;
        Ok(())
    }

    fn forget_expired_tokens(&mut self) -> Result<()> {
        let now = self.now / 1000;
        let mut forgotten = Vec::new();
        self.tables.revoked.retain(|name, (number, time)| {
            let is_over = name.starts_with("t ") && time <= now;
            if is_over {
                forgotten.push(number);
            }
            !is_over
        })?;
        for number in forgotten {
            self.tables.revoked_order.remove(number)?;
        }
        Ok(())
    }
}

pub(super) fn after(views: &Views, after: u64, limit: usize) -> Result<Revocations> {
    let (mut last, mut revocations) = (after, Vec::new());
    for row in views
        .revoked_order
        .range(after.saturating_add(1)..)?
        .take(limit)
    {
        let (number, name) = row?;
        let name = name.value();
        let row = views.revoked.get(name)?;
        let (_, time) = row.ok_or_else(|| unreadable("a revocation"))?.value();
        last = number.value();
        revocations.push(revocations::read(name, time)?);
    }
    Ok(Revocations { revocations, last })
}
