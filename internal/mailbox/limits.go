package mailbox

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// Limits bound what all the readers of a process hold at once: 1,000 mailboxes must not
// be 1,000 connections and 1,000 messages in memory.
type Limits struct {
	looks, idles *semaphore.Weighted
	bytes        *semaphore.Weighted
	most         int64
}

// NewLimits bounds the looks that go on at the same time, the connections that wait for
// mail in between, and the bytes of messages in memory. A reader that finds no place to
// wait closes its connection and looks again later; one that finds no place to look, or
// no room for a message, waits for it.
func NewLimits(looks, idles int, bytes int64) *Limits {
	return &Limits{
		looks: semaphore.NewWeighted(int64(max(1, looks))), idles: semaphore.NewWeighted(int64(max(0, idles))),
		bytes: semaphore.NewWeighted(bytes), most: bytes,
	}
}

// Take waits until n bytes of a message may be in memory.
func (l *Limits) Take(ctx context.Context, n int64) error {
	return l.bytes.Acquire(ctx, min(n, l.most))
}

// Give gives bytes back that Take has taken.
func (l *Limits) Give(n int64) { l.bytes.Release(min(n, l.most)) }
