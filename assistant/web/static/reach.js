// Reports in the conversation that a question did not reach the server or that its answer is late: too many questions,
// the assistant closed, the server down, or a proxy that delays the event stream. Gradio shows only a brief notice.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  const JOIN = "/gradio_api/queue/join";
  const SAME_FAILURE = 3000; // milliseconds within which a second failure belongs to the same question
  const LATE = 20000; // milliseconds after which an answer is late
  const plainFetch = window.fetch;
  let reportedAt = -SAME_FAILURE;
  let lateTimer = 0;
  let refused = { at: -SAME_FAILURE };

  window.fetch = async (input, options) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.includes(JOIN)) return plainFetch(input, options);
    const sent = parsed(options?.body);
    if (belongsToRefused(sent)) return refusal("");
    const question = document.querySelector("#question textarea")?.value ?? "";
    const [response, problem] = await send(input, options);
    if (!problem) {
      expectAnswer(question);
      return response;
    }
    report(question, problem);
    refused = { ...sent, at: performance.now() };
    return refusal(problem);
  };

  // After this response Gradio accepts further questions; after others it does not.
  function refusal(problem) {
    const headers = { "Content-Type": "application/json" };
    return new Response(JSON.stringify({ detail: problem }), { status: 429, headers });
  }

  // Whether a request is Gradio's own event for the failure of a question that was refused. It would report it again.
  function belongsToRefused(sent) {
    const isSoon = performance.now() - refused.at < SAME_FAILURE;
    return isSoon && sent.trigger_id === refused.trigger_id && sent.fn_index !== refused.fn_index;
  }

  function parsed(body) {
    try {
      return JSON.parse(body) ?? {};
    } catch {
      return {}; // no event of Gradio's
    }
  }

  // Returns the response, and the problem if there is one.
  async function send(input, options) {
    try {
      const response = await plainFetch(input, options);
      return [response, response.ok ? "" : await reason(response)];
    } catch {
      return [null, words.unreachable];
    }
  }

  document.addEventListener("assistant:turn", () => clearTimeout(lateTimer));

  // Reports a late answer, unless no search is running: other events of the page join the queue too.
  function expectAnswer(question) {
    clearTimeout(lateTimer);
    lateTimer = setTimeout(() => {
      if (document.querySelector("#searching:not(:empty)")) report(question, words.late, words.plain);
    }, LATE);
  }

  async function reason(response) {
    if (response.headers.get("content-type")?.startsWith("application/json")) {
      const { error } = await response.json();
      if (typeof error === "string") return error;
    }
    return words.busy;
  }

  function make(tag, className, ...children) {
    const node = document.createElement(tag);
    node.className = className;
    node.append(...children);
    return node;
  }

  function report(question, text, link) {
    const log = document.getElementById("conversation");
    const now = performance.now();
    if (!log || now - reportedAt < SAME_FAILURE) return;
    reportedAt = now;
    const reply = make("div", "reply problem", make("h3", "outcome", words.heading), make("p", "reason", text));
    if (link) {
      const plain = make("a", "", link);
      plain.href = `/ask?q=${encodeURIComponent(question)}`;
      reply.append(make("p", "", plain));
    }
    const asked = question.trim() ? [make("h2", "asked", make("bdi", "", question))] : [];
    document.dispatchEvent(new CustomEvent("assistant:problem"));
    document.documentElement.classList.add("begun");
    log.append(make("article", "turn", ...asked, reply));
  }
})();
