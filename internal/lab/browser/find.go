package browser

import (
	"os"
	"os/exec"
	"testing"
)

// Variable set to "required" makes a missing browser a failure; otherwise the test is
// skipped, and says what to install.
const Variable = "RELANCE_TEST_BROWSER"

const missing = "this test needs a browser, and none of chromium, chromium-browser and google-chrome is on PATH; install one: apt-get install chromium"

// find is the path of a browser, or ends the test.
func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv(Variable) == "required" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}
