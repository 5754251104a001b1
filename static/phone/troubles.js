/**
 * What can go wrong on the phone, each in words an officer can act on: what happened, what was kept,
 * what to do next. Screens show `message` as it is.
 */

/** Any trouble of the notebook; `cause` is the browser's own error. */
export class Trouble extends Error {
  /**
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(message, cause) {
    super(message, { cause });
    this.name = new.target.name;
  }
}

/** The page, draft or receipt is not on this phone. */
export class NotSaved extends Trouble {
  /**
   * @param {unknown} [cause]
   * @param {string} [message]
   */
  constructor(
    cause,
    message = 'This was not saved. What you wrote is still on this screen, and everything saved ' +
      'before is safe. Save again; if it fails again, close Fieldbook, open it and save once more.',
  ) {
    super(message, cause);
  }
}

/** The books lent to this notebook are used up. */
export class NoNumber extends NotSaved {
  constructor() {
    super(
      undefined,
      'No number is left on this phone for this kind of notice, so it was not issued. What you wrote is kept ' +
        'as a draft. Go where there is a signal and more come by themselves; or use the paper book. A paper notice is entered at the desk later.',
    );
  }
}

/** The cache that the worker hands files out of was emptied, or is of another version. */
export class NotHere extends Trouble {
  /** @param {unknown} [cause] */
  constructor(cause) {
    super(
      'This screen is not on the phone just now. Everything saved is safe. Go where there is a signal, ' +
        'close Fieldbook and open it again.',
      cause,
    );
  }
}

/** The phone is full. */
export class NoRoom extends NotSaved {
  /** @param {unknown} [cause] */
  constructor(cause) {
    super(
      cause,
      'This was not saved: the phone has no room left. What you wrote is still on this screen, and ' +
        'everything saved before is safe. Delete photos or apps you do not need, then save again. ' +
        'Without photos it may save at once.',
    );
  }
}

/** What was chosen is no picture, or of a kind that the phone cannot open. */
export class NotAPhoto extends Trouble {
  /** @param {unknown} [cause] */
  constructor(cause) {
    super('That is no photo this phone can open, so it was not added. All else is kept. Take one with the camera, or choose another.', cause);
  }
}

/** The notebook can be neither read nor written just now. */
export class CannotOpen extends Trouble {
  /**
   * @param {unknown} [cause]
   * @param {string} [message]
   */
  constructor(
    cause,
    message = 'Fieldbook cannot open its notebook on this phone. Nothing was changed or deleted. ' +
      'Close Fieldbook and open it again; if that does not help, write on paper and call your team leader.',
  ) {
    super(message, cause);
  }
}

/** Another window holds an older version of the notebook open. */
export class OpenElsewhere extends CannotOpen {
  constructor() {
    super(
      null,
      'Fieldbook is being updated and is still open in another window. Nothing was changed or ' +
        'deleted. Close the other Fieldbook windows, then open it again.',
    );
  }
}

/** This window is older than the notebook it finds. */
export class OldWindow extends CannotOpen {
  /** @param {unknown} [cause] */
  constructor(cause) {
    super(
      cause,
      'This window shows an older Fieldbook than the one on this phone. Nothing was changed or ' +
        'deleted. Close Fieldbook and open it again.',
    );
  }
}

/** Nobody's notebook is open on this phone. */
export class NoNotebook extends Trouble {
  constructor() {
    super(
      'No notebook is open on this phone, so this was not saved. What you wrote is still on this ' +
        'screen. Sign in once with a signal, then save again.',
    );
  }
}

/** What this draft says is on `page` already, saved from another window or by a second tap. */
export class AlreadySaved extends Trouble {
  /** @param {Page} page */
  constructor(page) {
    super(
      `This was already saved on this phone, as page ${page.page}. It was not saved twice. ` +
        'Open that page to read it; to change it, amend it.',
    );
    this.page = page;
  }
}

/** Another window has kept something else of this draft. */
export class ChangedElsewhere extends NotSaved {
  constructor() {
    super(
      undefined,
      'This was changed in another Fieldbook window, so what you wrote here last was not kept. All that was kept there is safe. ' +
        'Copy what you need from this screen, then go Home and open it again.',
    );
  }
}

/** No written authorisation of the officer's on this phone names the power. */
export class NotAuthorised extends Trouble {
  constructor() {
    super(
      'No written authorisation of yours on this phone names this power, so this notice cannot be given. ' +
        'Ask your administrator to put it on file; until then warn, advise, or log it.',
    );
  }
}
