//! What people write of times and numbers, in German and English, said on a Tuesday noon in Berlin.

use convene_nlu::{Context, Moment, Understanding, Value};
use jiff::tz::TimeZone;

use crate::lessons::{ENGLISH, Folder, GERMAN, settings};

const GERMAN_SAID: &[(&str, &str)] = &[
    ("Tisch für übermorgen um 20 Uhr", "time 2026-11-26T20:00"),
    (
        "ein Tisch für vier Personen morgen um 19 Uhr",
        "number 4; time 2026-11-25T19:00",
    ),
    ("heute Abend um 8", "time 2026-11-24T20:00"),
    (
        "heute Abend um acht für zwei Leute",
        "time 2026-11-24T20:00; number 2",
    ),
    ("morgen früh", "time 2026-11-25T00:00/12:00"),
    ("morgen früh um 9", "time 2026-11-25T09:00"),
    ("am Montag um 10", "time 2026-11-30T10:00"),
    ("um halb drei", "time 2026-11-24T14:30"),
    ("morgen um halb drei", "time 2026-11-25T14:30"),
    ("halb acht", "time 2026-11-24T19:30"),
    ("in zwei Stunden", "time 2026-11-24T14:00"),
    ("in einer Stunde", "time 2026-11-24T13:00"),
    ("in einer halben Stunde", "time 2026-11-24T12:30"),
    ("in 20 Minuten", "time 2026-11-24T12:20"),
    ("in drei Tagen", "time 2026-11-27"),
    ("in einer Woche", "time 2026-12-01"),
    ("nächsten Freitag", "time 2026-11-27"),
    ("am kommenden Samstag", "time 2026-11-28"),
    ("am Freitag", "time 2026-11-27"),
    // Of a day that is today, what is over is that of the next week.
    ("am Dienstag um 12 Uhr", "time 2026-12-01T12:00"),
    ("diesen Dienstag um 14 Uhr", "time 2026-11-24T14:00"),
    ("Dienstag früh", "time 2026-12-01T00:00/12:00"),
    ("Dienstagnachmittag", "time 2026-11-24T12:00/19:00"),
    // Beside a date, a weekday says nothing more.
    (
        "am Donnerstag, 10. Dezember um 20 Uhr",
        "time 2026-12-10T20:00",
    ),
    ("Donnerstag 10.12. 20:15", "time 2026-12-10T20:15"),
    ("Freitag 18.12. 19:00", "time 2026-12-18T19:00"),
    ("Samstag 05.12.2026 18:30", "time 2026-12-05T18:30"),
    ("Montag den 14. Dezember", "time 2026-12-14"),
    ("auf 2026-12-03 verschieben", "time 2026-12-03"),
    ("2026-12-03", "time 2026-12-03"),
    ("am 3. Dezember", "time 2026-12-03"),
    ("3.12.", "time 2026-12-03"),
    ("am 3.12.2026", "time 2026-12-03"),
    ("am 3.12. um 18 Uhr", "time 2026-12-03T18:00"),
    (
        "morgen um 7 oder 8",
        "time 2026-11-25T07:00; time 2026-11-25T08:00",
    ),
    ("einer mehr", "number 1"),
    ("eine weniger", "number 1"),
    ("einer fehlt", ""),
    ("um 14:30 Uhr", "time 2026-11-24T14:30"),
    ("um 14.30 Uhr", "time 2026-11-24T14:30"),
    ("14 Uhr 30", "time 2026-11-24T14:30"),
    ("acht Uhr dreißig", "time 2026-11-25T08:30"),
    ("morgen neun Uhr fünfundvierzig", "time 2026-11-25T09:45"),
    ("ich bin in einer Besprechung", ""),
    ("Viertel nach drei", "time 2026-11-24T15:15"),
    ("Viertel vor acht", "time 2026-11-24T19:45"),
    ("morgen Nachmittag", "time 2026-11-25T12:00/19:00"),
    ("Freitagabend", "time 2026-11-27T18:00/00:00"),
    ("am Freitagabend um 8", "time 2026-11-27T20:00"),
    ("nächste Woche", "time 2026-11-30"),
    ("heute", "time 2026-11-24"),
    ("übermorgen", "time 2026-11-26"),
    ("zwölf", "number 12"),
    ("einundzwanzig Stück", "number 21"),
    ("2,5 Kilo", "number 2.5"),
    ("ich hätte gern einen Tisch", ""),
    ("eine Pizza bitte", ""),
    ("ein paar Fragen", ""),
    ("so schnell wie möglich", ""),
    ("ein Kuchen und eine Cola", ""),
    ("einen Moment bitte", ""),
    ("ich nehme drei", "number 3"),
    ("einmal Margherita und zwei Salate", "number 2"),
    ("ab morgen", "time 2026-11-25/"),
    ("es kostet 12,50 Euro", "money 12.5 EUR"),
    ("1.000,50 €", "money 1000.5 EUR"),
    ("1,000.50 €", "money 1000.5 EUR"),
    ("das sind -5 Euro", "money -5 EUR"),
    ("50 Euro 20", "money 50.2 EUR"),
    ("übernächsten Dienstag", "time 2026-12-08"),
    ("übernächsten Montag", "time 2026-12-07"),
    (
        "am zweiten Weihnachtstag um 19 Uhr",
        "time 2026-12-26T19:00",
    ),
    ("2. Weihnachtstag", "time 2026-12-26"),
    ("nächste Woche Freitag um 20 Uhr", "time 2026-12-04T20:00"),
    ("am Montag in einer Woche", "time 2026-12-07"),
    ("Freitag in zwei Wochen um acht", "time 2026-12-11T08:00"),
    ("5/12", "time 2026-12-05"),
    ("früh um sechs", "time 2026-11-25T06:00"),
    ("abends um 8", "time 2026-11-24T20:00"),
    ("20 Franken", "money 20 CHF"),
    ("ein paar Euro", ""),
    ("eins", "number 1"),
    ("wir sind zu zweit", "number 2"),
    (
        "morgen um 19 Uhr zu dritt",
        "time 2026-11-25T19:00; number 3",
    ),
    ("an Heiligabend um 19 Uhr", "time 2026-12-24T19:00"),
    ("am Heiligen Abend", "time 2026-12-24"),
    ("Silvester um 20 Uhr", "time 2026-12-31T20:00"),
    (
        "meine Nummer ist 0171/234 56 78",
        "phone-number 01712345678",
    ),
    (
        "den Termin von Mittwoch auf Donnerstag verschieben",
        "time 2026-11-26",
    ),
    (
        "bitte vom 3. Dezember auf den 5. Dezember verlegen",
        "time 2026-12-05",
    ),
    (
        "kann ich von Mittwoch um 10 Uhr auf Donnerstag um 11 Uhr umbuchen",
        "time 2026-11-26T11:00",
    ),
    // Nothing is moved, or no day is.
    (
        "von Mittwoch auf Donnerstag",
        "time 2026-11-25/; time 2026-11-26",
    ),
    (
        "von Mittwoch bis Donnerstag verlegt",
        "time 2026-11-25/2026-11-26",
    ),
    ("auf Donnerstag verschieben", "time 2026-11-26"),
];

const ENGLISH_SAID: &[(&str, &str)] = &[
    ("2026-12-03", "time 2026-12-03"),
    ("2026-12-03 please", "time 2026-12-03"),
    ("no, 2026-12-05", "time 2026-12-05"),
    ("on 2026-12-03 at 15:00", "time 2026-12-03T15:00"),
    ("december 24 at 3", "time 2026-12-24T15:00"),
    ("24th dec at 6", "time 2026-12-24T18:00"),
    (
        "move CD5678 to 3 December",
        "order-number CD5678; time 2026-12-03",
    ),
    ("the first one", ""),
    (
        "a table for 4, no 5, tomorrow at 7pm",
        "number 4; number 5; time 2026-11-25T19:00",
    ),
    (
        "not 5, on monday at 7 pm",
        "number 5; time 2026-11-30T19:00",
    ),
    ("eight thirty", "time 2026-11-24T20:30"),
    ("Six forty-five.", "time 2026-11-24T18:45"),
    ("7ish", "time 2026-11-24T19:00"),
    ("19 o'clock", "time 2026-11-24T19:00"),
    ("room eight thirty please", "number 830"),
    ("5 or 6 pm", "time 2026-11-24T17:00; time 2026-11-24T18:00"),
    (
        "tomorrow at 10 or 11 am",
        "time 2026-11-25T10:00; time 2026-11-25T11:00",
    ),
    (
        "a table for 4 tomorrow at 7 or 8",
        "number 4; time 2026-11-25T07:00; time 2026-11-25T08:00",
    ),
    (
        "friday at 7:30 pm or 9",
        "time 2026-11-27T19:30; time 2026-11-27T21:00",
    ),
    (
        "at 7 for 4 or 5",
        "time 2026-11-24T19:00; number 4; number 5",
    ),
    (
        "tomorrow at 7 or 30 minutes later",
        "time 2026-11-25T07:00; duration 1800",
    ),
    (
        "tomorrow at 7, or 8 people",
        "time 2026-11-25T07:00; number 8",
    ),
    ("I am back", ""),
    ("a few", ""),
    ("my name is Alex", ""),
    ("a buck", "money 1 USD"),
    (
        "a table for four tomorrow at 7 pm",
        "number 4; time 2026-11-25T19:00",
    ),
    (
        "table for 4 tomorrow at 7pm",
        "number 4; time 2026-11-25T19:00",
    ),
    (
        "a table for two tonight at 8",
        "number 2; time 2026-11-24T20:00",
    ),
    (
        "for six on Friday at half past seven",
        "number 6; time 2026-11-27T07:30",
    ),
    ("tomorrow at 3 pm", "time 2026-11-25T15:00"),
    ("the day after tomorrow at noon", "time 2026-11-26T12:00"),
    ("next Monday at 10 am", "time 2026-11-30T10:00"),
    ("on Friday", "time 2026-11-27"),
    ("in two hours", "time 2026-11-24T14:00"),
    ("in half an hour", "time 2026-11-24T12:30"),
    ("in 20 minutes", "time 2026-11-24T12:20"),
    ("on December 3rd", "time 2026-12-03"),
    ("December 3 at 18:30", "time 2026-12-03T18:30"),
    ("at 14:30", "time 2026-11-24T14:30"),
    ("tomorrow morning", "time 2026-11-25T00:00/12:00"),
    ("this evening", "time 2026-11-24T18:00/00:00"),
    ("next week", "time 2026-11-30"),
    ("as soon as possible", ""),
    ("one moment please", ""),
    ("just a second", ""),
    ("wait a minute", ""),
    ("a pizza please", ""),
    ("a couple of questions", ""),
    ("that one", ""),
    ("I want a table", ""),
    ("twelve", "number 12"),
    ("one", "number 1"),
    ("it was $12.50", "money 12.5 USD"),
    ("the 31st", "time 2026-12-31"),
    ("the day after christmas at 7 pm", "time 2026-12-26T19:00"),
    ("friday in two weeks", "time 2026-12-11"),
    ("a week on tuesday", "time 2026-12-01"),
    ("tomorrow week", "time 2026-12-02"),
    ("in two weeks on monday at 10", "time 2026-12-07T10:00"),
    ("next week on friday at 8 pm", "time 2026-12-04T20:00"),
    ("next week tuesday at 8", "time 2026-12-01T08:00"),
    ("05.12.26", "time 2026-12-05"),
    ("5.12.", "time 2026-12-05"),
    ("on 12.12.", "time 2026-12-12"),
    ("at 8", "time 2026-11-24T20:00"),
    ("6 o'clock", "time 2026-11-24T18:00"),
    ("at half past seven", "time 2026-11-24T19:30"),
    ("three and a half", "number 3.5"),
    ("I want a few of them", ""),
    ("09:15", "time 2026-11-25T09:15"),
    ("tomorrow at 09:15", "time 2026-11-25T09:15"),
    ("50,50 €", "money 50.5 EUR"),
    ("1.000,50 €", "money 1000.5 EUR"),
    ("transfer 12,50 euros", "money 12.5 EUR"),
    ("1,5 euros", "money 1.5 EUR"),
    ("pay 1 000 euros", "money 1000 EUR"),
    ("1,000 dollars", "money 1000 USD"),
    ("€1.000,50", "money 1000.5 EUR"),
    ("$1,000,000.25", "money 1000000.25 USD"),
    ("-5 euros", "money -5 EUR"),
    ("20 quid", "money 20 GBP"),
    ("2 million dollars", "money 2000000 USD"),
    ("50 euros", "money 50 EUR"),
    ("fifty euros", "money 50 EUR"),
    ("12,34,5 euros", ""),
    ("5 to 10 euros", ""),
    ("I am injured", ""),
    ("from 5 pm", "time 2026-11-24T17:00/"),
    ("on 5 December at 19:30", "time 2026-12-05T19:30"),
    ("5 December at 7 pm", "time 2026-12-05T19:00"),
    ("on 12 Dec at 19:30", "time 2026-12-12T19:30"),
    ("on 12 Dec 7 pm", "time 2026-12-12T19:00"),
    ("7 pm on Saturday 5 December", "time 2026-12-05T19:00"),
    ("for 5 December", "time 2026-12-05"),
    (
        "from 5 December to 7 December",
        "time 2026-12-05/2026-12-08",
    ),
    ("from 5 to 7 December", "time 2026-12-05/2026-12-08"),
    (
        "a table for 2 December 5 at 7 pm",
        "number 2; time 2026-12-05T19:00",
    ),
    ("christmas eve at 7 pm", "time 2026-12-24T19:00"),
    ("on Christmas Eve", "time 2026-12-24"),
    ("tomorrow at 3", "time 2026-11-25T15:00"),
    ("today at half past seven", "time 2026-11-24T19:30"),
    ("today at 10 am", "time 2026-11-24T10:00"),
    ("my number is 0171/234 56 78", "phone-number 01712345678"),
    ("call +49 171/2345678", "phone-number (+49) 1712345678"),
    ("where is AC3371", "order-number AC3371"),
    ("C12345 came", "order-number C12345"),
    ("50 cents", "money 50 cent"),
    ("USD 1234", "money 1234 USD"),
];

/// Said where today is one of the days that it is about.
const ON_A_TUESDAY: &[(&str, &str)] = &[
    ("tuesday half past seven", "time 2026-11-24T19:30"),
    ("on Tuesday at 8 pm", "time 2026-11-24T20:00"),
    ("this tuesday", "time 2026-11-24"),
    ("this tuesday evening", "time 2026-11-24T18:00/00:00"),
    ("next tuesday", "time 2026-12-01"),
    ("next tuesday at 8 pm", "time 2026-12-01T20:00"),
    ("tuesday 1 december at 8 pm", "time 2026-12-01T20:00"),
    ("tuesday the 1st", "time 2026-12-01"),
    // That is over for today.
    ("tuesday at 10 am", "time 2026-12-01T10:00"),
];

const OTHERS_SAID: &[(&str, &str, &str)] = &[
    ("es", "quiero dos pizzas", "number 2"),
    ("es", "quiero una pizza", ""),
    ("es", "1.000,50 €", "money 1000.5 EUR"),
    ("es", "1.000 euros", "money 1000 EUR"),
    ("es", "2.500,75 €", "money 2500.75 EUR"),
    ("es", "5/12", "time 2026-12-05"),
    ("fr", "5/12/2026", "time 2026-12-05"),
    ("fr", "après-demain", "time 2026-11-26"),
    ("fr", "lundi en huit", "time 2026-12-07"),
    (
        "fr",
        "demain à six heures et demie",
        "time 2026-11-25T06:30",
    ),
    ("fr", "1 000,50 euros", "money 1000.5 EUR"),
    ("es", "un momento", ""),
    (
        "fr",
        "une table pour quatre demain à 20h",
        "number 4; time 2026-11-25T20:00",
    ),
    ("fr", "je voudrais une pizza", ""),
    ("fr", "un instant", ""),
    ("pt", "quero um casaco para amanhã", "time 2026-11-25"),
    ("pt", "para hoje às 20h", "time 2026-11-24T20:00"),
    ("pt", "10 para as 8", "time 2026-11-25T07:50"),
];

fn told(moment: &Moment) -> &str {
    match moment.grain {
        "hour" | "minute" | "second" => &moment.time[..16],
        _ => &moment.time[..10],
    }
}

/// `number 4; time 2026-11-25T19:00`: the numbers, times and amounts in a text.
fn found(model: &Understanding, text: &str) -> String {
    let context = Context {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        ..Context::at("2026-11-24T11:00:00Z".parse().unwrap())
    };
    let entities = model.understand(text, &context).entities;
    let all = entities.iter().map(|entity| match &entity.value {
        Value::Number { number } => format!("{} {number}", entity.entity),
        Value::Time { at } => format!("time {}", told(at)),
        Value::Interval { from, to } => {
            let from = from.as_ref().map(told).unwrap_or_default();
            let to = to.as_ref().map(told).unwrap_or_default();
            let (day, hour) = to.split_once('T').unwrap_or((to, to));
            // To the hour of the same day, or its midnight.
            let to = if day == to { to } else { hour };
            format!("time {from}/{to}")
        }
        Value::Money { amount, currency } => format!("money {amount} {currency}"),
        Value::Duration { seconds } => format!("duration {seconds}"),
        Value::Text { text } => format!("{} {text}", entity.entity),
    });
    all.collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn expect(language: &str, lessons: &str, said: impl Iterator<Item = (&'static str, &'static str)>) {
    let data = Folder::with(&[(&format!("{language}.yml"), lessons)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let wrong: Vec<_> = said
        .filter_map(|(text, expected)| {
            let found = found(&model, text);
            (expected != found).then(|| format!("{text:?}: {found:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}

#[test]
fn german_times_and_numbers_are_what_people_mean() {
    expect("de", GERMAN, GERMAN_SAID.iter().copied());
}

#[test]
fn english_times_and_numbers_are_what_people_mean() {
    expect("en", ENGLISH, ENGLISH_SAID.iter().copied());
}

#[test]
fn a_weekday_that_is_today_is_today_as_long_as_its_hour_is_to_come() {
    expect("en", ENGLISH, ON_A_TUESDAY.iter().copied());
}

#[test]
fn articles_count_nothing_in_other_languages_either() {
    for language in ["es", "fr", "pt"] {
        let lessons = "nlu:\n- intent: a\n  examples: |\n    - hola\n    - salut\n    - olá\n- intent: b\n  examples: |\n    - no\n    - non\n";
        let said = OTHERS_SAID.iter().filter(|(of, _, _)| *of == language);
        expect(
            language,
            lessons,
            said.map(|(_, text, expected)| (*text, *expected)),
        );
    }
}
