package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// LocationFile stands in the state directory when the data had to be placed
// elsewhere; its first line is the path.
const LocationFile = "postgres.location"

// locate returns the directory that holds the cluster, and who runs it. That
// is dir itself, unless root's PostgreSQL user cannot reach dir.
func locate(ctx context.Context, dir string) (home string, who account, err error) {
	home = dir
	note, err := os.ReadFile(filepath.Join(dir, LocationFile))
	switch {
	case err == nil:
		home, _, _ = strings.Cut(strings.TrimSpace(string(note)), "\n")
	case !errors.Is(err, os.ErrNotExist):
		return "", account{}, err
	}
	if who, err = chooseAccount(filepath.Join(home, dataName)); err != nil {
		return "", account{}, err
	}
	if home == dir && !who.canReach(ctx, dir) {
		home = fallback(dir)
	}
	if home == dir {
		return home, who, nil
	}
	if err := prepareFallback(home, who); err != nil {
		return "", account{}, err
	}
	text := home + "\nThe data of PostgreSQL is there: the user that runs it cannot reach this directory.\n"
	return home, who, os.WriteFile(filepath.Join(dir, LocationFile), []byte(text), 0o644)
}

// fallback derives the place from dir, so that every start finds the same.
func fallback(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join("/var/tmp", "relance-"+hex.EncodeToString(sum[:6]))
}

// prepareFallback refuses a directory that somebody else made: /var/tmp is open
// to everybody and the name can be foreseen.
func prepareFallback(home string, who account) error {
	err := os.Mkdir(home, 0o700)
	switch {
	case err == nil:
		return who.give(home)
	case !errors.Is(err, os.ErrExist):
		return err
	}
	info, err := os.Lstat(home)
	if err != nil {
		return err
	}
	owner, _ := ownerOf(home)
	if !info.IsDir() || owner.uid != who.uid {
		return fmt.Errorf("%s was made by somebody else: remove it and start again", home)
	}
	return nil
}
