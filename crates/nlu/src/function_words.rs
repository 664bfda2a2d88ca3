//! The small words that sentences of a language have, whatever they are about: those of our own choosing that a chat has
//! most, and numbers and what hours are said with.

const WORDS: [(&str, &str); 7] = [
    (
        "de",
        "ich du er es sie wir ihr mich mir dich dir der die das den dem ein eine einen einem ist sind war bin bist \
         habe hat haben wo was wer wie wann warum welche und oder aber nicht kein keine nein ja doch noch schon auch \
         nur mal bitte danke mein meine meinen für mit von zu zum zur auf bei nach im am um geht kann können kostet \
         kommt bleibt viel lange in an will des plus per \
         eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf halb viertel uhr heute morgen übermorgen",
    ),
    (
        "en",
        "i you he she it we they me my your his her our the a an is are was were am be been have has do does did \
         where what who how when why which and or but not no yes please thanks thank for with of to from on at in \
         can could will would this that there here much many long yet still one am \
         plus per \
         two three four five six seven eight nine ten eleven twelve half quarter past o'clock today tomorrow tonight",
    ),
    (
        "es",
        "yo tú él ella usted me mi mis te tu se el la los las un una es está son estoy soy he ha dónde qué quién cómo \
         cuándo cuánto por para con de del en y o pero no sí gracias favor quiero puedo todavía ya esto esta muy más \
         donde como cuando hola a al \
         uno dos tres cuatro cinco seis siete ocho nueve diez once doce media cuarto hoy mañana",
    ),
    (
        "fr",
        "je tu il elle on nous vous me ma mon mes te ton le la les un une des du est sont suis ai a où que quoi qui \
         comment quand combien pourquoi et ou mais ne pas non oui merci s'il c'est est-ce pour avec de en dans sur ce \
         cette ça encore déjà très plus sais veux peux bonjour \
         deux trois quatre cinq six sept huit neuf dix onze douze demie quart heure heures aujourd'hui demain",
    ),
    (
        "it",
        "io tu lui lei noi voi mi mio mia ti il lo la i gli le un una è sono ho ha dove che cosa chi come quando quanto \
         perché e o ma non no sì grazie per favore con di del in a questo questa ancora già voglio posso ciao \
         uno due tre quattro cinque sei sette otto nove dieci undici dodici mezza quarto oggi domani",
    ),
    (
        "nl",
        "ik jij je hij zij wij mijn me de het een is zijn was ben heb heeft waar wat wie hoe wanneer waarom en of maar \
         niet geen nee ja graag bedankt dank voor met van te naar op bij in nog al ook dit dat kan wil veel lang \
         twee drie vier vijf zes zeven acht negen tien elf twaalf half kwart uur vandaag morgen",
    ),
    (
        "pt",
        "eu você ele ela nós me meu minha o a os as um uma é são estou está sou tem onde que quem como quando quanto \
         porque e ou mas não sim obrigado obrigada por favor para com de do da em ainda já isto quero posso olá \
         dois duas três quatro cinco seis sete oito nove dez onze doze meia quarto hoje amanhã",
    ),
];

/// For each of some languages, how many words of a text are small words of it and of none of the others.
pub(crate) fn of_one(text: &str, languages: &[&str]) -> Vec<usize> {
    let of = |language: &str| WORDS.iter().find(|(of, _)| *of == language);
    let is_in = |language: &str, word: &str| {
        of(language).is_some_and(|(_, words)| words.split(' ').any(|small| small == word))
    };
    let mut counts = vec![0; languages.len()];
    for word in text.split_whitespace() {
        let word = word.to_lowercase().replace('’', "'");
        let word = word.trim_matches(|sign: char| !sign.is_alphanumeric());
        let mut speak = languages
            .iter()
            .enumerate()
            .filter(|(_, language)| is_in(language, word));
        if let (Some((at, _)), None) = (speak.next(), speak.next()) {
            counts[at] += 1;
        }
    }
    counts
}
