//! What one could say to the guide first.

use convene_agent::Suggestion;

const COMMANDS: [&str; 5] = [
    "/help",
    "/stream 2000 at 50",
    "/fail 2",
    "/markdown",
    "/who",
];

/// What comes of each command, in the languages of the page.
const TITLES: [(&str, [&str; COMMANDS.len()]); 5] = [
    (
        "en",
        [
            "Show me around",
            "Stream a long answer",
            "Fail twice, then heal",
            "Show off Markdown",
            "Who is in here?",
        ],
    ),
    (
        "de",
        [
            "Führe mich herum",
            "Eine lange Antwort",
            "Zweimal scheitern, dann heilen",
            "Markdown vorführen",
            "Wer ist hier?",
        ],
    ),
    (
        "es",
        [
            "Enséñame el lugar",
            "Una respuesta larga",
            "Fallar dos veces y sanar",
            "Lucir Markdown",
            "¿Quién está aquí?",
        ],
    ),
    (
        "fr",
        [
            "Fais-moi visiter",
            "Une longue réponse",
            "Échouer deux fois, puis guérir",
            "Montrer Markdown",
            "Qui est ici ?",
        ],
    ),
    (
        "ar",
        [
            "عرّفني على المكان",
            "إجابة طويلة",
            "فشل مرّتين ثم تعافٍ",
            "عرض Markdown",
            "من هنا؟",
        ],
    ),
];

pub(super) fn all() -> Vec<Suggestion> {
    let mut all = Vec::new();
    for (language, titles) in TITLES {
        for (command, title) in COMMANDS.into_iter().zip(titles) {
            all.push(Suggestion::new(command, language).titled(title));
        }
    }
    all
}
