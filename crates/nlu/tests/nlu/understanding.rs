//! From training data to what a message means.

use convene_nlu::{
    Context, Decision, Fingerprint, Language, Limit, Understanding, Untrainable,
    training_data::TrainingData,
};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::lessons::{ENGLISH, Folder, GERMAN, settings};

fn shop() -> TrainingData {
    Folder::with(&[("en.yml", ENGLISH), ("de.yml", GERMAN)]).load()
}

fn trained(data: &TrainingData) -> Understanding {
    Understanding::train(data, &settings(), None).unwrap()
}

fn context() -> Context {
    Context::at(Timestamp::UNIX_EPOCH)
}

#[test]
fn sentences_that_were_never_seen_are_understood_in_both_languages() {
    let model = trained(&shop());
    for (text, language, intent) in [
        ("where is the package that I ordered", "en", "track_order"),
        ("I would like to give the jacket back", "en", "return_item"),
        ("when are you open tomorrow", "en", "opening_hours"),
        ("wo bleibt denn meine Lieferung", "de", "track_order"),
        ("kann ich die Schuhe zurückgeben", "de", "return_item"),
        ("wann ist der Laden sonntags offen", "de", "opening_hours"),
    ] {
        let understood = model.understand(text, &context());
        assert_eq!(understood.language.as_str(), language, "{text}");
        assert_eq!(
            understood.first().unwrap().intent.as_str(),
            intent,
            "{text}"
        );
        let sum: f32 = understood.intents.iter().map(|one| one.confidence).sum();
        assert!((sum - 1.0).abs() < 1e-4);
        assert!(understood.intents.is_sorted_by(|a, b| a.score >= b.score));
    }
}

#[test]
fn a_limit_that_a_project_sets_goes_by_confidence() {
    let (text, mut settings) = ("where is my parcel now", settings());
    let confidence = trained(&shop()).understand(text, &context()).intents[0].confidence;
    assert!(confidence > 0.5, "{confidence}");
    for (lost, is_lost) in [(confidence - 0.01, false), (confidence + 0.01, true)] {
        settings.lost = Some(lost);
        let model = Understanding::train(&shop(), &settings, None).unwrap();
        let understood = model.understand(text, &context());
        assert_eq!(
            understood.decision == Decision::Lost,
            is_lost,
            "{understood:?}"
        );
        let explained = model.explain(text, None, &context());
        assert_eq!(explained.lost, Limit::Confidence(lost));
    }
}

#[test]
fn what_fits_badly_is_asked_about_though_nothing_fits_better() {
    let model = trained(&shop());
    // More and more of what says nothing, behind what does.
    let strange: Vec<&str> = "zygote fjord quux wyvern kumquat vex jinx"
        .split(' ')
        .collect();
    let meant = [
        "track order",
        "opening hours",
        "closed",
        "send back",
        "arrive",
        "my parcel",
        "the shop",
        "a jacket",
        "order",
        "open",
        "hours",
        "delivery",
        "is my",
        "I want",
        "can I",
    ];
    let sentences: Vec<String> = meant
        .iter()
        .flat_map(|meant| {
            let strange = &strange;
            (1..=strange.len()).map(move |count| format!("{meant} {}", strange[..count].join(" ")))
        })
        .collect();
    let poor = sentences.iter().find_map(|text| {
        let explained = model.explain(text, None, &context());
        let first = explained.understood.first().unwrap();
        let is_confident = first.confidence >= explained.sure.confidence;
        let is_poor = first.score < explained.sure.score.unwrap();
        let is_lost = explained.understood.decision == Decision::Lost;
        (is_confident && is_poor && !is_lost).then_some((text, explained))
    });
    let (text, explained) = poor.unwrap();
    assert!(
        matches!(explained.understood.decision, Decision::Torn { .. }),
        "{explained:?}"
    );

    let mut settings = settings();
    settings.sure = Some(explained.sure.confidence);
    let by_hand = Understanding::train(&shop(), &settings, None).unwrap();
    let explained = by_hand.explain(text, None, &context());
    assert_eq!(explained.sure.score, None);
    assert_eq!(explained.understood.decision, Decision::Sure);
}

#[test]
fn what_has_nothing_to_do_with_the_project_is_lost() {
    let model = trained(&shop());
    for text in [
        "",
        "?!",
        "日本語",
        "qwertz uiop asdf",
        "who painted that ceiling",
    ] {
        let understood = model.understand(text, &context());
        assert_eq!(
            understood.decision,
            Decision::Lost,
            "{text}: {understood:?}"
        );
        assert_eq!(understood.intent(), None);
    }
}

#[test]
fn clauses_that_surely_mean_something_else_are_told_apart() {
    let model = trained(&shop());
    let clauses = |text: &'static str| {
        let understood = model.understand(text, &context());
        let clauses = understood.clauses.into_iter();
        let told = clauses.map(|one| (one.meant.intent.to_string(), &text[one.start..one.end]));
        told.collect::<Vec<_>>()
    };
    let named = |intent: &str, text| (intent.to_owned(), text);
    assert_eq!(
        clauses("when does the shop open, and where is my order?"),
        [
            named("opening_hours", "when does the shop open"),
            named("track_order", "where is my order?")
        ]
    );
    assert_eq!(
        clauses("wie sind eure Öffnungszeiten und wo ist meine Bestellung"),
        [
            named("opening_hours", "wie sind eure Öffnungszeiten"),
            named("track_order", "wo ist meine Bestellung")
        ]
    );
    for whole in [
        "where is my order, where is my parcel",
        "I want it in red and blue",
        "my name is Ann and I live in Rome",
        "when does the shop open",
    ] {
        assert_eq!(clauses(whole), [], "{whole}");
    }
}

#[test]
fn nonsense_of_which_nothing_but_pairs_of_letters_is_known_is_lost() {
    let model = trained(&shop());
    for text in ["hjkl qwert", "qwertz", "asdfgh jklö"] {
        let explained = model.explain(text, None, &context());
        assert!(explained.familiarity > 0.0, "{text}");
        assert_eq!(explained.understood.decision, Decision::Lost, "{text}");
    }
}

#[test]
fn between_two_it_is_torn_and_names_both() {
    let mut settings = settings();
    settings.sure = Some(0.95);
    settings.lost = Some(0.0);
    let model = Understanding::train(&shop(), &settings, None).unwrap();
    let understood = model.understand("when does the shop open, and where is my order", &context());
    let Decision::Torn { between } = &understood.decision else {
        panic!("{understood:?}");
    };
    let names: Vec<_> = between.iter().map(|intent| intent.as_str()).collect();
    assert!(
        names.contains(&"opening_hours") && names.contains(&"track_order"),
        "{names:?}"
    );
    settings.sure = Some(0.0);
    let model = Understanding::train(&shop(), &settings, None).unwrap();
    let understood = model.understand("when does the shop open, and where is my order", &context());
    assert_eq!(understood.decision, Decision::Sure);
}

#[test]
fn a_language_sticks_and_stays_within_what_is_allowed() {
    let model = trained(&shop());
    let de = Language::new("de").unwrap();
    let mut context = context();
    context.last = Some(de.clone());
    assert_eq!(model.understand("ok", &context).language, de);
    let english = "what are your opening hours";
    assert_eq!(model.understand(english, &context).language.as_str(), "en");
    context.languages = vec![de.clone()];
    assert_eq!(model.understand(english, &context).language, de);
}

#[test]
fn a_language_without_sentences_is_told_where_the_conversation_allows_it() {
    let model = trained(&shop());
    let mut context = context();
    let french = "bonjour, je voudrais savoir comment ça va chez vous";
    assert_ne!(model.understand(french, &context).language.as_str(), "fr");
    context.languages = ["en", "de", "fr"]
        .map(|code| Language::new(code).unwrap())
        .into();
    let understood = model.understand(french, &context);
    assert_eq!(understood.language.as_str(), "fr");
    assert_eq!(
        understood.intents.len(),
        3,
        "it is understood by another's sentences"
    );
    context.last = Some(understood.language);
    assert_eq!(model.understand("ok", &context).language.as_str(), "fr");
    let english = model.understand("where is my parcel", &context);
    assert_eq!(english.language.as_str(), "en");
    assert_eq!(english.intent().unwrap().as_str(), "track_order");
}

#[test]
fn a_model_says_the_same_after_it_was_saved_and_loaded() {
    let folder = Folder::with(&[]);
    let data = shop();
    let model = trained(&data);
    let file = folder.path("model.nlu");
    model.save(&file).unwrap();
    let loaded = Understanding::load(&file).unwrap();
    for text in ["where is my order 123", "wann habt ihr offen", "xyzzy"] {
        assert_eq!(
            loaded.understand(text, &context()),
            model.understand(text, &context())
        );
    }
    assert_eq!(
        loaded.fingerprint(),
        Fingerprint::of(&data, &settings(), None)
    );
    let mut changed = data;
    changed.examples[3].text.push('x');
    assert_ne!(
        loaded.fingerprint(),
        Fingerprint::of(&changed, &settings(), None)
    );
}

#[test]
fn what_is_no_model_is_not_loaded() {
    let folder = Folder::with(&[("model.nlu", "nonsense")]);
    let error = Understanding::load(&folder.path("model.nlu"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("train it again"), "{error}");
    let error = Understanding::load(&folder.path("nowhere"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("nowhere"), "{error}");
    let bytes = trained(&shop()).to_bytes().unwrap();
    for length in (0..bytes.len()).step_by(97) {
        assert!(
            Understanding::from_bytes(&bytes[..length]).is_none(),
            "{length}"
        );
    }
}

#[test]
fn training_is_the_same_each_time() {
    let data = shop();
    assert_eq!(
        trained(&data).to_bytes().unwrap(),
        trained(&data).to_bytes().unwrap()
    );
}

#[test]
fn without_sentences_there_is_nothing_to_learn() {
    let error = Understanding::train(&TrainingData::default(), &settings(), None).unwrap_err();
    assert_eq!(error, Untrainable::NoExamples);
}

#[test]
fn the_smallest_projects_can_be_trained() {
    for text in [
        "nlu:\n- intent: a\n  examples: |\n    - hello\n",
        "nlu:\n- intent: a\n  examples: |\n    - hello\n- intent: b\n  examples: |\n    - bye\n",
        "nlu:\n- intent: a\n  examples: |\n    - '!'\n- intent: oos\n  examples: |\n    - bye\n",
    ] {
        let data = Folder::with(&[("nlu.yml", text)]).load();
        let understood = trained(&data).understand("hello", &context());
        assert_eq!(understood.first().unwrap().intent.as_str(), "a");
        assert!(understood.intents.iter().all(|one| one.score.is_finite()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_message_is_taken_for_something(text in "(\\PC|\\s|order|where ){0,60}") {
        thread_local! {
            static MODEL: Understanding = trained(&shop());
        }
        let understood = MODEL.with(|model| model.understand(&text, &context()));
        prop_assert_eq!(understood.intents.len(), 3);
        for one in &understood.intents {
            prop_assert!(one.score.is_finite() && (0.0..=1.0).contains(&one.confidence));
        }
    }
}
