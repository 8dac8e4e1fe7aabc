/** Session names follow a role's or federated user's name, or a role's unique ID, and are often e-mail addresses. */
const SESSION_NAME =
  /(assumed-role\\?\/[^/\s]+\/|federated-user\\?\/|\b(?:AROA|ASIA)[A-Z0-9]{12,}:)[^\s"'`<>()[\]{}\\]+/g;

/** A text without the names of sessions. */
export const withoutSessionNames = (text: string): string => text.replace(SESSION_NAME, "$1[session]");
