use std::{fs, path::PathBuf};

use convene_training_data::{BuiltIn, Language, TrainingData, load};
use jiff::{Timestamp, tz::TimeZone};

use super::{
    list::{LANGUAGES, list},
    may_hold_values, without_strangers,
};
use crate::entities::{Known, built_in};

/// Of so many sentences one is looked through, as long as `EVERY_SENTENCE` is not set.
const STEP: usize = 61;

fn root() -> PathBuf {
    let root: PathBuf = env!("CARGO_MANIFEST_DIR").into();
    root.ancestors().nth(2).unwrap().to_owned()
}

fn sentences(place: &str) -> Vec<(String, Language)> {
    let path = root().join(place);
    if !path.exists() {
        eprintln!("skipped: there is no {}", path.display());
        return Vec::new();
    }
    let data: TrainingData = load(&path).unwrap_or_else(|faults| panic!("{faults}"));
    let all = data.examples.into_iter().map(|one| {
        let language = one.language.unwrap_or(Language::new("en").unwrap());
        (one.text, language)
    });
    all.collect()
}

/// It is said of words; here are real sentences, of which most have no value.
#[test]
fn what_is_not_looked_through_holds_no_value() {
    let step = match std::env::var_os("EVERY_SENTENCE") {
        Some(_) => 1,
        None => STEP,
    };
    let mut all = Vec::new();
    for place in ["clinc150", "banking77", "snips"] {
        let place = format!("../shared/nlu/{place}");
        all.extend(sentences(&place).into_iter().step_by(step));
    }
    for place in ["examples/shop/nlu", "crates/nlu/tests/shop"] {
        all.extend(sentences(place).into_iter().step_by(step.min(9)));
    }
    for language in ["de", "en"] {
        let place = root().join(format!("crates/nlu/src/intents/background/{language}.txt"));
        let lines = fs::read_to_string(place).unwrap();
        let of = |line: &str| (line.to_owned(), Language::new(language).unwrap());
        all.extend(lines.lines().map(of).step_by(step.min(3)));
    }
    let (now, zone) = here();
    let (mut skipped, mut lost) = (0, Vec::new());
    for (text, language) in &all {
        let known = known(language, &zone, now);
        let found = |may_be| built_in::find_where(may_be, text, &known);
        if !may_hold_values(text, language) {
            skipped += 1;
            let all = found(|_, _| true);
            if all != found(may_hold_values) {
                lost.push((text, all));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(skipped * 2 > all.len(), "most have no value: {skipped}");
}

/// Sentences with a value each, and sentences without.
const SAID: &[(&str, &[&str], &[&str])] = &[
    (
        "de",
        &[
            "am Dienstag geht es",
            "halb acht wäre gut",
            "eine Stunde später",
            "fünf Stück",
        ],
        &[
            "wo bleibt mein Paket",
            "der Stuhl ist eine Katastrophe",
            "ich hätte gern eine Rechnung",
            "kann ich noch etwas ändern",
        ],
    ),
    (
        "en",
        &[
            "tuesday works",
            "half past eight",
            "an hour later",
            "five of them",
            "dec",
        ],
        &[
            "where is my parcel",
            "can i get a refund",
            "this chair is broken",
            "i am not happy with it at all",
        ],
    ),
    (
        "es",
        &[
            "el martes por la tarde",
            "mañana",
            "a las ocho y media",
            "veintitrés euros",
            "en dos semanas",
            "una hora",
            "ahora mismo",
            "somos cinco",
            "en Navidad",
            "el primero de mayo",
        ],
        &[
            "dónde está mi pedido",
            "quiero devolver una chaqueta",
            "el paquete no ha llegado y no me contestan",
            "cómo puedo cambiar la dirección de envío",
            "la silla está rota, quiero otra",
            "gracias por todo",
        ],
    ),
    (
        "fr",
        &[
            "mardi après-midi",
            "demain",
            "à huit heures et demie",
            "vingt-trois euros",
            "dans deux semaines",
            "pendant une heure",
            "nous sommes cinq",
            "à Noël",
            "le premier mai",
            "plus tard",
        ],
        &[
            "où est ma commande",
            "je veux renvoyer une veste",
            "le colis n'est pas arrivé et personne ne répond",
            "comment changer l'adresse de livraison",
            "la chaise est cassée, j'en veux une autre",
            "merci pour tout",
        ],
    ),
    (
        "it",
        &[
            "martedì pomeriggio",
            "domani",
            "alle otto e mezza",
            "ventitré euro",
            "tra due settimane",
            "un'ora dopo",
            "siamo in cinque",
            "a Natale",
            "il primo maggio",
            "stasera",
        ],
        &[
            "dov'è il mio ordine",
            "vorrei restituire una giacca",
            "il pacco non è arrivato e non risponde nessuno",
            "come posso cambiare l'indirizzo",
            "la sedia è rotta, ne voglio un'altra",
            "grazie di tutto",
        ],
    ),
    (
        "nl",
        &[
            "op dinsdag",
            "morgen",
            "om half negen",
            "drieëntwintig euro",
            "over twee weken",
            "een uur later",
            "we zijn met vijf",
            "met kerst",
            "de eerste mei",
            "vanavond",
        ],
        &[
            "waar is mijn bestelling",
            "ik wil een jas terugsturen",
            "het pakket is niet aangekomen",
            "hoe kan ik het adres wijzigen",
            "de stoel is kapot, ik wil een andere",
            "bedankt voor alles",
        ],
    ),
    (
        "pt",
        &[
            "na terça-feira",
            "amanhã",
            "às oito e meia",
            "vinte e três euros",
            "em duas semanas",
            "uma hora depois",
            "somos cinco",
            "no Natal",
            "primeiro de maio",
            "hoje à noite",
        ],
        &[
            "onde está o meu pedido",
            "quero devolver um casaco",
            "a encomenda não chegou e ninguém responde",
            "como posso mudar a morada",
            "a cadeira está partida, quero outra",
            "obrigado por tudo",
        ],
    ),
];

#[test]
fn a_sentence_with_a_value_is_looked_through_and_one_without_is_not() {
    let mut wrong: Vec<&&str> = Vec::new();
    for (language, with, without) in SAID {
        let language = Language::new(language).unwrap();
        let may = |text: &&&str| may_hold_values(text, &language);
        wrong.extend(with.iter().filter(|text| !may(text)));
        wrong.extend(without.iter().filter(may));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let listed = LANGUAGES.map(|(language, _)| language);
    assert!(SAID.iter().map(|(language, ..)| *language).eq(listed));
}

/// What is read of a text: every word that rules have to do with, and every sign.
const READ: &[(&str, &str, &str)] = &[
    ("en", "please call me at 5", "xxxxxx xxxx xx at 5"),
    (
        "en",
        "I'll see you, (Anna) at 5!",
        "x'xx xxx xxx, (xxxx) at 5!",
    ),
    (
        "en",
        "at 3 pm EST, five o'clock",
        "at 3 pm EST, five o'clock",
    ),
    (
        "en",
        "the day after father's day",
        "the day after father's day",
    ),
    ("en", "AB1234, a well-known", "AB1234, a well-known"),
    ("en", "write to call@mail.com", "write to call@mail.com"),
    ("en", "call at example dot com", "call at example dot com"),
    ("en", "see shop.example/mall", "see shop.example/mall"),
    (
        "de",
        "Möbel bis Dienstagabend um drei",
        "xxxxxx bis Dienstagabend um drei",
    ),
    (
        "de",
        "anna punkt maier at web punkt de",
        "anna punkt maier at web punkt de",
    ),
    ("fr", "rappelez-moi demain", "rappelez-moi demain"),
    ("fr", "merci, à demain", "xxxxx, à demain"),
    ("sv", "ring mig", "ring mig"),
];

#[test]
fn words_that_no_rule_has_to_do_with_are_not_read() {
    for (language, text, expected) in READ {
        let language = Language::new(language).unwrap();
        assert_eq!(without_strangers(text, &language), *expected, "{text}");
    }
}

#[test]
#[ignore = "looks for values of seven languages in 200,000 pairs of words: minutes, if built for release"]
fn what_stands_beside_values_is_none_by_itself() {
    let (now, zone) = here();
    let mut lost = Vec::new();
    for (tag, with, _) in SAID {
        let language = Language::new(tag).unwrap();
        let known = known(&language, &zone, now);
        let found = |text: &str| built_in::find_where(|_, _| true, text, &known);
        let valueless = with.iter().filter(|text| found(text).is_empty());
        lost.extend(valueless.map(|text| format!("{tag}: nothing in {text:?}")));
        let words = list(&language).unwrap().weak();
        let pairs = words
            .iter()
            .flat_map(|one| words.iter().map(move |other| format!("{one} {other}")));
        for pair in pairs.map(|pair| format!("xyz {pair} xyz")) {
            if !may_hold_values(&pair, &language) && !found(&pair).is_empty() {
                lost.push(format!("{tag}: {pair:?}"));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

fn here() -> (Timestamp, TimeZone) {
    let now = "2026-11-27T15:08:00Z".parse().unwrap();
    (now, TimeZone::get("Europe/Berlin").unwrap())
}

fn known<'a>(language: &'a Language, zone: &'a TimeZone, now: Timestamp) -> Known<'a> {
    Known {
        intent: None,
        language,
        built_ins: &BuiltIn::ALL,
        zone,
        now,
    }
}
