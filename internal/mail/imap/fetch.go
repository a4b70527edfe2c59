package imap

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Fetched is one message as the server has it.
type Fetched struct {
	UID uint32
	// ArrivedAt is the INTERNALDATE, Size that of the whole message in bytes; zero when
	// they were not asked for.
	ArrivedAt time.Time
	Size      int64
	// Raw is the message, at most MaxRaw bytes of it.
	Raw []byte
}

// Part is how much of a message is asked for.
type Part int

// The parts, from the whole to what even a server that stumbles over the message may give.
const (
	Whole   Part = iota // UID, INTERNALDATE, RFC822.SIZE and the first MaxRaw bytes
	Content             // UID and the first MaxRaw bytes
	Header              // UID and the header
)

func (p Part) ask() *imap.FetchOptions {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: MaxRaw}}
	if p == Header {
		section.Specifier = imap.PartSpecifierHeader
	}
	return &imap.FetchOptions{UID: true, InternalDate: p == Whole, RFC822Size: p == Whole, BodySection: []*imap.FetchItemBodySection{section}}
}

// Room is a bound of how much may be in memory at once.
type Room interface {
	// Take waits until n bytes may be held, or for the end of the context.
	Take(ctx context.Context, n int64) error
	Give(n int64)
}

// Fetch fetches messages of the open folder one after another, as the server sends them,
// and calls each for every one. A message for which the server sends nothing is left out:
// it may have been deleted meanwhile. An error of each ends the connection and is returned
// as it is.
//
// Room is taken for a message before its bytes are read and given back when each has
// returned; room may be nil.
func (c *Client) Fetch(ctx context.Context, uids []uint32, part Part, room Room, each func(Fetched) error) error {
	if len(uids) == 0 {
		return nil
	}
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	var ours error
	var one sync.Mutex
	take := func(message *imapclient.FetchMessageData) {
		one.Lock()
		defer one.Unlock()
		if ours != nil {
			return
		}
		if ours = c.take(ctx, message, room, each); ours != nil {
			c.hangUp() // what still comes is not wanted, and may be much
		}
	}
	err := c.command(ctx, "the messages", func() error {
		c.strays.to(take)
		command := c.server.Fetch(set, part.ask())
		for message := command.Next(); message != nil; message = command.Next() {
			take(message)
		}
		err := command.Close()
		c.strays.to(nil)
		return err
	})
	if ours != nil {
		return ours
	}
	return err
}

// take reads one message off the wire and hands it on.
func (c *Client) take(ctx context.Context, message *imapclient.FetchMessageData, room Room, each func(Fetched) error) error {
	var got Fetched
	var held int64
	defer func() {
		if room != nil {
			room.Give(held)
		}
	}()
	whole := false
	for item := message.Next(); item != nil; item = message.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			got.UID = uint32(item.UID)
		case imapclient.FetchItemDataInternalDate:
			got.ArrivedAt = item.Time
		case imapclient.FetchItemDataRFC822Size:
			got.Size = item.Size
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || whole {
				continue // NIL: the server has no content to give
			}
			size := min(item.Literal.Size(), MaxRaw)
			if room != nil {
				if err := c.watch.pause(func() error { return room.Take(ctx, size) }); err != nil {
					return context.Cause(ctx)
				}
				held += size
			}
			raw, err := c.readLiteral(item.Literal, size)
			if err != nil {
				return c.fault("a message", err)
			}
			got.Raw, whole = raw, true
		}
	}
	if !whole || got.UID == 0 {
		return nil
	}
	return c.watch.pause(func() error { return each(got) })
}

// tooMuch is how many bytes are read past what was asked for, of a server that knows no
// partial fetch, before the connection is given up.
const tooMuch = 64 << 20

// readLiteral reads the first size bytes of a literal and passes over the rest. A literal
// that ends early because the connection does looks whole to the library: its length is
// counted here.
func (c *Client) readLiteral(literal imap.LiteralReader, size int64) ([]byte, error) {
	large := literal.Size() > MaxRaw+tooMuch
	if large {
		c.hangUp()
	}
	raw := make([]byte, size)
	_, err := io.ReadFull(literal, raw)
	if err == nil {
		var rest int64
		if rest, err = io.Copy(io.Discard, literal); err == nil && rest != literal.Size()-size {
			err = io.ErrUnexpectedEOF
		}
	}
	if err == nil {
		return raw, nil
	}
	// The library reads on in its own goroutine as soon as a literal has failed, and would
	// have us read this one once more to pass over it: not before it has come to its end.
	c.hangUp()
	<-c.server.Closed()
	if large {
		err = fmt.Errorf("the server sends %d bytes of a message", literal.Size())
	}
	return nil, err
}

// strays are the messages that the library cannot match with a command: those of a server
// that says the UID behind the content and not before it.
type strays struct {
	mutex sync.Mutex
	take  func(*imapclient.FetchMessageData)
}

// to says who takes them from now on, and waits for the one that is being taken.
func (s *strays) to(take func(*imapclient.FetchMessageData)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.take = take
}

// hear is called by the library in a goroutine of its own. It holds the lock before it
// reads the content, and the library does not go on to the command's end before that.
func (s *strays) hear(message *imapclient.FetchMessageData) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.take != nil {
		s.take(message)
	}
	for item := message.Next(); item != nil; item = message.Next() {
		continue // what is left is passed over
	}
}

func uidOf(message *imapclient.FetchMessageData) (uid uint32) {
	for item := message.Next(); item != nil; item = message.Next() {
		if one, ok := item.(imapclient.FetchItemDataUID); ok {
			uid = uint32(one.UID)
		}
	}
	return uid
}
