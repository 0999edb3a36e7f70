const CHOICES = ["auto", "light", "dark"] as const;
type Choice = (typeof CHOICES)[number];

const ICONS: Record<Choice, string> = { auto: "◐", light: "☀", dark: "☾" };
const KEY = "mirubato-sync-colours";

/** The button for light, dark, or what the system says; the choice is kept. */
export function offerColours(): void {
  const button = document.querySelector<HTMLButtonElement>("button.theme");
  let choice = CHOICES.find((one) => one === kept()) ?? "auto";
  const show = (): void => {
    if (choice === "auto") delete document.documentElement.dataset["colours"];
    else document.documentElement.dataset["colours"] = choice;
    if (!button) return;
    button.textContent = ICONS[choice];
    button.setAttribute("aria-label", `Colours: ${choice}`);
    button.title = `Colours: ${choice}`;
    button.hidden = false;
  };
  show();
  button?.addEventListener("click", () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]!;
    keep(choice);
    show();
  });
}

/** A page that was opened as a file may have no storage. */
function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // It holds for this page.
  }
}
