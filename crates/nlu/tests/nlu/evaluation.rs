//! The figures, of judgements whose figures are known.

use convene_nlu::{
    Context, Decision, Encoding, Entity, EntityKind, Intent, Language, Ranked, Source, Understood,
    Value,
    evaluation::{Chosen, Judgement, Report, cross_validate},
    training_data::{Annotation, Example, Place, Split},
};
use jiff::Timestamp;

use crate::lessons::{ENGLISH, Folder, settings};

/// A sentence of an intent, or of none.
fn example(intent: Option<&str>) -> Example {
    Example {
        text: "from here to there".to_owned(),
        intent: intent.map(Intent::new),
        annotations: Vec::new(),
        language: None,
        split: Split::Test,
        place: Place::default(),
    }
}

/// It is taken for an intent, with this score.
fn taken_for<'a>(
    example: &'a Example,
    intent: &str,
    score: f32,
    decision: Decision,
) -> Judgement<'a> {
    Judgement {
        example,
        understood: Understood {
            encoding: Encoding::None,
            language: Language::new("en").unwrap(),
            foreign: None,
            intents: vec![Ranked {
                intent: Intent::new(intent),
                confidence: 1.0,
                score,
            }],
            decision,
            clauses: Vec::new(),
            entities: Vec::new(),
        },
    }
}

fn torn(between: [&str; 2]) -> Decision {
    Decision::Torn {
        between: between.map(Intent::new).to_vec(),
    }
}

#[test]
fn intents_and_decisions_are_counted() {
    let (a, b, none) = (example(Some("a")), example(Some("b")), example(None));
    let judgements = [
        taken_for(&a, "a", 0.9, Decision::Sure),
        taken_for(&a, "a", 0.8, Decision::Sure),
        taken_for(&a, "b", 0.3, torn(["b", "a"])),
        taken_for(&b, "b", 0.1, Decision::Lost),
        taken_for(&b, "a", 0.7, Decision::Sure),
        taken_for(&none, "a", 0.2, Decision::Lost),
        taken_for(&none, "b", 0.75, Decision::Sure),
    ];
    let report = Report::of(&judgements, None);
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{report:#?}");
    assert_eq!((report.in_scope, report.out_of_scope), (5, 2));
    close(report.accuracy, 0.6);
    let (first, second) = (&report.intents[0], &report.intents[1]);
    assert_eq!((first.intent.as_str(), second.intent.as_str()), ("a", "b"));
    close(first.precision, 2.0 / 3.0);
    close(first.recall, 2.0 / 3.0);
    close(second.f1, 0.5);
    close(report.decisions.sure, 0.6);
    close(report.decisions.sure_and_right, 2.0 / 3.0);
    close(report.decisions.torn, 0.2);
    close(report.decisions.helped, 0.6);
    close(report.decisions.out_of_scope_recall.unwrap(), 0.5);
    close(report.decisions.out_of_scope_answered.unwrap(), 0.5);
    // 0.9, 0.8, 0.7, 0.3 and 0.1 against 0.75 and 0.2.
    close(report.auroc.unwrap(), (2 + 2 + 1 + 1) as f64 / 10.0);
    assert_eq!(report.confusions.len(), 2);
    assert_eq!(report.confusions[0].times, 1);
    assert_eq!(report.spans, None);
}

#[test]
fn the_papers_threshold_is_chosen_on_validation_sentences() {
    let (a, none) = (example(Some("a")), example(None));
    let sure = |example, score| taken_for(example, "a", score, Decision::Sure);
    let validation = [
        sure(&a, 0.5),
        sure(&a, 0.6),
        sure(&none, 0.4),
        sure(&none, 0.1),
    ];
    let test = [
        sure(&a, 0.7),
        sure(&a, 0.45),
        sure(&none, 0.3),
        sure(&none, 0.9),
    ];
    let rule = Report::of(&test, Some(&validation)).paper_rule.unwrap();
    assert_eq!(rule.chosen_on, Chosen::Validation);
    assert!((rule.accuracy - 0.5).abs() < 1e-9 && (rule.out_of_scope_recall - 0.5).abs() < 1e-9);
    let halves = Report::of(&test, None).paper_rule.unwrap();
    assert_eq!(halves.chosen_on, Chosen::Halves);
    assert_eq!(Report::of(&test[..2], None).paper_rule, None);
}

#[test]
fn entities_count_by_their_exact_piece_kind_and_role() {
    let mut marked = example(Some("a"));
    let annotation = |start, end, role: Option<&str>| Annotation {
        start,
        end,
        entity: EntityKind::new("place"),
        role: role.map(str::to_owned),
        group: None,
        value: None,
    };
    marked.annotations = vec![annotation(5, 9, Some("from")), annotation(13, 18, None)];
    let found = |kind, start, end, role: Option<&str>, source| Entity {
        entity: EntityKind::new(kind),
        start,
        end,
        text: "x".to_owned(),
        value: Value::Text {
            text: "x".to_owned(),
        },
        role: role.map(str::to_owned),
        group: None,
        source,
    };
    let mut judgement = taken_for(&marked, "a", 1.0, Decision::Sure);
    judgement.understood.entities = vec![
        found("place", 5, 9, Some("from"), Source::Learnt),
        found("place", 10, 18, None, Source::Learnt),
        found("number", 0, 4, None, Source::BuiltIn),
    ];
    let report = Report::of(&[judgement], None);
    let all = report.spans.unwrap();
    assert_eq!(
        (all.counts.there, all.counts.found, all.counts.right),
        (2, 2, 1)
    );
    let names: Vec<_> = report
        .entities
        .iter()
        .map(|one| one.entity.as_str())
        .collect();
    assert_eq!(names, ["place", "place/from"]);
}

#[test]
fn cross_validation_judges_each_sentence_once() {
    let data = Folder::with(&[("nlu.yml", ENGLISH)]).load();
    let context = Context::at(Timestamp::UNIX_EPOCH);
    let judgements = cross_validate(&data, 4, &settings(), None, &context).unwrap();
    let mut places: Vec<_> = judgements
        .iter()
        .map(|one| one.example.place.line)
        .collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!((judgements.len(), places.len()), (30, 30));
    assert!(Report::of(&judgements, None).accuracy > 0.6);
}

#[test]
fn a_few_sentences_tell_little() {
    let a = example(Some("a"));
    let right = |count| vec![taken_for(&a, "a", 0.9, Decision::Sure); count];
    let mut judgements = right(8);
    judgements.extend(vec![taken_for(&a, "b", 0.9, Decision::Sure); 2]);
    let (from, to) = Report::of(&judgements, None).accuracy_between;
    assert!(
        (from - 0.490).abs() < 0.001 && (to - 0.943).abs() < 0.001,
        "{from} {to}"
    );
    let (from, to) = Report::of(&right(10), None).accuracy_between;
    assert!(
        (from - 0.722).abs() < 0.001 && (to - 1.0).abs() < 0.001,
        "{from} {to}"
    );
    assert_eq!(Report::of(&[], None).accuracy_between, (0.0, 1.0));
}

#[test]
fn folds_need_two_sentences_of_an_intent_and_no_more() {
    let judged = |text| {
        let data = Folder::with(&[("nlu.yml", text)]).load();
        let context = Context::at(Timestamp::UNIX_EPOCH);
        cross_validate(&data, 5, &settings(), None, &context).map(|judged| judged.len())
    };
    let one =
        "nlu:\n- intent: a\n  examples: |\n    - hello\n- intent: b\n  examples: |\n    - bye\n";
    let error = judged(one).unwrap_err().to_string();
    assert!(error.contains("two sentences"), "{error}");
    let two = "nlu:\n- intent: a\n  examples: |\n    - hello\n    - hi\n- intent: b\n  examples: |\n    - bye\n";
    assert_eq!(judged(two), Ok(3));
}
