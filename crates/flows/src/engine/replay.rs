//! For tests: goes through a conversation once more, and lets every turn die at each of its records.

use super::{Answer, Clock, Effect, Engine, Input, Next, Recorded, State, Turn};
use crate::projects::Projects;

/// What came of a turn.
#[derive(Debug, Default, PartialEq)]
struct Gone {
    records: Vec<Recorded>,
    effects: Vec<Effect>,
    requests: usize,
}

fn through(mut turn: Turn<'_>, answers: &[Answer]) -> Gone {
    let mut gone = Gone::default();
    let mut answers = answers.iter();
    loop {
        match turn.next() {
            Next::Record(record) => gone.records.push(record),
            Next::Do(effect) => gone.effects.push(effect),
            Next::Ask(_) => {
                gone.requests += 1;
                turn.resume(answers.next().expect("a further request").clone());
            }
            Next::Diverged => panic!("the turn diverged after {gone:#?}"),
            Next::Done => return gone,
        }
    }
}

/// What a model has said itself is said by the engine when it is gone through again.
fn without_models(effects: &[Effect]) -> Vec<&Effect> {
    let is_models = |effect: &Effect| matches!(effect, Effect::Say(saying) if saying.key.is_none());
    effects.iter().filter(|effect| !is_models(effect)).collect()
}

/// Panics where a turn that was begun again would do something else, or a fold is another state.
pub(crate) fn prove(
    projects: &Projects,
    turns: &[(Input, Clock, Vec<Answer>)],
    records: &[Recorded],
) {
    let engine = Engine::new(projects);
    let mut log: Vec<Recorded> = Vec::new();
    for (input, clock, answers) in turns {
        let before = State::fold(&log);
        let whole = through(engine.feed(&before, input.clone(), clock.clone()), answers);
        let mut state = before.clone();
        for (count, record) in whole.records.iter().enumerate() {
            let done = &whole.records[..count];
            assert_eq!(
                state,
                State::fold(log.iter().chain(done)),
                "the fold is another state"
            );
            let mut later = clock.clone();
            later.now = later.now.saturating_add(jiff::SignedDuration::from_secs(7));
            // The answers that were recorded are not asked for again.
            let known = done.iter().filter(|record| {
                matches!(
                    record,
                    Recorded::CallAnswered { .. } | Recorded::ModelAnswered { .. }
                )
            });
            let healed = through(
                engine.feed(&state, input.clone(), later),
                &answers[known.count()..],
            );
            if count > 0 {
                assert_eq!(
                    healed.records,
                    whole.records[count..],
                    "after {count} records of {input:?}"
                );
                assert_eq!(
                    without_models(&healed.effects),
                    without_models(&whole.effects)
                );
            }
            let text = serde_json::to_string(record).unwrap();
            assert_eq!(
                serde_json::from_str::<Recorded>(&text).unwrap(),
                *record,
                "{text}"
            );
            state.apply(record);
        }
        log.extend(whole.records);
        let after = State::fold(&log);
        assert!(!after.is_under_way());
        let text = serde_json::to_string(&after.checkpoint()).unwrap();
        let read: Vec<Recorded> = serde_json::from_str(&text).unwrap();
        assert_eq!(State::fold(&read), after, "the checkpoint is another state");
    }
    assert_eq!(log, records, "the conversation went otherwise");
}
