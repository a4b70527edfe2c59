package imaptest

import "time"

// Faults is what the server does wrong. The zero value is polite, with SPECIAL-USE and
// IDLE.
type Faults struct {
	// Capabilities take the place of the usual ones.
	Capabilities string
	// Greeting takes the place of the polite one; after "* BYE" the connection ends.
	Greeting string
	// Answers are what is said to a command, by its beginning ("EXAMINE Sent", "LOGIN"),
	// instead of doing it: "NO [UNAVAILABLE] later". Silence says nothing at all, and Cut
	// ends the connection.
	Answers map[string]string
	// Times limits how often an answer is given; without an entry it is always.
	Times map[string]int
	// ByeInIdle is said in IDLE, after which the connection ends.
	ByeInIdle string
	// RawName is in the list of folders as it is.
	RawName string
	// NoRoles lists no special uses.
	NoRoles bool

	// These are by UID, in any folder, and say how often it happens.
	Unlisted map[uint32]int // left out where the UIDs are listed or searched
	Omitted  map[uint32]int // nothing is sent where the content is fetched
	Silent   map[uint32]int // half of the content, and then nothing
	CutIn    map[uint32]int // half of the content, and then the end of the connection
	Nil      map[uint32]int // the content is NIL
	Refused  map[uint32]int // NO to the whole FETCH
	BadDate  map[uint32]int // an INTERNALDATE that cannot be read
	// BadEnvelope is what is said of ENVELOPE and BODYSTRUCTURE when they are asked for.
	BadEnvelope bool

	// NoPartial sends the whole of a message, whatever part is asked for.
	NoPartial bool
	// UIDLast says the UID behind the content.
	UIDLast bool
	// Slow is waited for between the pieces of a message.
	Slow time.Duration
	// NoSearch finds nothing by header.
	NoSearch bool
}

// Silence and Cut are answers of Faults.Answers.
const (
	Silence = "(silence)"
	Cut     = "(cut)"
)

// once is true as often as the entry says.
func once(times map[uint32]int, uid uint32) bool {
	if times[uid] <= 0 {
		return false
	}
	times[uid]--
	return true
}
