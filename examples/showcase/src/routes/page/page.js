"use strict";
const output = document.querySelector(".try output");
output.textContent = "";
for (const button of document.querySelectorAll("[data-try]")) {
  button.addEventListener("click", async () => {
    const headers = { Accept: "application/json" };
    if (button.dataset.try === "with") {
      headers["X-CSRF-Token"] = (await (await fetch("/csrf")).json()).token;
    }
    const response = await fetch("/transfer", { method: "POST", headers });
    const answer = await response.json();
    output.dataset.ok = response.ok;
    output.textContent = `${response.status} · ${response.ok ? "transferred" : answer.detail}`;
  });
}
