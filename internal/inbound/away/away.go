// Package away finds in the words of an out of office answer until when the person is
// away: "back on 12 May", "bis einschließlich 09.01.", "de retour lundi prochain".
//
// It reads English, German, French, Dutch, Spanish, Italian, Portuguese and Swedish. A
// date counts only beside a cue that says what it is, so that telephone numbers, opening
// hours and dates of something else do not. It imports nothing of the project.
package away

import (
	"strings"
	"time"
)

// Most is the longest absence that is believed.
const Most = 60 * 24 * time.Hour

// Absence is what a text says of the end of an absence. Dates are local dates, given as
// midnight UTC.
type Absence struct {
	Until     time.Time // the date as written
	Inclusive bool      // Until is the last day of absence, not the day of return
	Words     string    // the words of the text that say so
}

// Return is the first day on which the person may be back.
func (a Absence) Return() time.Time {
	if a.Inclusive {
		return a.Until.AddDate(0, 0, 1)
	}
	return a.Until
}

// Find returns what the first of the texts that names a date says. Relative dates are
// reckoned from now, in now's location. False when no text names a date, or only dates
// that are past or more than Most ahead.
func Find(now time.Time, texts ...string) (Absence, bool) {
	today := dateOf(now)
	for _, text := range texts {
		if a, ok := find(newPage(text), today); ok {
			return a, true
		}
	}
	return Absence{}, false
}

// find takes the date whose cue says most: the later of a return, a last day and a range
// of absence; without them a date by a bare "until", or a single day of absence.
func find(p page, today time.Time) (Absence, bool) {
	var best Absence
	rank := 0
	all := p.dates()
	for i, d := range all {
		c, ok := p.cueFor(all, i)
		if !ok {
			continue
		}
		day, ok := d.resolve(today, c.language)
		if !ok {
			continue
		}
		a := Absence{Until: day, Inclusive: c.inclusive || d.lastDay, Words: p.original(c.start, max(c.end, d.end))}
		if weight := min(c.rank, rankSure); weight > rank || weight == rank && a.Return().After(best.Return()) {
			best, rank = a, weight
		}
	}
	return best, rank > 0
}

func dateOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// believable: not before today and at most Most ahead.
func believable(day, today time.Time) bool {
	return !day.Before(today) && day.Sub(today) <= Most
}

// mostWords bounds the words that are quoted.
const mostWords = 200

func shorten(words string) string {
	words = strings.Join(strings.Fields(words), " ")
	if r := []rune(words); len(r) > mostWords {
		return string(r[:mostWords-1]) + "…"
	}
	return words
}
