// What the modules of the phone hand to each other. Types only: nothing here reaches a phone.

/** Json is null when the answer is not Fieldbook's. */
type Reply = { status: number; headers: Headers; json: any };

/** What the phone needs offline beside its pages, as the office knew it at `as_of` by this phone's clock, and at
 * `told_at` by the server's; docs/wire.md. */
type Reference = {
  as_of?: string;
  told_at?: string;
  activities: { code: string; label: string; place_categories: string[] }[];
  places: Place[];
  colleagues: { id: string; name: string }[];
  authorisations?: { powers: string[]; document: string; starts: string; ends: string | null }[];
  warnings?: LiveNotice[];
};

/** A notice as one looks it up: this phone's own, or one of the office's list; `standing` is in words. */
type LiveNotice = { record: string; kind: string; body: Said; standing?: string };

/**
 * What a screen is drawn from: read once, when it is shown. `pages` are those of all the officer's
 * notebooks on this phone, as written; `receipts` are by seal. `trying` runs something and shows what
 * went wrong at the top of the screen; whether it went well.
 */
type Context = {
  notebook: Notebook;
  pages: Page[];
  receipts: Map<string, Receipt>;
  records: Map<string, FieldRecord>;
  drafts: Draft[];
  shift: FieldRecord | undefined;
  forgotten: FieldRecord | undefined;
  reference: Reference;
  status: string;
  clock: { offset_ms: number } | null;
  sent: Sent;
  version: string;
  now: () => Date;
  trying: (work: () => Promise<unknown>, screen?: HTMLElement) => Promise<boolean>;
  signOut: () => Promise<void>;
};

/** Draws a screen; null when there is nothing to show at this address. */
type Drawing = (context: Context, about: string) => Promise<HTMLElement | null>;

/** What a record says: JSON values by field. */
type Said = Record<string, any>;
type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** How the values of one type of field are put in, read, and found wrong (the rule they break). */
type FieldType = {
  fill: (group: HTMLElement, value: any) => void;
  read: (group: HTMLElement) => any;
  wrong: (group: HTMLElement, value: any) => string | null;
};

/**
 * One officer's pages on this phone. `oldest` is the number of the first page kept and `tail_before` the
 * seal before it; `offered` and `epoch` say what the server was last offered in full, `inbox` how far its
 * news was read. `drawn` is the last serial drawn of each series.
 */
type Notebook = {
  id: string;
  officer: string;
  officer_name: string;
  username: string;
  token: string | null;
  epoch: string | null;
  state: 'open' | 'closed' | 'withdrawn';
  received_through: number;
  last_seal: string;
  backed_up_through: number;
  offered: { epoch: string; tail: string } | null;
  inbox?: { epoch: string; cursor: number };
  told?: News[];
  books?: Book[];
  drawn?: Record<string, number>;
  oldest: number;
  tail_before: string;
  opened_at: string;
};

/** What the office says about a record, until it is `read`; of a question `fields` name its page and the one asked about. */
type News = { kind: string; about: string; said_at: string; by: string | null; text: string; fields: any; read?: boolean };

/** A run of notice numbers lent to a notebook: serials of a series, "CF26". */
type Book = { series: string; first: number; last: number };

/** What is sealed: the seal before (or the notebook's id for page 1), and the page as it is sent. */
type Unsealed = {
  previous: string;
  page: number;
  kind: string;
  record: string;
  written_at: string;
  body: string;
};

/** A page as it was sealed; `body` is JSON text. `draft` is the draft it was saved from, and never sent. */
type Page = Unsealed & { notebook: string; seal: string; draft?: string };

/** `more` is the way on, where a gate is shut. */
type Problem = { field: string; message: string; rule: string; more?: string; verdict?: 'refuse' | 'reason' | 'supervisor' };

/**
 * `state` is what the server last said; a page it knew already counts as accepted, or as held when it
 * still has problems. `received_at` is the server's time.
 */
type Receipt = {
  notebook: string;
  page: number;
  seal: string;
  state: 'accepted' | 'held' | 'forked';
  problems: Problem[];
  received_at: string;
};

/** Something begun and not saved; screens may keep more in it than is named here. */
type Draft = {
  id: string;
  notebook: string;
  kind: string;
  record: string;
  body: Said;
  evidence: string[];
  began_at: string;
  saved_at: string;
  [more: string]: any;
};

type Begun = { id: string; kind: string; record: string; notebook: string; body: Said };

type NewEvidence = { sha256: string; type: string; bytes: ArrayBuffer };

/** Bytes named by their SHA-256; `page` is null until the draft they belong to is a page. */
type Evidence = NewEvidence & { notebook: string; page: number | null; received_at?: string };

type Officer = { officer: string; officer_name: string; username: string };

/** What has changed in the phone's storage. */
type Change = 'page' | 'draft' | 'receipts' | 'notebook' | 'state';

/** WGS84 degrees; metres; milliseconds. */
type Position = { latitude: number; longitude: number; accuracy_m: number; at: number };

type Place = {
  id: string;
  name: string;
  category: string;
  ward: string;
  address: string | null;
  latitude: number | null;
  longitude: number | null;
  last_visited: string | null;
};

/** What the server says of one page. */
type Result = {
  page: number;
  seal: string;
  state: 'accepted' | 'held' | 'known' | 'forked';
  problems: Problem[];
};

/** How far the server is with a notebook; docs/wire.md. */
type Standing = {
  epoch: string;
  notebook_state: string;
  received_through: number;
  last_seal: string;
  backed_up_through: number;
  books?: Book[];
  evidence_wanted?: string[];
  server_time: string;
};

type Answer = Standing & { results: Result[] };

/** `body` is what stands now; `first` is the page that began the record. */
type FieldRecord = {
  record: string;
  kind: string;
  first: Page;
  pages: Page[];
  body: Said;
  amended: boolean;
  inError: boolean;
  /** "void" or "withdrawn", once the desk has said so */
  stands?: string;
};

type PageState = {
  word: 'waiting' | 'received' | 'held' | 'forked';
  problems: Problem[];
  at: string | null;
};

type Call = { method?: string; token?: string | null; headers?: Record<string, string>; body?: BodyInit };

/** Calls about one notebook, under its token; `call` gives only answers to be dealt with here. */
type Line = { clock: () => Date; call: (rest: string, request?: Call) => Promise<Reply> };

/** The doors a pass goes through; tests bring their own. `ticks` are milliseconds that nobody can put back. */
type Doors = { fetch: typeof globalThis.fetch; clock: () => Date; ticks: () => number };

/** What one notebook has left to send; `trouble` is a sentence. */
type Waiting = {
  notebook: string;
  officer: string;
  officer_name: string;
  pages: number;
  evidence: number;
  wants: 'sign-in' | null;
  trouble: string | null;
};

/**
 * `online` is null when nothing was asked this time (another window is sending, or it is too soon), and
 * the rest is as it was; `wants` speaks of the current notebook, and of the app itself when it says update.
 */
type Sent = {
  online: boolean | null;
  sent_at: string | null;
  waiting: Waiting[];
  wants: 'sign-in' | 'update' | null;
};

type Me = {
  officer: string;
  username: string;
  name: string;
  roles: string[];
  csrf: string;
  epoch: string;
  server_time: string;
};

/** How a pass of sending ended. */
type Outcome = {
  online: boolean | null;
  wants: 'update' | null;
  failed: boolean;
  silence: number;
  notes: Map<string, { wants?: 'sign-in'; trouble?: string }>;
};

/** A rule of law as an officer meets it; field_app/rules.py. */
type Gate = {
  code: string;
  rule: string;
  kinds: string[];
  field: string;
  when: string;
  verdict: 'refuse' | 'reason' | 'supervisor';
  sentence: string;
  way_on: string;
  source: string;
};

/** The law as the shell carries it, list by list; field_app/catalogue/law.py. */
type Law = {
  gates: Gate[];
  powers: { code: string; label: string }[];
  phrases: Record<string, string[]>;
  confirmed_only: boolean;
} & Record<
  'offences' | 'amounts' | 'families' | 'periods' | 'orders' | 'wording',
  Record<string, any>[]
>;
