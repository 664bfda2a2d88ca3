//! With a sentence encoder: what is said in other words is understood, and without its word nothing is lost.

use convene_nlu::{
    Context, Decision, Embedding, Encoder as _, Encoding, Fingerprint, Understanding, Untrainable,
    evaluation::{Report, cross_validate},
    training_data::TrainingData,
};
use jiff::Timestamp;

use crate::{
    lessons::{ENGLISH, Folder, settings},
    thesaurus::{Away, Thesaurus},
};

fn shop() -> TrainingData {
    Folder::with(&[("nlu.yml", ENGLISH)]).load()
}

fn context() -> Context {
    Context::at(Timestamp::UNIX_EPOCH)
}

fn vector(text: &str) -> Embedding {
    Thesaurus::of_a_shop().encode(&[text]).unwrap().remove(0)
}

/// In words of which those that matter are in no example, and the others in those of other intents.
const PARAPHRASES: [(&str, &str); 3] = [
    ("at what time do you locate my consignment", "track_order"),
    ("reimbursement on sundays", "return_item"),
    ("I would like admittance", "opening_hours"),
];

#[test]
fn what_is_said_in_other_words_is_understood_by_its_vector() {
    let model = Understanding::train(&shop(), &settings(), Some(&Thesaurus::of_a_shop())).unwrap();
    assert!(model.is_encoded());
    for (text, meant) in PARAPHRASES {
        let by_words = model.understand(text, &context());
        let first = by_words.first().unwrap().intent.as_str();
        assert_ne!(first, meant, "{text}");
        let understood = model.understand_with(text, Some(&vector(text)), &context());
        assert_eq!(understood.encoding, Encoding::Joined);
        let first = understood.first().unwrap().intent.as_str();
        assert_eq!(first, meant, "{text}: {understood:?}");
    }
}

#[test]
fn without_a_vector_a_message_is_understood_as_if_there_were_no_encoder() {
    let words = Understanding::train(&shop(), &settings(), None).unwrap();
    let joined = Understanding::train(&shop(), &settings(), Some(&Thesaurus::of_a_shop())).unwrap();
    let alien = Embedding::new(vec![1.0, 2.0]).unwrap();
    for text in ["where is my parcel now", "take it back", "", "qwertz uiop"] {
        let expected = words.understand(text, &context());
        assert_eq!(expected.encoding, Encoding::None);
        for vector in [None, Some(&alien)] {
            let mut understood = joined.understand_with(text, vector, &context());
            assert_eq!(understood.encoding, Encoding::Missing, "{text}");
            understood.encoding = Encoding::None;
            assert_eq!(understood, expected, "{text}");
        }
    }
}

#[test]
fn a_model_knows_its_encoder_in_a_file_too() {
    let (data, settings) = (shop(), settings());
    let thesaurus = Thesaurus::of_a_shop();
    let model = Understanding::train(&data, &settings, Some(&thesaurus)).unwrap();
    let read = Understanding::from_bytes(&model.to_bytes().unwrap()).unwrap();
    let text = PARAPHRASES[0].0;
    let embedding = vector(text);
    assert_eq!(
        read.understand_with(text, Some(&embedding), &context()),
        model.understand_with(text, Some(&embedding), &context())
    );
    assert_eq!(
        read.fingerprint(),
        Fingerprint::of(&data, &settings, Some(&thesaurus))
    );
    let other = Thesaurus {
        identity: "another",
        ..Thesaurus::of_a_shop()
    };
    assert_ne!(
        read.fingerprint(),
        Fingerprint::of(&data, &settings, Some(&other))
    );
    assert_ne!(read.fingerprint(), Fingerprint::of(&data, &settings, None));
}

#[test]
fn an_encoder_that_is_away_is_told_by_training() {
    let error = Understanding::train(&shop(), &settings(), Some(&Away)).unwrap_err();
    assert!(matches!(error, Untrainable::Encoder(_)), "{error}");
}

#[test]
fn folds_are_judged_with_it_too() {
    let data = shop();
    let thesaurus = Thesaurus::of_a_shop();
    let right = |encoder| {
        let judged = cross_validate(&data, 5, &settings(), encoder, &context()).unwrap();
        Report::of(&judged, None).accuracy
    };
    let (by_words, joined) = (right(None), right(Some(&thesaurus as _)));
    assert!(joined > by_words, "{joined} {by_words}");
}

#[test]
fn a_strange_sentence_is_lost_with_its_vector_too() {
    let model = Understanding::train(&shop(), &settings(), Some(&Thesaurus::of_a_shop())).unwrap();
    let text = "zebras migrate south";
    let understood = model.understand_with(text, Some(&vector(text)), &context());
    assert_ne!(understood.decision, Decision::Sure, "{understood:?}");
}
