//! Deutsch.

use super::{Offers, Words};

pub(in crate::chat) static WORDS: Words = Words {
    begins: |id| {
        format!(
            "Gespräch {id}; /1 drückt, was angeboten wird; /help sagt mehr; /stop, /invite, /quit"
        )
    },
    help: &[
        "/1, /2 ...: drücken, was unter dieser Nummer angeboten wird",
        "/form Name=Wert ...: ein Formular ausfüllen",
        "/stop: die Antwort anhalten",
        "/invite: jemanden einladen",
        "/quit: gehen",
        "Alles andere wird gesagt, wie es ist.",
    ],
    you: "Sie",
    lost: "die Verbindung ist weg; sie wird wieder hergestellt ...",
    connected_again: "wieder verbunden",
    ended: "das Gespräch ist zu Ende",
    closed: |why| format!("das Gespräch ist für Sie geschlossen: {why}"),
    nobody_answers: |url, reason| {
        format!(
            "unter {url} antwortet niemand ({reason}): starten Sie mit `convene serve` einen Server, oder sagen Sie mit --url oder --listen, wo einer ist"
        )
    },
    not_let_in: |url, why| format!("{url} lässt Sie nicht herein: {why}"),
    bad_token: "der Zugangsschlüssel ist unvollständig, zu alt oder von einem anderen Server; `convene token` macht einen",
    no_guests: "Gäste werden dort nicht eingelassen: mit --token einen Zugangsschlüssel angeben, wie ihn `convene token` macht",
    cannot_begin: |why| format!("es kann kein Gespräch begonnen werden: {why}"),
    cannot_join: |why| format!("Beitreten geht nicht: {why}"),
    cannot_read: |why| format!("das Gespräch ist nicht zu lesen: {why}"),
    not_said_yet: "noch nicht gesagt; das folgt",
    not_said: |why| format!("nicht gesagt: {why}"),
    no_answer_within: |seconds| format!("innerhalb von {seconds} s kam keine Antwort"),
    getting_ready: |agent| format!("{agent} macht sich bereit; was Sie gesagt haben, wartet"),
    tries_again: |agent, why| format!("{agent} versucht es noch einmal: {why}"),
    has_no_answer: |agent, why| format!("{agent} hat keine Antwort: {why}"),
    taken_back: "dieser Versuch ist gescheitert; vergessen Sie seine Worte",
    stopped: "angehalten",
    offers: Offers {
        fill_in: "antworten Sie mit /form Name=Wert ...",
        required: "nötig",
        text: "Text",
        email: "eine E-Mail-Adresse",
        phone: "eine Telefonnummer",
        number: "eine Zahl",
        integer: "eine ganze Zahl",
        boolean: "ja oder nein",
        date: "ein Tag, etwa 2026-01-31",
        time: "eine Uhrzeit, etwa 14:30",
        one_of: |values| format!("eines von {values}"),
        some_of: |values| format!("einige, mit Kommas, von {values}"),
        within: |min, max| format!(" von {min} bis {max}"),
        or_more: |min| format!(", mindestens {min}"),
        or_less: |max| format!(", höchstens {max}"),
        yes: "ja",
        no: "nein",
        closed: "was angeboten wurde, ist vorbei; sagen Sie es in Worten",
        nothing: "hier wird nichts angeboten",
        no_form: "was angeboten wird, ist kein Formular",
        no_such: |typed| format!("{typed} gibt es nicht"),
        no_field: |typed| format!("das Formular hat kein Feld für {typed}"),
    },
};
