//! Small training data of our own.

use convene_nlu::{Language, Settings};

pub(crate) use crate::folder::Folder;

pub(crate) fn settings() -> Settings {
    Settings::new(Language::new("en").unwrap())
}

/// A shop's three intents in English, and the same in German.
pub(crate) const ENGLISH: &str = r#"version: "3.1"
nlu:
- intent: track_order
  examples: |
    - where is my order
    - where is my parcel
    - when does my order arrive
    - has my package been sent yet
    - track order [4711](order_number)
    - what is the status of order [123456](order_number)
    - I am still waiting for my delivery
    - is my parcel on its way
    - how long until my package comes
    - where has my delivery got to
- intent: return_item
  examples: |
    - I want to return a jacket
    - how can I send something back
    - the shoes do not fit, can I give them back
    - I would like to return my order
    - this is broken, I want my money back
    - can I exchange these trousers
    - please take the lamp back
    - I need a label to send the parcel back
    - return the [red](colour) shirt
    - can I return the [blue](colour) dress
- intent: opening_hours
  examples: |
    - when do you open
    - what are your opening hours
    - are you open on sundays
    - until when is the shop open
    - at what time do you close
    - is the store open tomorrow
    - do you have late opening on fridays
    - when can I come to the shop
    - are you closed on holidays
    - opening times please
"#;

pub(crate) const GERMAN: &str = r#"version: "3.1"
language: de
nlu:
- intent: track_order
  examples: |
    - wo ist meine Bestellung
    - wo bleibt mein Paket
    - wann kommt meine Lieferung an
    - wurde mein Paket schon verschickt
    - wie ist der Stand von Bestellung [4711](order_number)
    - ich warte immer noch auf meine Sendung
    - ist mein Paket unterwegs
- intent: return_item
  examples: |
    - ich möchte eine Jacke zurückgeben
    - wie kann ich etwas zurückschicken
    - die Schuhe passen nicht, kann ich sie umtauschen
    - ich will mein Geld zurück
    - ich brauche ein Etikett für die Rücksendung
    - bitte nehmen Sie die Lampe zurück
    - kann ich die Hose umtauschen
- intent: opening_hours
  examples: |
    - wann habt ihr geöffnet
    - wie sind eure Öffnungszeiten
    - habt ihr sonntags offen
    - bis wann ist der Laden offen
    - wann macht ihr zu
    - ist das Geschäft morgen geöffnet
    - kann ich am Freitag noch kommen
"#;
