// Sentences in the language of the page: English is the key, the catalogue is /words/<language>.json.

const address = document.querySelector("meta[name=words]")?.content
export const language = document.documentElement.lang || "en"
const words = address && language !== "en" ? await read(address) : {}

async function read(address) {
  try {
    const answer = await fetch(address)
    return answer.ok ? await answer.json() : {}
  } catch {
    return {} // English is better than nothing
  }
}

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)

/** The sentence in the page's language; {n} is filled from {n: 3}. */
export const _ = (sentence, values = {}) => fill(words[sentence] ?? sentence, values)

/** The same for one and for many: the third argument is how many, and fills {n}. */
export const _n = (one, many, n, values = {}) =>
  fill(words[one] ?? (n === 1 ? one : many), { n: new Intl.NumberFormat(language).format(n), ...values })
