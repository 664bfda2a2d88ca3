//! What calibration learns, of scores that are made up.

use super::{Calibration, SaidBefore, highest, top};

/// Two hundred sentences of two classes, of which each twentieth has its scores the wrong way round,
/// but not by far.
fn held(scale: f32) -> Vec<([f32; 2], Option<usize>)> {
    let sentences = (0..200_u8).map(|number| {
        let score = scale * (0.5 + f32::from(number) / 100.0);
        let is_wrong = number % 20 == 0;
        let scores = if is_wrong {
            [0.0, score * 0.1]
        } else {
            [score, 0.0]
        };
        (scores, Some(0))
    });
    sentences.collect()
}

fn learn(held: &[([f32; 2], Option<usize>)]) -> Calibration {
    let scores: Vec<Vec<f32>> = held.iter().map(|(scores, _)| scores.to_vec()).collect();
    let classes: Vec<usize> = held.iter().map(|(_, class)| class.unwrap_or(2)).collect();
    Calibration::of(&scores, &classes, 2, &SaidBefore::WORDS)
}

#[test]
fn confidence_does_not_depend_on_the_unit_of_scores() {
    let (one, half) = (learn(&held(1.0)), learn(&held(0.5)));
    assert!(
        (one.sharpness * 2.0 / half.sharpness - 1.0).abs() < 0.05,
        "{one:?} {half:?}"
    );
    assert!((one.sure - half.sure).abs() < 0.02);
    let shares = one.confidences(&[1.0, 0.0, 0.0]);
    assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5 && shares[0] > shares[1]);
}

#[test]
fn what_is_wrong_is_not_sure_as_long_as_few_are_asked_about() {
    let held = held(1.0);
    let learnt = learn(&held);
    let sure = held.iter().filter(|(scores, _)| {
        let confidences = learnt.confidences(scores);
        confidences[top(scores)] >= learnt.sure
    });
    let sure: Vec<_> = sure.collect();
    assert!(sure.len() >= 180, "{}", sure.len());
    let wrong = sure.iter().filter(|(scores, _)| top(scores) != 0).count();
    assert!(wrong <= 4, "{wrong} of {}", sure.len());
}

#[test]
fn who_is_often_wrong_asks_often() {
    // Each third has its scores the wrong way round, and is less sure than those that are right.
    let held: Vec<_> = (0..300_u16)
        .map(|number| {
            let score = 0.5 + f32::from(number) / 300.0;
            let scores = if number % 3 == 0 {
                [0.0, score * 0.1]
            } else {
                [score, 0.0]
            };
            (scores, Some(0))
        })
        .collect();
    let learnt = learn(&held);
    let is_sure = |(scores, _): &&([f32; 2], Option<usize>)| {
        learnt.confidences(scores)[top(scores)] >= learnt.sure
    };
    let sure: Vec<_> = held.iter().filter(is_sure).collect();
    let wrong = sure.iter().filter(|(scores, _)| top(scores) != 0).count();
    assert!(sure.len() >= 200, "{}", sure.len());
    assert!(wrong * 50 <= sure.len(), "{wrong} of {}", sure.len());
}

#[test]
fn nobody_is_sure_of_what_scores_as_what_is_out_of_scope_does() {
    // Six of a hundred fit badly, and so does what is out of scope.
    let score = |number| if number % 50 < 3 { -0.2 } else { 0.9 };
    let inside = (0..2000).map(|number| ([score(number), -1.2], Some(0)));
    let mut held: Vec<_> = inside.collect();
    let before = learn(&held).poor;
    held.extend((0..40).map(|_| ([-0.15_f32, -1.2], None)));
    let poor = learn(&held).poor;
    assert!(before < -0.15 && poor > 0.5, "{poor} {before}");
}

#[test]
fn sentences_out_of_scope_move_the_limit_within_bounds() {
    let mut held = held(1.0);
    let before = learn(&held).lost;
    held.extend((0..30).map(|_| ([0.14_f32, 0.1], None)));
    let with = learn(&held).lost;
    assert!(with > before, "{with} {before}");
    let inside = held.iter().filter(|(_, class)| class.is_some());
    let rejected = inside.filter(|(scores, _)| highest(scores) < with).count();
    assert!(rejected <= 6, "{rejected}");
}

/// Sentences of which some fit badly: each tenth has this score.
fn poor(count: usize, lowest: f32) -> Vec<([f32; 2], Option<usize>)> {
    let score = |number| if number % 10 == 0 { lowest } else { 0.9 };
    (0..count)
        .map(|number| ([score(number), lowest - 1.0], Some(0)))
        .collect()
}

#[test]
fn limits_are_those_of_many_sentences_and_hardly_those_of_a_few() {
    let before = Calibration::default();
    for lowest in [-0.9, -0.2] {
        let (few, many) = (learn(&poor(30, lowest)), learn(&poor(3000, lowest)));
        let is_nearer = |few: f32, many: f32, before: f32| {
            (few - before).abs() < (few - lowest).abs() && (many - lowest).abs() < 0.02
        };
        assert!(
            is_nearer(few.lost, many.lost, before.lost),
            "{few:?} {many:?}"
        );
        assert!(
            is_nearer(few.poor, many.poor, before.poor),
            "{few:?} {many:?}"
        );
    }
}

#[test]
fn a_handful_of_sentences_teaches_nothing() {
    assert_eq!(learn(&held(1.0)[..5]), Calibration::default());
}
