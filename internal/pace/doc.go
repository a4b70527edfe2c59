// Package pace answers one question: when may a message leave, and what limits it?
//
// It is pure: instants in, instants out, and no clock of its own. Rules are given in wall
// clock and zone, as people say them; answers are instants. Whether a rule holds is always
// asked of an instant, never constructed: what the clock shows then, in the rule's zone,
// decides. That alone makes the nights right in which an hour is missing or comes twice.
// Nothing here adds 24 hours to get to the next day.
//
// The claim, the giver of turns, forecast and why ask the same functions, so that they
// cannot disagree. Workflow code asks none of them: two builds may know different zones.
package pace
