/* The browser's own time zone, chosen in the sign-up form where it is one of the list. Without it the account starts in UTC. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("[data-time-zone]")) {
  if ([...field.options].some((option) => option.value === zone)) {
    field.value = zone;
  }
}
