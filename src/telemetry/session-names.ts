/** Session names follow a role's or federated user's name, or a role's unique ID. They are often email addresses. */
const SESSION_NAME =
  /(assumed-role\\?\/[^/\s]+\/|federated-user\\?\/|\b(?:AROA|ASIA)[A-Z0-9]{12,}:)[^\s"'`<>()[\]{}\\]+/g;

/** Returns a text without session names. */
export const withoutSessionNames = (text: string): string => text.replace(SESSION_NAME, "$1[session]");
