package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"golang.org/x/sync/errgroup"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/port"
)

// The mailer to compare with: it takes a page of contacts, notes how far it has
// come, and sends the page over a few connections. Many a bulk mailer works like
// this, with pages ten times as large.
const (
	roleHighWater  = "highwater"
	highWaterPage  = 100
	highWaterLines = 10
)

// highWater is what became of the contacts when such a mailer was killed.
type highWater struct {
	Contacts int `json:"contacts"`
	Kills    int `json:"kills"`
	Mailed   int `json:"mailed"`
	Lost     int `json:"lost"`
	Twice    int `json:"twice"`
}

// killHighWater has a mailer with a high-water mark mail every contact once, and kills it
// so many times on the way, at points of the seed. The inbox's log is the judge.
func killHighWater(ctx context.Context, o options, progress io.Writer) (result highWater, err error) {
	l := &lab{options: o, progress: progress, began: time.Now(), falls: map[string]int{}}
	if l.dir == "" {
		if l.dir, err = os.MkdirTemp("", "relance-faultlab-"); err != nil {
			return result, err
		}
	}
	defer func() {
		l.takeDown(false)
		if err == nil && !o.keep {
			_ = os.RemoveAll(l.dir)
		}
	}()
	number, err := port.Free()
	if err != nil {
		return result, err
	}
	l.inbox = l.role(roleInbox, number, envSeed+"="+strconv.FormatUint(l.seed, 10), envLanes+"="+plainLanes)
	if err := l.inbox.start(ctx); err != nil {
		return result, err
	}
	l.inbox.send("calm")
	mailer := l.role(roleHighWater, number, envContacts+"="+strconv.Itoa(l.contacts))
	defer mailer.kill()
	result.Contacts = l.contacts
	random := l.random(roleHighWater)
	for result.Kills < l.highwater {
		if err := mailer.start(ctx); err != nil {
			return result, err
		}
		next := l.contacts * result.Kills / l.highwater
		next += random.IntN(max(1, l.contacts/l.highwater))
		for l.accepted() < next && l.mark() < l.contacts {
			if !pause(ctx, time.Millisecond) {
				return result, ctx.Err()
			}
		}
		mailer.kill()
		result.Kills++
		if result.Kills%20 == 0 {
			l.say("%d kills, %d mailed, the mark is at %d", result.Kills, l.accepted(), l.mark())
		}
		if l.mark() >= l.contacts {
			break
		}
	}
	if err := mailer.start(ctx); err != nil {
		return result, err
	}
	for !l.isThrough() {
		if !pause(ctx, 10*time.Millisecond) {
			return result, ctx.Err()
		}
	}
	l.mu.Lock()
	fell := len(l.falls) > 0
	l.mu.Unlock()
	if fell { // a contact that it did not mail then was not lost by a kill
		return result, fmt.Errorf("the mailer failed although nobody killed it; see %s", mailer.log)
	}
	times := map[string]int{}
	mails, err := l.mails()
	for _, one := range mails {
		times[one.To]++
	}
	for _, count := range times {
		if count > 1 {
			result.Twice++
		}
	}
	result.Mailed, result.Lost = len(times), l.contacts-len(times)
	return result, err
}

func (h highWater) print(w io.Writer, format string) error {
	if format == "json" {
		return json.NewEncoder(w).Encode(h)
	}
	_, err := fmt.Fprintf(w, "a mailer with a high-water mark: %d contacts, %d kills: %d mailed, %d lost, %d twice\n", h.Contacts, h.Kills, h.Mailed, h.Lost, h.Twice)
	return err
}

// accepted counts the lines of the inbox's log.
func (l *lab) accepted() int {
	text, _ := os.ReadFile(filepath.Join(l.dir, roleInbox, inbox.LogName)) // none before the first mail
	return bytes.Count(text, []byte("\n"))
}

func (l *lab) markFile() string { return filepath.Join(l.dir, roleHighWater, "mark") }

func (l *lab) mark() int { return readMark(l.markFile()) }

func (l *lab) isThrough() bool {
	_, err := os.Stat(l.markFile() + ".through")
	return err == nil
}

func readMark(file string) int {
	text, _ := os.ReadFile(file) // none before the first page
	mark, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return mark
}

// playHighWater is the mailer: contacts 1 to n, from its mark on.
func playHighWater(dir string, smtpPort, contacts int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file := filepath.Join(dir, "mark")
	for mark := readMark(file); mark < contacts; mark += highWaterPage {
		next := min(contacts, mark+highWaterPage)
		if err := os.WriteFile(file+".new", []byte(strconv.Itoa(next)), 0o644); err != nil {
			return err
		}
		if err := os.Rename(file+".new", file); err != nil { // a kill -9 of the process loses no write of a file
			return err
		}
		var group errgroup.Group
		for line := range highWaterLines {
			group.Go(func() error { return mailPage(smtpPort, mark+1+line, next) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return os.WriteFile(file+".through", nil, 0o644)
}

// mailPage mails every tenth contact of a page over one connection.
func mailPage(smtpPort, from, to int) error {
	client, err := mail.NewClient("127.0.0.1", mail.WithPort(smtpPort), mail.WithTLSPolicy(mail.NoTLS),
		mail.WithSMTPAuth(mail.SMTPAuthPlainNoEnc), mail.WithUsername("a"), mail.WithPassword(inbox.Password))
	if err != nil {
		return err
	}
	if err := client.DialWithContext(context.Background()); err != nil {
		return err
	}
	defer func() { _ = client.Close() }() // everything was answered
	for id := from; id <= to; id += highWaterLines {
		message := mail.NewMsg()
		message.Subject("Hello")
		message.SetBodyString(mail.TypeTextPlain, "Hi, this is the first one.")
		if err := message.From(accountOf("a")); err != nil {
			return err
		}
		if err := message.To(fmt.Sprintf("n%d@people.example", id)); err != nil {
			return err
		}
		if err := client.Send(message); err != nil {
			return err
		}
	}
	return nil
}
