//! Français.

use super::{Offers, Words};

pub(in crate::chat) static WORDS: Words = Words {
    begins: |id| {
        format!(
            "conversation {id} ; /1 appuie sur ce qui est proposé ; /help en dit plus ; /stop, /invite, /quit"
        )
    },
    help: &[
        "/1, /2 ... : appuyer sur ce qui est proposé sous ce numéro",
        "/form nom=valeur ... : remplir un formulaire",
        "/stop : arrêter la réponse",
        "/invite : inviter quelqu’un",
        "/quit : partir",
        "Tout le reste est dit tel quel.",
    ],
    you: "vous",
    lost: "la connexion est perdue ; nouvelle tentative ...",
    connected_again: "de nouveau connecté",
    ended: "la conversation est terminée",
    closed: |why| format!("la conversation vous est fermée : {why}"),
    nobody_answers: |url, reason| {
        format!(
            "personne ne répond à {url} ({reason}) : démarrez un serveur avec `convene serve`, ou dites où il est avec --url ou --listen"
        )
    },
    not_let_in: |url, why| format!("{url} ne vous laisse pas entrer : {why}"),
    bad_token: "la clé d’accès est incomplète, trop ancienne ou d’un autre serveur ; `convene token` en crée une",
    no_guests: "les invités n’y sont pas admis : donnez une clé d’accès avec --token, comme en crée `convene token`",
    cannot_begin: |why| format!("impossible de commencer une conversation : {why}"),
    cannot_join: |why| format!("impossible de rejoindre la conversation : {why}"),
    cannot_read: |why| format!("impossible de lire la conversation : {why}"),
    not_said_yet: "pas encore dit ; ce sera fait",
    not_said: |why| format!("pas dit : {why}"),
    no_answer_within: |seconds| format!("aucune réponse n’est venue en {seconds} s"),
    getting_ready: |agent| format!("{agent} se prépare ; ce que vous avez dit attend"),
    tries_again: |agent, why| format!("{agent} va réessayer : {why}"),
    has_no_answer: |agent, why| format!("{agent} n’a pas de réponse : {why}"),
    taken_back: "cette tentative a échoué ; oubliez ses mots",
    stopped: "arrêté",
    offers: Offers {
        fill_in: "répondez avec /form nom=valeur ...",
        required: "obligatoire",
        text: "du texte",
        email: "une adresse e-mail",
        phone: "un numéro de téléphone",
        number: "un nombre",
        integer: "un nombre entier",
        boolean: "oui ou non",
        date: "un jour, par exemple 2026-01-31",
        time: "une heure, par exemple 14:30",
        one_of: |values| format!("une valeur parmi {values}"),
        some_of: |values| format!("des valeurs, avec des virgules, parmi {values}"),
        within: |min, max| format!(" de {min} à {max}"),
        or_more: |min| format!(", {min} ou plus"),
        or_less: |max| format!(", {max} ou moins"),
        yes: "oui",
        no: "non",
        closed: "ce qui était proposé est fermé ; dites-le avec des mots",
        nothing: "rien n’est proposé ici",
        no_form: "ce qui est proposé n’est pas un formulaire",
        no_such: |typed| format!("il n’y a pas de {typed}"),
        no_field: |typed| format!("le formulaire n’a pas de champ pour {typed}"),
    },
};
