package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"relance/internal/devstack/inbox"
)

// click is an unsubscription by the link of a message: from Answered on, when the worker has
// said yes, the person is to hear no more.
type click struct {
	To       string
	Answered time.Time
}

// clicker does what mail programs do for recipients who press the button: it POSTs to the
// link of List-Unsubscribe (RFC 8058 §3.1).
type clicker struct {
	*lab
	stop context.CancelFunc
	done sync.WaitGroup

	mutex   sync.Mutex
	pending int
	clicks  []click
}

// startClicker reads the inbox's log as it grows, until it is stopped.
func (l *lab) startClicker(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	l.clicker = &clicker{lab: l, stop: cancel}
	l.clicker.done.Go(func() {
		mails := map[string]int{}
		var at int64
		for pause(ctx, 300*time.Millisecond) {
			var fresh []inbox.Entry
			fresh, at = readFrom[inbox.Entry](filepath.Join(l.dir, roleInbox, inbox.LogName), at)
			for _, mail := range fresh {
				if kind, _, _ := strings.Cut(mail.To, "+"); kind != oneClick {
					continue
				}
				mails[mail.To]++
				if after, answers := moment(l.seed, mail.To, mails[mail.To]); answers {
					l.clicker.count(1)
					l.clicker.done.Go(func() { l.clicker.press(ctx, mail, after) })
				}
			}
		}
	})
	return nil
}

func (c *clicker) end() {
	c.stop()
	c.done.Wait()
}

func (c *clicker) count(n int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.pending += n
}

func (c *clicker) all() (clicks []click, pending int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return append(clicks, c.clicks...), c.pending
}

// press tries until a worker has said yes, as the people do whose button has failed.
func (c *clicker) press(ctx context.Context, mail inbox.Entry, after time.Duration) {
	defer c.count(-1)
	link, err := linkOf(filepath.Join(c.dir, roleInbox, mail.File))
	if err != nil {
		c.strange(9, fmt.Sprintf("%s to %s: %v", mail.MessageID, mail.To, err))
		return
	}
	for pause(ctx, after) {
		for _, address := range c.public {
			if c.post(ctx, link, address) == nil {
				c.mutex.Lock()
				c.clicks = append(c.clicks, click{To: mail.To, Answered: time.Now()})
				c.mutex.Unlock()
				return
			}
		}
		after = time.Second
	}
}

func (c *clicker) post(ctx context.Context, link *url.URL, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	to := *link
	to.Host = address
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		return err
	}
	// Each comes from an address of its own: the page bounds how often one may come.
	from := &net.TCPAddr{IP: net.IPv4(127, 9, byte(rand.IntN(250)), byte(1+rand.IntN(250)))}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: from}).DialContext}}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // the status says it all
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return nil
}

// linkOf reads the link of a message.
func linkOf(file string) (*url.URL, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	for one := range strings.SplitSeq(parsed.Header.Get("List-Unsubscribe"), ",") {
		if link := strings.Trim(strings.TrimSpace(one), "<>"); strings.HasPrefix(link, "http") {
			return url.Parse(link)
		}
	}
	return nil, errors.New("it has no link to unsubscribe with")
}

// readFrom reads the lines of a file that have come since, and says how far it is.
func readFrom[T any](path string, from int64) ([]T, int64) {
	file, err := os.Open(path)
	if err != nil {
		return nil, from // not there yet
	}
	defer file.Close()
	text, err := io.ReadAll(io.NewSectionReader(file, from, 1<<30))
	if err != nil {
		return nil, from
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	var all []T
	for line := range bytes.Lines(text) {
		var one T
		if json.Unmarshal(line, &one) == nil { // else cut off by a kill
			all = append(all, one)
		}
	}
	return all, from + int64(len(text))
}
