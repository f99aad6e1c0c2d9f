// The live stream of the cluster's state. Server-sent events would reconnect by themselves, but neither notice that nothing comes any more
// nor that one has to sign in again.

const silence = 15_000; // the key service speaks at least each 5 s
const firstDelay = 500;
const longestDelay = 8_000;
const answerLimit = 5_000;

/**
 * Follows the state for as long as the page is shown.
 * @param onState Called with each state.
 * @param onConnection Called at each change with { live: true }, { live: false, since: Date or null if it never was }, or { signedOut: true }.
 */
export function follow(onState, onConnection) {
  let source = null;
  let timer = 0;
  let delay = firstDelay;
  let heardAt = null;
  let connection = {};

  function open() {
    close();
    source = new EventSource("/api/events");
    source.addEventListener("state", event => {
      heardAt = new Date();
      delay = firstDelay;
      expect(silence, lost);
      tell({ live: true });
      onState(JSON.parse(event.data));
    });
    source.addEventListener("error", lost);
    expect(silence, lost);
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function lost() {
    close();
    tell({ live: false, since: heardAt });
    expect(delay, again);
    delay = Math.min(delay * 2, longestDelay);
  }

  async function again() {
    if (await isSignedOut()) {
      tell({ signedOut: true });
      return;
    }
    open();
  }

  function tell(change) {
    if (change.live !== connection.live || change.signedOut !== connection.signedOut)
      onConnection(change);
    connection = change;
  }

  function expect(after, then) {
    clearTimeout(timer);
    timer = setTimeout(then, after);
  }

  addEventListener("pagehide", close);
  addEventListener("pageshow", event => event.persisted && open());
  addEventListener("online", () => source ?? open());
  open();
}

async function isSignedOut() {
  try {
    const answer = await fetch("/api/state", { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(answerLimit) });
    return answer.status === 401 || answer.type === "opaqueredirect";
  } catch {
    return false; // nobody answers: that says nothing
  }
}
