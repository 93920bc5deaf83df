// Who calls, and what they may: HTTP asks, the access room knows keys and tokens.

/** admin may all that predict may. */
export const ROLES = ['predict', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value);

export interface Caller {
  /** Of the key, or of the token's subject: limits and log lines go by it. */
  readonly name: string;
  /** Null: known, and allowed nothing. */
  readonly role: Role | null;
}

export interface Authenticator {
  /** Throws unauthorized where the credential is not valid, credentials_unchecked where nobody can tell now. */
  identify(credential: string): Promise<Caller>;
}

export const mayAct = (role: Role | null, needed: Role): boolean => role === 'admin' || role === needed;
