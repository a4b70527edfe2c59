package operator

import (
	"context"
	"net/url"
	"time"

	"relance/internal/failure"
	"relance/internal/store"
	"relance/internal/temporalio"
	"relance/workflows"
)

// InError is one contact that is in error in a step, or whose workflow was ended
// from outside: Code is failure.WorkflowEnded unless it was in error before.
type InError struct {
	ContactID   int64        `json:"contactId"`
	ContactName string       `json:"contactName"`
	Email       string       `json:"email"`
	Campaign    string       `json:"campaign"`
	StepID      string       `json:"stepId"`
	StepIndex   int          `json:"stepIndex"`
	Code        failure.Code `json:"code"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	HowToFix    string       `json:"howToFix"`
	// NextCommand is the `starter` line to type next.
	NextCommand string `json:"nextCommand"`
	Detail      string `json:"detail"`
	// Words are the parts of the detail: the server's own, and ours; left out where nobody
	// knows whose words it has, as of contacts in error since a release before this field.
	Words *failure.Words `json:"words,omitempty"`
	// Cause is what the contact waits for; see failure.Cause.
	Cause      string    `json:"cause"`
	ParkID     int       `json:"parkId"`
	Since      time.Time `json:"since"`
	Attempts   int       `json:"attempts"`
	WorkflowID string    `json:"workflowId"`
	WebURL     string    `json:"webUrl"`
	// Ended is set when the workflow was ended from outside: no fix reaches it
	// before it is started again, which is what NextCommand does.
	Ended *Ended `json:"ended,omitempty"`
	// Evidence is what the sender's mailbox says about a delivery that is uncertain.
	Evidence *SentEvidence `json:"evidence,omitempty"`

	// Seq is the number of the park, Seen the last fix of the contact's own causes, where
	// a repair's contacts are listed and FillsIn is true of it: for Seeing.
	Seq  int64 `json:"-"`
	Seen int64 `json:"-"`

	// Problem is the code with its detail and all causes.
	Problem failure.Problem `json:"-"`

	// FirstName, LastName and Company are the contact's.
	FirstName string `json:"-"`
	LastName  string `json:"-"`
	Company   string `json:"-"`
}

// ErrorFilter says which contacts in error are meant; zero values mean any. Those
// of an ErrorGroup have its Campaign, Code and Cause.
type ErrorFilter = store.ErrorFilter

// ErrorPage is a part of the list of the contacts in error: first the contacts whose
// workflow was ended while they were not in error, then the others, oldest first.
type ErrorPage struct {
	Items []InError
	// Total is how many there are in all, on every page.
	Total int
	// Next is the page that follows, for Errors; 0 when this is the last. It is
	// negative while the page that follows may begin with an ended workflow.
	Next int64
}

// Errors lists the contacts in error, in the order of an ErrorPage: limit of them,
// from the page after (0 is the first); all that follow when limit is 0. A
// NotFound when the filter names a campaign that does not exist.
func (o *Operator) Errors(ctx context.Context, filter ErrorFilter, after int64, limit int) (ErrorPage, error) {
	db, err := o.campaigns(ctx, filter.Campaign)
	if err != nil {
		return ErrorPage{}, err
	}
	webURL, err := o.webPages()
	if err != nil {
		return ErrorPage{}, err
	}
	const most = 1000 // a statement, so that a long list is no long transaction
	page, start := ErrorPage{Items: []InError{}}, after
	if after <= 0 {
		rows, err := db.EndedEnrollments(ctx, filter, -after, limit)
		if err != nil {
			return ErrorPage{}, err
		}
		for _, row := range rows {
			page.Items = append(page.Items, endedItem(row, webURL))
			after = -row.EnrollmentID
		}
	}
	for seq := max(after, 0); ; {
		size := most
		if limit > 0 {
			size = min(size, limit-len(page.Items))
		}
		if size == 0 {
			page.Next = after
			break
		}
		rows, err := db.Errors(ctx, filter, seq, size)
		if err != nil {
			return ErrorPage{}, err
		}
		for _, row := range rows {
			page.Items = append(page.Items, inError(row, webURL))
			seq, after = row.Seq, row.Seq
		}
		if len(rows) < size {
			break
		}
	}
	page.Total = len(page.Items)
	if page.Next != 0 || start != 0 {
		if page.Total, err = db.CountErrors(ctx, filter); err != nil {
			return page, err
		}
	}
	return page, o.evidence(ctx, db, page.Items)
}

func inError(row store.ErrorRow, webURL func(string) string) InError {
	entry := row.Problem.Code.Entry()
	id := workflows.EnrollmentWorkflowID(row.Campaign, row.Contact.ID)
	item := InError{
		ContactID: row.Contact.ID, ContactName: row.Contact.Name(), Email: row.Contact.Email,
		Campaign: row.Campaign, StepID: row.StepID, StepIndex: row.StepIndex,
		Code: row.Problem.Code, Title: entry.Title, Description: entry.Description, HowToFix: entry.HowToFix,
		NextCommand: failure.NextCommand(row.Problem, row.Campaign, row.Contact.ID, row.Several),
		Detail:      row.Problem.Detail, Words: row.Problem.Words, Cause: row.Cause, ParkID: row.ParkID, Since: row.Since.UTC(), Attempts: row.Attempts,
		WorkflowID: id, WebURL: webURL(id), Problem: row.Problem, Seq: row.Seq,
		FirstName: row.Contact.FirstName, LastName: row.Contact.LastName, Company: row.Contact.Company,
	}
	if row.Ended != nil {
		item.startAgain(*row.Ended)
	}
	return item
}

// webPages makes the addresses of workflows in the Temporal Web UI. The route
// without a run leads to the latest run. The id is one segment of the path, so
// its slashes are escaped.
func (o *Operator) webPages() (func(workflowID string) string, error) {
	configured, err := o.settings()
	if err != nil {
		return nil, err
	}
	options, err := temporalio.Options(o.LookupEnv)
	if err != nil {
		return nil, err
	}
	base := configured.WebURL + "/namespaces/" + url.PathEscape(options.Namespace) + "/workflows/"
	return func(workflowID string) string { return base + url.PathEscape(workflowID) }, nil
}

// ErrorGroup counts the contacts in error that one fix would serve.
type ErrorGroup struct {
	Campaign string       `json:"campaign"`
	Code     failure.Code `json:"code"`
	Title    string       `json:"title"`
	// Cause is what has to change: `email_account:ADDRESS`, `contact` for the
	// contacts' own address or fields, `operator` for what only a person can decide,
	// `workflow` for one that has to be started again.
	Cause    failure.Cause `json:"cause"`
	Count    int           `json:"count"`
	Oldest   time.Time     `json:"oldest"`
	HowToFix string        `json:"howToFix"`
}

// ErrorGroups groups the contacts in error, of one campaign or of all, by
// campaign, code and cause, the largest group first.
func (o *Operator) ErrorGroups(ctx context.Context, campaignKey string) ([]ErrorGroup, error) {
	db, err := o.campaigns(ctx, campaignKey)
	if err != nil {
		return nil, err
	}
	groups, err := db.ErrorSummary(ctx, campaignKey)
	if err != nil {
		return nil, err
	}
	out := []ErrorGroup{}
	for _, group := range groups {
		entry := group.Code.Entry()
		out = append(out, ErrorGroup{
			Campaign: group.Campaign, Code: group.Code, Title: entry.Title, Cause: failure.Cause(group.Cause),
			Count: group.Count, Oldest: group.Oldest.UTC(), HowToFix: entry.HowToFix,
		})
	}
	return out, nil
}
