package mailbox

import (
	"context"
	"time"

	"relance/internal/mail/imap"
)

// Cursor is how far a folder has been read: every message with a UID below NextUID that
// the folder showed has been kept, under this UIDVALIDITY. While a folder is read for the
// first time both are 0.
type Cursor struct {
	Folder      string
	Role        imap.Role
	UIDValidity uint32
	NextUID     uint32
	// ReconciledAt is when the folder was last compared with what has been kept of the
	// last days, to find what its server had shown late.
	ReconciledAt time.Time
}

// Message is one message as the server has it.
type Message struct {
	Folder      string
	Role        imap.Role
	UIDValidity uint32
	UID         uint32
	// ArrivedAt is the server's INTERNALDATE; when it gives none, the time of reading.
	ArrivedAt time.Time
	// Size is that of the whole message in bytes, 0 when the server does not say.
	Size int64
	// Raw is the message, at most imap.MaxRaw bytes of it. Of an unreadable message it is
	// the header if that much could be had, or nothing.
	Raw []byte
	// Unreadable is why the message could not be fetched after several tries, else empty.
	Unreadable string
}

// Progress is what has been read of a mailbox so far.
type Progress struct {
	// Since is when reading was set up: nothing that had arrived before is read.
	Since time.Time
	// Looked is when the last complete look began; zero before the first.
	Looked  time.Time
	Cursors []Cursor
}

// Memory keeps what a reader finds, for one mailbox. Its calls may be repeated: a reader
// that was killed anywhere reads again from the last cursor.
type Memory interface {
	Progress(ctx context.Context) (Progress, error)
	// Unseen returns those of the UIDs of a folder that have no row, in their order.
	Unseen(ctx context.Context, folder string, uidValidity uint32, uids []uint32) ([]uint32, error)
	// Keep stores a message with what follows from it and the cursor next, in one
	// transaction. A message that has a row already changes nothing but the cursor.
	Keep(ctx context.Context, message Message, next Cursor) error
	// Advance stores a cursor alone.
	Advance(ctx context.Context, next Cursor) error
	// Complete says that a look that began at this moment has read every watched folder to
	// its end.
	Complete(ctx context.Context, began time.Time) error
}
