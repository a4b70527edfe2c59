package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"relance/internal/store"
)

type migrated struct {
	Migrations []store.Migration `json:"migrations"`
	Temporal   []string          `json:"temporal"`
}

func newMigrate(s *session) *cobra.Command {
	var databaseOnly bool
	command := &cobra.Command{
		Use: "migrate", Short: "Bring the database and Temporal to what this version needs", GroupID: groupConfigure,
		Long: `Applies the migrations that the database lacks, and registers what Relance needs
in Temporal: the search attributes and the schedule that wakes contacts. What
starter status shows is counted again, and mended if a restore has put it wrong.
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
	db, err := s.openStore(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	applied, err := db.Migrate(ctx)
	if err != nil {
		return err
	}
	for _, migration := range applied {
		s.sayf("database: applied %s", migration.Name)
	}
	if len(applied) == 0 {
		s.sayf("database: up to date")
	}
	wrong, err := db.RecountTally(ctx)
	if err != nil {
		return fmt.Errorf("counting the enrollments again: %w", err)
	}
	if wrong > 0 {
		s.sayf("database: %s of starter status put right", plural(wrong, "count"))
	}
	did := []string{}
	if !databaseOnly {
		if did, err = s.prepareTemporal(ctx); err != nil {
			return err
		}
	}
	if s.format == formatTable {
		return nil
	}
	return s.show(migrated{list(applied), list(did)}, nil)
}

func (s *session) prepareTemporal(ctx context.Context) ([]string, error) {
	temporal, err := s.Temporal(ctx)
	if err != nil {
		return nil, err
	}
	did, err := temporal.Prepare(ctx)
	for _, line := range did {
		s.sayf("temporal: %s", line)
	}
	if err == nil && len(did) == 0 {
		s.sayf("temporal: up to date")
	}
	return did, err
}
