/* Runs before the first paint: applies the remembered choice of light or dark, so that nothing flashes. */
(() => {
  try {
    const choice = localStorage.getItem("theme");
    if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
  } catch {
    /* Storage may be forbidden: then the system's choice stands. */
  }
})();
