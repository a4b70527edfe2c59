package activities

import (
	"time"

	"relance/internal/campaign"
)

// TurnRoom bounds how many turns are under way: signalled, and not claimed yet. An account
// without a pace gives many at once when a window opens, and all their workflow tasks would
// be before those of everybody who comes then. What has been granted is safe in the line
// (law 3) and is signalled when there is room. An account with a pace has one turn at a time,
// and always has room for it.
type TurnRoom struct {
	// UnderWay is how many are under way, over all accounts that give many; Yielding how many
	// of each account at least, and no more while other campaigns have live steps.
	UnderWay, Yielding int
	// Steps are what the turns make room for.
	Steps *RecentSteps
}

// roomLook is how soon the next are signalled where there was no room for all: well below
// what a turn takes from its signal to its claim.
const roomLook = 20 * time.Millisecond

// of are those of the turns, the first of each account first, that there is room for.
func (r TurnRoom) of(turns []campaign.GivenTurn) (now []campaign.GivenTurn) {
	room := r.ofEach(turns)
	taken := map[string]int{}
	for _, turn := range turns {
		if turn.UnderWay+taken[turn.Account] < room {
			taken[turn.Account]++
			now = append(now, turn)
		}
	}
	return now
}

// ofEach is how many turns each account may have under way. Campaigns that wait for such turns
// are no others to each other: of two windows that open at once neither holds the other back.
func (r TurnRoom) ofEach(turns []campaign.GivenTurn) int {
	wait := map[string]int{}
	for _, turn := range turns {
		wait[turn.Account]++
	}
	least, crowds, opening := max(1, r.Yielding), 0, map[string]bool{}
	for _, count := range wait {
		if count > least {
			crowds++
		}
	}
	if crowds == 0 {
		return least
	}
	for _, turn := range turns {
		if wait[turn.Account] > least {
			opening[turn.CampaignKey] = true
		}
	}
	if r.Steps.othersActive(func(key string) bool { return opening[key] }) {
		return least
	}
	return max(least, r.UnderWay/crowds)
}
