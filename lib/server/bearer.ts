import { NotAuthenticated } from "./caller.ts";

/** More than any credential: what is longer is not even looked at. */
const LONGEST = 8_192;
/** RFC 6750, 2.1: the scheme in any case, one space or more, then the token. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** The token of a header `Authorization`. @throws NotAuthenticated without one. */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === "")
    throw new NotAuthenticated("This server needs a token.", ASK);
  const token = authorization.length > LONGEST ? undefined : BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw new NotAuthenticated("The header Authorization is not of the form: Bearer <token>.", ASK);
}

/** What to do for a caller that has no credential that counts. */
export const ASK =
  "Send the header Authorization: Bearer <token>; whoever runs this server makes tokens with `aiknowsys token create`.";
