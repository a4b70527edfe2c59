package workflows

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// The names that other programs and running workflows rely on. A golden test freezes
// them, with the search attributes, the signals, the workflow ids and the JSON below.
const (
	TaskQueue = "relance"
	// MailboxTaskQueue is the queue of the long activities that read mailboxes: they take no slot
	// from those that send.
	MailboxTaskQueue = "relance-mailboxes"

	EnrollmentType     = "Enrollment"
	EnrollContactsType = "EnrollContacts"
	WakeContactsType   = "WakeContacts"
	// WatchEnrollmentsType finds enrollments whose workflow was ended from outside.
	WatchEnrollmentsType = "WatchEnrollments"
	// GiveTurnsType gives the turns of all accounts that have a pace.
	GiveTurnsType = "GiveTurns"
	// MailboxType reads the mailbox of one account, TendMailboxesType sees to it that one runs for each.
	MailboxType       = "Mailbox"
	TendMailboxesType = "TendMailboxes"

	// ResumeUpdate has the payload of the signal of this name, and answers with State.
	ResumeUpdate = "resume"
	// EnrollmentQuery answers with State.
	EnrollmentQuery = "enrollment"

	// WakeScheduleID is the schedule that runs WakeContacts every minute.
	WakeScheduleID = "wake-contacts"

	// WatchScheduleID is the schedule that runs WatchEnrollments every minute.
	WatchScheduleID = "watch-enrollments"

	// TurnsScheduleID is the schedule that sees to it that a GiveTurns runs.
	TurnsScheduleID = "give-turns"

	// MailboxesScheduleID is the schedule that runs TendMailboxes every minute.
	MailboxesScheduleID = "tend-mailboxes"
)

// FirstTryBuild ends the build id of every worker that knows first tries. Each task in a
// history names the build that did it, so the workflow's code knows, now and in every
// replay, whether a step was tried first inside that task or, by a worker of the release
// before, by an activity at once. A marker of the SDK's (GetVersion) would say the same for
// an event and a search attribute in each history. It never changes: running inputs and
// histories carry it.
const FirstTryBuild = "/2"

// FollowBuild ends the build id of every worker that knows enrollments which follow their
// campaign as it is now. Other than FirstTryBuild, which it ends in, no replay asks for it: it
// is how the one who starts an enrollment knows that every worker can go on with it.
const FollowBuild = "/3" + FirstTryBuild

// FollowSteps are the Steps of an enrollment that follows its campaign: one of a kind that no
// release knows. A release that knows nothing of First would else take it for one that has no
// steps left; so it leaves it alone, and the server gives it to another worker.
func FollowSteps(stepID string) []campaign.Plan {
	return []campaign.Plan{{ID: stepID, Kind: "follows its campaign"}}
}

// The activities, by their names in histories.
const (
	SendEmailActivity        = "SendEmail"
	SendSMSActivity          = "SendSMS"
	RecordFailureActivity    = "RecordFailure"
	RecordDisenrollActivity  = "RecordDisenroll"
	WakeActivity             = "Wake"
	StartEnrollmentsActivity = "StartEnrollments"
	StartFewActivity         = "StartFew"
	FindEndedActivity        = "FindEnded"
	GiveTurnsActivity        = "GiveTurns"
	ReadMailboxActivity      = "ReadMailbox"
	TendMailboxesActivity    = "TendMailboxes"
)

// The signals, with their payloads.
var (
	ResumeSignal    = Signal[campaign.Resume]{"resume"}
	DisenrollSignal = Signal[Disenroll]{"disenroll"}
	UnpauseSignal   = Signal[None]{"unpause"}
	// TurnSignal has an enrollment that stands in its sender's line try its step.
	TurnSignal = Signal[Turn]{"turn"}
	// EditedSignal has an enrollment that waits look what comes next: its campaign was edited.
	EditedSignal = Signal[None]{"edited"}
	// ContinueSignal has an enrollment go on that is about to end: it is taken on (enroll --continue). It
	// names where the row stands then, and is dropped by a run that has something to do.
	ContinueSignal = Signal[campaign.Next]{"continue"}
	// EnrollSignal has an EnrollContacts look for enrollments once more.
	EnrollSignal = Signal[None]{"enroll"}
)

// Attr groups the search attributes of an enrollment. `starter migrate` registers them.
var Attr = struct {
	// EnrollmentStatus is exact while the workflow runs. When it has closed, the
	// workflow's own status and result say how: an enrollment that went straight
	// through closes with the status that it was started with, because a last upsert
	// would cost every enrollment an event that says nothing new.
	EnrollmentStatus temporal.SearchAttributeKeyKeyword
	// ErrorCode, ErrorCause and ErrorSince are set while the enrollment is InError.
	ErrorCode, ErrorCause  temporal.SearchAttributeKeyKeyword
	ErrorSince             temporal.SearchAttributeKeyTime
	CampaignKey, ContactID temporal.SearchAttributeKeyKeyword
	// StepID is the step at which the status was published last.
	StepID temporal.SearchAttributeKeyKeyword
}{
	EnrollmentStatus: temporal.NewSearchAttributeKeyKeyword("EnrollmentStatus"),
	ErrorCode:        temporal.NewSearchAttributeKeyKeyword("ErrorCode"),
	ErrorCause:       temporal.NewSearchAttributeKeyKeyword("ErrorCause"),
	ErrorSince:       temporal.NewSearchAttributeKeyTime("ErrorSince"),
	CampaignKey:      temporal.NewSearchAttributeKeyKeyword("CampaignKey"),
	ContactID:        temporal.NewSearchAttributeKeyKeyword("ContactId"),
	StepID:           temporal.NewSearchAttributeKeyKeyword("StepId"),
}

// MailboxInput names the email account whose mailbox is read.
type MailboxInput struct {
	Address string `json:"address"`
}

// MailboxWorkflowID is the workflow id of the reader of an account's mailbox.
func MailboxWorkflowID(address string) string { return "mailbox/" + address }

// EnrollmentWorkflowID is the workflow id of a contact's enrollment in a campaign.
func EnrollmentWorkflowID(campaignKey string, contactID int64) string {
	return fmt.Sprintf("enrollment/%s/%d", campaignKey, contactID)
}

// ParseEnrollmentWorkflowID is the way back; false when it is not the id of an enrollment.
func ParseEnrollmentWorkflowID(workflowID string) (campaignKey string, contactID int64, ok bool) {
	rest, ok := strings.CutPrefix(workflowID, "enrollment/")
	key, id, found := strings.Cut(rest, "/")
	contactID, err := strconv.ParseInt(id, 10, 64)
	return key, contactID, ok && found && err == nil && key != ""
}

// EnrollContactsWorkflowID is the workflow id of the run that starts a campaign's enrollments.
func EnrollContactsWorkflowID(campaignKey string) string { return "enroll-contacts/" + campaignKey }

// EnrollmentInput starts an Enrollment. It carries ids and the skeleton of the
// steps, never texts or addresses: those are read when the step runs.
type EnrollmentInput struct {
	CampaignKey  string `json:"campaignKey"`
	ContactID    int64  `json:"contactId"`
	EnrollmentID int64  `json:"enrollmentId"`
	// Steps are those of an enrollment of a release before, which keeps them to its end, or
	// until it is signalled of an edit. One that follows its campaign has FollowSteps.
	Steps []campaign.Plan `json:"steps"`
	// First is what comes first for an enrollment that follows its campaign as it is now; nil
	// for one that keeps Steps.
	First *campaign.Next `json:"first,omitempty"`
	Retry campaign.Retry `json:"retry"`
	// FirstTry names the workers that do the first try of a step inside the workflow task:
	// FirstTryBuild, or the very build id of the version that started the enrollment, beside
	// those with that mark. Empty, as in the inputs of the releases before, leaves every try
	// to an activity.
	FirstTry string `json:"firstTry,omitempty"`
	// State is that of the run that continued as new with this one; nil in a first run.
	State *State `json:"state,omitempty"`
}

// FirstVisit is that of the round that the workflow is of: one that keeps its steps is of the first.
func (i EnrollmentInput) FirstVisit() int {
	if i.First == nil {
		return 1
	}
	return i.First.FirstVisit()
}

// EnrollmentResult is how an enrollment ended.
type EnrollmentResult struct {
	Status campaign.Status `json:"status"`
	Sent   int             `json:"sent"`
	Parks  int             `json:"parks"`
	Reason string          `json:"reason,omitempty"`
}

// State is the whole state of an enrollment: the answer of the query
// `enrollment`, and what a run continues as new with.
type State struct {
	Status    campaign.Status `json:"status"`
	StepIndex int             `json:"stepIndex"`
	StepID    string          `json:"stepId"`
	Visit     int             `json:"visit"`
	// NextAt is when a waiting enrollment goes on.
	NextAt time.Time `json:"nextAt,omitzero"`
	// WaitEnds is when the wait after the last message is over, as its activity has reckoned it;
	// zero when the wait is so long from its beginning on.
	WaitEnds time.Time `json:"waitEnds,omitzero"`
	// Due is when the wait before the step was over; zero when no wait stands before it.
	Due time.Time `json:"due,omitzero"`
	// Park is the open park; nil unless InError.
	Park *failure.Parked `json:"park,omitempty"`
	// ResumedPark is the number of the last park that was resumed.
	ResumedPark int              `json:"resumedPark,omitempty"`
	Resume      *campaign.Resume `json:"resume,omitempty"`
	Sent        int              `json:"sent"`
	Parks       int              `json:"parks"`
	// StaleResumes counts resumes that named an older park or repeated a fix.
	StaleResumes int      `json:"staleResumes,omitempty"`
	SeenFixes    []string `json:"seenFixes,omitempty"`
	// Tried counts the failed attempts at the step before it waited for a turn.
	Tried int `json:"tried,omitempty"`
	// Next is what comes next for an enrollment that follows its campaign: the wait that it is
	// in, if it is in one, and the message. Nil for one that keeps its steps.
	Next *campaign.Next `json:"next,omitempty"`
	// Published and PublishedStep are what the search attributes show.
	Published     campaign.Status `json:"published,omitempty"`
	PublishedStep string          `json:"publishedStep,omitempty"`
	// Early, Leaving, Edited and Onward are a resume, a disenrollment, an edit and where it is taken on, of
	// which a run was signalled that continued as new.
	Early   *campaign.Resume `json:"early,omitempty"`
	Leaving *Disenroll       `json:"leaving,omitempty"`
	Edited  bool             `json:"edited,omitempty"`
	Onward  *campaign.Next   `json:"onward,omitempty"`
}

// Disenroll is the payload of the signal `disenroll`.
type Disenroll struct {
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"`
}

// EnrollContactsInput starts an EnrollContacts: it starts the workflows of all
// enrollments of the campaign that PostgreSQL lists as not started.
type EnrollContactsInput struct {
	CampaignKey string `json:"campaignKey"`
	Started     int    `json:"started,omitempty"`
	// Few is true when no more than a workflow task can start by itself are due.
	Few bool `json:"few,omitempty"`
}

// EnrollContactsResult counts the workflows that were started.
type EnrollContactsResult struct {
	Started int `json:"started"`
}

// WakeContactsResult counts the signals that were sent.
type WakeContactsResult struct {
	Signalled int `json:"signalled"`
}

// WatchEnrollmentsResult counts what a watch has found: workflows that were
// ended, and those that run again.
type WatchEnrollmentsResult struct {
	Ended    int `json:"ended"`
	Reopened int `json:"reopened"`
}
