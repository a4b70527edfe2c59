package postgres

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// settlePassword returns the password of the cluster in dir: the one that was
// kept when it was made, else the given one, else a random one, which is kept.
func settlePassword(dir, given string) (string, error) {
	file := filepath.Join(dir, "password")
	text, err := os.ReadFile(file)
	if err == nil {
		kept := strings.TrimSpace(string(text))
		if given != "" && given != kept {
			return "", fmt.Errorf("the cluster in %s was made with another password than the given one: the right one is in %s", dir, file)
		}
		return kept, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if given == "" {
		given = rand.Text()
	}
	// Written before the cluster is made: a cluster without its password is lost.
	return given, os.WriteFile(file, []byte(given+"\n"), 0o600)
}
