/** Deutsch: was schiefging, und was zu tun ist. */
import { grammarOf } from '../../grammar.ts';
import type { ProblemWords } from '../en/index.ts';

const { plural } = grammarOf('de');

export const problems: ProblemWords = {
  problems: {
    bad_request:
      'Der Server konnte das nicht lesen. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
    unauthenticated: 'Sie sind nicht mehr angemeldet. Melden Sie sich wieder an.',
    token_expired: 'Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an.',
    forbidden: 'Das dürfen Sie nicht. Bitten Sie jemanden, dem das Gespräch gehört.',
    not_found: 'Das gibt es nicht, oder Sie dürfen es nicht sehen.',
    conflict:
      'Das wurde schon für etwas anderes verwendet. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
    busy: 'Es wird gerade eine Antwort geschrieben. Warten Sie, bis sie fertig ist, und versuchen Sie es dann noch einmal.',
    nothing_to_cancel: 'Es gibt nichts anzuhalten.',
    last_owner: 'Das Gespräch gehört nur Ihnen. Geben Sie erst jemand anderem den Besitz.',
    no_such_participant: 'Für wen das ist, der ist nicht im Gespräch.',
    not_offered: 'Das kann nicht mehr gedrückt werden.',
    already_pressed: 'Jemand anderes war schneller.',
    invalid_value: 'Das ist nicht, wonach gefragt wurde.',
    too_large: 'Das ist zu lang. Kürzen Sie es.',
    rate_limited:
      'Das war zu viel auf einmal. Warten Sie einen Moment und versuchen Sie es dann noch einmal.',
    unavailable: 'Bei uns ist gerade etwas nicht erreichbar. Versuchen Sie es gleich noch einmal.',
    fenced: 'Jemand anderes hat das übernommen.',
    gap: 'Ein Stück fehlt. Laden Sie die Seite neu.',
    internal: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',
  },
  unreached:
    'Der Server ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  unknownProblem: 'Etwas ist schiefgegangen. Bitte versuchen Sie es noch einmal.',
  faults: {
    required: 'Das wird gebraucht.',
    wrong_type: {
      text: 'Hier werden Worte gebraucht.',
      email: 'Hier wird eine E-Mail-Adresse gebraucht, zum Beispiel ada@example.org.',
      phone: 'Hier wird eine Telefonnummer gebraucht, zum Beispiel +49 30 1234567.',
      number: 'Hier wird eine Zahl gebraucht.',
      integer: 'Hier wird eine ganze Zahl gebraucht.',
      boolean: 'Hier wird Ja oder Nein gebraucht.',
      date: 'Hier wird ein Tag gebraucht.',
      choice: 'Hier wird eine der Möglichkeiten gebraucht.',
    },
    too_short: {
      other: 'Das ist zu kurz.',
      than: (least) => plural(least, { other: 'Es braucht mindestens # Zeichen.' }),
    },
    too_long: {
      other: 'Das ist zu lang.',
      than: (most) => plural(most, { other: 'Es darf höchstens # Zeichen haben.' }),
    },
    too_small: {
      other: 'Das ist zu wenig.',
      than: (least) => `Es muss mindestens ${least} sein.`,
      day: (first) => `Es darf nicht vor dem ${first} sein.`,
    },
    too_large: {
      other: 'Das ist zu viel.',
      than: (most) => `Es darf höchstens ${most} sein.`,
      day: (last) => `Es darf nicht nach dem ${last} sein.`,
    },
    pattern: 'Das hat nicht die Form, die gebraucht wird.',
    not_an_option: 'Das ist keine der Möglichkeiten.',
    unknown_field: 'Danach wurde nicht gefragt.',
  },
  failures: {
    model_unavailable:
      'Das Sprachmodell ist gerade nicht erreichbar. Fragen Sie gleich noch einmal.',
    model_malformed: 'Die Antwort des Sprachmodells war nicht zu lesen. Fragen Sie noch einmal.',
    model_refused:
      'Das Sprachmodell hat die Anfrage abgelehnt. Sagen Sie es denen, die das hier betreiben.',
    model_failed: 'Das Sprachmodell konnte nicht antworten. Fragen Sie gleich noch einmal.',
    model_empty: 'Das Sprachmodell hat nichts gesagt. Fragen Sie noch einmal, mit anderen Worten.',
    model_filtered:
      'Der Anbieter des Sprachmodells hat die Antwort zurückgehalten. Fragen Sie mit anderen Worten.',
    notes_unreadable:
      'Was der Agent über dieses Gespräch weiß, war nicht zu lesen. Fragen Sie gleich noch einmal.',
    note_unreadable:
      'Was der Agent über dieses Gespräch weiß, war nicht zu lesen. Sagen Sie es denen, die das hier betreiben.',
    note_invalid:
      'Der Agent konnte sich das nicht merken. Sagen Sie es denen, die das hier betreiben.',
    offer_invalid:
      'Der Agent hat etwas angeboten, das nicht gezeigt werden kann. Sagen Sie es denen, die das hier betreiben.',
    run_over: 'Die Antwort war vorbei, bevor sie geschrieben war. Fragen Sie noch einmal.',
    run_timed_out:
      'Die Antwort hat zu lange gebraucht. Fragen Sie noch einmal, nach weniger auf einmal.',
    agent_panicked: 'Der Agent ist abgestürzt. Fragen Sie noch einmal.',
    agent_unknown: 'Dieser Agent arbeitet hier nicht. Sagen Sie es denen, die das hier betreiben.',
    attempts_exhausted: 'Kein Versuch zu antworten ist gelungen. Fragen Sie später noch einmal.',
    answer_too_long: 'Die Antwort wurde zu lang. Fragen Sie nach weniger auf einmal.',
    too_many_messages:
      'Die Antwort wurde zu viele Nachrichten. Fragen Sie nach weniger auf einmal.',
    input_unreadable:
      'Was gesagt wurde, war nicht zu lesen. Sagen Sie es noch einmal, mit anderen Worten.',
    project_not_ready:
      'Der Assistent lernt noch, was ihm beigebracht wurde. Fragen Sie gleich noch einmal.',
    timer_invalid:
      'Die Uhr des Agenten ließ sich nicht stellen. Sagen Sie es denen, die das hier betreiben.',
    too_many_timers:
      'Der Agent hat hier zu viele Uhren gestellt. Sagen Sie es denen, die das hier betreiben.',
    timer_too_far:
      'Die Uhr des Agenten ist zu weit im Voraus gestellt. Sagen Sie es denen, die das hier betreiben.',
    internal: 'Bei uns ist etwas schiefgegangen. Fragen Sie gleich noch einmal.',
  },
};
