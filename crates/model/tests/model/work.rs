//! How accepted work is done, in every state; and what each rule is there for.

use convene_model::work::{
    Weakness, Work,
    promises::{NO_DOUBLE_COMMIT, NO_LOST_WORK, NO_REORDER, ONE_WRITER, STOPS_ARE_KEPT},
};

use crate::looks::{breaks, holds};

/// One input and the fewest faults: enough for each weakness.
fn small() -> Work {
    Work {
        deaths: 1,
        false_expiries: 1,
        lost_answers: 1,
        gateway_deaths: 1,
        ..Work::sound(1, 2)
    }
}

#[test]
fn one_input_and_every_fault() {
    let model = Work {
        deaths: 1,
        cuts: 1,
        false_expiries: 1,
        lost_bells: 1,
        lost_answers: 1,
        gateway_deaths: 1,
        ..Work::sound(1, 2)
    };
    holds("one input, two workers, every fault", model);
}

#[test]
fn two_inputs_and_the_faults_of_workers() {
    let model = Work {
        deaths: 1,
        false_expiries: 1,
        ..Work::sound(2, 2)
    };
    holds("two inputs, two workers", model);
}

#[test]
fn two_inputs_and_the_faults_between() {
    let model = Work {
        lost_bells: 1,
        lost_answers: 1,
        gateway_deaths: 1,
        ..Work::sound(2, 2)
    };
    holds("two inputs, two workers, lost bells and answers", model);
}

#[test]
fn three_workers() {
    let model = Work {
        deaths: 1,
        cuts: 1,
        false_expiries: 1,
        ..Work::sound(1, 3)
    };
    holds("one input, three workers", model);
}

/// While the broker keeps what it has and its connections last, doorbells alone lose nothing. But
/// one that was cut off goes on with a lease for which no doorbell stands: others acknowledge
/// theirs, since it lives, and then it dies. Only the sweeper sees that.
#[test]
fn the_sweeper_is_for_lost_doorbells_and_for_holders_that_were_cut_off() {
    let model = Work {
        sweeper: false,
        deaths: 1,
        false_expiries: 1,
        ..Work::sound(2, 2)
    };
    holds("no sweeper", model.clone());
    let lost_bells = Work {
        lost_bells: 1,
        ..model
    };
    breaks(NO_LOST_WORK, lost_bells);
    breaks(NO_LOST_WORK, Work { cuts: 1, ..model });
}

#[test]
fn a_held_doorbell_that_is_always_acked_loses_work_without_a_sweeper() {
    let model = small().weak(Weakness::HeldBellAcked);
    holds("held doorbells acked, and a sweeper", model.clone());
    breaks(
        NO_LOST_WORK,
        Work {
            sweeper: false,
            ..model
        },
    );
}

#[test]
fn a_redelivered_doorbell_that_is_acked_loses_work_without_a_sweeper() {
    let model = small().weak(Weakness::RedeliveredBellAcked);
    holds("redelivered doorbells acked, and a sweeper", model.clone());
    breaks(
        NO_LOST_WORK,
        Work {
            sweeper: false,
            ..model
        },
    );
}

#[test]
fn to_check_and_then_release_loses_work_without_a_sweeper() {
    let model = Work::sound(2, 2).weak(Weakness::CheckThenRelease);
    holds("checked, then released, and a sweeper", model.clone());
    let model = Work {
        sweeper: false,
        ..model
    };
    breaks(NO_LOST_WORK, model);
}

/// Another answer may empty the mailbox between a submit's two steps.
#[test]
fn without_tokens_the_sweeper_forgets_what_was_just_submitted() {
    let model = Work {
        lost_bells: 1,
        ..Work::sound(2, 1)
    };
    holds("tokens", model.clone());
    breaks(NO_LOST_WORK, model.weak(Weakness::NoTokens));
}

#[test]
fn without_fencing_two_write() {
    let model = small().weak(Weakness::NoFencing);
    breaks(NO_DOUBLE_COMMIT, model.clone());
    breaks(ONE_WRITER, model);
}

#[test]
fn without_numbers_a_write_whose_answer_was_lost_is_written_twice() {
    breaks(NO_DOUBLE_COMMIT, small().weak(Weakness::NoStepNumbers));
}

#[test]
fn without_message_ids_a_submit_made_again_is_written_twice() {
    breaks(NO_DOUBLE_COMMIT, small().weak(Weakness::NoDedupe));
}

/// What is done for ever and to no avail is nothing.
#[test]
fn a_sweeper_that_looks_and_does_nothing_is_none() {
    let model = Work {
        lost_bells: 1,
        ..Work::sound(1, 1)
    };
    holds("a sweeper", model.clone());
    breaks(NO_LOST_WORK, model.weak(Weakness::SweepsForNothing));
}

#[test]
fn the_newest_first_is_another_order() {
    breaks(NO_REORDER, Work::sound(2, 1).weak(Weakness::NewestFirst));
}

/// Somebody stops what is under way, or what is next, while a worker dies, or is taken for dead.
#[test]
fn what_is_stopped_ends_so_and_nothing_else_does() {
    let model = Work {
        cancels: 1,
        deaths: 1,
        false_expiries: 1,
        ..Work::sound(2, 1)
    };
    holds("two inputs, one worker, a stop", model);
    let model = Work {
        cancels: 1,
        deaths: 1,
        false_expiries: 1,
        lost_answers: 1,
        ..Work::sound(1, 2)
    };
    holds("one input, two workers, a stop", model);
}

#[test]
fn an_end_that_does_not_look_whether_it_was_stopped_comes_after_the_stop() {
    let model = Work {
        cancels: 1,
        ..Work::sound(1, 1)
    };
    breaks(STOPS_ARE_KEPT, model.weak(Weakness::EndsUnchecked));
}

#[test]
fn an_attempt_that_forgets_a_stop_completes_the_run() {
    let model = Work {
        cancels: 1,
        deaths: 1,
        ..Work::sound(1, 1)
    };
    breaks(STOPS_ARE_KEPT, model.weak(Weakness::AttemptForgetsStop));
}

#[test]
fn a_stop_that_outlives_its_run_stops_the_next_one() {
    let model = Work {
        cancels: 1,
        ..Work::sound(2, 1)
    };
    breaks(STOPS_ARE_KEPT, model.weak(Weakness::StopOutlivesRun));
}
