package imaptest

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// uid answers UID FETCH and UID SEARCH; false ends the connection.
func (s *session) uid(tag, rest string) bool {
	verb, rest, _ := strings.Cut(rest, " ")
	switch strings.ToUpper(verb) {
	case "FETCH":
		set, items, _ := strings.Cut(rest, " ")
		return s.fetch(tag, set, items)
	case "SEARCH":
		s.search(rest)
		s.say("%s OK done", tag)
		return true
	}
	s.say("%s BAD this mailbox is to be read only: UID %s", tag, verb)
	return true
}

// fetch answers UID FETCH. "n:*" is the last message even when n is above it.
func (s *session) fetch(tag, set, items string) bool {
	s.server.mutex.Lock()
	f := s.server.folder(s.opened)
	if f == nil {
		s.server.mutex.Unlock()
		return false
	}
	var asked []Mail // as they are now: a migration gives them other UIDs meanwhile
	var numbers []int
	for i, mail := range f.mails {
		if inSet(set, mail.UID, f.mails[len(f.mails)-1].UID) {
			asked, numbers = append(asked, *mail), append(numbers, i+1)
		}
	}
	s.server.mutex.Unlock()
	for i, mail := range asked {
		switch s.send(numbers[i], mail, items) {
		case hungUp:
			return false
		case refused:
			s.say("%s NO [SERVERBUG] cannot read message %d", tag, mail.UID)
			return true
		case sent:
		}
	}
	s.say("%s OK done", tag)
	return true
}

type outcome int

const (
	sent outcome = iota
	refused
	hungUp
)

// send says what is asked of one message.
func (s *session) send(number int, mail Mail, items string) outcome {
	uid := mail.UID
	hit := func(times func(*Faults) map[uint32]int) (yes bool) {
		s.server.With(func(f *Faults) { yes = once(times(f), uid) })
		return yes
	}
	faults := s.faults()
	content := strings.Contains(items, "BODY.PEEK[")
	if !content {
		if !hit(func(f *Faults) map[uint32]int { return f.Unlisted }) {
			s.say("* %d FETCH (UID %d)", number, uid)
		}
		return sent
	}
	switch {
	case hit(func(f *Faults) map[uint32]int { return f.Omitted }):
		return sent
	case hit(func(f *Faults) map[uint32]int { return f.Refused }):
		return refused
	}
	var said []string
	if !faults.UIDLast {
		said = append(said, fmt.Sprintf("UID %d", uid))
	}
	if strings.Contains(items, "INTERNALDATE") {
		date := mail.Date.Format("_2-Jan-2006 15:04:05 -0700")
		if hit(func(f *Faults) map[uint32]int { return f.BadDate }) {
			date = "31-Foo-0000 25:61"
		}
		said = append(said, fmt.Sprintf("INTERNALDATE %q", date))
	}
	if strings.Contains(items, "RFC822.SIZE") {
		said = append(said, fmt.Sprintf("RFC822.SIZE %d", len(mail.Raw)))
	}
	if faults.BadEnvelope && (strings.Contains(items, "ENVELOPE") || strings.Contains(items, "BODYSTRUCTURE")) {
		said = append(said, `ENVELOPE (NIL "\` /* never closed */)
	}
	body, section := mail.Raw, "BODY[]<0>"
	if strings.Contains(items, "[HEADER]") {
		header, _, _ := bytes.Cut(mail.Raw, []byte("\r\n\r\n"))
		body, section = append(bytes.Clone(header), "\r\n\r\n"...), "BODY[HEADER]<0>"
	}
	if most := partial(items); !faults.NoPartial && len(body) > most {
		body = body[:most]
	}
	if hit(func(f *Faults) map[uint32]int { return f.Nil }) {
		s.say("* %d FETCH (%s %s NIL)", number, strings.Join(said, " "), section)
		return sent
	}
	said = append(said, fmt.Sprintf("%s {%d}\r\n", section, len(body)))
	_, _ = fmt.Fprintf(s.conn, "* %d FETCH (%s", number, strings.Join(said, " "))
	half := len(body) / 2
	s.pieces(body[:half], faults.Slow)
	switch {
	case hit(func(f *Faults) map[uint32]int { return f.Silent }):
		<-s.server.stopped
		return hungUp
	case hit(func(f *Faults) map[uint32]int { return f.CutIn }):
		return hungUp
	}
	s.pieces(body[half:], faults.Slow)
	if faults.UIDLast {
		_, _ = fmt.Fprintf(s.conn, " UID %d", uid)
	}
	s.say(")")
	return sent
}

// pieces writes a message, slowly if asked to.
func (s *session) pieces(body []byte, slow time.Duration) {
	if slow == 0 {
		_, _ = s.conn.Write(body)
		return
	}
	for len(body) > 0 {
		n := min(len(body), 100)
		if _, err := s.conn.Write(body[:n]); err != nil {
			return
		}
		body = body[n:]
		select {
		case <-time.After(slow):
		case <-s.server.stopped:
			return
		}
	}
}

// partial is how many bytes are asked for: the n of <0.n>.
func partial(items string) int {
	_, rest, _ := strings.Cut(items, "<0.")
	number, _, _ := strings.Cut(rest, ">")
	if n, err := strconv.Atoi(number); err == nil {
		return n
	}
	return 1 << 40
}

// search knows SINCE and HEADER Message-ID.
func (s *session) search(criteria string) {
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	f := s.server.folder(s.opened)
	if f == nil {
		return
	}
	var found []string
	for _, mail := range f.mails {
		if once(s.server.faults.Unlisted, mail.UID) || !matches(mail, criteria, s.server.faults.NoSearch) {
			continue
		}
		found = append(found, strconv.FormatUint(uint64(mail.UID), 10))
	}
	s.say("* SEARCH %s", strings.Join(found, " "))
}

func matches(mail *Mail, criteria string, blind bool) bool {
	verb, rest, _ := strings.Cut(criteria, " ")
	switch strings.ToUpper(verb) {
	case "SINCE":
		day, err := time.Parse("2-Jan-2006", strings.TrimSpace(rest))
		return err == nil && !mail.Date.Before(day)
	case "HEADER":
		_, id, _ := strings.Cut(rest, " ")
		return !blind && bytes.Contains(mail.Raw, []byte(strings.TrimSpace(id)))
	}
	return false
}

// inSet is true for a UID of a set such as "3,7:9,12:*".
func inSet(set string, uid, last uint32) bool {
	number := func(text string) uint32 {
		if text == "*" {
			return last
		}
		n, _ := strconv.ParseUint(text, 10, 32) // 0 is in no set
		return uint32(n)
	}
	for part := range strings.SplitSeq(set, ",") {
		from, to, ranged := strings.Cut(part, ":")
		if !ranged {
			to = from
		}
		low, high := number(from), number(to)
		if low > high {
			low, high = high, low
		}
		if uid >= low && uid <= high {
			return true
		}
	}
	return false
}
