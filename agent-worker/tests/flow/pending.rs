//! Three calls in a turn that is stopped, or fails, between two of them.

use convene_agent::Note;

use crate::{Asked, Talk, counter::Counter, plain::keep};

/// Hands each thing in three times before it asks for the next one.
fn thrice(counter: &Counter) -> String {
    let call = format!(
        "      - call: {{method: POST, url: 'http://{}/things', body: {{thing: '{{thing}}'}}, save: {{thing: body.kept}}, on_error: failed}}\n",
        counter.address()
    );
    let calls = call.repeat(3);
    format!(
        "flows:\n  keep:\n    slots: {{thing: {{ask: thing}}}}\n    steps:\n      - {{id: thing, ask: {{slot: thing, again: true}}}}\n{calls}      - {{say: kept, next: thing}}\n      - {{id: failed, say: failed, next: thing}}\n"
    )
}

impl Talk {
    /// The keys of the calls that are made when this is said behind a run that failed with these notes.
    async fn keys_of(&self, text: &str, before_failing: &[Note]) -> (Vec<String>, Vec<Note>) {
        let mut asked = Asked::first(std::slice::from_ref(&text));
        asked.before_failing = before_failing;
        self.counter.forget();
        let said = self.tries(&asked).await;
        assert_eq!(said.result, Ok(()));
        (self.counter.keys(), said.notes)
    }
}

#[tokio::test]
async fn every_call_of_a_turn_that_was_stopped_is_made_again_under_its_key() {
    let mut talk = Talk::with(thrice).await;
    let (keys, whole) = talk.keys_of("b", &[]).await;
    assert_eq!(keys.len(), 3);
    let mut counts = Vec::new();
    for noted in 0..=whole.len() {
        let notes = talk.notes.clone();
        keep(&mut talk.notes, &whole[..noted]);
        let (again, _) = talk.keys_of("e", &[]).await;
        let (of_b, of_e) = again.split_at(again.len() - 3);
        assert!(keys.ends_with(of_b), "after {noted} notes: {again:?}");
        assert!(of_e.iter().all(|key| !keys.contains(key)), "{again:?}");
        counts.push(of_b.len());
        talk.notes = notes;
    }
    counts.dedup();
    assert_eq!(
        counts,
        [0, 3, 2, 1, 0],
        "a call that was begun is made again"
    );
}

#[tokio::test]
async fn what_was_answered_stands_over_many_runs_that_fail() {
    let talk = Talk::with(thrice).await;
    let (keys, _) = talk.keys_of("b", &[]).await;
    let mut failed: Vec<Note> = Vec::new();
    // Each of these runs dies behind one more answer.
    for (text, called) in ["b", "c", "d"].into_iter().zip(1..) {
        let (_, notes) = talk.keys_of(text, &failed).await;
        let mut next = Vec::new();
        for noted in 0..=notes.len() {
            let so_far = [&failed[..], &notes[..noted]].concat();
            next = talk.keys_of("e", &so_far).await.0;
            if next.get(..3 - called) == keys.get(called..) && next.len() == 6 - called {
                failed = so_far;
                break;
            }
            let rest = &next[..next.len() - 3];
            assert!(keys.ends_with(rest), "{text} after {noted} notes: {next:?}");
            let at_least = keys.len() - (called - 1);
            let is_none_yet = called == 1 && rest.is_empty();
            assert!(is_none_yet || rest.len() == at_least, "{text}: {next:?}");
        }
        assert_eq!(next.len(), 6 - called, "{text}: {next:?} of {keys:?}");
    }
}

/// Hands one thing in, and that was it.
fn once(counter: &Counter) -> String {
    format!(
        "flows:\n  keep:\n    slots: {{thing: {{ask: thing}}}}\n    steps:\n      - ask: thing\n      - call: {{method: POST, url: 'http://{}/things', body: {{thing: '{{thing}}'}}}}\n",
        counter.address()
    )
}

#[tokio::test]
async fn what_a_failed_run_has_done_stands_though_the_next_one_is_stopped() {
    let mut talk = Talk::with(once).await;
    let (keys, failed) = talk.keys_of("b", &[]).await;
    assert_eq!(keys.len(), 1);
    let (_, stopped) = talk.keys_of("c", &failed).await;
    for noted in 1..=stopped.len() {
        let notes = talk.notes.clone();
        keep(&mut talk.notes, &stopped[..noted]);
        let (again, _) = talk.keys_of("d", &[]).await;
        let is_asked = noted == stopped.len();
        assert_eq!(again.len(), usize::from(is_asked), "after {noted} notes");
        talk.notes = notes;
    }
}
