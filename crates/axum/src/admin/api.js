// Calls of the API, with the key that the operator typed. The key lives as long as the tab.

const KEY = "rollbook.key";
const PROJECT = "rollbook.project";

export const account = {
  get key() {
    return sessionStorage.getItem(KEY) ?? "";
  },
  get project() {
    return sessionStorage.getItem(PROJECT) ?? "default";
  },
  keep(key, project) {
    sessionStorage.setItem(KEY, key);
    sessionStorage.setItem(PROJECT, project);
  },
  forget() {
    sessionStorage.removeItem(KEY);
  },
};

/** A refusal of the server, in its words. */
export class Refusal extends Error {
  constructor(status, { message, type } = {}) {
    super(message ?? `The server answered with status ${status}.`);
    this.status = status;
    this.type = type;
  }
}

/** Sends a request and returns the response, if it is no refusal. */
export async function send(method, path, { body, type, signal, key, project } = {}) {
  const headers = {
    "X-Appwrite-Key": key ?? account.key,
    "X-Appwrite-Project": project ?? account.project,
  };
  if (type) headers["Content-Type"] = type;
  const url = new URL(`v1${path}`, document.baseURI);
  // Without cookies: a session of the operator beside the key would be refused.
  const options = { method, headers, body, signal, cache: "no-store", credentials: "omit" };
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server can’t be reached.");
  }
  if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => ({})));
  return response;
}

/** Sends JSON, if any, and returns the JSON of the answer, if it has any. */
export async function call(method, path, value, options = {}) {
  const body = value === undefined ? {} : { body: JSON.stringify(value), type: "application/json" };
  const response = await send(method, path, { ...options, ...body });
  return response.status === 204 ? null : response.json();
}

/** The path of a user, and of what belongs to it. */
export const userPath = (id, rest = "") => `/users/${encodeURIComponent(id)}${rest}`;

/** A query as the API has it. */
export const query = (method, attribute, ...values) =>
  JSON.stringify({ method, ...(attribute && { attribute }), values });

/** The path of a list with its queries, and what is searched for. */
export function listPath(path, queries, search) {
  const parameters = new URLSearchParams(queries.map((text) => ["queries[]", text]));
  if (search) parameters.set("search", search);
  return `${path}?${parameters}`;
}
