/** Français : ce qui n’a pas marché, et ce que l’on peut faire. */
import { grammarOf } from '../../grammar.ts';
import type { ProblemWords } from '../en/index.ts';

const { plural } = grammarOf('fr');

export const problems: ProblemWords = {
  problems: {
    bad_request: 'Le serveur n’a pas pu lire ceci. Rechargez la page et réessayez.',
    unauthenticated: 'Vous n’êtes plus connecté. Reconnectez-vous.',
    token_expired: 'Votre session est terminée. Reconnectez-vous.',
    forbidden: 'Vous n’avez pas ce droit. Demandez à un propriétaire de la conversation.',
    not_found: 'Cela n’existe pas, ou vous n’avez pas le droit de le voir.',
    conflict: 'Ceci a déjà servi à autre chose. Rechargez la page et réessayez.',
    busy: 'Une réponse est en cours. Attendez qu’elle soit finie, puis réessayez.',
    nothing_to_cancel: 'Il n’y a rien à arrêter.',
    last_owner: 'Vous êtes le seul propriétaire. Donnez d’abord ce rôle à quelqu’un d’autre.',
    no_such_participant: 'Le destinataire n’est pas dans la conversation.',
    not_offered: 'Ce choix n’est plus proposé.',
    already_pressed: 'Quelqu’un d’autre a été plus rapide.',
    invalid_value: 'Ce n’est pas ce qui était demandé.',
    too_large: 'C’est trop long. Raccourcissez-le.',
    rate_limited: 'C’était trop à la fois. Attendez un instant, puis réessayez.',
    unavailable: 'Quelque chose de notre côté est indisponible. Réessayez dans un instant.',
    fenced: 'Quelqu’un d’autre a pris le relais.',
    gap: 'Il manque un morceau. Rechargez la page.',
    cancelled: 'Quelqu’un a arrêté cela.',
    internal: 'Quelque chose n’a pas marché de notre côté. Réessayez dans un instant.',
  },
  unreached: 'Le serveur est injoignable. Vérifiez la connexion et réessayez.',
  unknownProblem: 'Quelque chose n’a pas marché. Veuillez réessayer.',
  faults: {
    required: 'Ce champ est obligatoire.',
    wrong_type: {
      text: 'Écrivez quelque chose ici.',
      email: 'Il faut une adresse e-mail, par exemple ada@example.org.',
      phone: 'Il faut un numéro de téléphone, par exemple +33 1 23 45 67 89.',
      number: 'Il faut un nombre.',
      integer: 'Il faut un nombre entier.',
      boolean: 'Répondez par oui ou par non.',
      date: 'Indiquez un jour.',
      time: 'Indiquez une heure, par exemple 14:30.',
      choice: 'Choisissez une des possibilités.',
    },
    too_short: {
      other: 'C’est trop court.',
      than: (least) =>
        plural(least, {
          one: 'Il faut au moins # caractère.',
          other: 'Il faut au moins # caractères.',
        }),
    },
    too_long: {
      other: 'C’est trop long.',
      than: (most) =>
        plural(most, {
          one: 'Il faut au plus # caractère.',
          other: 'Il faut au plus # caractères.',
        }),
    },
    too_small: {
      other: 'C’est trop peu.',
      than: (least) => `Il faut au moins ${least}.`,
      day: (first) => `Il faut le ${first} ou plus tard.`,
      time: (first) => `Il faut ${first} ou plus tard.`,
    },
    too_large: {
      other: 'C’est trop.',
      than: (most) => `Il faut au plus ${most}.`,
      day: (last) => `Il faut le ${last} ou plus tôt.`,
      time: (last) => `Il faut ${last} ou plus tôt.`,
    },
    pattern: 'Ceci n’a pas le format attendu.',
    not_an_option: 'Ce n’est aucune des possibilités.',
    unknown_field: 'Ceci n’était pas demandé.',
  },
  failures: {
    model_unavailable: 'Le modèle de langue est injoignable. Redemandez dans un instant.',
    model_malformed: 'La réponse du modèle de langue était illisible. Redemandez.',
    model_refused:
      'Le modèle de langue a refusé la demande. Prévenez les responsables de ce service.',
    model_failed: 'Le modèle de langue n’a pas pu répondre. Redemandez dans un instant.',
    model_empty: 'Le modèle de langue n’a rien dit. Redemandez, avec d’autres mots.',
    model_filtered: 'Le fournisseur du modèle a retenu la réponse. Demandez avec d’autres mots.',
    notes_unreadable:
      'Ce que l’agent sait de cette conversation était illisible. Redemandez dans un instant.',
    note_unreadable:
      'Ce que l’agent sait de cette conversation était illisible. Prévenez les responsables de ce service.',
    note_invalid: 'L’agent n’a pas pu retenir ceci. Prévenez les responsables de ce service.',
    offer_invalid:
      'L’agent a proposé quelque chose qui ne peut pas être affiché. Prévenez les responsables de ce service.',
    run_over: 'La réponse était finie avant d’être écrite. Redemandez.',
    run_timed_out: 'La réponse a pris trop de temps. Demandez moins à la fois.',
    agent_panicked: 'L’agent s’est arrêté brutalement. Redemandez.',
    agent_unknown: 'Cet agent ne travaille pas ici. Prévenez les responsables de ce service.',
    agent_not_ready: 'L’agent n’est pas encore prêt. Redemandez dans un instant.',
    attempts_exhausted: 'Aucune tentative de réponse n’a réussi. Redemandez plus tard.',
    answer_too_long: 'La réponse est devenue trop longue. Demandez moins à la fois.',
    too_many_messages: 'La réponse comptait trop de messages. Demandez moins à la fois.',
    input_unreadable: 'Ce qui a été dit était illisible. Redites-le, avec d’autres mots.',
    project_not_ready: 'L’assistant est encore en train d’apprendre. Redemandez dans un instant.',
    timer_invalid:
      'L’agent n’a pas pu régler de minuterie. Prévenez les responsables de ce service.',
    too_many_timers:
      'L’agent a réglé ici trop de minuteries. Prévenez les responsables de ce service.',
    timer_too_far:
      'La minuterie de l’agent est réglée trop loin dans l’avenir. Prévenez les responsables de ce service.',
    internal: 'Quelque chose n’a pas marché de notre côté. Redemandez dans un instant.',
  },
};
