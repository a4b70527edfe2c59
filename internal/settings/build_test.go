package settings

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuildName(t *testing.T) {
	t.Parallel()
	of := func(version string, settings ...debug.BuildSetting) string {
		return buildName(&debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings})
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "be155eb0d1f2a3b4c5d6"}
	changed := debug.BuildSetting{Key: "vcs.modified", Value: "true"}

	require.Equal(t, "v1.4.0", of("v1.4.0", revision))
	require.Equal(t, "be155eb0", of("v0.0.0-20261127094328-be155eb0d1f2", revision))
	require.Equal(t, "be155eb0+", of("v0.0.0-20261127094328-be155eb0d1f2+dirty", revision, changed))
	require.Equal(t, "dev", of("(devel)"))
}
