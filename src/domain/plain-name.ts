/** How scenarios, projects and tenants are named: what fits into labels, Redis keys and a shell. */
export const PLAIN_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The same in words. */
export const PLAIN_NAME_RULE = '1 to 63 small letters, digits, "_" or "-", and starts with a letter or digit';
