/** Español: qué ha fallado y qué se puede hacer. */
import { grammarOf } from '../../grammar.ts';
import type { ProblemWords } from '../en/index.ts';

const { plural } = grammarOf('es');

export const problems: ProblemWords = {
  problems: {
    bad_request: 'El servidor no ha podido leer esto. Recargue la página y pruebe de nuevo.',
    unauthenticated: 'Su sesión ya no está abierta. Inicie sesión de nuevo.',
    token_expired: 'Su sesión ha terminado. Inicie sesión de nuevo.',
    forbidden: 'No tiene permiso para esto. Pídaselo a un propietario de la conversación.',
    not_found: 'No existe, o no tiene permiso para verlo.',
    conflict: 'Esto ya se usó para otra cosa. Recargue la página y pruebe de nuevo.',
    busy: 'Se está escribiendo una respuesta. Espere a que termine y pruebe de nuevo.',
    nothing_to_cancel: 'No hay nada que parar.',
    last_owner: 'Usted es el único propietario. Antes, haga propietaria a otra persona.',
    no_such_participant: 'La persona o el agente a quien va dirigido no está en la conversación.',
    not_offered: 'Esto ya no se puede pulsar.',
    already_pressed: 'Otra persona llegó antes.',
    invalid_value: 'Esto no es lo que se pedía.',
    too_large: 'Es demasiado largo. Acórtelo.',
    rate_limited: 'Ha sido demasiado a la vez. Espere un momento y pruebe de nuevo.',
    unavailable: 'Algo de nuestro lado no está disponible. Pruebe de nuevo en un momento.',
    fenced: 'Otra persona se ha hecho cargo de esto.',
    gap: 'Falta un trozo. Recargue la página.',
    cancelled: 'Alguien ha detenido esto.',
    internal: 'Algo ha fallado de nuestro lado. Pruebe de nuevo en un momento.',
  },
  unreached: 'No se puede llegar al servidor. Compruebe la conexión y pruebe de nuevo.',
  unknownProblem: 'Algo ha fallado. Pruebe de nuevo, por favor.',
  faults: {
    required: 'Este dato es obligatorio.',
    wrong_type: {
      text: 'Escriba algo aquí.',
      email: 'Hace falta una dirección de correo, como ada@example.org.',
      phone: 'Hace falta un número de teléfono, como +34 912 34 56 78.',
      number: 'Hace falta un número.',
      integer: 'Hace falta un número entero.',
      boolean: 'Responda sí o no.',
      date: 'Indique un día.',
      time: 'Indique una hora, por ejemplo 14:30.',
      choice: 'Elija una de las opciones.',
    },
    too_short: {
      other: 'Es demasiado corto.',
      than: (least) =>
        plural(least, {
          one: 'Hace falta # carácter como mínimo.',
          other: 'Hacen falta # caracteres como mínimo.',
        }),
    },
    too_long: {
      other: 'Es demasiado largo.',
      than: (most) =>
        plural(most, {
          one: 'Cabe # carácter como máximo.',
          other: 'Caben # caracteres como máximo.',
        }),
    },
    too_small: {
      other: 'Es demasiado poco.',
      than: (least) => `Debe ser ${least} como mínimo.`,
      day: (first) => `Debe ser el ${first} o más tarde.`,
      time: (first) => `Debe ser a las ${first} o más tarde.`,
    },
    too_large: {
      other: 'Es demasiado.',
      than: (most) => `Debe ser ${most} como máximo.`,
      day: (last) => `Debe ser el ${last} o antes.`,
      time: (last) => `Debe ser a las ${last} o antes.`,
    },
    pattern: 'No tiene el formato esperado.',
    not_an_option: 'No es ninguna de las opciones.',
    unknown_field: 'Esto no se pedía.',
  },
  failures: {
    model_unavailable: 'No se puede llegar al modelo de lenguaje. Pregunte de nuevo en un momento.',
    model_malformed: 'No se ha podido leer la respuesta del modelo de lenguaje. Pregunte de nuevo.',
    model_refused:
      'El modelo de lenguaje ha rechazado la petición. Avise a quien administra este servicio.',
    model_failed: 'El modelo de lenguaje no ha podido responder. Pregunte de nuevo en un momento.',
    model_empty: 'El modelo de lenguaje no ha dicho nada. Pregunte de nuevo, con otras palabras.',
    model_filtered:
      'El proveedor del modelo ha retenido la respuesta. Pregunte con otras palabras.',
    notes_unreadable:
      'No se ha podido leer lo que el agente sabe de esta conversación. Pregunte de nuevo en un momento.',
    note_unreadable:
      'No se ha podido leer lo que el agente sabe de esta conversación. Avise a quien administra este servicio.',
    note_invalid: 'El agente no ha podido recordarlo. Avise a quien administra este servicio.',
    offer_invalid:
      'El agente ha ofrecido algo que no se puede mostrar. Avise a quien administra este servicio.',
    run_over: 'La respuesta terminó antes de estar escrita. Pregunte de nuevo.',
    run_timed_out: 'La respuesta ha tardado demasiado. Pida menos a la vez.',
    agent_panicked: 'El agente ha dejado de funcionar. Pregunte de nuevo.',
    agent_unknown: 'Este agente no trabaja aquí. Avise a quien administra este servicio.',
    agent_not_ready: 'El agente todavía no está listo. Pregunte de nuevo en un momento.',
    attempts_exhausted: 'Ningún intento de responder ha funcionado. Pregunte de nuevo más tarde.',
    answer_too_long: 'La respuesta se ha hecho demasiado larga. Pida menos a la vez.',
    too_many_messages: 'La respuesta se ha convertido en demasiados mensajes. Pida menos a la vez.',
    input_unreadable: 'No se ha podido leer lo que se dijo. Dígalo de nuevo, con otras palabras.',
    project_not_ready: 'El asistente todavía está aprendiendo. Pregunte de nuevo en un momento.',
    timer_invalid:
      'El agente no ha podido poner un temporizador. Avise a quien administra este servicio.',
    too_many_timers:
      'El agente ha puesto aquí demasiados temporizadores. Avise a quien administra este servicio.',
    timer_too_far:
      'El temporizador del agente queda demasiado lejos en el futuro. Avise a quien administra este servicio.',
    internal: 'Algo ha fallado de nuestro lado. Pregunte de nuevo en un momento.',
  },
};
