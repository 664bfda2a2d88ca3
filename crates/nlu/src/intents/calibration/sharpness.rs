//! How sharp scores are to be, so that what they say of held-out sentences surprises the least.

use super::highest;

/// The share that one of some scores has.
pub(super) fn confidence(scores: &[f32], of: usize, sharpness: f32) -> f32 {
    let highest = highest(scores);
    let share = |score: f32| ((score - highest) * sharpness).exp();
    share(scores[of]) / scores.iter().copied().map(share).sum::<f32>()
}

/// By golden-section search over the logarithm; the surprise has one valley.
pub(super) fn sharpness(held: &[(&[f32], usize)]) -> f32 {
    let surprise = |logarithm: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a sharpness needs no more digits"
        )]
        let sharpness = logarithm.exp() as f32;
        let each = held.iter().map(|(scores, class)| {
            -f64::from(confidence(scores, *class, sharpness).max(1e-30).ln())
        });
        each.sum::<f64>()
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (0.1_f64.ln(), 30.0_f64.ln());
    let mut left = high - golden * (high - low);
    let mut right = low + golden * (high - low);
    let (mut at_left, mut at_right) = (surprise(left), surprise(right));
    for _ in 0..12 {
        if at_left < at_right {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - golden * (high - low);
            at_left = surprise(left);
        } else {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + golden * (high - low);
            at_right = surprise(right);
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a sharpness needs no more digits"
    )]
    let best = (0.5 * (low + high)).exp() as f32;
    best
}
