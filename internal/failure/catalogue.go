package failure

// Code is the stable name of an error. It is the Type of the Temporal
// application error, the value of the search attribute ErrorCode and the code
// that the CLI, the notes and the documentation show.
type Code string

// The errors of the catalogue, in its order.
const (
	EmailAccountDisconnected Code = "EmailAccountDisconnected"
	EmailAccountInError      Code = "EmailAccountInError"
	OwnerHasNoSendingAddress Code = "OwnerHasNoSendingAddress"
	ContactHasNoEmail        Code = "ContactHasNoEmail"
	NoCreditsLeft            Code = "NoCreditsLeft"
	SendingFailed            Code = "SendingFailed"
	EmailAlreadyBounced      Code = "EmailAlreadyBounced"
	OwnerHasNoPhone          Code = "OwnerHasNoPhone"
	DeliveryUncertain        Code = "DeliveryUncertain"
	MessageCannotBeRendered  Code = "MessageCannotBeRendered"
	NoCommonSendingTime      Code = "NoCommonSendingTime"
	MailboxUnreadable        Code = "MailboxUnreadable"
)

// Entry is one row of the catalogue.
type Entry struct {
	Number      int    `json:"number"`
	Code        Code   `json:"code"`
	Title       string `json:"title"`
	Description string `json:"description"`
	HowToFix    string `json:"howToFix"`
	// ParksUntil says what ends the park, in the words of the design.
	ParksUntil string `json:"parksUntil"`
	// ByHand is true when no fix in the database can end the park: an operator resumes.
	ByHand bool `json:"byHand"`
	// NeedsAnswer is true when a resume has to say whether the message was sent.
	NeedsAnswer bool `json:"needsAnswer"`
}

var catalogue = []Entry{
	{
		Number: 1, Code: EmailAccountDisconnected, Title: "Email account disconnected",
		Description: "The sending address that was selected as the sender of this campaign has been removed.",
		HowToFix:    "Select another sender in the campaign, or add the address again; then it resumes.",
		ParksUntil:  "campaign sender or that email account changes",
	},
	{
		Number: 2, Code: EmailAccountInError, Title: "Email account in error",
		Description: "The sending address selected as the sender of this campaign is in error.",
		HowToFix:    "Reconnect the email account.",
		ParksUntil:  "that account is reconnected, or the campaign's sender changes",
	},
	{
		Number: 3, Code: OwnerHasNoSendingAddress, Title: "Owner has no sending address",
		Description: "There is no sender in this campaign.",
		HowToFix:    "Select a sender for the campaign.",
		ParksUntil:  "campaign sender changes",
	},
	{
		Number: 4, Code: ContactHasNoEmail, Title: "Contact has no email address",
		Description: "The contact has no email address, so there is no recipient.",
		HowToFix:    "Add an email address.",
		ParksUntil:  "contact's address changes",
	},
	{
		Number: 5, Code: NoCreditsLeft, Title: "No credits left",
		Description: "The account is on a credit plan and has no credits left.",
		HowToFix:    "Add credits, or move to another plan.",
		ParksUntil:  "credits or plan change",
	},
	{
		Number: 6, Code: SendingFailed, Title: "Sending failed",
		Description: "Sending failed for a technical reason.",
		HowToFix:    "Look at the reason; resume when it is gone.",
		ParksUntil:  "resumed by hand", ByHand: true,
	},
	{
		Number: 7, Code: EmailAlreadyBounced, Title: "Email has bounced before",
		Description: "An email to this address has hard bounced before.",
		HowToFix:    "Change the contact's address, or disenroll the contact.",
		ParksUntil:  "contact's address changes",
	},
	{
		Number: 8, Code: OwnerHasNoPhone, Title: "Owner has no phone number",
		Description: "The SMS notification has no recipient: the owner has no phone number.",
		HowToFix:    "Add a valid phone number to the owner's profile.",
		ParksUntil:  "owner's phone changes",
	},
	{
		Number: 9, Code: DeliveryUncertain, Title: "Delivery uncertain",
		Description: "The message may have been accepted; the answer was lost.",
		HowToFix:    "Look in the sender's Sent folder; resume with --assume sent or --assume not-sent.",
		ParksUntil:  "resumed by hand with the answer", ByHand: true, NeedsAnswer: true,
	},
	{
		Number: 10, Code: MessageCannotBeRendered, Title: "Message cannot be rendered",
		Description: "A template names a variable that this contact has no value for and gives no default, or is not valid.",
		HowToFix:    "Fill in the contact's field, give the variable a default, or correct the template.",
		ParksUntil:  "contact or campaign changes",
	},
	{
		Number: 11, Code: NoCommonSendingTime, Title: "No common sending time",
		Description: "The campaign's window and the account's hours (or the recipient's day) never meet.",
		HowToFix:    "Change the window, the hours or the zone.",
		ParksUntil:  "campaign or account changes",
	},
	{
		Number: 12, Code: MailboxUnreadable, Title: "Mailbox cannot be read",
		Description: "The sender's mailbox cannot be read, so that nobody knows whether this person has answered.",
		HowToFix:    "Reconnect the mailbox, or select a different sender.",
		ParksUntil:  "mailbox is read, account or sender changes",
	},
}

// Catalogue returns its rows in order. The slice is the caller's own.
func Catalogue() []Entry { return append([]Entry(nil), catalogue...) }

// Lookup returns the row of a code; false when the catalogue has none.
func Lookup(code Code) (Entry, bool) {
	for _, entry := range catalogue {
		if entry.Code == code {
			return entry, true
		}
	}
	return Entry{}, false
}

// Entry returns the code's row. A code from outside the catalogue answers as
// SendingFailed: an unknown error never escapes.
func (c Code) Entry() Entry {
	if entry, ok := Lookup(c); ok {
		return entry
	}
	if c == WorkflowEnded {
		return EndedEntry()
	}
	entry, _ := Lookup(SendingFailed)
	return entry
}
