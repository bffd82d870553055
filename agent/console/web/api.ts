/** What the agent answered instead of what was asked. */
class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** Asks the API that sent this page: both are one release, so its answers have the types of its schemas. */
export async function ask<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`/api/v1${path}`, {
    credentials: 'same-origin',
    ...(signal ? { signal } : {}),
  });
  return await answerIn(response);
}

let csrfToken: string | undefined;

/** Told by `/me`; a browser session sends it with every change. */
export function keepToken(token: string | undefined): void {
  csrfToken = token;
}

/** Asks for something to be done. */
export async function order<Answer>(path: string, wish: object): Promise<Answer> {
  return await answerIn(await post(`/api/v1${path}`, wish));
}

/** Ends the session of this browser. */
export function logOut(): void {
  const leave = () => location.assign('/login');
  post('/logout', {}).then(leave, leave);
}

function post(address: string, body: object): Promise<Response> {
  return fetch(address, {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      'content-type': 'application/json',
      ...(csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
    },
    body: JSON.stringify(body),
  });
}

async function answerIn<Answer>(response: Response): Promise<Answer> {
  if (response.ok) return await response.json();
  // The session is over: the page itself leads to where people log in.
  if (response.status === 401) location.reload();
  const problem: { readonly title?: string; readonly detail?: string } = await response
    .json()
    .catch(() => ({}));
  throw new ApiError(
    response.status,
    problem.detail ?? problem.title ?? `the agent answered ${response.status}`,
  );
}

/** `?a=1` of what is wanted, leaving out what is empty. */
export function queryOf(wishes: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(wishes).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
