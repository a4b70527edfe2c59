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
		Long:    "Prints the version of this program; starter --version does too.",
		Example: "  starter version -o json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s.sayf("%s", versionText())
			if s.format == formatTable {
				return nil
			}
			return s.show(map[string]string{"version": settings.Build(), "revision": revision(), "go": runtime.Version()}, nil)
		},
	}
}

// versionText is `relance v1.4.0 0a1b2c… (go1.26)`.
func versionText() string {
	return "relance " + strings.TrimSpace(settings.Build()+" "+revision()) + " (" + runtime.Version() + ")"
}

// revision is the commit that this program was built from; empty when Go does not know.
func revision() string {
	build, _ := debug.ReadBuildInfo()
	if build == nil {
		return ""
	}
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
