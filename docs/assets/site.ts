const search = document.querySelector<HTMLButtonElement>("button.search")!;
search.hidden = false;
