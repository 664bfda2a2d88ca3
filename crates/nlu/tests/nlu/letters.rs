//! Messages as long as a letter, to the shop that ships.

use convene_nlu::{Context, Understanding};
use jiff::Timestamp;

use crate::{lessons::settings, shop::data};

/// What is asked for among much else.
const ASK: &[(&str, &str)] = &[
    (
        "Sehr geehrte Damen und Herren, am 3. November habe ich bei Ihnen einen Helm bestellt. Leider ist das Paket bis heute nicht angekommen. Bitte teilen Sie mir mit, wo meine Bestellung bleibt. Mit freundlichen Grüßen, Max Mustermann",
        "track_order",
    ),
    (
        "Guten Tag, ich habe letzte Woche ein Fahrrad bei Ihnen gekauft und bin eigentlich sehr zufrieden. Nun hat sich aber herausgestellt, dass der Sattel nicht passt. Ich möchte ihn gerne zurückschicken. Vielen Dank im Voraus und freundliche Grüße, Anna Schmidt",
        "return_item",
    ),
    (
        "Liebes Velora-Team, zunächst möchte ich mich für die nette Beratung am Samstag bedanken. Mein Mann und ich haben uns sehr gefreut. Könnten Sie mir bitte sagen, wann Sie am Samstag geöffnet haben? Herzliche Grüße, Familie Weber",
        "opening_hours",
    ),
    (
        "Sehr geehrter Herr Müller, vor zwei Wochen habe ich bei Ihnen eine Jacke bestellt, die mir leider zu klein ist. Ich würde die Jacke gern umtauschen. Für eine baldige Antwort wäre ich Ihnen sehr dankbar. Mit freundlichen Grüßen Petra Klein",
        "return_item",
    ),
    (
        "Dear Sir or Madam, I placed an order with your shop on 3 November. Unfortunately nothing has arrived to this day. Where is my order? I look forward to hearing from you. Kind regards, John Miller",
        "track_order",
    ),
    (
        "Hello there, I have been a customer for many years and always been quite happy. This time the saddle does not fit my bicycle. I would like to send it back. Thanks in advance and best wishes, Anna",
        "return_item",
    ),
    (
        "Dear Velora team, first of all thank you for the friendly advice on Saturday. My husband and I were delighted. Could you tell me when you are open on Saturday? Kind regards, the Weber family",
        "opening_hours",
    ),
    (
        "Dear Mr Smith, two weeks ago I bought a jacket which turns out to be too small for my son. I want a refund. A quick answer would be appreciated. Yours sincerely, Petra",
        "return_item",
    ),
    (
        "Good evening, my son has been riding the blue one to school every day since summer. His friends admire it. When do you open tomorrow?",
        "opening_hours",
    ),
    (
        "Hallo Anna, wie besprochen schreibe ich dir noch einmal ausführlich wegen unseres Gesprächs vom Dr. Meier. Wann habt ihr morgen geöffnet? LG Tom",
        "opening_hours",
    ),
    (
        "My neighbours are very curious people and ask me about it all the time.\nWhere is my order?\nCheers, Tom",
        "track_order",
    ),
];

/// What asks for nothing that the shop does, or for two things.
const ASK_NOT: &[&str] = &[
    "Guten Tag, wir sind ein Anbieter von Reinigungsdiensten in Ihrer Nähe. Gerne machen wir Ihnen ein Angebot. Rufen Sie uns an. Freundliche Grüße, Sauber GmbH",
    "Dear Sir or Madam, I am a student and write about the history of cycling. Would you give me an interview? It would help me a lot. Kind regards, Max",
    "Hello, we offer cleaning services in your area. We would be glad to make you an offer. Please call us back. Best regards, Clean Ltd",
    "Dear team, my neighbour told me a long story about his cat yesterday. It climbed on the roof and stayed there all night. The fire brigade had to come. Best regards, Jo",
    "We were on the coast for two weeks in summer. The weather was awful. The children loved it.",
    "I want a refund. My neighbour told me a long story about his cat, and so did her sister and all of the children. When are you open?",
    "Hello, who won the cup final yesterday? Best regards, Jo",
    "Thanks a lot. Kind regards, Jo",
];

#[test]
fn of_a_letter_that_asks_for_one_thing_that_is_heard() {
    let model = Understanding::train(&data("../../examples/shop/nlu"), &settings(), None).unwrap();
    let context = Context::at(Timestamp::UNIX_EPOCH);
    let heard = |text: &str| {
        let understood = model.understand(text, &context);
        understood.intent().map(ToString::to_string)
    };
    let wrong = ASK.iter().filter_map(|(text, expected)| {
        let heard = heard(text);
        (heard.as_deref() != Some(*expected)).then(|| format!("{text:?}: {heard:?}"))
    });
    let more = ASK_NOT
        .iter()
        .filter_map(|text| Some(format!("{text:?}: {}", heard(text)?)));
    let wrong: Vec<_> = wrong.chain(more).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
