//! Each language has all its sentences.

use convene_client::proto::part::{FaultCode, Field, Input};

use super::*;

fn fault(code: FaultCode) -> FieldFault {
    FieldFault {
        field: "n".parse().unwrap(),
        code,
        message: "in English".to_owned(),
    }
}

fn form(input: Input) -> Form {
    Form::new(
        "f".parse().unwrap(),
        "Send",
        [Field::new("n".parse().unwrap(), "N", input)],
    )
}

#[test]
fn each_language_has_a_sentence_for_each_code() {
    for language in Language::value_variants() {
        let tongue = Tongue::speak(Some(*language)).unwrap();
        for code in ErrorCode::ALL {
            let said = tongue.problem(&Problem::new(code, "in English"));
            let is_the_servers = matches!(
                code,
                ErrorCode::BadRequest | ErrorCode::Conflict | ErrorCode::Gap
            );
            assert_eq!(
                said == "in English",
                is_the_servers,
                "{language:?} {code:?}"
            );
        }
        let failed = |code: &str| Failure {
            code: code.to_owned(),
            message: "in English".to_owned(),
        };
        assert_ne!(tongue.failure(&failed("model_unavailable")), "in English");
        assert_eq!(tongue.failure(&failed("my_own")), "in English");
        let many = form(Input::Integer {
            min: Some(2),
            max: Some(6),
        });
        let codes = [
            FaultCode::Required,
            FaultCode::WrongType,
            FaultCode::TooSmall,
            FaultCode::TooLarge,
            FaultCode::TooShort,
            FaultCode::Pattern,
            FaultCode::NotAnOption,
        ];
        for code in codes {
            let said = tongue.faults(&[fault(code)], Some(&many));
            let is_said = !said.contains("in English") && !said.contains('{');
            assert!(is_said, "{language:?} {code:?}: {said}");
        }
    }
}

#[test]
fn a_fault_names_the_limit_and_a_field_has_words_of_its_own() {
    let german = Tongue::speak(Some(Language::De)).unwrap();
    let french = Tongue::speak(Some(Language::Fr)).unwrap();
    let few = form(Input::Integer {
        min: None,
        max: Some(6),
    });
    let said = german.faults(&[fault(FaultCode::TooLarge)], Some(&few));
    assert_eq!(said, "n: Es darf höchstens 6 sein.");
    let mut long = form(Input::Text {
        min_length: Some(1),
        max_length: None,
        pattern: None,
        multiline: false,
    });
    let said = french.faults(&[fault(FaultCode::TooShort)], Some(&long));
    assert_eq!(said, "n: Il faut au moins 1 caractère.");
    long.fields[0].invalid = Some("Deux lettres.".to_owned());
    let said = french.faults(&[fault(FaultCode::Pattern)], Some(&long));
    assert_eq!(said, "n: Deux lettres.");
}

#[test]
fn the_language_is_the_first_of_the_environments_that_is_spoken() {
    for (tags, language) in [
        (&["pt-BR", "de-CH", "en"][..], Language::De),
        (&["C", "fr_FR.UTF-8"], Language::Fr),
        (&["AR"], Language::Ar),
        (&["C"], Language::En),
        (&[], Language::En),
    ] {
        assert_eq!(Language::best(tags), language, "{tags:?}");
    }
}
