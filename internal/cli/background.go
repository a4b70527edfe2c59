package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/store"
)

func newBackground(s *session) *cobra.Command {
	var rate rateFlag
	var stop bool
	command := &cobra.Command{
		Use: "background [NUMBER]", Short: "See what is under way in the background, and how far it is", GroupID: groupCore,
		Long: `Lists what commands have asked for and workers still have to do: contacts to
start, to resume or to take out, and fixes that contacts are told of. All of it
is saved: it goes on whatever becomes of the command, and when a worker stops,
another goes on from there.

With a number, --rate changes how fast that goes on, from now. --stop takes back
what a resume or a disenroll has not told yet; who was told is told.`,
		Example: `  starter background
  starter background 4711 --rate 20
  starter background 4711 --stop`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			db, err := s.Store(command.Context())
			if err != nil {
				return err
			}
			return s.background(command.Context(), db, args, rate, stop)
		},
	}
	rate.flag(command, "with NUMBER: go on with")
	command.Flags().BoolVar(&stop, "stop", false, "with NUMBER: tell nobody more")
	command.MarkFlagsMutuallyExclusive("rate", "stop")
	return command
}

func (s *session) background(ctx context.Context, db *store.Store, args []string, rate rateFlag, stop bool) error {
	if len(args) == 0 {
		if rate.value != nil || stop {
			return hint(usagef("say which: the number in the first column"), "starter background")
		}
		return s.showBackground(ctx, db, 0)
	}
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil || id <= 0 {
		return hint(usagef("%q is not a number of the first column", args[0]), "starter background")
	}
	switch {
	case stop:
		stopped, err := db.Stop(ctx, id)
		if err != nil {
			return hint(err, "starter background")
		}
		s.sayf("Stopped: %s told, %d not.", plural(stopped.Done, "contact"), stopped.Total-stopped.Done)
		return s.showOne(stopped)
	case rate.value != nil:
		if err := db.SetRate(ctx, id, rate.limit()); err != nil {
			return hint(err, "starter background")
		}
		s.interrupted = "the rate is changed"
	}
	return s.showBackground(ctx, db, id)
}

// showBackground prints all, or the one with this number.
func (s *session) showBackground(ctx context.Context, db *store.Store, id int64) error {
	open, err := db.OutboxStatuses(ctx)
	if err != nil {
		return err
	}
	if id > 0 {
		open = slices.DeleteFunc(open, func(one store.OutboxStatus) bool { return one.ID != id })
		if len(open) == 0 {
			return hint(notFoundf("there is no number %d under way in the background (any more)", id), "starter background")
		}
	}
	if len(open) == 0 {
		s.sayf("Nothing is under way in the background.")
		return s.show([]store.OutboxStatus{}, nil)
	}
	return s.show(open, backgroundTable(open))
}

func (s *session) showOne(one store.OutboxStatus) error {
	if s.format == formatTable {
		return nil
	}
	return s.show([]store.OutboxStatus{one}, nil)
}

func backgroundTable(open []store.OutboxStatus) *table {
	t := newTable(">Number", "What", "Whom", ">Done", ">Of", ">Rate", ">For", "By")
	for _, one := range open {
		t.add(one.ID, one.Kind, whom(one), one.Done, one.Total, one.Rate, age(time.Since(one.Since)), one.By)
	}
	return t
}

// whom says in a few words whom something under way concerns.
func whom(one store.OutboxStatus) string {
	var words []string
	switch {
	case one.Cause != "":
		words = append(words, "waiting for "+one.Cause.Thing())
	case one.Named > 0:
		words = append(words, plural(one.Named, "contact"))
	case one.Kind != campaign.OutboxEnroll:
		words = append(words, "all")
	}
	if one.Campaign != "" {
		words = append(words, "in "+one.Campaign)
	}
	if one.Code != "" {
		words = append(words, fmt.Sprintf("with %s", one.Code))
	}
	return strings.Join(words, " ")
}
