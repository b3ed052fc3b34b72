// Dark or light before the first paint: the person's choice, else what the system prefers. Classic script, in <head>.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("releve-theme");
    const theme = chosen ?? (system.matches ? "dark" : "light");
    if (document.documentElement.dataset.bsTheme !== theme) {
      document.documentElement.dataset.bsTheme = theme;
      document.dispatchEvent(new Event("releve:theme"));
    }
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("releve:theme-toggle", () => {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    // What the system prefers anyway is not pinned: it may change with the hour.
    if (next === (system.matches ? "dark" : "light")) localStorage.removeItem("releve-theme");
    else localStorage.setItem("releve-theme", next);
    apply();
  });
})();
