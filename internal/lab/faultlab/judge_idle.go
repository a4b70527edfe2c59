package main

import (
	"fmt"
	"slices"
	"time"
)

// longestIdle is for how many seconds a giver may be at work beside a line that could move: the longest gap of
// the lab with its jitter, and time for a look.
const longestIdle = 8

// judgeIdle is the other side of law 8: a limit holds nobody back who is free to go. A look finds a sender idle when somebody
// waits for its turn, none is out, and nothing that the lab has set holds the mail back. Such looks one after
// another are a line that does not move: judged by the seconds in which a giver was at work meanwhile. So it is nobody's
// fault but the giver's, whatever has been killed or cut.
func (v *verdict) judgeIdle(r *records, address string, rules []*inForce, spent spending) {
	var since time.Time
	var waits place
	lines, taken := v.lab.paces.lines, v.lab.paces.claimsOf(address)
	for i := 0; i <= len(lines); i++ {
		idle := false
		if i < len(lines) {
			var first place
			if first, idle = v.idleAt(address, rules, spent, &lines[i]); idle && since.IsZero() {
				since, waits = lines[i].end, first
			}
			for len(taken) > 0 && taken[0].Before(lines[i].end) { // also one that was over before anybody looked
				idle, taken = idle && taken[0].Before(since), taken[1:]
			}
		}
		if blind := i > 0 && i < len(lines) && lines[i].begin.Sub(lines[i-1].end) > longestBlind; since.IsZero() || idle && !blind {
			continue
		}
		until := lines[i-1].begin
		if seconds := v.atWork(since, until); seconds > longestIdle {
			v.breach(3, peopleOf(r)[waits.EnrollmentID], fmt.Sprintf("%s: waited for a turn of %s, which could send, and gave none from %s to %s, while somebody gave turns in %d seconds",
				waits.StepID, address, clock(since), clock(until), seconds))
		} else {
			v.Pace.Idle = max(v.Pace.Idle, seconds)
		}
		since = time.Time{}
	}
}

// claimsOf is when somebody took a turn of a sender.
func (p *paces) claimsOf(account string) (all []time.Time) {
	for _, one := range p.claims {
		if one.Account == account {
			all = append(all, one.At)
		}
	}
	return all
}

// idleAt is one who waits at a look, though the sender could send; false when there is none.
func (v *verdict) idleAt(address string, rules []*inForce, spent spending, look *lineLook) (first place, idle bool) {
	some := between(rules, look.begin, look.end)
	if len(some) != 1 || some[0].gap == 0 || some[0].divided || !some[0].open(look.begin) || !some[0].open(look.end) || v.lab.paces.outOfOrder(address, look.begin, look.end) {
		return place{}, false
	}
	if slices.ContainsFunc(look.places, func(one place) bool { return one.out(address) }) {
		return place{}, false
	}
	at := slices.IndexFunc(look.places, func(one place) bool { return one.mayHave(address, v.lab.lanes) })
	if at < 0 {
		return place{}, false
	}
	// The ledger may count one on the wire that has not come.
	if left, limited := spent.left(some[0], look.end); limited && left < 2 {
		return place{}, false
	}
	return look.places[at], true
}

// atWork counts the whole seconds of a time in which somebody gave turns.
func (v *verdict) atWork(from, to time.Time) (seconds int) {
	for _, second := range v.lab.paces.atWork {
		seconds += btoi(!second.Before(from) && second.Add(time.Second).Before(to))
	}
	return seconds
}
