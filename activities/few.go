package activities

import "context"

// mostOfFew is how many contacts a workflow task does by itself: a fraction of
// a second's work, where the task may take ten.
const mostOfFew = 20

// Few is what a workflow task did by itself. An activity of its own costs three
// state transitions; most enrollments and most fixes concern a handful of
// contacts, and most minutes nobody.
type Few struct {
	Done int `json:"done"`
	// More is left to an activity, which has the time, the turns and the rates.
	More bool `json:"more"`
}

// few does the first few contacts of the rows. What fails is more to do, for the
// activity to try again and to say.
func (p Pace) few(ctx context.Context, open listRows, some doSome) (Few, error) {
	if p.Ceiling != nil { // it may let the next pass in a minute
		return Few{More: true}, nil
	}
	rows, err := open(ctx)
	var did Few
	for _, row := range rows {
		room := mostOfFew - did.Done
		if row.Rate != 0 || room <= 0 {
			did.More = true
			continue
		}
		done, more, err := some(ctx, row, room)
		did.Done += done
		did.More = did.More || more || err != nil
	}
	return did, err
}
