package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/failure"
	"relance/internal/store"
	"relance/workflows"
)

// errorItem is one contact in error, as -o json prints it.
type errorItem struct {
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
	Detail      string       `json:"detail"`
	Cause       string       `json:"cause"`
	ParkID      int          `json:"parkId"`
	Since       time.Time    `json:"since"`
	Attempts    int          `json:"attempts"`
	WorkflowID  string       `json:"workflowId"`
	WebURL      string       `json:"webUrl"`

	problem failure.Problem
}

func newErrors(s *session) *cobra.Command {
	var filter selection
	var contact string
	var limit int
	command := &cobra.Command{
		Use: "errors", Short: "Show who is in error, why, and what to do about it", GroupID: groupCore,
		Long: `Shows every contact that is in error in a step, the oldest first: why, how to fix
it, and the command to type next. The list is complete: a contact that is
enrolled and not in it is under way, waiting, paused or at its end.

A table shows the oldest 50 unless --limit says otherwise; JSON holds them all.`,
		Example: `  starter errors
  starter errors --campaign q4-outreach --code ContactHasNoEmail
  starter errors summary`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("errors has no command %q%s", args[0], alternatives(args[0], []string{"summary", "codes"}))
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error {
			if !command.Flags().Changed("limit") && s.format == formatJSON {
				limit = 0
			}
			return s.errors(command.Context(), filter, contact, limit)
		},
	}
	filter.filters(command)
	command.Flags().StringVar(&contact, "contact", "", "only this contact (`id` or address)")
	command.Flags().IntVar(&limit, "limit", 50, "show at most so many, the oldest; 0 shows all")
	command.AddCommand(newErrorsSummary(s), newErrorsCodes(s))
	return command
}

func (s *session) errors(ctx context.Context, by selection, contact string, limit int) error {
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	filter := store.ErrorFilter{Campaign: by.campaign}
	if filter.Code, err = parseCode(by.code); err != nil {
		return err
	}
	if err := checkCampaign(ctx, db, by.campaign); err != nil {
		return err
	}
	if contact != "" {
		if filter.Contact, err = oneContact(ctx, db, contact); err != nil {
			return err
		}
	}
	items, err := s.errorItems(ctx, db, filter, limit)
	if err != nil {
		return err
	}
	if s.format == formatJSON {
		return s.show(items, nil)
	}
	total := len(items)
	if limit > 0 && len(items) == limit {
		if total, err = db.CountErrors(ctx, filter); err != nil {
			return err
		}
	}
	return s.printErrors(items, total)
}

// errorItems reads page by page, so that a long list is no long transaction.
func (s *session) errorItems(ctx context.Context, db *store.Store, filter store.ErrorFilter, limit int) ([]errorItem, error) {
	webURL, err := s.webPages()
	if err != nil {
		return nil, err
	}
	const page = 1000
	items, after := []errorItem{}, int64(0)
	for {
		size := page
		if limit > 0 {
			size = min(size, limit-len(items))
		}
		if size == 0 {
			return items, nil
		}
		rows, err := db.Errors(ctx, filter, after, size)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			items = append(items, newErrorItem(row, webURL))
			after = row.Seq
		}
		if len(rows) < size {
			return items, nil
		}
	}
}

func newErrorItem(row store.ErrorRow, webURL func(string) string) errorItem {
	entry := row.Problem.Code.Entry()
	id := workflows.EnrollmentWorkflowID(row.Campaign, row.Contact.ID)
	return errorItem{
		ContactID: row.Contact.ID, ContactName: row.Contact.Name(), Email: row.Contact.Email,
		Campaign: row.Campaign, StepID: row.StepID, StepIndex: row.StepIndex,
		Code: row.Problem.Code, Title: entry.Title, Description: entry.Description, HowToFix: entry.HowToFix,
		Detail: row.Problem.Detail, Cause: row.Cause, ParkID: row.ParkID, Since: row.Since.UTC(), Attempts: row.Attempts,
		WorkflowID: id, WebURL: webURL(id), problem: row.Problem,
	}
}
