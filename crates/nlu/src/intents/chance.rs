//! An order that looks like chance.

/// A generator of numbers that are the same everywhere (xorshift64*, Vigna 2016).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        ((high * bound as u64) >> 32) as usize
    }

    /// Puts things in an order that looks like chance.
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for at in 0..things.len() {
            let other = at + self.below(things.len() - at);
            things.swap(at, other);
        }
    }
}
