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
    last_owner: 'Das Gespräch gehört nur Ihnen. Übergeben Sie es zuerst jemand anderem.',
    no_such_participant: 'Wer gemeint ist, nimmt am Gespräch nicht teil.',
    not_offered: 'Diese Auswahl gilt nicht mehr.',
    already_pressed: 'Jemand anderes war schneller.',
    invalid_value: 'Danach war nicht gefragt.',
    too_large: 'Das ist zu lang. Kürzen Sie es.',
    rate_limited:
      'Das war zu viel auf einmal. Warten Sie einen Moment und versuchen Sie es dann noch einmal.',
    unavailable: 'Bei uns ist gerade etwas nicht erreichbar. Versuchen Sie es gleich noch einmal.',
    fenced: 'Jemand anderes hat das übernommen.',
    gap: 'Ein Stück fehlt. Laden Sie die Seite neu.',
    cancelled: 'Das wurde angehalten.',
    internal: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',
  },
  unreached:
    'Der Server ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  unknownProblem: 'Etwas ist schiefgegangen. Bitte versuchen Sie es noch einmal.',
  faults: {
    required: 'Bitte ausfüllen.',
    wrong_type: {
      text: 'Bitte schreiben Sie etwas.',
      email: 'Bitte geben Sie eine E-Mail-Adresse an, zum Beispiel ada@example.org.',
      phone: 'Bitte geben Sie eine Telefonnummer an, zum Beispiel +49 30 1234567.',
      number: 'Bitte geben Sie eine Zahl an.',
      integer: 'Bitte geben Sie eine ganze Zahl an.',
      boolean: 'Bitte antworten Sie mit Ja oder Nein.',
      date: 'Bitte geben Sie einen Tag an.',
      time: 'Bitte geben Sie eine Uhrzeit an, zum Beispiel 14:30.',
      choice: 'Bitte wählen Sie eine der Möglichkeiten.',
    },
    too_short: {
      other: 'Das ist zu kurz.',
      than: (least) => plural(least, { other: 'Es müssen mindestens # Zeichen sein.' }),
    },
    too_long: {
      other: 'Das ist zu lang.',
      than: (most) => plural(most, { other: 'Es dürfen höchstens # Zeichen sein.' }),
    },
    too_small: {
      other: 'Das ist zu wenig.',
      than: (least) => `Es muss mindestens ${least} sein.`,
      day: (first) => `Es darf nicht vor dem ${first} sein.`,
      time: (first) => `Es darf nicht vor ${first} sein.`,
    },
    too_large: {
      other: 'Das ist zu viel.',
      than: (most) => `Es darf höchstens ${most} sein.`,
      day: (last) => `Es darf nicht nach dem ${last} sein.`,
      time: (last) => `Es darf nicht nach ${last} sein.`,
    },
    pattern: 'Das hat nicht das erwartete Format.',
    not_an_option: 'Das ist keine der Möglichkeiten.',
    unknown_field: 'Danach wurde nicht gefragt.',
  },
  failures: {
    model_unavailable:
      'Das Sprachmodell ist gerade nicht erreichbar. Fragen Sie gleich noch einmal.',
    model_malformed: 'Die Antwort des Sprachmodells war nicht zu lesen. Fragen Sie noch einmal.',
    model_refused: 'Das Sprachmodell hat die Anfrage abgelehnt. Geben Sie den Betreibern Bescheid.',
    model_failed: 'Das Sprachmodell konnte nicht antworten. Fragen Sie gleich noch einmal.',
    model_empty: 'Das Sprachmodell hat nichts gesagt. Fragen Sie noch einmal, mit anderen Worten.',
    model_filtered:
      'Der Anbieter des Sprachmodells hat die Antwort zurückgehalten. Fragen Sie mit anderen Worten.',
    notes_unreadable:
      'Was der Agent über dieses Gespräch weiß, war nicht zu lesen. Fragen Sie gleich noch einmal.',
    note_unreadable:
      'Was der Agent über dieses Gespräch weiß, war nicht zu lesen. Geben Sie den Betreibern Bescheid.',
    note_invalid: 'Der Agent konnte sich das nicht merken. Geben Sie den Betreibern Bescheid.',
    offer_invalid:
      'Der Agent hat etwas angeboten, das nicht gezeigt werden kann. Geben Sie den Betreibern Bescheid.',
    run_over: 'Die Antwort endete, bevor sie geschrieben war. Fragen Sie noch einmal.',
    run_timed_out: 'Die Antwort hat zu lange gebraucht. Fragen Sie nach weniger auf einmal.',
    agent_panicked: 'Der Agent ist abgestürzt. Fragen Sie noch einmal.',
    agent_unknown: 'Dieser Agent arbeitet hier nicht. Geben Sie den Betreibern Bescheid.',
    agent_not_ready: 'Der Agent ist noch nicht so weit. Fragen Sie gleich noch einmal.',
    attempts_exhausted: 'Kein Versuch zu antworten ist gelungen. Fragen Sie später noch einmal.',
    answer_too_long: 'Die Antwort wurde zu lang. Fragen Sie nach weniger auf einmal.',
    too_many_messages:
      'Die Antwort bestand aus zu vielen Nachrichten. Fragen Sie nach weniger auf einmal.',
    input_unreadable:
      'Was gesagt wurde, war nicht zu lesen. Sagen Sie es noch einmal, mit anderen Worten.',
    project_not_ready:
      'Der Assistent lernt noch, was ihm beigebracht wurde. Fragen Sie gleich noch einmal.',
    timer_invalid: 'Der Agent konnte keinen Timer stellen. Geben Sie den Betreibern Bescheid.',
    too_many_timers:
      'Der Agent hat hier zu viele Timer gestellt. Geben Sie den Betreibern Bescheid.',
    timer_too_far:
      'Der Timer des Agenten liegt zu weit in der Zukunft. Geben Sie den Betreibern Bescheid.',
    internal: 'Bei uns ist etwas schiefgegangen. Fragen Sie gleich noch einmal.',
  },
};
