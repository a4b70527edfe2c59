package mailbox_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/mail/imap"
	"relance/internal/mailbox"
)

func mailboxes(b *testing.B) *inbox.Server {
	b.Helper()
	server, err := inbox.Start(b.Context(), inbox.Options{Dir: b.TempDir(), Mailboxes: true})
	require.NoError(b, err)
	b.Cleanup(server.Stop)
	return server
}

func readerOf(server *inbox.Server, username string, memory mailbox.Memory, limits *mailbox.Limits) *mailbox.Reader {
	return &mailbox.Reader{
		Dial: func(ctx context.Context) (*imap.Client, error) {
			return imap.Dial(ctx, imap.Settings{Host: "127.0.0.1", Port: server.IMAPPort(), TLS: campaign.TLSNone, Username: username, Password: inbox.Password})
		},
		Memory: memory, Limits: limits, Interval: time.Hour,
	}
}

func emptyMemory() *memory {
	return &memory{rows: map[key]mailbox.Message{}, cursors: map[string]mailbox.Cursor{}, since: time.Now().Add(-time.Hour)}
}

// BenchmarkLook is how many messages a second one reader gets from the dev stack's inbox,
// with a memory that costs nothing: go test -bench Look -benchtime 5x.
func BenchmarkLook(b *testing.B) {
	const messages = 2000
	server := mailboxes(b)
	for i := range messages {
		require.NoError(b, server.Deliver("maya", []byte(letter(fmt.Sprint(i))+strings.Repeat("some text of a usual length\r\n", 200))))
	}
	for b.Loop() {
		memory := emptyMemory()
		require.NoError(b, readerOf(server, "maya", memory, mailbox.NewLimits(1, 1, 64<<20)).Look(b.Context()))
		require.Len(b, memory.rows, messages)
	}
	b.ReportMetric(float64(b.N*messages)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkArrival is how long a message that arrives is on its way to the memory, where
// the server says that it has come: go test -bench Arrival -benchtime 200x.
func BenchmarkArrival(b *testing.B) {
	server := mailboxes(b)
	memory := emptyMemory()
	memory.kept = make(chan struct{}, 1)
	idling := make(chan struct{}, 1)
	reader := readerOf(server, "maya", memory, mailbox.NewLimits(1, 1, 64<<20))
	reader.Tell = func(s mailbox.Status) {
		if s.Phase == mailbox.Idling {
			select {
			case idling <- struct{}{}:
			default:
			}
		}
	}
	ctx, stop := context.WithCancel(b.Context())
	var done sync.WaitGroup
	done.Go(func() { _ = reader.Watch(ctx) })
	defer done.Wait()
	defer stop()
	<-idling
	var took []time.Duration
	for b.Loop() {
		arrived := time.Now()
		require.NoError(b, server.Deliver("maya", []byte(letter("m"))))
		<-memory.kept
		took = append(took, time.Since(arrived))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
}

// BenchmarkIdle is how much memory 1,000 readers hold that wait connected: what they and
// the server hold less what the server holds for as many bare connections.
func BenchmarkIdle(b *testing.B) {
	const readers = 1000
	server := mailboxes(b)
	for b.Loop() {
		before := held()
		bare := make([]net.Conn, readers)
		for i := range bare {
			bare[i] = idle(b, server, fmt.Sprint("user", i))
		}
		servers := held() - before
		for _, conn := range bare {
			require.NoError(b, conn.Close())
		}
		before = held()
		ctx, stop := context.WithCancel(b.Context())
		limits := mailbox.NewLimits(16, readers, 64<<20)
		var waiting, done sync.WaitGroup
		waiting.Add(readers)
		for i := range readers {
			reader := readerOf(server, fmt.Sprint("user", i), emptyMemory(), limits)
			var once sync.Once
			reader.Tell = func(s mailbox.Status) {
				if s.Phase == mailbox.Idling {
					once.Do(waiting.Done)
				}
			}
			done.Go(func() { _ = reader.Watch(ctx) })
		}
		waiting.Wait()
		b.ReportMetric(float64(held()-before-servers)/readers/1024, "KiB/mailbox")
		stop()
		done.Wait()
	}
}

// held is the memory of heap and stacks in use.
func held() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapInuse + stats.StackInuse)
}

// idle is a connection that waits in INBOX, made by hand.
func idle(b *testing.B, server *inbox.Server, username string) net.Conn {
	b.Helper()
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", server.IMAPPort()))
	require.NoError(b, err)
	in := bufio.NewReaderSize(conn, 256)
	_, err = fmt.Fprintf(conn, "a LOGIN %s %s\r\nb EXAMINE INBOX\r\nc IDLE\r\n", username, inbox.Password)
	require.NoError(b, err)
	for {
		line, err := in.ReadString('\n')
		require.NoError(b, err)
		if strings.HasPrefix(line, "+") {
			return conn
		}
	}
}
