//! What sentences name.

use convene_nlu::{BuiltIn, Context, Entity, EntityRules, Language, Source, Understanding, Value};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::lessons::{ENGLISH, Folder, settings};

const MORE: &str = r#"nlu:
- intent: track_order
  examples: |
    - how far is it from [Berlin]{"entity": "city", "role": "departure"} to [Bonn]{"entity": "city", "role": "destination"}
    - send it from [Hamburg]{"entity": "city", "role": "departure"} to [Munich]{"entity": "city", "role": "destination"}
    - is it going from [Essen]{"entity": "city", "role": "departure"} to [Trier]{"entity": "city", "role": "destination"}
    - from [Jena]{"entity": "city", "role": "departure"} to [the capital]{"entity": "city", "role": "destination", "value": "Berlin"} please
- lookup: city
  examples: |
    - Cologne
    - Frankfurt an der Oder
- regex: voucher
  examples: |
    - \bV-[0-9]{4}\b
- synonym: Cologne
  examples: |
    - Köln
- lookup: city
  examples: |
    - Köln
"#;

fn model() -> Understanding {
    let data = Folder::with(&[("en.yml", ENGLISH), ("more.yml", MORE)]).load();
    Understanding::train(&data, &settings(), None).unwrap()
}

/// A Tuesday noon in Berlin, in winter.
fn context() -> Context {
    Context {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        ..Context::at("2026-11-24T11:00:00Z".parse().unwrap())
    }
}

#[track_caller]
fn found(model: &Understanding, text: &str, kind: &str) -> Entity {
    let entities = model.understand(text, &context()).entities;
    let of_kind = entities
        .iter()
        .find(|entity| entity.entity.as_str() == kind);
    of_kind
        .unwrap_or_else(|| panic!("no {kind} in {text:?}: {entities:#?}"))
        .clone()
}

fn text(value: &str) -> Value {
    Value::Text {
        text: value.to_owned(),
    }
}

#[test]
fn annotated_sentences_teach_entities_and_their_roles() {
    let model = model();
    let entities = model
        .understand("is it going from Bremen to Kiel", &context())
        .entities;
    let cities: Vec<_> = entities
        .iter()
        .map(|one| (one.text.as_str(), one.role.as_deref(), one.source))
        .collect();
    assert_eq!(
        cities,
        [
            ("Bremen", Some("departure"), Source::Learnt),
            ("Kiel", Some("destination"), Source::Learnt),
        ]
    );
    let order = found(&model, "what is the status of order 99123", "order_number");
    assert_eq!(
        (order.text.as_str(), order.source),
        ("99123", Source::Learnt)
    );
}

#[test]
fn what_a_list_has_takes_its_role_from_where_it_stands_and_not_from_one_example() {
    let lessons = r#"nlu:
- intent: travel
  examples: |
    - from [Berlin]{"entity": "city", "role": "departure"} to [Paris]{"entity": "city", "role": "destination"}
    - I want to travel
- intent: greet
  examples: |
    - hello
- lookup: city
  examples: |
    - Berlin
    - Paris
"#;
    let data = Folder::with(&[("en.yml", lessons)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let entities = model
        .understand("from Paris to Berlin", &context())
        .entities;
    let cities: Vec<_> = entities
        .iter()
        .map(|one| (one.text.as_str(), one.role.as_deref()))
        .collect();
    assert_eq!(
        cities,
        [
            ("Paris", Some("departure")),
            ("Berlin", Some("destination"))
        ]
    );
}

#[test]
fn lists_patterns_and_synonyms_find_entities_whatever_the_intent() {
    let model = model();
    let city = found(&model, "are you open in FRANKFURT an der Oder", "city");
    assert_eq!(
        (city.text.as_str(), city.source),
        ("FRANKFURT an der Oder", Source::Lookup)
    );
    assert_eq!(
        found(&model, "are you open in köln", "city").value,
        text("Cologne")
    );
    assert_eq!(
        found(&model, "can I use V-1234 here", "voucher").source,
        Source::Pattern
    );
    let from = found(&model, "send it from Köln to Mainz", "city");
    assert_eq!(
        from.role.as_deref(),
        Some("departure"),
        "a list's word has the role of its sentence"
    );
}

#[test]
fn what_every_project_has_is_found_in_the_zone_of_who_says_it() {
    let model = model();
    let Value::Time { at } = found(&model, "are you open tomorrow at 3 pm", "time").value else {
        panic!("no time");
    };
    assert_eq!(
        (at.time.as_str(), at.grain),
        ("2026-11-25T15:00:00+01:00", "hour")
    );
    // Summer time has another offset.
    let Value::Time { at } = found(&model, "are you open on July 3rd 2027", "time").value else {
        panic!("no time");
    };
    assert_eq!(
        (at.time.as_str(), at.grain),
        ("2027-07-03T00:00:00+02:00", "day")
    );
    let money = Value::Money {
        amount: 42.5,
        currency: "USD".to_owned(),
    };
    assert_eq!(
        found(&model, "I paid $42.50 for it", "amount-of-money").value,
        money
    );
    let mail = "write to ada@example.com please";
    assert_eq!(found(&model, mail, "email").value, text("ada@example.com"));
    let two = Value::Number { number: 2.0 };
    assert_eq!(
        found(&model, "two of the lamps are broken", "number").value,
        two
    );
    assert_eq!(
        found(&model, "take AB-12345 back", "order-number").text,
        "AB-12345"
    );
    let duration = Value::Duration { seconds: 7200 };
    assert_eq!(found(&model, "it took 2 hours", "duration").value, duration);
}

#[test]
fn letters_within_words_are_no_numbers() {
    let entities = model().understand("call the table", &context()).entities;
    assert_eq!(entities, []);
}

#[test]
fn built_ins_can_be_left_out_and_what_lost_is_told() {
    let data = Folder::with(&[("en.yml", ENGLISH), ("more.yml", MORE)]).load();
    let mut settings = settings();
    settings.built_ins = vec![BuiltIn::Email];
    let few = Understanding::train(&data, &settings, None).unwrap();
    let sentence = "what is the status of order 99123";
    assert_eq!(few.explain(sentence, None, &context()).overruled, []);
    let explained = model().explain(sentence, None, &context());
    let overruled: Vec<_> = explained
        .overruled
        .iter()
        .map(|one| one.entity.as_str())
        .collect();
    assert!(overruled.contains(&"number"), "{overruled:?}");
    let known = explained
        .evidence
        .iter()
        .any(|one| one.ngram == "order" && one.weight > 0.0);
    assert!(known && explained.familiarity > 0.3, "{explained:#?}");
}

#[test]
fn of_kinds_that_only_we_find_no_others_are_found() {
    let data = Folder::with(&[("en.yml", ENGLISH)]).load();
    let mut settings = settings();
    settings.built_ins = vec![BuiltIn::OrderNumber];
    let model = Understanding::train(&data, &settings, None).unwrap();
    assert!(model.is_ready_for("three", &context()));
    let said = "send three of AB-12345 to bob@example.org";
    let entities = model.understand(said, &context()).entities;
    let kinds: Vec<_> = entities.iter().map(|one| one.entity.as_str()).collect();
    assert_eq!(kinds, ["order-number"]);
}

#[test]
fn the_rules_of_a_language_are_made_when_somebody_speaks_it() {
    // No other test speaks it.
    let swedish = "language: sv\nnlu:\n- intent: hours\n  examples: |\n    - när har ni öppet\n    - vilka är era öppettider\n";
    let data = Folder::with(&[("sv.yml", swedish)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let said = "jag har 3";
    assert!(!model.is_ready_for(said, &context()));
    model.get_ready_for(said, &context());
    assert!(model.is_ready_for(said, &context()));
    found(&model, said, "number");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn entities_never_overlap_and_are_pieces_of_the_text(
        said in "(from |to |Köln |V-1234 |two |tomorrow |at |7:30 |\\$5 |İ|ß|a@b.de |order |[0-9]{1,6} |\\PC){0,14}"
    ) {
        thread_local! {
            static MODEL: Understanding = model();
        }
        let entities = MODEL.with(|model| model.understand(&said, &context()).entities);
        for pair in entities.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start, "{:?}", pair);
        }
        for entity in &entities {
            prop_assert_eq!(said.get(entity.start..entity.end), Some(entity.text.as_str()));
            prop_assert!(!entity.text.is_empty());
        }
    }
}

#[test]
fn the_german_word_for_like_this_is_no_sunday() {
    let german = crate::lessons::GERMAN;
    let data = Folder::with(&[("de.yml", german)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let times = |text: &str| {
        let entities = model.understand(text, &context()).entities;
        let times = entities.iter().filter(|one| one.entity.as_str() == "time");
        times.map(|one| one.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(times("so geht das nicht"), Vec::<String>::new());
    assert_eq!(times("am Sonntag"), ["Sonntag"]);
}

#[test]
fn what_needs_no_learning_is_found_without_it() {
    let data = Folder::with(&[("en.yml", ENGLISH), ("more.yml", MORE)]).load();
    let rules = EntityRules::of(&data, &settings(), [Language::new("de").unwrap()]);
    let named = |text: &str, kind: &str| {
        let found = rules.find(text, &context());
        let of_kind = found.into_iter().find(|one| one.entity.as_str() == kind);
        of_kind.map(|entity| (entity.value, entity.source))
    };
    let said = "use V-1234 for it, and send it to Köln";
    assert_eq!(
        named(said, "voucher"),
        Some((text("V-1234"), Source::Pattern))
    );
    assert_eq!(named(said, "city"), Some((text("Cologne"), Source::Lookup)));
    // What sentences have taught alone.
    assert_eq!(named("send it from Jena to Trier", "city"), None);
    for (said, expected) in [
        ("send it tomorrow at 3 pm", "2026-11-25T15:00:00+01:00"),
        (
            "bitte erst übermorgen um halb drei",
            "2026-11-26T14:30:00+01:00",
        ),
    ] {
        let (time, source) = named(said, "time").unwrap();
        assert_eq!(source, Source::BuiltIn);
        assert!(
            matches!(&time, Value::Time { at } if at.time == expected),
            "{said}: {time:?}"
        );
    }
}

const WITHIN: &str = r#"nlu:
- lookup: daypart
  examples: |
    - afternoon
    - next
- regex: guests
  examples: |
    - \b[0-9]+\b
- intent: pay
  examples: |
    - transfer [50 euros](amount-of-money) to Anna
    - transfer [20 dollars](amount-of-money) to Bob
    - please transfer [100 euros](amount-of-money) to Carla
- intent: visit
  examples: |
    - come to [Main Street 5](address) [tomorrow](time)
    - come to [Oak Road 12](address) [next friday](time)
    - please come to [Church Lane 7](address) [today](time)
    - come [tomorrow](time) to [Mill Street 31](address)
"#;

#[test]
fn what_stands_within_a_time_or_an_amount_does_not_take_it_away() {
    let data = Folder::with(&[("en.yml", ENGLISH), ("within.yml", WITHIN)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let all = |text: &str| {
        let entities = model.understand(text, &context()).entities;
        let told = entities.iter().map(|entity| match &entity.value {
            Value::Time { at } => format!("time {}", at.time),
            Value::Money { amount, .. } => format!("money {amount}"),
            _ => format!("{} {}", entity.entity, entity.text),
        });
        told.collect::<Vec<_>>().join("; ")
    };
    let said = [
        // The day is read from what is left, as long as it is the same.
        (
            "change it to wednesday afternoon",
            "time 2026-11-25T00:00:00+01:00; daypart afternoon",
        ),
        ("next wednesday", "daypart next"),
        ("tomorrow at 3 pm", "time 2026-11-25T15:00:00+01:00"),
        ("a table for 3", "guests 3"),
        ("transfer 70 euros to Dora", "money 70"),
        // Of which "50 euros" is what is learnt.
        ("transfer 70,50 euros to Dora", "money 70.5"),
        // What sentences have taught is longer than a pattern's figures, too.
        (
            "come to Mill Street 5 tomorrow",
            "address Mill Street 5; time 2026-11-25T00:00:00+01:00",
        ),
    ];
    for (text, expected) in said {
        assert_eq!(all(text), expected, "{text}");
    }
}
