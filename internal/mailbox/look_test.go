package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/mail/imap"
	"relance/internal/mail/imap/imaptest"
)

func TestAMailboxIsReadFromWhereReadingWasSetUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.DeliverAt("INBOX", letter("last year"), time.Now().AddDate(-1, 0, 0))
	b.DeliverAt("INBOX", letter("before"), b.memory.since.Add(-2*time.Second))
	b.Deliver("INBOX", letter("after"))
	b.Deliver("Junk", letter("in junk"))
	b.Deliver("Sent", letter("ours"))
	b.look()
	b.has("INBOX", "after")
	b.has("Junk", "in junk")
	b.has("Sent", "ours")
	require.Equal(t, imap.Sent, b.memory.message("Sent", "ours").Role)
	require.Equal(t, int64(len(letter("after"))), b.memory.message("INBOX", "after").Size)
	require.WithinDuration(t, time.Now(), b.memory.message("INBOX", "after").ArrivedAt, time.Minute)

	// What comes later is read whatever its date: it may have been moved here.
	b.DeliverAt("INBOX", letter("old and moved here"), time.Now().AddDate(-1, 0, 0))
	b.look()
	b.has("INBOX", "after", "old and moved here")
	require.Equal(t, uint32(5), b.memory.cursor("INBOX").NextUID)
}

func TestEachMessageIsKeptOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reader := b.reader()
	all := []string{}
	for round := range 5 {
		for i := range 7 * round {
			all = append(all, fmt.Sprint(round, " ", i))
			b.Deliver("INBOX", letter(all[len(all)-1]))
		}
		b.SkipUIDs("INBOX", 3)
		calls := b.memory.calls
		require.NoError(t, reader.Look(t.Context()))
		require.Equal(t, all, b.memory.subjects("INBOX"), "in the order of arrival")
		require.LessOrEqual(t, b.memory.calls-calls, 2+7*round+3*2, "and nothing is done for those that are known")
	}
	require.Equal(t, 5, b.memory.completed)
}

// An empty folder, and one whose last message is below the cursor: "n:*" means that one.
func TestTheLastMessageIsNotReadAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.look()
	b.Deliver("INBOX", letter("one"))
	b.look()
	calls := b.memory.calls
	b.look()
	require.Equal(t, calls+2, b.memory.calls, "Progress and Complete, and no Keep")
}

// Two folders begin with the same UIDVALIDITY, and one gets a new one.
func TestAMovedFolderIsReadAgainFromSomeDaysBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.memory.since = time.Now().AddDate(0, -1, 0)
	b.DeliverAt("INBOX", letter("ten days ago"), time.Now().AddDate(0, 0, -10))
	b.DeliverAt("INBOX", letter("yesterday"), time.Now().AddDate(0, 0, -1))
	b.Deliver("Junk", letter("junk"))
	b.look()
	b.has("INBOX", "ten days ago", "yesterday")

	b.Move("INBOX")
	b.Deliver("INBOX", letter("new"))
	b.look()
	b.has("INBOX", "ten days ago", "yesterday", "yesterday", "new")
	b.has("Junk", "junk")
	require.Equal(t, uint32(2), b.memory.cursor("INBOX").UIDValidity)
	require.Equal(t, uint32(4), b.memory.cursor("INBOX").NextUID)
	require.Equal(t, uint32(1), b.memory.cursor("Junk").UIDValidity)
	b.look()
	b.has("INBOX", "ten days ago", "yesterday", "yesterday", "new")
}

// A reader is killed at every call to the memory, before and after it commits.
func TestAKilledReaderKeepsEachMessageOnce(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for kill := 1; ; kill++ {
			b := setup(t)
			b.look()
			b.SkipUIDs("INBOX", 10)
			b.Deliver("INBOX", letter("a"))
			b.Deliver("INBOX", letter("b"))
			b.Deliver("Sent", letter("ours"))
			b.With(func(f *imaptest.Faults) { f.Omitted = map[uint32]int{11: 1} }) // a comes behind b
			b.memory.killAt, b.memory.after = b.memory.calls+kill, after
			first := b.reader().Look(t.Context())
			b.Deliver("INBOX", letter("c"))
			if first == nil { // it was over before
				break
			}
			require.ErrorIs(t, first, errKilled)
			b.look()
			b.has("INBOX", "a", "b", "c")
			b.has("Sent", "ours")

			b.Move("INBOX")
			b.memory.killAt = b.memory.calls + kill
			if b.reader().Look(t.Context()) != nil {
				b.look()
			}
			b.has("INBOX", "a", "b", "c", "a", "b", "c")
		}
	}
}

func TestWhatWasShownLateIsFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.look()
	b.Deliver("INBOX", letter("hidden"))
	b.Deliver("INBOX", letter("seen"))
	b.With(func(f *imaptest.Faults) { f.Unlisted = map[uint32]int{1: 1} })
	b.look()
	b.has("INBOX", "seen")
	b.SkipUIDs("INBOX", 5)
	b.Deliver("INBOX", letter("tenth"))
	b.look()
	b.DeliverAs("INBOX", letter("under a low number"), 5)
	b.look()
	b.has("INBOX", "seen", "tenth")

	b.clock = 6*time.Hour + time.Minute
	b.look()
	b.has("INBOX", "seen", "tenth", "hidden", "under a low number")
	calls := b.memory.calls
	b.look()
	require.Equal(t, calls+2, b.memory.calls, "for another six hours")
}

// A reader that goes on notices that a folder has grown by more than it has found.
func TestWhatWasShownLateIsFoundSoon(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reader := b.reader()
	require.NoError(t, reader.Look(t.Context()))
	b.Deliver("INBOX", letter("hidden"))
	b.Deliver("INBOX", letter("seen"))
	b.With(func(f *imaptest.Faults) { f.Unlisted = map[uint32]int{1: 1} })
	require.NoError(t, reader.Look(t.Context()))
	b.has("INBOX", "seen", "hidden")
	b.SkipUIDs("INBOX", 5)
	b.Deliver("INBOX", letter("eighth"))
	require.NoError(t, reader.Look(t.Context()))
	b.DeliverAs("INBOX", letter("under a low number"), 5)
	require.NoError(t, reader.Look(t.Context()))
	b.has("INBOX", "seen", "hidden", "eighth", "under a low number")
	calls := b.memory.calls
	require.NoError(t, reader.Look(t.Context()))
	require.Equal(t, calls+2, b.memory.calls, "and not again")
}

// Messages over which the server or the connection stumbles.
func TestAMessageThatCannotBeReadStopsNoOther(t *testing.T) {
	t.Parallel()
	always := func() map[uint32]int { return map[uint32]int{3: 1 << 20} }
	for name, test := range map[string]struct {
		fault      func(*imaptest.Faults)
		unreadable string
		header     bool
	}{
		"silence in the middle":           {func(f *imaptest.Faults) { f.Silent = always() }, "has gone silent", false},
		"silence in the middle, once":     {func(f *imaptest.Faults) { f.Silent = map[uint32]int{3: 1} }, "", false},
		"cut in the middle":               {func(f *imaptest.Faults) { f.CutIn = always() }, "closed the connection", false},
		"cut in the middle, twice":        {func(f *imaptest.Faults) { f.CutIn = map[uint32]int{3: 2} }, "", false},
		"no, to all":                      {func(f *imaptest.Faults) { f.Refused = always() }, "cannot read message 3", false},
		"no, to the content":              {func(f *imaptest.Faults) { f.Refused = map[uint32]int{3: 4} }, "cannot read message 3", true},
		"NIL":                             {func(f *imaptest.Faults) { f.Nil = always() }, "gives no content", false},
		"listed and never sent":           {func(f *imaptest.Faults) { f.Omitted = always() }, "gives no content", false},
		"left out once":                   {func(f *imaptest.Faults) { f.Omitted = map[uint32]int{3: 1} }, "", false},
		"an INTERNALDATE that is none":    {func(f *imaptest.Faults) { f.BadDate = always() }, "", false},
		"a malformed ENVELOPE, not asked": {func(f *imaptest.Faults) { f.BadEnvelope = true }, "", false},
		"the UID behind the content":      {func(f *imaptest.Faults) { f.UIDLast = true }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.look()
			if strings.HasPrefix(name, "silence") {
				b.silence = 2 * time.Second // which a polite answer may take on a busy machine
			}
			want := []string{}
			for i := range 5 {
				want = append(want, fmt.Sprint("m", i+1))
				b.Deliver("INBOX", letter(want[i]))
			}
			b.With(test.fault)
			b.look()
			if test.unreadable != "" {
				want[2] = "unreadable 3"
			}
			b.has("INBOX", want...)
			require.Equal(t, uint32(6), b.memory.cursor("INBOX").NextUID, "the cursor goes on")
			message := b.memory.message("INBOX", "unreadable 3")
			require.Contains(t, message.Unreadable, test.unreadable)
			require.Equal(t, test.header, strings.Contains(string(message.Raw), "Message-ID: <m3@"), "its header is kept where it can be had: %q", message.Raw)
			b.Deliver("INBOX", letter("later"))
			b.look()
			b.has("INBOX", append(want, "later")...)
		})
	}
}

// The only message of a folder: nothing shows whether the server gives content to anybody.
func TestAServerThatGivesNothingIsNoFaultOfTheMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Deliver("INBOX", letter("m"))
	b.With(func(f *imaptest.Faults) { f.Refused = map[uint32]int{1: 4} })
	reader := b.reader()
	require.Error(t, reader.Look(t.Context()))
	require.Zero(t, b.memory.completed)
	require.NoError(t, b.reader().Look(t.Context()), "when the server has come to itself")
	b.has("INBOX", "m")

	b.Deliver("INBOX", letter("n"))
	b.With(func(f *imaptest.Faults) {
		f.Answers = map[string]string{"UID FETCH 2 ": "NO [UNAVAILABLE] later", "UID FETCH 1 ": "NO [UNAVAILABLE] later"}
	})
	for range 5 {
		require.ErrorContains(t, reader.Look(t.Context()), "refused the messages: later")
	}
	b.has("INBOX", "m")
	b.With(func(f *imaptest.Faults) { f.Answers = nil })
	b.look()
	b.has("INBOX", "m", "n")
}

func TestThePoisonOfAnOtherwiseEmptyFolderIsPassedInTheEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Deliver("INBOX", letter("m"))
	b.With(func(f *imaptest.Faults) { f.CutIn = map[uint32]int{1: 1 << 20} })
	reader := b.reader()
	require.Error(t, reader.Look(t.Context()))
	require.Error(t, reader.Look(t.Context()))
	require.NoError(t, reader.Look(t.Context()))
	b.has("INBOX", "unreadable 1")
}

func TestAServerThatIsGoneMakesNothingUnreadable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.look()
	for i := range 3 {
		b.Deliver("INBOX", letter(fmt.Sprint(i)))
	}
	b.With(func(f *imaptest.Faults) {
		f.CutIn = map[uint32]int{2: 1}
		f.Greeting = "" // polite to the first connection only
		f.Answers = map[string]string{"LOGIN": "NO [UNAVAILABLE] Temporary authentication failure"}
		f.Times = map[string]int{"LOGIN": 0}
	})
	reader := b.reader()
	b.With(func(f *imaptest.Faults) { f.Times["LOGIN"] = 0 })
	dial, dials := reader.Dial, 0
	reader.Dial = func(ctx context.Context) (*imap.Client, error) {
		if dials++; dials > 1 {
			b.With(func(f *imaptest.Faults) { f.Times["LOGIN"] = 1 })
		}
		return dial(ctx)
	}
	err := reader.Look(t.Context())
	var fault *imap.Error
	require.ErrorAs(t, err, &fault)
	require.True(t, fault.Retry(), "%v", err)
	require.Contains(t, fault.Words, "Temporary authentication failure")
	b.has("INBOX", "0")
	b.look()
	b.has("INBOX", "0", "1", "2")
}

func TestALargeMessageIsCut(t *testing.T) {
	t.Parallel()
	for _, ignorant := range []bool{false, true} {
		b := setup(t)
		b.With(func(f *imaptest.Faults) { f.NoPartial = ignorant })
		large := letter("large") + strings.Repeat(strings.Repeat("x", 998)+"\r\n", 40<<10)
		b.Deliver("INBOX", large)
		b.Deliver("INBOX", letter("small"))
		b.look()
		b.has("INBOX", "large", "small")
		kept := b.memory.message("INBOX", "large")
		require.Len(t, kept.Raw, imap.MaxRaw)
		require.Equal(t, int64(len(large)), kept.Size)
	}
}

func TestASlowServerIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.silence = 2 * time.Second
	b.Deliver("INBOX", letter("slow")) // 600 bytes in 7 pieces: longer than the silence that ends a connection
	b.With(func(f *imaptest.Faults) { f.Slow = 400 * time.Millisecond })
	b.look()
	b.has("INBOX", "slow")
}

func TestFoldersAreFoundWithoutRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.With(func(f *imaptest.Faults) { f.NoRoles, f.Capabilities = true, "IMAP4rev1" })
	b.AddFolder("INBOX/Spam", "")
	b.AddFolder("Gesendete Elemente", "")
	b.AddFolder("Archive/Sent", "") // somebody's own
	for _, folder := range []string{"INBOX/Spam", "Gesendete Elemente", "Archive/Sent", "Junk"} {
		b.Deliver(folder, letter(folder))
	}
	b.look()
	b.has("INBOX/Spam", "INBOX/Spam")
	b.has("Gesendete Elemente", "Gesendete Elemente")
	b.has("Junk", "Junk")
	b.has("Archive/Sent")
	require.Equal(t, imap.Sent, b.memory.message("Gesendete Elemente", "Gesendete Elemente").Role)
}

func TestAListOfFoldersThatCannotBeUnderstood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.With(func(f *imaptest.Faults) { f.RawName = "R&D" })
	b.Deliver("INBOX", letter("m"))
	b.Deliver("Junk", letter("junk"))
	reader := b.reader()
	require.NoError(t, reader.Look(t.Context()))
	require.NoError(t, reader.Look(t.Context()))
	b.has("INBOX", "m")
	b.has("Junk", "junk")
}

func TestAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.AddFolder("Answers", "")
	b.chosen = []string{"Answers", "inbox"}
	b.Deliver("Answers", letter("sorted away"))
	b.Deliver("Junk", letter("junk"))
	b.look()
	b.has("Answers", "sorted away")

	b.RenameFolder("Junk", "Spamverdacht")
	b.Deliver("Spamverdacht", letter("more junk"))
	b.look()
	b.has("Spamverdacht", "junk", "more junk")
	b.RemoveFolder("Sent")
	b.look()

	b.RemoveFolder("Answers")
	complete := b.memory.completed
	err := b.reader().Look(t.Context())
	var fault *imap.Error
	require.ErrorAs(t, err, &fault)
	require.Equal(t, imap.FolderGone, fault.Fault)
	require.EqualError(t, err, "the folder Answers is not there any more: there is no Answers")
	require.Equal(t, complete, b.memory.completed)
}

// Nobody answers into sent mail: a look may do without it, and not without junk.
func TestAFolderThatMayNotBeOpened(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Deliver("INBOX", letter("m"))
	b.With(func(f *imaptest.Faults) { f.Answers = map[string]string{"EXAMINE Sent": "NO [NOPERM] not yours"} })
	b.look()
	b.has("INBOX", "m")
	b.With(func(f *imaptest.Faults) { f.Answers = map[string]string{"EXAMINE Junk": "NO [NOPERM] not yours"} })
	require.EqualError(t, b.reader().Look(t.Context()), "the mail server refused the folder Junk: not yours")
}

// A message is not what its server says, and a memory that fails is not the server's fault.
func TestAnErrorOfTheMemoryIsReturnedAsItIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Deliver("INBOX", letter("m"))
	b.memory.killAt = 5
	err := b.reader().Look(t.Context())
	require.ErrorIs(t, err, errKilled)
	var fault *imap.Error
	require.False(t, errors.As(err, &fault))
	for _, message := range b.memory.rows {
		require.Empty(t, message.Unreadable)
	}
}
