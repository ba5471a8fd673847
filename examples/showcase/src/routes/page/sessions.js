"use strict";
{
  const rows = document.querySelector(".sessions ol");
  const show = async () => {
    const answer = await fetch("/sessions", { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      rows.textContent = `${answer.status} · ${(await answer.json()).detail}`;
      return;
    }
    const { sessions } = await answer.json();
    rows.replaceChildren(...sessions.map((session) => {
      const row = document.createElement("li");
      // In the format of the rest of the page.
      const used = new Date(session.last_used_at * 1000).toISOString()
        .replace("T", " ").replace(/\.\d+Z$/, " UTC");
      row.append(`${session.this ? "This one" : "Another"}, used ${used} `);
      if (!session.this) {
        const button = document.createElement("button");
        button.className = "quiet";
        button.textContent = "End it";
        button.addEventListener("click", async () => {
          await fetch(`/sessions/${session.id}`, { method: "DELETE" });
          await show();
        });
        row.append(button);
      }
      return row;
    }));
  };
  show();
}
