package imap

import (
	"bytes"
	"context"
	"errors"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Find returns the UIDs of the open folder's messages that carry this id in Message-ID, or
// in one of the headers also, among those that arrived on the day of since or later.
//
// Many servers search Message-ID wrongly or not at all (Yahoo, QQ, iCloud without quotes),
// so what the server finds is only the quick way: when it finds nothing, the headers are
// fetched and compared here.
func (c *Client) Find(ctx context.Context, id string, since time.Time, also ...string) ([]uint32, error) {
	id = strings.Trim(strings.TrimSpace(id), "<>")
	found, err := c.search(ctx, "the search by Message-ID", &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + id + ">"}}})
	if err != nil && !answered(err) {
		return nil, err
	}
	if err != nil {
		found = nil
	}
	recent, err := c.Since(ctx, since)
	if err != nil {
		return nil, err
	}
	// What the server claims to have found is looked at too: some take the whole folder for
	// an answer to a search that they do not understand.
	if len(found) > 0 && len(found) <= 10 {
		if carrying, err := c.carrying(ctx, found, id, also); err != nil || len(carrying) > 0 {
			return carrying, err
		}
	}
	return c.carrying(ctx, recent, id, also)
}

// headersAtOnce is how many headers one command fetches.
const headersAtOnce = 100

func (c *Client) carrying(ctx context.Context, uids []uint32, id string, also []string) (found []uint32, err error) {
	for batch := range slices.Chunk(uids, headersAtOnce) {
		if err := c.Fetch(ctx, batch, Header, nil, func(message Fetched) error {
			if carries(message.Raw, id, also) {
				found = append(found, message.UID)
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	slices.Sort(found)
	return found, nil
}

// carries is true when a header names the id.
func carries(header []byte, id string, also []string) bool {
	unfolded := bytes.ReplaceAll(bytes.ReplaceAll(header, []byte("\r\n"), []byte("\n")), []byte("\n "), []byte(" "))
	unfolded = bytes.ReplaceAll(unfolded, []byte("\n\t"), []byte(" "))
	for line := range bytes.Lines(unfolded) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		key := textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name)))
		wanted := key == "Message-Id" || slices.ContainsFunc(also, func(one string) bool { return strings.EqualFold(one, key) })
		if wanted && strings.Trim(string(bytes.TrimSpace(value)), "<>") == id {
			return true
		}
	}
	return false
}

// answered is true when the server said no to one command and the connection is still good.
func answered(err error) bool {
	var fault *Error
	return errors.As(err, &fault) && fault.Answered
}
