package operator

import "relance/internal/pace"

// Limit is what holds a mail back, or takes something away from a day.
type Limit = pace.Limit

// Limits that are written with their numbers.
const (
	InLine    = pace.InLine
	RampLimit = pace.RampLimit
	OpenTime  = pace.OpenTime
	Held      = pace.Held
)

// What can hold a mail back beside the limits of pace.
const (
	// NotStarted: the enrollment's workflow is still to be started, in the background.
	NotStarted Limit = "not_started"
	// GoesOn: the campaign goes on, and the enrollment is still to hear of it, in the background.
	GoesOn Limit = "goes_on"
	// Looks: the campaign was edited, and the enrollment has still to look what comes next.
	Looks Limit = "looks_after_edit"
	// NoWorkflow: the enrollment's workflow was ended from outside, and nothing moves it.
	NoWorkflow Limit = "workflow_ended"
	// NoMailLeft: an SMS to the owner, or nothing, comes next.
	NoMailLeft Limit = "no_mail_left"
	// AwaitsLook: nobody has looked yet whether the contact has answered.
	AwaitsLook Limit = "look"
	// NoSender: the campaign has none. AccountRemoved: it has one that was removed.
	NoSender       Limit = "no_sender"
	AccountRemoved Limit = "account_removed"
	// Busy: its server takes no more of the account's emails at once.
	Busy Limit = "busy"
	// LetLapse: it has let several turns lapse, and rests beside the line.
	LetLapse Limit = "put_aside"
)

// LimitText is a reason for people, why a mail has not left yet: "the campaign is paused".
func LimitText(limit Limit) string { return limitTexts[limit] }

// LimitName is a limit for people, in a table: "limit of the day"; empty when it limits no day.
func LimitName(limit Limit) string { return limitNames[limit] }

var limitTexts = map[Limit]string{
	pace.Ended:          "the enrollment has ended",
	pace.InError:        "the contact is in error",
	NotStarted:          "its workflow is still to be started, in the background",
	GoesOn:              "it goes on in the background",
	Looks:               "the campaign was edited, and what comes next for the contact is still to be found, in the background",
	NoWorkflow:          "its workflow was ended",
	NoMailLeft:          "no email of the campaign is left for it",
	AwaitsLook:          "it waits for a look at the mailbox, whether an answer has come",
	NoSender:            "the campaign has no sender",
	AccountRemoved:      "the email account has been removed",
	Busy:                "its server was busy or the email account rested, and it is tried again",
	LetLapse:            "it has not used several turns and rests aside",
	pace.CampaignPaused: "the campaign is paused",
	pace.Held:           "the contact is away",
	pace.NotDue:         "it is not due yet",
	pace.CampaignWindow: "the campaign's window is closed",
	pace.Holiday:        "it is a holiday",
	pace.AccountInError: "the email account is in error",
	pace.AccountRests:   "the email account rests",
	pace.AccountHours:   "the email account's hours are over",
	pace.DayLimit:       "the limit of the day is reached",
	pace.Gap:            "the gap to the email before it",
	pace.InLine:         "others are before it in the line",
	pace.HasTurn:        "it has the turn and is being sent",
	pace.Retried:        "a try has failed and is repeated",
}

var limitNames = map[Limit]string{
	pace.DayLimit:       "limit of the day",
	pace.RampLimit:      "ramp",
	pace.OpenTime:       "open hours",
	pace.Sent:           "sent already",
	pace.TimeLeft:       "what still fits",
	pace.CampaignWindow: "window",
	pace.AccountHours:   "account's hours",
	pace.Gap:            "gap",
	pace.AccountInError: "account in error",
	pace.AccountRests:   "account rests",
}
