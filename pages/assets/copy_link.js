// A button that copies the address of the page.

export default function ({data, parentElement}) {
  const button = parentElement.querySelector('[data-part="copy"]');
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(window.parent?.location?.href ?? location.href);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Copy it from the address bar';
    }
    setTimeout(() => { button.textContent = data.label; }, 2000);
  };
}
