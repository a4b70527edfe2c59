package pace

// join is one who comes into line, or wakes up in it.
type join struct {
	at         instant
	order, who int32
	isNew      bool
}

func (j join) before(other join) bool {
	return j.at < other.at || j.at == other.at && j.order < other.order
}

// stand puts a contact into the line of its sender.
func (w *walk) stand(i int32) {
	one, campaign := &w.who[i], anyCampaign
	if one.band == FirstMails {
		campaign = w.line.same(int(one.campaign))
	}
	stands := place{one.band, i, one.seq}
	if one.sender != Unbound {
		own := w.senders[one.sender]
		lane := own.line.of(int(one.window), campaign)
		own.known = own.known && !lane.isEmpty()
		lane.push(stands)
		return
	}
	lane := w.unbound[one.pool].of(int(one.window), campaign)
	if lane.isEmpty() {
		w.lookAgain()
	}
	lane.push(stands)
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
	w.at = max(w.at, j.at)
	i := j.who
	if all := &w.who[i]; all.isCohort && len(w.line.Waiting[all.of].Froms) > 0 {
		cohort := &w.line.Waiting[all.of]
		at := len(cohort.Froms) - int(all.count)
		one := *all
		one.stand(cohort, at)
		one.count, one.isCohort = 1, false
		if all.count--; all.count > 0 { // the next of them comes as if it had been put in with the first
			w.joins.push(join{at: max(w.at, instantOf(cohort.Froms[at+1])), order: j.order, who: i, isNew: j.isNew})
		}
		i = w.add(one)
	}
	if j.isNew {
		w.seq++
		w.who[i].seq, w.who[i].since = w.seq, j.at
	}
	w.stand(i)
}

// add has one more contact be in the walk, and returns its number.
func (w *walk) add(one contact) int32 {
	last := len(w.free) - 1
	if last < 0 {
		w.who = append(w.who, one)
		return int32(len(w.who) - 1)
	}
	i := w.free[last]
	w.free = w.free[:last]
	w.who[i] = one
	return i
}
