package cli

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/settings"
)

func newVersion(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of this program", GroupID: groupOther,
		Example: "  starter version -o json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version, revision := settings.Build(), ""
			if build, ok := debug.ReadBuildInfo(); ok {
				for _, setting := range build.Settings {
					if setting.Key == "vcs.revision" {
						revision = setting.Value
					}
				}
			}
			s.sayf("relance %s (%s)", strings.TrimSpace(version+" "+revision), runtime.Version())
			if s.format == formatTable {
				return nil
			}
			return s.show(map[string]string{"version": version, "revision": revision, "go": runtime.Version()}, nil)
		},
	}
}
