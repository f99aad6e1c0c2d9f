// Actions: one POST each, answered by one line of JSON per step as it happens.

/**
 * Carries out an action.
 * @param told Called with each step.
 * @throws An Error whose message is for people.
 */
export async function perform(path, body, told) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/json", RequestVerificationToken: document.querySelector("meta[name=csrf]").content },
      body: JSON.stringify(body),
    });
    if (answer.status === 401 || answer.type === "opaqueredirect")
      throw new Refused("You are signed out: sign in again.");
    if (!answer.ok)
      throw new Refused(await reasonOf(answer));
    for await (const line of linesOf(answer.body)) {
      const step = JSON.parse(line);
      if (step.error)
        throw new Refused(`Not done: ${step.error.message}.`);
      told(step);
    }
  } catch (failure) {
    throw failure instanceof Refused ? failure : new Error("The connection to the key service broke. What was begun goes on by itself: see the activity below.", { cause: failure });
  }
}

class Refused extends Error {}

async function reasonOf(answer) {
  try {
    return `Not done: ${(await answer.json()).error.message}.`;
  } catch {
    return answer.status === 400 || answer.status === 403
      ? "The key service did not take this page's request: reload the page and try again."
      : `The key service answered ${answer.status}.`;
  }
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    yield* lines.filter(line => line.trim() !== "");
  }
  if (rest.trim() !== "")
    yield rest;
}
