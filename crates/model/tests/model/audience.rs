//! How what is written comes to its readers, in every state; and what each rule is there for.

use convene_model::audience::{Audience, NO_LOST_TAIL, NO_WINDOW, PREFIX, Weakness};

use crate::looks::{breaks, holds};

#[test]
fn two_gateways_that_lose_letters_and_readers() {
    let model = Audience {
        lost_letters: 1,
        leavings: 1,
        kept_calls: 1,
        ..Audience::sound(2, 2)
    };
    holds("two events, two gateways, lost letters", model);
}

#[test]
fn two_gateways_whose_inboxes_are_renewed() {
    let model = Audience {
        renewals: 1,
        ..Audience::sound(2, 2)
    };
    holds("two events, two gateways, renewed inboxes", model);
}

#[test]
fn one_gateway_and_every_fault() {
    let model = Audience {
        lost_letters: 1,
        renewals: 1,
        leavings: 1,
        kept_calls: 1,
        ..Audience::sound(3, 1)
    };
    holds("three events, one gateway, every fault", model);
}

/// While no letter is lost there is nothing for the audits that come now and then.
#[test]
fn letters_need_no_audits_while_none_is_lost() {
    let model = Audience {
        audits: false,
        leavings: 1,
        kept_calls: 1,
        renewals: 1,
        ..Audience::sound(2, 1)
    };
    holds("no audits", model.clone());
    breaks(
        NO_LOST_TAIL,
        Audience {
            lost_letters: 1,
            ..model
        },
    );
}

#[test]
fn an_audience_read_before_the_append_leaves_a_window() {
    breaks(
        NO_WINDOW,
        Audience::sound(1, 1).weak(Weakness::AudienceReadBeforeAppend),
    );
}

#[test]
fn a_log_read_before_joining_leaves_a_window() {
    breaks(
        NO_WINDOW,
        Audience::sound(1, 1).weak(Weakness::LogReadBeforeJoining),
    );
}

#[test]
fn a_letter_that_overtakes_the_answer_must_not_be_forgotten() {
    let model = Audience {
        audits: false,
        ..Audience::sound(1, 1)
    };
    breaks(NO_LOST_TAIL, model.weak(Weakness::EarlyLettersForgotten));
}

#[test]
fn an_unnoticed_gap_is_shown_as_a_hole() {
    breaks(PREFIX, Audience::sound(2, 1).weak(Weakness::GapsUnnoticed));
}

#[test]
fn who_comes_back_while_leaving_is_in_nobodys_audience_unless_that_names_the_place() {
    let model = Audience {
        audits: false,
        leavings: 1,
        ..Audience::sound(1, 1)
    };
    breaks(NO_LOST_TAIL, model.weak(Weakness::LeavingNamesNoPlace));
}

#[test]
fn a_new_inbox_hears_nothing_unless_audited() {
    let model = Audience {
        audits: false,
        renewals: 1,
        ..Audience::sound(1, 1)
    };
    breaks(NO_LOST_TAIL, model.weak(Weakness::NoAuditAfterRenewal));
}

/// What is done for ever and to no avail is nothing.
#[test]
fn an_audit_that_looks_at_nothing_is_none() {
    let model = Audience {
        lost_letters: 1,
        ..Audience::sound(1, 1)
    };
    holds("audits", model.clone());
    breaks(NO_LOST_TAIL, model.weak(Weakness::AuditsForNothing));
}
