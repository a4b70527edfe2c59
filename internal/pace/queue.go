package pace

// ordered is what can stand in a queue.
type ordered[T any] interface{ before(other T) bool }

// queue hands out the first: a sorted run, to which those who come last are appended, and
// a binary heap of those who come before its end.
type queue[T ordered[T]] struct {
	run  []T
	heap []T
}

func (q *queue[T]) len() int { return len(q.run) + len(q.heap) }

// first is the one that pop returns; the queue is not empty.
func (q *queue[T]) first() T {
	if len(q.run) == 0 || len(q.heap) > 0 && q.heap[0].before(q.run[0]) {
		return q.heap[0]
	}
	return q.run[0]
}

func (q *queue[T]) push(one T) {
	if len(q.run) == 0 || q.run[len(q.run)-1].before(one) {
		q.run = append(q.run, one)
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

func (q *queue[T]) pop() T {
	one := q.first()
	if len(q.run) > 0 && !one.before(q.run[0]) {
		q.run = q.run[1:]
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
