package pace

import "time"

// join is one who comes into line, or wakes up in it.
type join struct {
	at    time.Time
	order int
	who   int
	isNew bool
}

func (j join) before(other join) bool {
	return j.at.Before(other.at) || j.at.Equal(other.at) && j.order < other.order
}

// stand puts a contact into the line of its sender.
func (w *walk) stand(i int) {
	one, campaign := &w.who[i], anyCampaign
	if one.Band == FirstMails {
		campaign = w.line.same(one.Campaign)
	}
	if one.Sender != Unbound {
		own := w.senders[one.Sender]
		lane := own.line.of(one.Window, campaign)
		own.known = own.known && !lane.isEmpty()
		lane.push(placeOf(one.Seq, one.Band, i))
		return
	}
	lane := w.unbound[one.Pool].of(one.Window, campaign)
	if lane.isEmpty() {
		w.lookAgain()
	}
	lane.push(placeOf(one.Seq, one.Band, i))
}

// lookAgain has every sender look who is in line.
func (w *walk) lookAgain() {
	for _, sender := range w.senders {
		sender.known = false
	}
}

func (w *walk) later(j join) {
	w.order++
	j.order = w.order
	w.joins.push(j)
}

func (w *walk) join(j join) {
	if j.at.After(w.at) {
		w.at = j.at
	}
	i := j.who
	if all := &w.who[i]; len(all.Froms) > 0 {
		at := len(all.Froms) - all.Count
		one := *all
		one.stand(at)
		one.Count, one.Seqs, one.Dues, one.Froms = 1, nil, nil, nil
		if all.Count--; all.Count > 0 { // the next of them comes as if it had been put in with the first
			w.joins.push(join{at: latest(w.at, all.Froms[at+1]), order: j.order, who: i, isNew: j.isNew})
		}
		i = w.add(one)
	}
	if j.isNew {
		w.seq++
		w.who[i].Seq, w.who[i].since = w.seq, j.at
	}
	w.stand(i)
}

// add has one more contact be in the walk, and returns its number.
func (w *walk) add(one contact) int {
	last := len(w.free) - 1
	if last < 0 {
		w.who = append(w.who, one)
		return len(w.who) - 1
	}
	i := w.free[last]
	w.free = w.free[:last]
	w.who[i] = one
	return i
}
