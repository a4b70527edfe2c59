package inbound

// Kind is what a mail is.
type Kind string

// The kinds, in the order in which they are looked for.
const (
	Own           Kind = "own"            // our own mail: a copy in Sent, or one from an address of ours
	Bounce        Kind = "bounce"         // a message of ours was not delivered to somebody, for good (RFC 3464 "failed")
	Delayed       Kind = "delayed"        // it is not delivered yet and still tried (RFC 3464 "delayed"); never a bounce
	Delivered     Kind = "delivered"      // it was delivered or passed on (RFC 3464 "delivered", "relayed", "expanded")
	Complaint     Kind = "complaint"      // the recipient called it spam (RFC 5965 "abuse", "fraud", "virus")
	NotSpam       Kind = "not_spam"       // the recipient took it out of the spam folder (RFC 5965 "not-spam")
	AuthFailure   Kind = "auth_failure"   // a report about DKIM, SPF or DMARC (RFC 6591): nobody has complained
	ReadReceipt   Kind = "read_receipt"   // it was displayed, deleted or processed (RFC 8098)
	LeftCompany   Kind = "left_company"   // the person has left, or the mailbox is not read any more
	OutOfOffice   Kind = "out_of_office"  // the person is away
	TicketReceipt Kind = "ticket_receipt" // a machine has taken the mail and says so: help desk, contact form
	Challenge     Kind = "challenge"      // the sender has to confirm that he is a person before the mail is delivered
	AutoReply     Kind = "auto_reply"     // an automatic answer whose words say none of the above
	Calendar      Kind = "calendar"       // an invitation or the answer to one (RFC 5546)
	Unsubscribe   Kind = "unsubscribe"    // the whole answer asks for no more mail
	Reply         Kind = "reply"          // a person has answered
	Unsure        Kind = "unsure"         // it cannot be said: hold, and let a person look
	Unreadable    Kind = "unreadable"     // it could not be parsed: kept, and listed
)

// Kinds returns every kind, in the order in which they are looked for.
func Kinds() []Kind {
	return []Kind{
		Own, Bounce, Delayed, Delivered, Complaint, NotSpam, AuthFailure, ReadReceipt,
		LeftCompany, OutOfOffice, TicketReceipt, Challenge, AutoReply, Calendar, Unsubscribe, Reply, Unsure, Unreadable,
	}
}

// Class is what happened to one recipient's copy.
type Class string

// The classes. Only ClassHard says that the address itself is of no use.
const (
	ClassHard      Class = "hard"      // the address does not exist, has moved, or takes no mail
	ClassFull      Class = "full"      // the mailbox has no room
	ClassInactive  Class = "inactive"  // the mailbox is suspended or disabled; it may come back
	ClassPolicy    Class = "policy"    // refused for what or whence it was: spam, reputation, authentication, size
	ClassSoft      Class = "soft"      // given up for another reason: no answer in time, a fault of a server, nothing said
	ClassDelayed   Class = "delayed"   // still tried
	ClassDelivered Class = "delivered" // delivered, relayed or expanded
)

// Classes returns every class, from the gravest to the best.
func Classes() []Class {
	return []Class{ClassHard, ClassFull, ClassInactive, ClassPolicy, ClassSoft, ClassDelayed, ClassDelivered}
}
