// The only script of the report; all is readable without it. It copies commands, and opens what is folded for paper.
const { copy, copied, selected } = document.body.dataset
for (const command of document.querySelectorAll('.command')) {
  const code = command.querySelector('code')
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = copy
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent)
      button.textContent = copied
    } catch {
      getSelection().selectAllChildren(code)
      button.textContent = selected
    }
    setTimeout(() => (button.textContent = copy), 2000)
  })
  command.append(button)
}

const unfold = () => {
  const target = location.hash === '' ? null : document.getElementById(location.hash.slice(1))
  const details = target === null ? null : target.closest('details')
  if (details !== null) details.open = true
}
addEventListener('hashchange', unfold)
unfold()

addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details:not([open])')) {
    details.open = true
    details.dataset.folded = ''
  }
})
addEventListener('afterprint', () => {
  for (const details of document.querySelectorAll('details[data-folded]')) {
    details.open = false
    delete details.dataset.folded
  }
})
