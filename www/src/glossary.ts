/** Meanings of words go away with Escape, until their word is pointed at or focused again. */
export function mountGlossary(): void {
  const away = () => document.querySelector('.term.away')?.classList.remove('away');
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') document.querySelector('.term:is(:hover, :focus)')?.classList.add('away');
  });
  for (const word of document.querySelectorAll('.term')) {
    word.addEventListener('pointerenter', away);
    word.addEventListener('focus', away);
  }
}
