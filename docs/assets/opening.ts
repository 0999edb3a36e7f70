/** Opens what a link leads to, where it is folded: not every browser does so by itself. */
export function openTarget(): void {
  const open = (): void => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement?.closest("details"))
      fold.open = true;
  };
  open();
  addEventListener("hashchange", open);
}
