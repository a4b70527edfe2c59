package mailbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/mail/imap/imaptest"
)

// A storm: mail comes in while readers are killed, two at a time, connections drop, servers
// refuse, hide and renumber. In the end, every message that arrived is kept, and none twice
// under one UID. The seed is printed, and a failure comes again with it.
func TestNothingIsMissedInAStorm(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		seed, hiding := rand.Uint64(), i%2 == 0
		t.Run(fmt.Sprint(seed, " hiding ", hiding), func(t *testing.T) {
			t.Parallel()
			storm(t, rand.New(rand.NewPCG(seed, 1)), hiding) //nolint:gosec // a storm, no secret
		})
	}
}

func storm(t *testing.T, chance *rand.Rand, hiding bool) {
	t.Helper()
	b := setup(t)
	b.silence = 2 * time.Second
	var arrived sync.Map // folder and subject
	n, last := 0, uint32(1)
	deliver := func() {
		folder := []string{"INBOX", "INBOX", "INBOX", "Junk", "Sent"}[chance.IntN(5)]
		for range 1 + chance.IntN(30) {
			n++
			uid := b.Deliver(folder, letter(fmt.Sprint("m", n)))
			last = max(1, uid)
			arrived.Store(folder+" "+fmt.Sprint("m", n), true)
		}
	}
	hurt := func() {
		b.With(func(f *imaptest.Faults) { *f = imaptest.Faults{} })
		one := map[uint32]int{} // some of those that are not read yet, more or less
		for range 5 {
			one[last-min(last, uint32(chance.IntN(60)))] = 1
		}
		switch chance.IntN(9) {
		case 0:
			b.Drop()
		case 1:
			b.Move([]string{"INBOX", "Junk", "Sent"}[chance.IntN(3)])
		case 2:
			if hiding {
				b.With(func(f *imaptest.Faults) { f.Unlisted = one })
			}
		case 3:
			b.With(func(f *imaptest.Faults) { f.CutIn = one })
		case 4:
			b.With(func(f *imaptest.Faults) { f.Omitted = one })
		case 5:
			b.With(func(f *imaptest.Faults) { f.Refused = one })
		case 6:
			b.With(func(f *imaptest.Faults) {
				f.Answers, f.Times = map[string]string{"EXAMINE": imaptest.Cut, "UID SEARCH": "NO [UNAVAILABLE] later"}, map[string]int{"EXAMINE": 1, "UID SEARCH": 1}
			})
		case 7:
			b.With(func(f *imaptest.Faults) { f.Silent = one })
		case 8:
			b.SkipUIDs("INBOX", uint32(chance.IntN(5)))
		}
	}
	// Each round, two readers with a memory that fails at a random call, and a storm.
	for range 25 {
		deliver()
		hurt()
		b.memory.mutex.Lock()
		b.memory.killAt, b.memory.after = b.memory.calls+1+chance.IntN(60), chance.IntN(2) == 0
		b.memory.mutex.Unlock()
		var readers sync.WaitGroup
		for range 2 {
			patience := time.Duration(chance.IntN(400)) * time.Millisecond
			readers.Go(func() {
				ctx, stop := context.WithTimeout(t.Context(), patience)
				defer stop()
				_ = b.reader().Look(ctx) // killed as like as not
			})
		}
		deliver()
		readers.Wait()
	}
	b.With(func(f *imaptest.Faults) { *f = imaptest.Faults{} })
	b.memory.killAt = 0
	if hiding {
		b.clock = 6*time.Hour + time.Minute // what was hidden and passed is found when compared
	}
	b.look()

	kept := map[string]bool{}
	for at, message := range b.memory.rows {
		if message.Unreadable != "" {
			t.Errorf("%v is unreadable: %s", at, message.Unreadable)
		}
		kept[at.folder+" "+subject(message)] = true
	}
	arrived.Range(func(key, _ any) bool {
		if name, ok := key.(string); !ok || !kept[name] {
			t.Errorf("%v has arrived and is not kept", key)
		}
		return true
	})
	require.Len(t, b.memory.order, len(b.memory.rows), "each under its UID once")
}
