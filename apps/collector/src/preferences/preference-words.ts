import type { Channel } from '#core';

/** Everything that the preference centre says, in one language. */
export interface PreferenceWords {
  readonly title: string;
  readonly intro: string;
  readonly saved: string;
  readonly sameTimes: string;
  readonly unavailable: string;
  readonly unknown: string;
  readonly save: string;
  readonly channels: { readonly [channel in Channel]: string };
  /** Categories that many shops have; others are called as the shop calls them. */
  readonly categories: { readonly [name: string]: string };
  readonly reach: string;
  readonly reachNote: string;
  readonly first: string;
  readonly noChoice: string;
  readonly only: string;
  readonly quiet: string;
  readonly quietOn: string;
  readonly from: string;
  readonly to: string;
  readonly often: string;
  readonly usual: string;
  readonly atMost: (count: number, days: number) => string;
  readonly pause: string;
  readonly begin: (days: number) => string;
  readonly pausedUntil: (date: string) => string;
  readonly end: string;
}

const en: PreferenceWords = {
  title: 'What may we write to you?',
  intro: 'Choose what you want to hear about, where, and how often. Messages that belong to an order always come.',
  saved: 'Saved. It holds from now on.',
  sameTimes: 'Nothing was saved: the quiet hours need a beginning and an end that are different times.',
  unavailable: 'That did not work just now, nothing was changed. Please try again in a minute.',
  unknown: 'This link is incomplete or too old. Please use the link of a newer message.',
  save: 'Save',
  channels: {
    email: 'Email',
    sms: 'SMS',
    push: 'App',
    'web push': 'Browser',
    telegram: 'Telegram',
    whatsapp: 'WhatsApp',
    viber: 'Viber',
    inbox: 'Inbox in the shop',
  },
  categories: { promotional: 'Offers and news', care: 'Service and tips', news: 'News', newsletter: 'Newsletter' },
  reach: 'Where may we reach you at all?',
  reachNote: 'Where you switch a channel off, nothing comes there any more.',
  first: 'Where first?',
  noChoice: 'No preference',
  only: 'Only there, or not at all',
  quiet: 'Quiet hours of your own',
  quietOn: 'Send me nothing',
  from: 'from',
  to: 'to',
  often: 'How often at most?',
  usual: 'As usual',
  atMost: (count, days) =>
    `${count === 1 ? 'One message' : `${count} messages`} ${days === 7 ? 'a week' : `in ${days} days`}`,
  pause: 'A pause',
  begin: (days) => `Send me nothing for ${days} days`,
  pausedUntil: (date) => `You have a pause until ${date}.`,
  end: 'End it now',
};

const de: PreferenceWords = {
  title: 'Was dürfen wir Ihnen schreiben?',
  intro:
    'Wählen Sie, wovon Sie hören möchten, auf welchem Weg und wie oft. Nachrichten zu einer Bestellung kommen immer.',
  saved: 'Gespeichert. Es gilt ab sofort.',
  sameTimes: 'Nichts wurde gespeichert: Die Ruhezeit braucht einen Anfang und ein Ende, die verschieden sind.',
  unavailable:
    'Das hat gerade nicht geklappt, nichts wurde geändert. Bitte versuchen Sie es in einer Minute noch einmal.',
  unknown: 'Dieser Link ist unvollständig oder zu alt. Bitte nehmen Sie den Link einer neueren Nachricht.',
  save: 'Speichern',
  channels: {
    email: 'E-Mail',
    sms: 'SMS',
    push: 'App',
    'web push': 'Browser',
    telegram: 'Telegram',
    whatsapp: 'WhatsApp',
    viber: 'Viber',
    inbox: 'Postfach im Shop',
  },
  categories: {
    promotional: 'Angebote und Neuigkeiten',
    care: 'Service und Tipps',
    news: 'Neuigkeiten',
    newsletter: 'Newsletter',
  },
  reach: 'Auf welchen Wegen dürfen wir Sie überhaupt erreichen?',
  reachNote: 'Auf einem Weg, den Sie abschalten, kommt nichts mehr.',
  first: 'Auf welchem Weg zuerst?',
  noChoice: 'Egal',
  only: 'Nur dort, sonst gar nicht',
  quiet: 'Ihre eigene Ruhezeit',
  quietOn: 'Nichts senden',
  from: 'von',
  to: 'bis',
  often: 'Wie oft höchstens?',
  usual: 'Wie üblich',
  atMost: (count, days) =>
    `${count === 1 ? 'Eine Nachricht' : `${count} Nachrichten`} in ${days === 7 ? 'einer Woche' : `${days} Tagen`}`,
  pause: 'Eine Pause',
  begin: (days) => `${days} Tage lang nichts senden`,
  pausedUntil: (date) => `Sie haben eine Pause bis zum ${date}.`,
  end: 'Jetzt beenden',
};

const fr: PreferenceWords = {
  title: 'Que pouvons-nous vous écrire ?',
  intro: 'Choisissez les sujets, les canaux et la fréquence. Les messages liés à une commande arrivent toujours.',
  saved: 'Enregistré. C’est valable dès maintenant.',
  sameTimes: 'Rien n’a été enregistré : les heures de silence ont besoin d’un début et d’une fin différents.',
  unavailable: 'Cela n’a pas fonctionné, rien n’a été modifié. Veuillez réessayer dans une minute.',
  unknown: 'Ce lien est incomplet ou trop ancien. Veuillez utiliser celui d’un message plus récent.',
  save: 'Enregistrer',
  channels: {
    email: 'E-mail',
    sms: 'SMS',
    push: 'Application',
    'web push': 'Navigateur',
    telegram: 'Telegram',
    whatsapp: 'WhatsApp',
    viber: 'Viber',
    inbox: 'Boîte de réception de la boutique',
  },
  categories: {
    promotional: 'Offres et nouveautés',
    care: 'Service et conseils',
    news: 'Nouveautés',
    newsletter: 'Newsletter',
  },
  reach: 'Par quels canaux pouvons-nous vous joindre ?',
  reachNote: 'Plus rien n’arrive par un canal que vous désactivez.',
  first: 'Par quel canal d’abord ?',
  noChoice: 'Peu importe',
  only: 'Seulement celui-là, sinon rien',
  quiet: 'Vos heures de silence',
  quietOn: 'Ne rien m’envoyer',
  from: 'de',
  to: 'à',
  often: 'À quelle fréquence au plus ?',
  usual: 'Comme d’habitude',
  atMost: (count, days) =>
    `${count === 1 ? 'Un message' : `${count} messages`} ${days === 7 ? 'par semaine' : `en ${days} jours`}`,
  pause: 'Une pause',
  begin: (days) => `Ne rien m’envoyer pendant ${days} jours`,
  pausedUntil: (date) => `Vous êtes en pause jusqu’au ${date}.`,
  end: 'La terminer maintenant',
};

/** By language. A new one is one entry. */
export const PREFERENCE_WORDS: { readonly [language: string]: PreferenceWords } = { en, de, fr };

/** What customers read instead of a category's name in the rules. */
export function categoryName(name: string, { categories }: Pick<PreferenceWords, 'categories'>): string {
  if (Object.hasOwn(categories, name)) return categories[name]!;
  const plain = name.replaceAll('-', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
