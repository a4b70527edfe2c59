package settings

import (
	"runtime/debug"
	"strings"
)

// stamped is the release that the build says (-ldflags "-X relance/internal/settings.stamped=v1.4.0").
var stamped string

// Build names this program: its release, or else the first eight digits of its
// revision, with a + when there were changes that had not been committed; "dev"
// when Go does not know, as under `go run`.
func Build() string {
	if stamped != "" {
		return stamped
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	return buildName(build)
}

func buildName(build *debug.BuildInfo) string {
	name, changed := "dev", ""
	for _, setting := range build.Settings {
		switch {
		case setting.Key == "vcs.revision" && setting.Value != "":
			name = setting.Value[:min(8, len(setting.Value))]
		case setting.Key == "vcs.modified" && setting.Value == "true":
			changed = "+"
		}
	}
	if release := build.Main.Version; strings.HasPrefix(release, "v") && !strings.ContainsAny(release, "-+") {
		return release
	}
	return name + changed
}
