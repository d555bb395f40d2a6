// A lock, in the color of the words that it stands beside.

function lock() {
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  picture.setAttribute('viewBox', '0 0 16 16');
  picture.setAttribute('class', 'lock');
  picture.setAttribute('aria-hidden', 'true');
  const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  drawn.setAttribute('d', 'M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3z');
  picture.append(drawn);
  return picture;
}
