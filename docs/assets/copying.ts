/** A button in each block of code. */
export function offerCopying(): void {
  for (const pre of document.querySelectorAll<HTMLPreElement>("pre.code")) {
    const block = document.createElement("div");
    block.className = "block";
    pre.replaceWith(block);
    const button = document.createElement("button");
    button.className = "copy";
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(pre.textContent).then(
        () => (button.textContent = "Copied"),
        () => (button.textContent = "Not allowed"),
      );
    });
    block.append(pre, button);
  }
}
