// Lengths and times of day as people read them, and one tick a second for all that count.

const pad = (number) => String(Math.floor(number)).padStart(2, "0")

/** 3:07 or 1:02:45 */
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`
}

/** 09:05, in the company's zone */
export function timeOfDay(iso, timeZone) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(new Date(iso))
}

/** 09:05 today, 21/11 09:05 (21 Nov 09:05 in English) before: without its day a time is taken for today's. */
export function when(iso, timeZone) {
  const month = document.documentElement.lang === "en" ? "short" : "2-digit"
  const dayOf = (date) => new Intl.DateTimeFormat("en-GB", { day: "2-digit", month, timeZone }).format(date)
  const day = dayOf(new Date(iso))
  return day === dayOf(new Date()) ? timeOfDay(iso, timeZone) : `${day} ${timeOfDay(iso, timeZone)}`
}

export function everySecond(tick) {
  setInterval(tick, 1000)
}

/** The letters in a round picture: the first of the last two words of a name. */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean)
  return words.slice(-2).map((word) => [...word][0].toUpperCase()).join("")
}
