//! How letters begin and end, by language.

use convene_training_data::Language;

/// How a letter begins and ends.
pub(super) struct Manners {
    /// Whoever is named behind one of these is spoken to.
    pub(super) formal: &'static [&'static str],
    /// What is said to anybody, alone or with ...
    pub(super) greetings: &'static [&'static str],
    /// ... some of these, or with a name.
    pub(super) to: &'static [&'static str],
    pub(super) closings: &'static [&'static str],
}

impl Manners {
    /// Those of a language. None where we know none.
    pub(super) fn of(language: &Language) -> Option<&'static Self> {
        let tag = language.as_str();
        Some(match tag.split_once('-').map_or(tag, |(first, _)| first) {
            "ar" => &ARABIC,
            "de" => &GERMAN,
            "en" => &ENGLISH,
            "es" => &SPANISH,
            "fr" => &FRENCH,
            "it" => &ITALIAN,
            "nl" => &DUTCH,
            "pt" => &PORTUGUESE,
            _ => return None,
        })
    }
}

const ENGLISH: Manners = Manners {
    formal: &["dear", "to whom it may concern"],
    greetings: &[
        "hello",
        "hi",
        "hey",
        "good morning",
        "good afternoon",
        "good evening",
        "good day",
        "greetings",
    ],
    to: &[
        "there",
        "all",
        "everyone",
        "everybody",
        "team",
        "folks",
        "together",
        "again",
        "and",
    ],
    closings: &[
        "kind regards",
        "best regards",
        "warm regards",
        "regards",
        "best wishes",
        "many greetings",
        "all the best",
        "yours sincerely",
        "yours faithfully",
        "yours truly",
        "sincerely",
        "thanks",
        "thank you",
        "many thanks",
        "cheers",
    ],
};
const GERMAN: Manners = Manners {
    formal: &[
        "sehr geehrte",
        "sehr geehrter",
        "sehr geehrtes",
        "liebe",
        "lieber",
        "liebes",
        "werte",
        "werter",
    ],
    greetings: &[
        "hallo",
        "hi",
        "hey",
        "guten tag",
        "guten morgen",
        "guten abend",
        "moin",
        "servus",
        "grüß gott",
        "grüezi",
    ],
    to: &[
        "zusammen",
        "ihr",
        "liebes",
        "liebe",
        "team",
        "alle",
        "allerseits",
        "nochmal",
        "und",
    ],
    closings: &[
        "mit freundlichen grüßen",
        "mit freundlichem gruß",
        "mit besten grüßen",
        "mit herzlichen grüßen",
        "freundliche grüße",
        "viele grüße",
        "liebe grüße",
        "beste grüße",
        "herzliche grüße",
        "schöne grüße",
        "gruß",
        "grüße",
        "hochachtungsvoll",
        "mfg",
        "lg",
        "vg",
        "danke",
        "vielen dank",
        "besten dank",
        "herzlichen dank",
    ],
};
const FRENCH: Manners = Manners {
    formal: &[
        "madame",
        "monsieur",
        "mesdames",
        "messieurs",
        "cher",
        "chère",
        "chers",
        "chères",
    ],
    greetings: &["bonjour", "bonsoir", "salut", "coucou"],
    to: &[
        "à",
        "tous",
        "toutes",
        "toute",
        "l'équipe",
        "madame",
        "monsieur",
        "et",
    ],
    closings: &[
        "cordialement",
        "bien cordialement",
        "bien à vous",
        "sincères salutations",
        "salutations",
        "meilleures salutations",
        "veuillez agréer",
        "je vous prie d'agréer",
        "merci d'avance",
        "merci par avance",
        "merci beaucoup",
        "merci bien",
        "bonne journée",
    ],
};
const SPANISH: Manners = Manners {
    formal: &[
        "estimado",
        "estimada",
        "estimados",
        "estimadas",
        "querido",
        "querida",
        "queridos",
        "muy señor mío",
    ],
    greetings: &[
        "hola",
        "buenas",
        "buenos días",
        "buenas tardes",
        "buenas noches",
    ],
    to: &["a", "todos", "todas", "equipo", "y"],
    closings: &[
        "saludos",
        "un saludo",
        "un cordial saludo",
        "cordiales saludos",
        "atentamente",
        "muchas gracias",
        "gracias",
    ],
};
const ITALIAN: Manners = Manners {
    formal: &[
        "gentile",
        "gentili",
        "egregio",
        "egregi",
        "spettabile",
        "caro",
        "cara",
        "cari",
    ],
    greetings: &["ciao", "salve", "buongiorno", "buon giorno", "buonasera"],
    to: &["a", "tutti", "team", "e"],
    closings: &[
        "cordiali saluti",
        "distinti saluti",
        "saluti",
        "un saluto",
        "grazie",
        "molte grazie",
        "grazie mille",
    ],
};
const PORTUGUESE: Manners = Manners {
    formal: &[
        "prezado", "prezada", "prezados", "caro", "cara", "caros", "exmo", "exmos", "estimado",
    ],
    greetings: &["olá", "oi", "bom dia", "boa tarde", "boa noite"],
    to: &["a", "todos", "equipa", "equipe", "e"],
    closings: &[
        "atenciosamente",
        "com os melhores cumprimentos",
        "melhores cumprimentos",
        "cumprimentos",
        "abraços",
        "obrigado",
        "obrigada",
        "muito obrigado",
    ],
};
const DUTCH: Manners = Manners {
    formal: &["geachte", "beste", "lieve"],
    greetings: &[
        "hallo",
        "hoi",
        "hey",
        "goedemorgen",
        "goedemiddag",
        "goedenavond",
        "goedendag",
    ],
    to: &["allemaal", "team", "daar", "en"],
    closings: &[
        "met vriendelijke groet",
        "met vriendelijke groeten",
        "vriendelijke groeten",
        "groeten",
        "groetjes",
        "mvg",
        "bedankt",
        "alvast bedankt",
        "dank u",
        "dank je",
    ],
};
const ARABIC: Manners = Manners {
    formal: &["السادة", "السيد", "السيدة", "عزيزي", "عزيزتي"],
    greetings: &["مرحبا", "أهلا", "السلام عليكم", "صباح الخير", "مساء الخير"],
    to: &["جميعا", "بكم", "ورحمة", "الله", "وبركاته"],
    closings: &[
        "مع التحية",
        "مع أطيب التحيات",
        "تحياتي",
        "شكرا",
        "وشكرا",
        "ولكم جزيل الشكر",
    ],
};
