/**
 * Lower case, for ASCII letters only. Names of AWS ignore case in ASCII; `toLowerCase` also turns the Kelvin sign into
 * a `k`, and can change the length of a text.
 */
export function asciiLower(text: string): string {
  return NOT_ASCII.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}

const NOT_ASCII = /[^\x20-\x7e]/;
