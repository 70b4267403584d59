// How loud each party of a recording is: the customer is its left side, the agent its right. Whoever is alone, because
// the other is muted, is heard in both ears.

let context // one for all recordings of the page: browsers have few of them

export class Sides {
  constructor(audio) {
    context ??= new AudioContext()
    const split = context.createChannelSplitter(2)
    const merge = context.createChannelMerger(2)
    context.createMediaElementSource(audio).connect(split)
    merge.connect(context.destination)
    const gain = (from, to) => {
      const made = context.createGain()
      split.connect(made, from)
      made.connect(merge, 0, to)
      return made.gain
    }
    this.gains = [0, 1].map((side) => ({ own: gain(side, side), other: gain(side, 1 - side) }))
  }

  /** 0 to 1 each. */
  set({ customer, agent }) {
    const volumes = [customer, agent]
    for (const [side, { own, other }] of this.gains.entries()) {
      own.value = volumes[side]
      other.value = volumes[1 - side] ? 0 : volumes[side]
    }
  }

  /** A browser lets nothing be heard before somebody has pressed something. */
  wake() {
    return context.state === "suspended" ? context.resume() : undefined
  }
}
