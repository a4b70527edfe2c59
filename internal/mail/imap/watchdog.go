package imap

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"

	"relance/internal/mail/dial"
	"relance/internal/plaintext"
)

var errSilent = errors.New("the server has gone silent")

// pulse is a connection that knows when the server was last heard.
type pulse struct {
	net.Conn
	heard atomic.Int64
}

func (p *pulse) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if n > 0 {
		p.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// watchdog ends the connection of a command that the server does not go on with. The
// library waits for ever for the next response of a server that says nothing.
type watchdog struct {
	conn             *pulse
	silence, longest time.Duration

	mutex sync.Mutex
	timer *time.Timer
	began time.Time
	// ours is true while the server waits for us and not we for the server.
	ours bool
	bit  atomic.Bool
}

// start watches until stop.
func (w *watchdog) start() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.began = time.Now()
	w.conn.heard.Store(w.began.UnixNano())
	w.timer = time.AfterFunc(w.silence, w.check)
}

func (w *watchdog) stop() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.timer.Stop()
	w.timer = nil
}

// hasten has the server be silent for less, until the function that it returns is called.
func (w *watchdog) hasten(silence time.Duration) (usual func()) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	before := w.silence
	w.silence = min(before, silence)
	return func() {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.silence = before
	}
}

func (w *watchdog) check() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.timer == nil {
		return // the command has just ended
	}
	quiet := time.Since(time.Unix(0, w.conn.heard.Load()))
	switch {
	case w.ours:
		w.timer.Reset(w.silence)
	case quiet >= w.silence, time.Since(w.began) >= w.longest:
		w.bite()
	default:
		w.timer.Reset(min(w.silence-quiet, w.longest-time.Since(w.began)))
	}
}

// bite ends the connection for good.
func (w *watchdog) bite() {
	w.bit.Store(true)
	_ = w.conn.Close()
}

// ended is true when we have hung up ourselves.
func (w *watchdog) ended() bool { return w.bit.Load() }

// pause runs what the server has to wait for, and begins the time of the next message.
func (w *watchdog) pause(run func() error) error {
	w.mutex.Lock()
	w.ours = true
	w.mutex.Unlock()
	err := run()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.ours, w.began = false, time.Now()
	w.conn.heard.Store(w.began.UnixNano())
	return err
}

// command runs one exchange with the server under the watchdog. When the context ends,
// the connection does. What it returns is an *Error, or the error of the context.
func (c *Client) command(ctx context.Context, at string, run func() error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	c.watch.start()
	release := context.AfterFunc(ctx, c.watch.bite)
	err := run()
	c.watch.stop()
	if !release() {
		return context.Cause(ctx)
	}
	return c.fault(at, err)
}

// fault says what an error of the library means.
func (c *Client) fault(at string, err error) error {
	var answer *imap.Error
	var known *Error
	switch bye := c.words.bye(); {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case c.watch.ended():
		return &Error{Fault: Unreachable, At: at, Err: errSilent}
	case errors.As(err, &answer) && answer.Type != imap.StatusResponseTypeBye:
		return &Error{Fault: Unreachable, At: at, Words: c.line(answer.Text), Answered: true, Later: asksForLater(answer), Err: err}
	case bye != "":
		return &Error{Fault: Unreachable, At: at, Words: c.line(bye), Err: err}
	}
	return &Error{Fault: Unreachable, At: at, Err: dial.Plain(err), Garbled: garbled(err)}
}

// garbled is true for an error of the library's parser, which has no type that could be
// seen from here.
func garbled(err error) bool {
	return strings.Contains(err.Error(), "imapwire: expected") || strings.Contains(err.Error(), "UTF-")
}

// line is what a server said as people may read it.
func (c *Client) line(words string) string {
	if words = plaintext.Line(c.hidden(words), 300); words == "" {
		return "(no words)"
	}
	return words
}
