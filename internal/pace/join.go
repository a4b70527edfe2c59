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
	window, sender := w.who[i].Window, w.who[i].Sender
	if sender != Unbound {
		own := w.senders[sender]
		if own.line[window].isEmpty() {
			own.known = false
		}
		own.line[window].push(placeOf(w.who[i].Seq, w.who[i].Band, i))
		return
	}
	pool := w.unbound[w.who[i].Pool]
	if pool[window].isEmpty() {
		w.lookAgain()
	}
	pool[window].push(placeOf(w.who[i].Seq, w.who[i].Band, i))
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
	if j.isNew {
		w.seq++
		w.who[j.who].Seq, w.who[j.who].since = w.seq, j.at
	}
	w.stand(j.who)
}
