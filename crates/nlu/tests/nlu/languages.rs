//! Which language a short message is in, where the one before was in another.

use convene_nlu::{Context, Decision, Language, Understanding};
use jiff::Timestamp;

use crate::lessons::{ENGLISH, Folder, GERMAN, settings};

const FRENCH: &str = "nlu:
- intent: track_order
  examples: |
    - où en est ma commande
    - quand arrive mon colis
    - je voudrais suivre ma livraison
    - mon paquet n'est pas arrivé
- intent: return_item
  examples: |
    - je veux renvoyer un article
    - comment retourner une veste
    - puis-je échanger ce pantalon
";
const SPANISH: &str = "nlu:
- intent: track_order
  examples: |
    - dónde está mi pedido
    - cuándo llega mi paquete
    - quiero seguir mi envío
    - mi paquete no ha llegado
- intent: return_item
  examples: |
    - quiero devolver una chaqueta
    - cómo puedo devolver un artículo
    - puedo cambiar estos pantalones
";

/// The language before, the message, and the language that it is in.
const SAID: &[(&str, &str, &str)] = &[
    ("en", "wo ist ab1234", "de"),
    ("en", "wo bleibt CD5678", "de"),
    ("en", "ich warte noch", "de"),
    ("en", "was kostet das", "de"),
    ("en", "wann kommt es", "de"),
    ("en", "ist das möglich", "de"),
    ("en", "das geht nicht", "de"),
    ("en", "nein danke", "de"),
    ("en", "noch zwei bitte", "de"),
    ("fr", "wer ist da", "de"),
    ("es", "wie lange dauert es", "de"),
    ("de", "where is ab1234", "en"),
    ("de", "when will it come", "en"),
    ("de", "what is this", "en"),
    ("de", "not yet", "en"),
    ("de", "how much is it", "en"),
    ("de", "yes please", "en"),
    ("fr", "who are you", "en"),
    ("es", "the blue one", "en"),
    ("es", "can you help", "en"),
    ("en", "où est ab1234", "fr"),
    ("en", "je ne sais pas", "fr"),
    ("de", "c'est combien", "fr"),
    ("de", "quand est-ce", "fr"),
    ("en", "oui merci", "fr"),
    ("es", "pas encore", "fr"),
    ("en", "dónde está ab1234", "es"),
    ("en", "y el CD5678", "es"),
    ("de", "cuánto cuesta", "es"),
    ("fr", "todavía no", "es"),
    ("en", "qué es esto", "es"),
    ("de", "sí, por favor", "es"),
    // One word, and what is of no language.
    ("en", "und AB1234?", "de"),
    ("de", "and CD5678?", "en"),
    ("en", "et CD5678 ?", "fr"),
    // Numbers and hours.
    ("en", "quarter past eight", "en"),
    ("en", "ten past nine", "en"),
    ("en", "half past seven", "en"),
    ("en", "viertel nach acht", "de"),
    ("de", "quarter past eight", "en"),
    ("de", "viertel vor elf", "de"),
    ("de", "tomorrow at seven", "en"),
    ("en", "übermorgen um halb drei", "de"),
    ("en", "à huit heures", "fr"),
    ("en", "mañana a las ocho", "es"),
    // These say no language: they are in the one before.
    ("de", "AB1234", "de"),
    ("de", "an ben@example.org", "de"),
    ("de", "in 10115", "de"),
    ("en", "plus CD5678", "en"),
    ("de", "ok", "de"),
    ("fr", "ok super", "fr"),
    ("es", "Berlin", "es"),
    ("de", "Anna Meier", "de"),
    ("de", "was", "de"),
    ("en", "no", "en"),
    ("es", "no", "es"),
    ("de", "asdf qwer", "de"),
];

#[test]
fn short_messages_are_in_the_language_that_their_words_are_of() {
    let data = Folder::with(&[
        ("en.yml", ENGLISH),
        ("de.yml", GERMAN),
        ("fr.yml", FRENCH),
        ("es.yml", SPANISH),
    ])
    .load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let wrong: Vec<_> = SAID
        .iter()
        .filter_map(|(last, text, expected)| {
            let context = Context {
                last: Some(Language::new(last).unwrap()),
                ..Context::at(Timestamp::UNIX_EPOCH)
            };
            let found = model.understand(text, &context).language;
            (found.as_str() != *expected).then(|| format!("{text:?} after {last}: {found}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        SAID.len()
    );
}

const LEARNT_GERMAN: &str = "nlu:
- intent: greet
  examples: |
    - hallo
    - moin
    - guten Tag
- intent: thank
  examples: |
    - danke
    - danke schön
    - vielen Dank
- intent: return_item
  examples: |
    - retoure
    - ich möchte etwas zurückschicken
    - stopp
";
const LEARNT_ENGLISH: &str = "nlu:
- intent: greet
  examples: |
    - hello
    - good morning
    - hi there
- intent: thank
  examples: |
    - thanks
    - thank you
    - many thanks
- intent: return_item
  examples: |
    - I want to send something back
    - take it back please
    - stopp
";

/// The language before, the message, the language that it is in, and what it means.
const TAUGHT: &[(Option<&str>, &str, &str, &str)] = &[
    (None, "hallo", "de", "greet"),
    (None, "Moin!", "de", "greet"),
    (None, "danke", "de", "thank"),
    (Some("en"), "retoure", "de", "return_item"),
    // So short a message says what is meant, but not in which language to go on.
    (Some("en"), "danke", "en", "thank"),
    (Some("en"), "moin", "en", "greet"),
    // Taught in both.
    (None, "stopp", "en", "return_item"),
    (Some("de"), "stopp", "de", "return_item"),
];

#[test]
fn what_is_taught_in_one_language_alone_is_understood_in_it() {
    let folder = Folder::with(&[("en.yml", LEARNT_ENGLISH), ("de.yml", LEARNT_GERMAN)]);
    let model = Understanding::train(&folder.load(), &settings(), None).unwrap();
    for (last, text, language, intent) in TAUGHT {
        let context = Context {
            last: last.map(|last| Language::new(last).unwrap()),
            ..Context::at(Timestamp::UNIX_EPOCH)
        };
        let found = model.understand(text, &context);
        let first = found.first().map(|first| first.intent.as_str());
        let told = (found.language.as_str(), first, found.decision.clone());
        assert_eq!(
            told,
            (*language, Some(*intent), Decision::Sure),
            "{text:?} after {last:?}"
        );
        assert_eq!(found.foreign, None);
    }
}
