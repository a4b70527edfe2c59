package imap

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// State is what EXAMINE says of a folder.
type State struct {
	UIDValidity, UIDNext, Exists uint32
}

// Bounds of what a server may list, so that a mad one does not fill the memory.
const (
	mostFolders = 5000
	mostUIDs    = 100_000
)

// gmail is the capability by which Gmail is known.
const gmail imap.Cap = "X-GM-EXT-1"

// Folders lists the folders that can be opened, INBOX first, with their roles.
func (c *Client) Folders(ctx context.Context) ([]Folder, error) {
	var ask *imap.ListOptions
	if c.offers(imap.CapSpecialUse) && c.offers(imap.CapListExtended) {
		ask = &imap.ListOptions{ReturnSpecialUse: true}
	}
	listed, err := c.list(ctx, "*", ask)
	var fault *Error
	if ask != nil && errors.As(err, &fault) && fault.Answered {
		listed, err = c.list(ctx, "*", nil) // it has offered what it then refuses
	}
	if err != nil {
		return nil, err
	}
	return assign(listed, c.offers(gmail)), nil
}

// stems are what the usual names of folders with a role have in common.
var stems = []string{"Sent", "Junk", "Spam", "Bulk", "Gesendet", "nvoy", "erzonden", "nviad", "nviat", "ndesider", "deseado"}

// UsualFolders looks for folders by parts of the names that they usually have. It is for a
// server whose whole list cannot be understood, because one name in it is not encoded as
// RFC 3501 §5.1.3 wants: such a list ends the connection.
func (c *Client) UsualFolders(ctx context.Context) ([]Folder, error) {
	var found []*imap.ListData
	for _, stem := range stems {
		listed, err := c.list(ctx, "*"+stem+"*", nil)
		if err != nil {
			return nil, err
		}
		found = append(found, listed...)
	}
	return assign(found, c.offers(gmail)), nil
}

func (c *Client) list(ctx context.Context, pattern string, ask *imap.ListOptions) (listed []*imap.ListData, err error) {
	err = c.command(ctx, "the list of folders", func() error {
		command := c.server.List("", pattern, ask)
		for one := command.Next(); one != nil; one = command.Next() {
			if len(listed) < mostFolders {
				listed = append(listed, one)
			}
		}
		return command.Close()
	})
	return listed, err
}

// Examine opens a folder for reading only (RFC 9051 §6.3.3). The fault of a folder that is
// not there is FolderGone.
func (c *Client) Examine(ctx context.Context, folder string) (State, error) {
	var state State
	var refused *imap.Error
	err := c.command(ctx, "the folder "+folder, func() error {
		data, err := c.server.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		if errors.As(err, &refused) {
			return err
		}
		state = State{UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext), Exists: data.NumMessages}
		return err
	})
	var fault *Error
	switch {
	case err == nil && state.UIDValidity == 0:
		return state, &Error{Fault: Unreachable, At: "the folder " + folder, Err: errors.New("the server gives it no UIDVALIDITY, so its messages cannot be distinguished")}
	case refused != nil && errors.As(err, &fault) && isGone(refused):
		fault.Fault = FolderGone
	}
	if err != nil || state.UIDNext != 0 || state.Exists == 0 {
		return state, err
	}
	ends, err := c.Ends(ctx) // RFC 3501 lets a server leave UIDNEXT out
	for _, uid := range ends {
		state.UIDNext = max(state.UIDNext, uid+1)
	}
	return state, err
}

// Ends returns the UIDs of the first and the last message of the open folder, which must
// have messages.
func (c *Client) Ends(ctx context.Context) ([]uint32, error) {
	set := imap.SeqSetNum(1, 0)
	return c.listUIDs(ctx, set, 1)
}

// Words with which servers without response codes say that a folder is not there.
var goneWords = []string{"doesn't exist", "does not exist", "nonexistent", "non-existent", "unknown mailbox", "no such mailbox", "no such folder", "not found", "unknown folder", "mailbox not exist"}

func isGone(answer *imap.Error) bool {
	words := strings.ToLower(answer.Text)
	return answer.Type == imap.StatusResponseTypeNo && (answer.Code == imap.ResponseCodeNonExistent || answer.Code == imap.ResponseCodeTryCreate ||
		slices.ContainsFunc(goneWords, func(one string) bool { return strings.Contains(words, one) }))
}

// UIDs returns the UIDs of the open folder from first on, ascending; at most the lowest
// 100,000. The last message is not among them because "first:*" always means it too (RFC
// 9051 §9, seq-range): what is below first is left out.
//
// It asks for nothing but the UIDs, which no malformed message can spoil.
func (c *Client) UIDs(ctx context.Context, first uint32) ([]uint32, error) {
	set := imap.UIDSet{}
	set.AddRange(imap.UID(first), 0)
	return c.listUIDs(ctx, set, first)
}

// Has is true when the open folder has a message with this UID.
func (c *Client) Has(ctx context.Context, uid uint32) (bool, error) {
	uids, err := c.listUIDs(ctx, imap.UIDSetNum(imap.UID(uid)), uid)
	return slices.Contains(uids, uid), err
}

func (c *Client) listUIDs(ctx context.Context, set imap.NumSet, first uint32) (uids []uint32, err error) {
	err = c.command(ctx, "the list of messages", func() error {
		command := c.server.Fetch(set, &imap.FetchOptions{UID: true})
		for message := command.Next(); message != nil; message = command.Next() {
			if uid := uidOf(message); uid >= first && uid != 0 && len(uids) < mostUIDs {
				uids = append(uids, uid)
			}
		}
		return command.Close()
	})
	slices.Sort(uids)
	return slices.Compact(uids), err
}

// Since returns the UIDs of the open folder's messages whose INTERNALDATE is on the day of
// t or later, ascending. Servers reckon days in zones of their own, so the day before is
// asked for too.
func (c *Client) Since(ctx context.Context, t time.Time) ([]uint32, error) {
	return c.search(ctx, "the search by date", &imap.SearchCriteria{Since: t.UTC().AddDate(0, 0, -1)})
}

func (c *Client) search(ctx context.Context, at string, criteria *imap.SearchCriteria) (uids []uint32, err error) {
	err = c.command(ctx, at, func() error {
		data, err := c.server.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return err
		}
		set, _ := data.All.(imap.UIDSet)
		for _, part := range set {
			for uid := part.Start; uid != 0 && uid <= part.Stop && len(uids) < mostUIDs; uid++ {
				uids = append(uids, uint32(uid))
			}
		}
		return nil
	})
	slices.Sort(uids)
	return slices.Compact(uids), err
}
