package cli

import (
	"context"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
)

func newMigrate(s *session) *cobra.Command {
	var databaseOnly bool
	command := &cobra.Command{
		Use: "migrate", Short: "Bring the database and Temporal to what this version needs", GroupID: groupConfigure,
		Long: `Applies the migrations that the database lacks, and registers what Relance needs
in Temporal: the search attributes and the schedules. What starter status shows is
counted again, and corrected where a restore has left it wrong.
It can be run again at any time, also while workers run: what is there is left
alone.`,
		Example: "  starter migrate\n  starter migrate --database-only",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return s.migrate(command.Context(), databaseOnly)
		},
	}
	command.Flags().BoolVar(&databaseOnly, "database-only", false, "leave Temporal alone")
	return command
}

func (s *session) migrate(ctx context.Context, databaseOnly bool) error {
	s.interrupted = "run starter migrate again: it goes on where it stopped"
	done, err := s.operator.Migrate(ctx, databaseOnly)
	for _, migration := range done.Migrations {
		s.sayf("database: applied %s", migration.Name)
	}
	if done.Recounted > 0 {
		s.sayf("database: %s of starter status corrected", print.Plural(done.Recounted, "count"))
	}
	for _, line := range done.Temporal {
		s.sayf("temporal: %s", line)
	}
	if err != nil {
		return err
	}
	if len(done.Migrations) == 0 {
		s.sayf("database: up to date")
	}
	if len(done.Temporal) == 0 && !databaseOnly {
		s.sayf("temporal: up to date")
	}
	return s.show(done, nil)
}
