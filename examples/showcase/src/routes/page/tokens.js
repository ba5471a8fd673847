"use strict";
{
  const section = document.querySelector(".tokens");
  // The page has a single form for name and password.
  const own = section.querySelector("form");
  const form = own ?? document.querySelector("form.login");
  const log = section.querySelector("ol");
  const json = { Accept: "application/json", "Content-Type": "application/json" };
  // Only in memory: lost with the page, and not in the storage of the browser.
  let token = null;

  for (const hidden of section.querySelectorAll("[hidden]")) hidden.hidden = false;

  const say = (ok, text) => {
    const line = document.createElement("li");
    line.dataset.ok = ok;
    line.textContent = text;
    log.prepend(line);
  };
  const keep = (answer) => {
    token = answer;
    for (const button of section.querySelectorAll("[data-get]")) button.disabled = !token;
  };
  // The last characters of the signature distinguish two tokens, and reveal nothing.
  const got = (answer) => `token \u2026${answer.access_token.slice(-6)}, ${answer.expires_in} seconds`;
  const told = (answer) => {
    if (answer.access_token) return got(answer);
    if (answer.subject) return `${answer.subject} via ${answer.via}, may ${answer.scopes.join(" ")}`;
    return answer.detail ?? answer.error ?? JSON.stringify(answer);
  };

  const ask = async (path, options) => {
    try {
      const response = await fetch(path, options);
      const text = await response.text();
      const answer = text ? JSON.parse(text) : {};
      if (response.ok && answer.access_token) keep(answer.access_token);
      const challenge = response.headers.get("WWW-Authenticate");
      const why = !response.ok && challenge ? ` \u00b7 ${challenge}` : "";
      const what = text ? ` \u00b7 ${told(answer)}` : "";
      say(response.ok, `${path} \u00b7 ${response.status}${what}${why}`);
    } catch {
      say(false, `${path} \u00b7 no readable response`);
    }
  };

  const begin = () => {
    if (!form.reportValidity()) return;
    const body = JSON.stringify(Object.fromEntries(new FormData(form)));
    form.elements.password.value = "";
    ask("/auth/token", { method: "POST", headers: json, body });
  };
  own?.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  section.querySelector("[data-token]")?.addEventListener("click", begin);
  section.addEventListener("click", ({ target }) => {
    const { get, post } = target.dataset;
    const headers = { Accept: "application/json" };
    if (get) ask(get, { headers: { ...headers, Authorization: `Bearer ${token}` } });
    if (post) ask(post, { method: "POST", headers });
  });
}
