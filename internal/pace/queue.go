package pace

// ordered is what can stand in a queue.
type ordered[T any] interface{ before(other T) bool }

// queue hands out the first: a few sorted runs, to which those are appended who come behind
// the last of one, and a binary heap of all others. Who comes in a few streams, each in
// order, costs nothing there.
type queue[T ordered[T]] struct {
	runs [3][]T
	heap []T
	size int
	// head is the first and in which run it is, while known.
	head  T
	in    int
	known bool
}

// ofHeap is where first finds it that is in no run.
const ofHeap = -1

func (q *queue[T]) isEmpty() bool { return q.size == 0 }

// first is the one that pop returns; the queue is not empty.
func (q *queue[T]) first() T {
	one, _ := q.find()
	return one
}

// find is the first, and in which run it is.
func (q *queue[T]) find() (one T, run int) {
	if !q.known {
		q.head, q.in = q.search()
		q.known = true
	}
	return q.head, q.in
}

func (q *queue[T]) search() (one T, run int) {
	found := false
	if run = ofHeap; len(q.heap) > 0 {
		one, found = q.heap[0], true
	}
	for i := range q.runs {
		if len(q.runs[i]) > 0 && (!found || q.runs[i][0].before(one)) {
			one, run, found = q.runs[i][0], i, true
		}
	}
	return one, run
}

func (q *queue[T]) push(one T) {
	q.size++
	q.known = q.known && !one.before(q.head)
	// Behind the latest that is before it; a run that is empty comes last.
	best := -1
	for i := range q.runs {
		last := len(q.runs[i]) - 1
		switch {
		case last < 0:
			if best < 0 {
				best = i
			}
		case q.runs[i][last].before(one) && (best < 0 || len(q.runs[best]) == 0 || q.runs[best][len(q.runs[best])-1].before(q.runs[i][last])):
			best = i
		}
	}
	if best >= 0 {
		q.runs[best] = append(q.runs[best], one)
		return
	}
	q.heap = append(q.heap, one)
	for i := len(q.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.heap[i].before(q.heap[parent]) {
			return
		}
		q.heap[i], q.heap[parent] = q.heap[parent], q.heap[i]
		i = parent
	}
}

// replace has another take the place of the first, which it does not come before.
func (q *queue[T]) replace(one T) {
	if _, run := q.find(); run != ofHeap && (len(q.runs[run]) == 1 || one.before(q.runs[run][1])) {
		q.runs[run][0], q.known = one, false
		return
	}
	q.pop()
	q.push(one)
}

func (q *queue[T]) pop() T {
	one, run := q.find()
	q.known = false
	q.size--
	if run != ofHeap {
		q.runs[run] = q.runs[run][1:]
		return one
	}
	last := len(q.heap) - 1
	q.heap[0] = q.heap[last]
	q.heap = q.heap[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if q.heap[child].before(q.heap[least]) {
				least = child
			}
		}
		if least == i {
			return one
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}
