//! Español.

use super::{Offers, Words};

pub(in crate::chat) static WORDS: Words = Words {
    begins: |id| {
        format!(
            "conversación {id}; /1 pulsa lo que se ofrece; /help dice más; /stop, /invite, /quit"
        )
    },
    help: &[
        "/1, /2 ...: pulsar lo que se ofrece con ese número",
        "/form nombre=valor ...: rellenar un formulario",
        "/stop: detener la respuesta",
        "/invite: invitar a alguien",
        "/quit: salir",
        "Todo lo demás se dice tal cual.",
    ],
    you: "usted",
    lost: "se ha perdido la conexión; conectando de nuevo ...",
    connected_again: "conectado de nuevo",
    ended: "la conversación ha terminado",
    closed: |why| format!("la conversación está cerrada para usted: {why}"),
    nobody_answers: |url, reason| {
        format!(
            "nadie responde en {url} ({reason}): inicie un servidor con `convene serve`, o diga dónde está con --url o --listen"
        )
    },
    not_let_in: |url, why| format!("{url} no le deja entrar: {why}"),
    bad_token: "la clave de acceso está incompleta, es demasiado antigua o es de otro servidor; `convene token` crea una",
    no_guests: "allí no entran invitados: indique una clave de acceso con --token, como las que crea `convene token`",
    cannot_begin: |why| format!("no se puede empezar una conversación: {why}"),
    cannot_join: |why| format!("no es posible unirse: {why}"),
    cannot_read: |why| format!("no se puede leer la conversación: {why}"),
    not_said_yet: "todavía no se ha dicho; se dirá",
    not_said: |why| format!("no se ha dicho: {why}"),
    no_answer_within: |seconds| format!("no llegó ninguna respuesta en {seconds} s"),
    getting_ready: |agent| format!("{agent} se está preparando; lo que ha dicho espera"),
    tries_again: |agent, why| format!("{agent} lo intentará de nuevo: {why}"),
    has_no_answer: |agent, why| format!("{agent} no tiene respuesta: {why}"),
    taken_back: "ese intento ha fallado; olvide sus palabras",
    stopped: "detenido",
    offers: Offers {
        fill_in: "responda con /form nombre=valor ...",
        required: "obligatorio",
        text: "texto",
        email: "una dirección de correo electrónico",
        phone: "un número de teléfono",
        number: "un número",
        integer: "un número entero",
        boolean: "sí o no",
        date: "un día, como 2026-01-31",
        time: "una hora, como 14:30",
        one_of: |values| format!("uno de {values}"),
        some_of: |values| format!("algunos, con comas, de {values}"),
        within: |min, max| format!(" de {min} a {max}"),
        or_more: |min| format!(", {min} o más"),
        or_less: |max| format!(", {max} o menos"),
        yes: "sí",
        no: "no",
        closed: "lo que se ofrecía está cerrado; dígalo con palabras",
        nothing: "aquí no se ofrece nada",
        no_form: "lo que se ofrece no es un formulario",
        no_such: |typed| format!("no hay {typed}"),
        no_field: |typed| format!("el formulario no tiene campo para {typed}"),
    },
};
