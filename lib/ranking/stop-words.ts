const WORDS = `a about after all also am an and any are arent as at be because been being both but by can cant could
couldnt did didnt do does doesnt doing dont each either for from had hadnt has hasnt have havent having he her here hers
him his how i id if ill im in into is isnt it its itself ive just let lets me more most my myself no nor not of on or
other our ours own same she should shouldnt so some such than that thats the their theirs them then there theres these
they theyre theyve this those to too us very was wasnt we were werent weve what whats when where which while who whom
whose why will with wont would wouldnt http https www you your youre yours youve`;

const STOP_WORDS: ReadonlySet<string> = new Set(WORDS.split(/\s+/));

/** Whether a folded English word (without apostrophes) says nothing about what a text is about. */
export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}
